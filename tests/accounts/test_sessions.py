"""Web sessions: renewed, short, few, listed, revocable, and free of charge on a warm page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openinsure.accounts import operations, people, sessions
from openinsure.accounts.models import Account, SpentToken, WebSession
from openinsure.audit.grants import Origin
from openinsure.audit.record import AuditEvent
from tests.accounts.conftest import PASSWORD, Clock, person, sign_in

pytestmark = pytest.mark.django_db
Browser = Callable[[], Client]


def is_in(client: Client) -> bool:
    return bool(client.get("/settings").status_code == 200)


def key(client: Client) -> str:
    return str(client.cookies["sessionid"].value)


def test_it_stores_only_the_hash_of_the_key(signed_in: Client, account: Account) -> None:
    row = WebSession.objects.get(account=account)
    assert row.key_hash == sessions.hashed(key(signed_in))
    assert key(signed_in) not in str(WebSession.objects.values())


def test_it_ignores_a_key_that_it_did_not_make(
    browser: Browser, account: Account, trail: list[AuditEvent]
) -> None:
    client, fixed = browser(), "A" * 43
    client.cookies["sessionid"] = fixed
    assert not is_in(client)
    sign_in(client, account)
    assert key(client) != fixed
    client.cookies["sessionid"] = fixed
    assert not is_in(client)


@pytest.mark.parametrize("text", ["", "short", "A" * 44, "é" * 43, "A" * 42 + ";", "A" * 60_000])
def test_it_asks_no_database_about_an_impossible_key(text: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert sessions.read(text, now=timezone.now()) is None
    assert not asked.captured_queries


def test_it_ends_after_eight_hours_however_busy(signed_in: Client, clock: Clock) -> None:
    for _ in range(47):
        clock.forward(minutes=10)
        assert is_in(signed_in)
    clock.forward(minutes=10)
    assert not is_in(signed_in)
    assert WebSession.objects.count() == 0


def test_it_ends_after_fifteen_idle_minutes(signed_in: Client, clock: Clock) -> None:
    clock.forward(minutes=14, seconds=59)
    assert is_in(signed_in)
    clock.forward(minutes=15)
    assert not is_in(signed_in)


def test_it_says_that_the_session_ended(signed_in: Client, clock: Clock) -> None:
    clock.forward(hours=1)
    sent = signed_in.get("/settings")
    assert (sent.status_code, sent["Location"]) == (302, "/login?next=%2Fsettings")
    assert 'data-banner="session-over"' in signed_in.get(sent["Location"]).text


def test_it_keeps_five_sessions_a_person(
    browser: Browser, account: Account, clock: Clock, trail: list[AuditEvent]
) -> None:
    clients = [browser() for _ in range(6)]
    for client in clients:
        clock.forward(seconds=1)
        sign_in(client, account)
    assert WebSession.objects.filter(account=account).count() == 5
    assert [is_in(client) for client in clients] == [False] + [True] * 5


def test_it_makes_no_statement_on_a_warm_page(signed_in: Client, clock: Clock) -> None:
    assert is_in(signed_in)
    with CaptureQueriesContext(connection) as asked:
        for _ in range(5):
            assert signed_in.get("/login").status_code == 302
            clock.forward(seconds=0.5)
    assert asked.captured_queries == []


def test_it_writes_at_most_once_a_minute(signed_in: Client, clock: Clock) -> None:
    writes = []
    for _ in range(30):
        clock.forward(seconds=10)
        with CaptureQueriesContext(connection) as asked:
            signed_in.get("/login")
        writes += [q["sql"] for q in asked.captured_queries if q["sql"].startswith("UPDATE")]
    assert len(writes) == 5


def test_it_renews_the_key_and_keeps_the_session(signed_in: Client, account: Account) -> None:
    row = WebSession.objects.get(account=account)
    is_in(signed_in)
    renewed = sessions.renew(row.id)
    assert renewed is not None
    assert not is_in(signed_in)
    signed_in.cookies["sessionid"] = renewed
    assert is_in(signed_in)
    assert WebSession.objects.get(account=account).id == row.id


def test_it_renews_no_session_that_is_over() -> None:
    assert sessions.renew("0190a000-0000-7000-8000-000000000099") is None


def test_it_signs_out_at_once_and_for_good(signed_in: Client, trail: list[AuditEvent]) -> None:
    stolen = key(signed_in)
    answer = signed_in.post("/logout")
    assert (answer.status_code, answer["Location"]) == (303, "/login")
    assert answer.cookies["sessionid"].value == ""
    signed_in.cookies["sessionid"] = stolen
    assert not is_in(signed_in)
    assert trail[-1].action == "logout.ok"


def test_it_signs_out_only_by_post(signed_in: Client) -> None:
    assert signed_in.get("/logout").status_code == 405
    assert is_in(signed_in)
    assert Client().post("/logout").status_code == 303


def test_it_lists_the_sign_ins_and_marks_this_one(
    signed_in: Client, browser: Browser, account: Account, clock: Clock
) -> None:
    sign_in(browser(), account)
    rows = signed_in.get("/settings", headers={"Accept": "application/json"}).json()
    shown = rows["panels"]["sign_ins"]["rows"]
    assert [row["current"] for row in shown].count(True) == 1
    assert len(shown) == 2
    assert signed_in.get("/settings").text.count("<tr data-id=") == 2


def test_it_revokes_one_sign_in(
    signed_in: Client, browser: Browser, account: Account, trail: list[AuditEvent]
) -> None:
    other = browser()
    sign_in(other, account)
    row = WebSession.objects.get(key_hash=sessions.hashed(key(other)))
    assert signed_in.post("/settings/revocations", {"session": row.id}).status_code == 303
    assert (is_in(other), is_in(signed_in)) == (False, True)
    assert trail[-1].action == "session.revoked"


def test_it_signs_out_when_one_revokes_oneself(signed_in: Client, account: Account) -> None:
    row = WebSession.objects.get(account=account)
    answer = signed_in.post("/settings/revocations", {"session": row.id})
    assert (answer["Location"], is_in(signed_in)) == ("/login", False)


def test_it_revokes_nobody_elses(
    signed_in: Client, browser: Browser, trail: list[AuditEvent]
) -> None:
    neighbour, client = (
        people.create_account(person(), password_hash=people.hashed(PASSWORD), now=timezone.now()),
        browser(),
    )
    sign_in(client, neighbour)
    theirs = WebSession.objects.get(account=neighbour)
    unknown = "0190a000-0000-7000-8000-000000000099"
    answers = [
        signed_in.post("/settings/revocations", {"session": one}) for one in (theirs.id, unknown)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert is_in(client)


@pytest.mark.parametrize("text", ["", "1", "0190A000-0000-7000-8000-000000000099", "x" * 5000])
def test_it_refuses_an_unreadable_sign_in(text: str, signed_in: Client) -> None:
    assert signed_in.post("/settings/revocations", {"session": text}).status_code == 422


def test_it_signs_out_everywhere(
    signed_in: Client, browser: Browser, account: Account, trail: list[AuditEvent]
) -> None:
    other = browser()
    sign_in(other, account)
    signed_in.post("/settings/sign-outs")
    assert (is_in(signed_in), is_in(other)) == (False, False)
    assert (trail[-1].action, trail[-1].after) == ("sessions.revoked", {"sessions": 2})


def test_it_believes_other_processes_within_five_seconds(
    signed_in: Client, account: Account, clock: Clock
) -> None:
    assert is_in(signed_in)
    WebSession.objects.filter(account=account).delete()  # as another process would
    clock.forward(seconds=5)
    assert not is_in(signed_in)


def test_it_ends_sessions_when_an_account_is_disabled_or_reset(
    signed_in: Client, browser: Browser, account: Account, trail: list[AuditEvent]
) -> None:
    now, origin = timezone.now(), Origin(request_id="r")
    fresh = people.hashed("a new password!")
    people.reset_factor(account.email, password_hash=fresh, now=now, origin=origin)
    assert not is_in(signed_in)
    client = browser()
    assert sign_in(client, account, "a new password!").status_code == 303
    people.disable_account(account.email, now=now, origin=origin)
    assert not is_in(client)
    assert sign_in(browser(), account, "a new password!").status_code == 422


def test_it_sweeps_what_is_over(signed_in: Client, clock: Clock) -> None:
    assert sessions.sweep(now=clock.now) == 0
    SpentToken.objects.create(jti_hash="a" * 64, how="exchange", expires_at=clock.now)
    assert sessions.sweep(now=clock.now) == 1
    assert sessions.sweep(now=clock.now + timedelta(minutes=16)) == 1
    assert not WebSession.objects.exists()


@pytest.mark.parametrize("how", ["cookie", "bearer"])
def test_it_limits_one_session_to_600_a_minute(
    how: str, signed_in: Client, settings: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RATE_SCALE = 1
    monkeypatch.setattr("openinsure.accounts.middleware.SESSION_PER_MINUTE", 3)
    headers = {"Accept": "text/html"}
    if how == "bearer":
        from tests.accounts.test_exchange import token_of

        headers["Authorization"] = f"Bearer {token_of(Account.objects.get())}"
    statuses = [signed_in.get("/settings", headers=headers).status_code for _ in range(4)]
    assert statuses == [200] * 3 + [429]


def test_it_can_sign_out_while_the_audit_log_is_away(
    account: Account, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from openinsure.problems import Unavailable

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise Unavailable("away", code="audit_unavailable")

    monkeypatch.setattr("openinsure.accounts.trail.append", refuse)
    monkeypatch.setattr(operations, "end_grants", refuse)
    client = browser()
    assert sign_in(client, account).status_code == 303
    assert client.post("/logout").status_code == 303
    assert not is_in(client)
