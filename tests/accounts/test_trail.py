"""Sign-in events reach the chain, or wait in oi_console until oi_global is back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from openinsure.accounts import people, trail
from openinsure.accounts.models import Account, WaitingAudit
from openinsure.audit.grants import Origin
from openinsure.audit.models import AuditLog
from openinsure.problems import Unavailable
from openinsure.tenancy.scope import OrgScope, entered
from tests.accounts.conftest import PASSWORD, person, sign_in

pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])
Browser = Callable[[], Client]


@pytest.fixture
def member() -> Account:
    """Somebody whose organisation has a chain of its own."""
    return people.create_account(
        person(), password_hash=people.hashed(PASSWORD), now=timezone.now()
    )


@pytest.fixture
def store_away(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The audit store refuses until the returned function is called."""
    working = trail.append

    def refuse(event: Any) -> str:
        raise Unavailable("away", code="audit_unavailable")

    monkeypatch.setattr(trail, "append", refuse)
    return lambda: monkeypatch.setattr(trail, "append", working)


def chain(account: Account) -> list[tuple[int, str, str | None]]:
    """seq, action and actor of the organisation's rows."""
    with entered(OrgScope(org_id=account.org_id, subject=account.user_id)) as scope:
        rows = AuditLog.objects.within(scope).order_by("seq")
        return list(rows.values_list("seq", "action", "actor_user_id"))


def test_it_writes_each_step_into_the_persons_chain(member: Account, browser: Browser) -> None:
    client = browser()
    sign_in(client, member, "wrong")
    sign_in(client, member)
    client.post("/logout")
    assert chain(member) == [
        (1, "login.failed", None),
        (2, "login.ok", member.user_id),
        (3, "logout.ok", member.user_id),
    ]


def test_it_keeps_address_and_browser_but_no_password(member: Account, browser: Browser) -> None:
    client = browser()
    client.post(
        "/login",
        {"email": member.email, "password": "canary-password"},
        headers={"User-Agent": "Firefox/150"},
    )
    with entered(OrgScope(org_id=member.org_id, subject=member.user_id)) as scope:
        row = AuditLog.objects.within(scope).values().get()
    assert (row["user_agent"], row["entity_id"]) == ("Firefox/150", member.user_id)
    assert row["ip"]
    assert "canary" not in str(row)


def test_it_signs_in_while_the_store_is_away_and_catches_up(
    member: Account, browser: Browser, store_away: Callable[[], None]
) -> None:
    assert sign_in(browser(), member).status_code == 303
    before = WaitingAudit.objects.get()
    assert chain(member) == []
    store_away()
    client = browser()
    assert sign_in(client, member).status_code == 303
    assert not WaitingAudit.objects.exists()
    assert [action for _, action, _ in chain(member)] == ["login.ok", "login.ok"]
    with entered(OrgScope(org_id=member.org_id, subject=member.user_id)) as scope:
        first = AuditLog.objects.within(scope).order_by("seq").first()
    assert abs((first.occurred_at - before.created_at).total_seconds()) < 1


def test_it_keeps_what_it_could_not_flush(member: Account, store_away: Callable[[], None]) -> None:
    for _ in range(3):
        trail.record("login.ok", at=timezone.now(), origin=Origin(request_id="r"), who=member)
    with pytest.raises(Unavailable):
        trail.flush()
    assert WaitingAudit.objects.count() == 3
    store_away()
    assert trail.flush(limit=2) == 2
    assert trail.flush(limit=2) == 1
    assert trail.flush() == 0


def test_it_records_a_denied_permission(member: Account, browser: Browser, settings: Any) -> None:
    client = browser()
    sign_in(client, member)
    answer = client.get("/ops", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (403, "permission_required")
    assert chain(member)[-1][1:] == ("permission.refused", member.user_id)


def test_it_puts_strangers_into_the_platforms_chain(browser: Browser) -> None:
    platform = Account(org_id=trail.PLATFORM_ORG_ID, user_id="0190a000-0000-7000-8000-0000000000ff")
    before = len(chain(platform))
    browser().post("/login", {"email": "nobody@nowhere.test", "password": "x"})
    assert [action for _, action, _ in chain(platform)[before:]] == ["login.failed"]
