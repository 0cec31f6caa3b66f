"""The copy of oi_global.users beside each account: pushed, re-read, and kept when it is away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from openinsure.accounts import people, snapshot
from openinsure.accounts.models import Account
from openinsure.accounts.snapshot import Snapshot
from openinsure.audit.record import AuditEvent
from openinsure.keyspaces.ids import new_id
from openinsure.pages import account_source
from openinsure.problems import Conflict
from openinsure.tenancy.scope import OrgScope, entered
from tests.accounts.conftest import PASSWORD, Clock, person, sign_in
from tests.accounts.test_exchange import get, token_of

pytestmark = pytest.mark.django_db
Browser = Callable[[], Client]
Trail = list[AuditEvent]


class Global:
    """oi_global as a reader: what it says, how often it was asked, whether it is away."""

    def __init__(self, **people: Snapshot) -> None:
        self.people, self.asked, self.error = dict(people), 0, None

    def __call__(self, org_id: str, user_id: str) -> Snapshot | None:
        self.asked += 1
        if self.error:
            raise self.error
        return self.people.get(user_id)

    def says(self, account: Account, **changes: Any) -> None:
        known = Snapshot(
            user_id=account.user_id,
            org_id=account.org_id,
            email=account.email,
            full_name=account.full_name,
            role=account.role,
            org_name=account.org_name,
        )
        self.people[account.user_id] = replace(known, **changes)


@pytest.fixture
def away_or_not() -> Global:
    reader = Global()
    snapshot.register_reader(reader)
    return reader


def is_in(client: Client) -> bool:
    return bool(client.get("/settings").status_code == 200)


def test_it_re_reads_a_copy_older_than_five_seconds(
    signed_in: Client, account: Account, away_or_not: Global, clock: Clock
) -> None:
    away_or_not.says(account, full_name="Ann Lee-Park")
    clock.forward(seconds=5)
    assert "Ann Lee-Park" in signed_in.get("/settings").text
    asked = away_or_not.asked
    signed_in.get("/settings")
    assert (asked, away_or_not.asked) == (1, 1)
    assert Account.objects.get(user_id=account.user_id).full_name == "Ann Lee-Park"


@pytest.mark.parametrize(
    "changes",
    [{"role": "adjuster"}, {"status": "disabled"}, {"extra_roles": frozenset({"adjuster"})}],
)
def test_it_ends_sessions_when_the_rights_change(
    changes: dict[str, Any], signed_in: Client, account: Account, away_or_not: Global, clock: Clock
) -> None:
    away_or_not.says(account, **changes)
    clock.forward(seconds=5)
    assert not is_in(signed_in)


def test_it_signs_nobody_out_when_oi_global_is_away(
    signed_in: Client, account: Account, browser: Browser, away_or_not: Global, clock: Clock
) -> None:
    away_or_not.error = OSError("gone")
    for _ in range(5):
        clock.forward(seconds=5)
        assert is_in(signed_in)
    assert away_or_not.asked == 1  # it is left alone for a while, not asked by every request
    assert sign_in(browser(), account).status_code == 303


def test_it_keeps_an_account_that_oi_global_does_not_know(
    signed_in: Client, away_or_not: Global, clock: Clock
) -> None:
    clock.forward(seconds=5)
    assert is_in(signed_in)
    assert away_or_not.asked == 1


def test_it_stores_a_pushed_change_at_once(account: Account, signed_in: Client) -> None:
    is_in(signed_in)
    changed = person(
        user_id=account.user_id, org_id=account.org_id, email=account.email, role="adjuster"
    )
    assert snapshot.push(changed, at=timezone.now()) is True
    assert Account.objects.get(user_id=account.user_id).role == "adjuster"
    assert not is_in(signed_in)


def test_it_keeps_sessions_when_only_a_name_changes(account: Account, signed_in: Client) -> None:
    changed = person(
        user_id=account.user_id, org_id=account.org_id, email=account.email, full_name="A. Lee"
    )
    snapshot.push(changed, at=timezone.now())
    assert is_in(signed_in)


def test_it_pushes_nothing_for_people_without_an_account(db: None) -> None:
    assert snapshot.push(person(), at=timezone.now()) is False
    assert not Account.objects.exists()


def test_it_refuses_an_address_that_another_account_holds(account: Account) -> None:
    other = person()
    people.create_account(other, password_hash=None, now=timezone.now())
    with pytest.raises(Conflict):
        snapshot.push(replace(other, email=account.email.upper()), at=timezone.now())


def test_it_makes_the_account_of_a_token_that_oi_global_knows(
    browser: Browser, away_or_not: Global, trail: Trail
) -> None:
    new = person("auditor")
    away_or_not.people[new.user_id] = new
    stranger = Account(user_id=new.user_id, org_id=new.org_id, role=new.role, email=new.email)
    assert get(browser(), token_of(stranger)).status_code == 200
    made = Account.objects.get(user_id=new.user_id)
    assert not made.has_usable_password()
    assert sign_in(browser(), made, "").status_code == 422
    assert sign_in(browser(), made, "anything").status_code == 422


def test_it_counts_extra_roles_as_rights(
    account: Account, browser: Browser, trail: Trail, away_or_not: Global
) -> None:
    away_or_not.says(account, extra_roles=frozenset({"adjuster", "unheard_of"}))
    row = get(browser(), token_of(account)).json()["row"]
    assert (row["role"], row["extra_roles"]) == ("support", ["adjuster"])


@pytest.mark.django_db(databases=["default", "oi_global"])
def test_it_reads_users_and_live_roles_of_the_organization() -> None:
    from openinsure.orgs.models import User, UserRole

    org, user_id, now = new_id(), new_id(), timezone.now()
    hour = timezone.timedelta(hours=1)
    with entered(OrgScope(org_id=org, subject=user_id)):
        User.objects.create(
            org_id=org, id=user_id, auth_user_id=user_id, email="u@acme.test", full_name="U",
            role="support", status="active", created_at=now, updated_at=now,
        )  # fmt: skip
        kinds: dict[str, dict[str, Any]] = {
            "adjuster": {},
            "underwriter": {"expires_at": now + hour},
            "org_admin": {"expires_at": now - hour},
            "finance_analyst": {"revoked_at": now},
        }
        for role, values in kinds.items():
            UserRole.objects.create(
                org_id=org, id=new_id(), user_id=user_id, role=role, granted_at=now,
                created_at=now, updated_at=now, **values,
            )  # fmt: skip
    found = account_source.read(org, user_id)
    assert found is not None
    assert (found.role, found.status) == ("support", "active")
    assert found.extra_roles == {"adjuster", "underwriter"}
    assert found.org_active is False  # there is no such organisation: nothing may be changed
    assert account_source.read(new_id(), user_id) is None


def test_it_knows_one_password_for_many_accounts(db: None) -> None:
    crowd = [person() for _ in range(20)]
    hashed = people.hashed(PASSWORD)
    assert people.create_accounts(crowd, password_hash=hashed, now=timezone.now()) == 20
    assert Account.objects.filter(password=hashed).count() == 20
