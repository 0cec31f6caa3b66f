"""Grants below the pages: what makes one, for whom it counts, how it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from openinsure.accounts import operations
from openinsure.accounts.models import Account
from openinsure.audit import grants
from openinsure.audit.grants import Visitor, Wish
from openinsure.problems import BadForm
from openinsure.tenancy.grants import GRANT_LIFE, PLATFORM_ORG_ID, CrossOrgGrant, NoEvidence
from openinsure.tenancy.scope import SystemScope
from tests.audit import visitors
from tests.audit.test_entering import ORIGIN, REASON, grant_rows

pytestmark = pytest.mark.django_db(databases=visitors.ALIASES)


@pytest.fixture
def org() -> str:
    return visitors.make_org()


@pytest.fixture
def account() -> Account:
    return visitors.make_account("auditor")


def visitor_of(account: Account) -> Visitor:
    return Visitor(
        user_id=account.user_id, role=account.role, home_org_id=account.org_id, session_id="s"
    )


def test_it_ends_when_the_person_loses_the_role(account: Account, org: str) -> None:
    visitor = visitor_of(account)
    wish = Wish(org_id=org, org_name="Borealis", reason=REASON)
    grants.open_grant(visitor, wish, at=timezone.now(), origin=ORIGIN)
    operations.lose_rights(account.user_id, timezone.now())
    assert [row.ended_how for row in grant_rows(account)] == ["role_lost"]


def test_it_does_not_count_for_another_role_or_session(account: Account, org: str) -> None:
    now, visitor = timezone.now(), visitor_of(account)
    wish = Wish(org_id=org, org_name="Borealis", reason=REASON)
    grants.open_grant(visitor, wish, at=now, origin=ORIGIN)
    elsewhere = Visitor(
        user_id=visitor.user_id, role="auditor", home_org_id=PLATFORM_ORG_ID, session_id="t"
    )
    promoted = Visitor(
        user_id=visitor.user_id, role="superadmin", home_org_id=PLATFORM_ORG_ID, session_id="s"
    )
    for other in (elsewhere, promoted):
        assert grants.live_grant(other, org_id=org, at=now, origin=ORIGIN) is None
    assert [row.ended_how for row in grant_rows(account)] == ["role_lost"]


def test_it_ends_grants_nobody_came_back_to(account: Account, org: str) -> None:
    now = timezone.now()
    wish = Wish(org_id=org, org_name="Borealis", reason=REASON)
    grants.open_grant(visitor_of(account), wish, at=now, origin=ORIGIN)
    home = SystemScope(account.org_id, "service:audit")
    grants.finish_endings(home, at=now + GRANT_LIFE, origin=ORIGIN)
    assert visitors.actions(org) == ["crossorg.enter", "crossorg.expired"]


def test_it_needs_no_reason_for_home() -> None:
    with pytest.raises(NoEvidence):
        evidence(org_id=PLATFORM_ORG_ID)


@pytest.mark.parametrize(
    "wrong",
    [
        {"audit_row_id": ""},
        {"audit_row_id": "yes"},
        {"visitor": Visitor(user_id="u", role="support", home_org_id=PLATFORM_ORG_ID)},
        {"expires_at": timezone.now() + timedelta(hours=2)},
        {"expires_at": timezone.now() - timedelta(hours=2)},
    ],
)
def test_it_cannot_be_made_without_evidence(wrong: dict[str, object]) -> None:
    with pytest.raises(NoEvidence):
        evidence(**wrong)


def evidence(**values: object) -> CrossOrgGrant:
    now = timezone.now()
    given: dict[str, object] = {
        "id": ORIGIN.request_id,
        "audit_row_id": ORIGIN.request_id,
        "visitor": Visitor(user_id="u", role="auditor", home_org_id=PLATFORM_ORG_ID),
        "org_id": "0190a000-0000-7000-8000-00000000000b",
        "reason": REASON,
        "opened_at": now,
        "expires_at": now + GRANT_LIFE,
        **values,
    }
    return CrossOrgGrant(**given)  # type: ignore[arg-type]


def test_it_refuses_a_bad_wish_below_the_form_too(account: Account, org: str) -> None:
    wish = Wish(org_id=org, org_name="Borealis", reason="short")
    with pytest.raises(BadForm):
        grants.open_grant(visitor_of(account), wish, at=timezone.now(), origin=ORIGIN)
    assert visitors.chain(org) == []
