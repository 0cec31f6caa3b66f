"""Entering, being in, and leaving another organisation: one grant, 60 minutes, read only."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from openinsure.accounts.models import Account
from openinsure.audit import grants
from openinsure.audit.chain import KeyRing, Walk
from openinsure.audit.console_models import GrantRow
from openinsure.audit.grants import Origin
from openinsure.audit.models import AuditLog
from openinsure.tenancy.grants import (
    GRANT_LIFE,
)
from openinsure.tenancy.scope import SystemScope, entered
from tests.audit import visitors

pytestmark = [
    pytest.mark.django_db(databases=visitors.ALIASES),
    pytest.mark.urls("tests.audit.visitors"),
]
PAGE = "/tenant-page"
HTML, JSON = {"Accept": "text/html"}, {"Accept": "application/json"}
REASON = "Sampling the third quarter"
ORIGIN = Origin(request_id="01a1fc3c-8057-7531-96c7-334d5dc4d8f7")


@pytest.fixture
def org() -> str:
    return visitors.make_org()


@pytest.fixture
def account() -> Account:
    return visitors.make_account("auditor")


@pytest.fixture
def browser(account: Account) -> Client:
    return visitors.signed_in(account)


def enter(browser: Client, org: str, **values: str) -> int:
    form = {"orgId": org, "reason": REASON, "ticket": "AUD-7", "next": PAGE, **values}
    return browser.post("/orgs/enter", form, headers=JSON).status_code


def grant_rows(account: Account) -> list[GrantRow]:
    scope = SystemScope(account.org_id, "service:test")
    with entered(scope):
        return list(GrantRow.objects.within(scope).filter(user_id=account.user_id).order_by("id"))


def test_it_asks_for_a_reason_before_the_first_page(browser: Client, org: str) -> None:
    back = quote(f"{PAGE}?status=active&orgId={org}", safe="")
    wanted = f"/orgs/enter?orgId={org}&next={back}"
    page = browser.get(f"{PAGE}?status=active&orgId={org}", headers=HTML)
    assert (page.status_code, page["Location"]) == (302, wanted)
    part = browser.get(
        f"{PAGE}/rows?orgId={org}",
        headers={
            **HTML,
            "HX-Request": "true",
            "HX-Current-URL": f"http://testserver{PAGE}?status=active&orgId={org}",
        },
    )
    assert part["HX-Redirect"] == wanted
    program = browser.get(f"{PAGE}?orgId={org}", headers=JSON)
    assert (program.status_code, program.json()["error"]) == (403, "reason_required")
    assert visitors.accesses(org) == []


def test_it_enters_with_a_reason_and_then_reads(
    browser: Client, account: Account, org: str
) -> None:
    form = {"orgId": org, "reason": REASON, "ticket": "AUD-7", "next": f"{PAGE}?status=active"}
    response = browser.post("/orgs/enter", form, headers=HTML)
    assert (response.status_code, response["Location"]) == (
        303,
        f"{PAGE}?status=active&orgId={org}",
    )
    assert browser.get(response["Location"], headers=JSON).json() == {
        "org": org,
        "mode": "cross_read",
    }
    (row,) = visitors.chain(org)
    assert (row["action"], row["actor_user_id"]) == ("crossorg.enter", account.user_id)
    assert (row["reason"], row["cross_org"]) == (REASON, True)
    assert row["after_json"]["ticket"] == "AUD-7"
    (grant,) = grant_rows(account)
    assert (grant.audit_row_id, grant.entered_org_id, grant.live) == (row["id"], org, 1)
    (access,) = visitors.accesses(org)
    assert (access["reason"], access["ticket_ref"]) == (REASON, "AUD-7")
    assert access["rows_returned"] == 3


def test_it_changes_the_session_key_on_entering_and_leaving(browser: Client, org: str) -> None:
    keys = [browser.cookies["sessionid"].value]
    enter(browser, org)
    keys.append(browser.cookies["sessionid"].value)
    browser.post(f"/orgs/leave?orgId={org}")
    keys.append(browser.cookies["sessionid"].value)
    assert len(set(keys)) == 3


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"reason": "too short"}, "reason"),
        ({"reason": " " * 30}, "reason"),
        ({"reason": "x" * 256}, "reason"),
        ({"ticket": "x" * 65}, "ticket"),
        ({"next": "https://evil.test/"}, "next"),
        ({"next": "//evil.test/"}, "next"),
        ({"next": "/\\evil.test"}, "next"),
        ({"next": "javascript:alert(1)"}, "next"),
    ],
)
def test_it_refuses_a_form_naming_the_field(
    browser: Client, account: Account, org: str, values: dict[str, str], field: str
) -> None:
    form = {"orgId": org, "reason": REASON, **values}
    response = browser.post("/orgs/enter", form, headers=JSON)
    assert response.status_code == 422
    assert list(response.json()["errors"]) == [field]
    assert (visitors.chain(org), grant_rows(account)) == ([], [])


def test_it_refuses_to_come_back_to_another_site(browser: Client, org: str) -> None:
    response = browser.get("/orgs/enter", {"orgId": org, "next": "//evil.test"}, headers=JSON)
    assert (response.status_code, response.json()["field"]) == (400, "next")


def test_it_asks_for_a_fresh_proof(account: Account, org: str) -> None:
    stale = visitors.signed_in(account, stepped_up=timedelta(minutes=11))
    form = {"orgId": org, "reason": REASON}
    response = stale.post("/orgs/enter", form, headers=JSON)
    assert (response.status_code, response.json()["error"]) == (403, "step_up_required")
    assert visitors.chain(org) == []


def test_it_opens_nothing_without_its_audit_row(
    browser: Client, account: Account, org: str
) -> None:
    away = OperationalError(2002, "injected")
    with mock.patch.object(AuditLog.objects, "within", side_effect=away):
        response = browser.post("/orgs/enter", {"orgId": org, "reason": REASON}, headers=JSON)
    assert (response.status_code, response.json()["error"]) == (503, "audit_unavailable")
    assert grant_rows(account) == []


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_it_refuses_every_write_in_a_grant(browser: Client, org: str, method: str) -> None:
    enter(browser, org)
    response = getattr(browser, method)(f"{PAGE}?orgId={org}", headers=JSON)
    assert (response.status_code, response.json()["error"]) == (403, "read_only_grant")
    assert visitors.actions(org)[-1] == "crossorg.write.refused"
    assert visitors.accesses(org) == []


def test_it_ends_after_sixty_minutes_absolute(browser: Client, account: Account, org: str) -> None:
    start = timezone.now()
    with visitors.at(start):
        enter(browser, org)
    for minutes in (14, 28, 42, 56):  # the session stays awake, the grant does not grow
        with visitors.at(start + timedelta(minutes=minutes)):
            assert browser.get(f"{PAGE}?orgId={org}", headers=JSON).status_code == 200
    with visitors.at(start + GRANT_LIFE - timedelta(milliseconds=1)):
        assert browser.get(f"{PAGE}?orgId={org}", headers=JSON).status_code == 200
    with visitors.at(start + GRANT_LIFE):
        refusal = browser.get(f"{PAGE}?orgId={org}", headers=JSON)
    assert (refusal.status_code, refusal.json()["error"]) == (403, "reason_required")
    assert visitors.actions(org) == ["crossorg.enter", "crossorg.expired"]
    (grant,) = grant_rows(account)
    assert (grant.live, grant.ended_how) == (None, "expired")


def test_it_ends_on_leaving(browser: Client, account: Account, org: str) -> None:
    enter(browser, org)
    response = browser.post(f"/orgs/leave?orgId={org}")
    assert (response.status_code, response["Location"]) == (303, "/orgs")
    assert browser.get(f"{PAGE}?orgId={org}", headers=JSON).status_code == 403
    assert visitors.actions(org) == ["crossorg.enter", "crossorg.leave"]
    assert [row.ended_how for row in grant_rows(account)] == ["left"]


def test_it_ends_at_once_even_while_the_log_is_away(
    browser: Client, account: Account, org: str
) -> None:
    enter(browser, org)
    away = OperationalError(2002, "injected")
    with mock.patch.object(AuditLog.objects, "within", side_effect=away):
        browser.post(f"/orgs/leave?orgId={org}")
    assert browser.get(f"{PAGE}?orgId={org}", headers=JSON).status_code == 403
    assert visitors.actions(org) == ["crossorg.enter"]
    home = SystemScope(account.org_id, "service:audit")
    assert grants.finish_endings(home, at=timezone.now(), origin=ORIGIN) >= 1
    assert visitors.actions(org) == ["crossorg.enter", "crossorg.leave"]


def test_it_ends_on_signing_out(browser: Client, account: Account, org: str) -> None:
    enter(browser, org)
    browser.post("/logout")
    assert [row.ended_how for row in grant_rows(account)] == ["logout"]
    assert visitors.actions(org)[-1] == "crossorg.ended"


def test_it_keeps_one_live_grant_per_organisation(
    browser: Client, account: Account, org: str
) -> None:
    another = visitors.make_org("Cascade Captive")
    for wanted in (org, another, org):
        enter(browser, wanted)
    assert [(row.entered_org_id, row.live, row.ended_how) for row in grant_rows(account)] == [
        (org, None, "replaced"),
        (another, 1, ""),
        (org, 1, ""),
    ]
    for wanted in (org, another):
        assert browser.get(f"{PAGE}?orgId={wanted}", headers=JSON).json()["org"] == wanted


def test_it_leaves_a_whole_chain(browser: Client, org: str) -> None:
    enter(browser, org)
    browser.post(f"{PAGE}?orgId={org}")
    browser.post(f"/orgs/leave?orgId={org}")
    walk = Walk(KeyRing.parse(settings.AUDIT_KEYS))
    walk.feed(visitors.chain(org))
    assert (walk.finish(), walk.rows) == (None, 3)


@pytest.mark.parametrize("role", visitors.OTHERS)
def test_it_is_closed_to_other_roles(role: str, org: str) -> None:
    own = visitors.make_org()
    browser = visitors.signed_in(visitors.make_account(role, own))
    assert browser.get("/orgs", headers=JSON).status_code == 403
    response = browser.post("/orgs/enter", {"orgId": org, "reason": REASON}, headers=JSON)
    assert (response.status_code, response.json()["error"]) == (403, "org_override_forbidden")
    assert visitors.chain(org) == []


def test_it_is_closed_to_tokens(org: str) -> None:
    program = visitors.bearer(visitors.make_account("auditor"))
    response = program.post("/orgs/enter", {"orgId": org, "reason": REASON}, headers=JSON)
    assert (response.status_code, response.json()["error"]) == (403, "browser_only")
