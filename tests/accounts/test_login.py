"""/login: one card, one text for every wrong pair, and a pause that grows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from openinsure import environment
from openinsure.accounts import network, passwords, people, rates, throttle
from openinsure.accounts.models import Account, WebSession
from openinsure.audit.record import AuditEvent
from openinsure.problems import TooMany
from tests.accounts.conftest import PASSWORD, Address, Clock, person, sign_in

pytestmark = pytest.mark.django_db
Browser = Callable[[], Client]
Trail = list[AuditEvent]


def actions(trail: Trail) -> list[str]:
    return [event.action for event in trail]


def test_it_signs_in_and_goes_where_one_wanted(
    account: Account, browser: Browser, trail: Trail
) -> None:
    client = browser()
    answer = sign_in(client, account, next="/settings?tab=look")
    assert (answer.status_code, answer["Location"]) == (303, "/settings?tab=look")
    cookie = answer.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert client.get("/settings").status_code == 200
    assert actions(trail) == ["login.ok"]
    assert (trail[0].org_id, trail[0].actor_user_id) == (account.org_id, account.user_id)


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:x", "/login", "/logout", ""],
)
def test_it_goes_only_to_paths_of_this_site(
    wanted: str, account: Account, browser: Browser, trail: Trail
) -> None:
    assert sign_in(browser(), account, next=wanted)["Location"] == "/"


def test_it_reads_the_address_in_any_spelling(
    account: Account, browser: Browser, trail: Trail
) -> None:
    fields = {"email": f"  {account.email.upper()} ", "password": PASSWORD}
    assert browser().post("/login", fields).status_code == 303


def bodies(client: Client, *pairs: tuple[str, str]) -> list[tuple[int, str]]:
    import re

    found = []
    for email, password in pairs:
        answer = client.post("/login", {"email": email, "password": password})
        text = re.sub(r'[0-9a-f]{8}-[0-9a-f-]{27}|value="[^"]*"|content="[^"]*"', "", answer.text)
        found.append((answer.status_code, text))
    return found


def test_it_answers_unknown_wrong_and_disabled_alike(
    account: Account, browser: Browser, trail: Trail
) -> None:
    shut = people.create_account(
        person(status="disabled"), password_hash=people.hashed(PASSWORD), now=timezone.now()
    )
    answers = bodies(
        browser(),
        ("nobody@acme.test", PASSWORD),
        (account.email, "wrong"),
        (shut.email, PASSWORD),
    )
    assert {status for status, _ in answers} == {422}
    assert len({text for _, text in answers}) == 1
    assert "E-mail or password is wrong." in answers[0][1]
    assert actions(trail) == ["login.failed"] * 3
    assert WebSession.objects.count() == 0


def test_it_checks_a_password_even_for_unknown_accounts(
    account: Account, browser: Browser, trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []
    monkeypatch.setattr(
        passwords, "check_password", lambda _, encoded: compared.append(encoded) or False
    )
    client = browser()
    bodies(client, ("nobody@acme.test", "x"), (account.email, "x"))
    Account.objects.filter(user_id=account.user_id).update(password="!unusable")
    bodies(client, (account.email, "x"))
    assert compared == [passwords.nobodys_hash(), account.password, passwords.nobodys_hash()]


@pytest.mark.parametrize(
    ("fields", "bad"),
    [
        ({"email": "", "password": "x"}, "email"),
        ({"email": "a@b.test", "password": ""}, "password"),
        ({}, "email"),
        ({"email": "a" * 1025, "password": "x"}, "email"),
        ({"email": "a@b.test", "password": "x" * 1025}, "password"),
        ({"email": "a\0@b.test", "password": "x"}, "email"),
    ],
)
def test_it_names_the_field_and_focuses_the_first(
    fields: dict[str, str], bad: str, browser: Browser
) -> None:
    answer = browser().post("/login", fields)
    assert answer.status_code == 422
    assert f'id="{bad}-error"' in answer.text
    assert f'id="{bad}" name="{bad}"' in answer.text.split("autofocus")[0].rsplit("<input", 1)[1]


def test_it_offers_the_fields_to_password_managers(browser: Browser) -> None:
    text = browser().get("/login").text
    assert 'data-page="signin.login"' in text
    assert 'autocomplete="username"' in text
    assert 'autocomplete="current-password"' in text


@pytest.mark.parametrize("role", ["producer", "agency_admin", "agent_support", "policyholder"])
def test_it_refuses_roles_of_other_portals(role: str, browser: Browser, trail: Trail) -> None:
    other = people.create_account(
        person(role), password_hash=people.hashed(PASSWORD), now=timezone.now()
    )
    answer = sign_in(browser(), other)
    assert answer.status_code == 403
    assert 'data-error="other_portal"' in answer.text
    assert "sessionid" not in answer.cookies


def test_it_refuses_a_password_alone_in_production(
    account: Account, browser: Browser, trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "name", lambda: "production")
    answer = sign_in(browser(), account)
    assert answer.status_code == 403
    assert 'data-error="second_factor_required"' in answer.text
    assert WebSession.objects.count() == 0


def test_it_pauses_after_five_failures_and_longer_each_time(
    account: Account, browser: Browser, trail: Trail, clock: Clock
) -> None:
    client = browser()
    for _ in range(5):
        assert sign_in(client, account, "wrong").status_code == 422
    refused = sign_in(client, account)
    assert refused.status_code == 429
    assert "Too many attempts. Try again in 1 seconds." in refused.text
    assert refused["Retry-After"] == "1"
    assert actions(trail)[-1] == "login.locked.refused"
    clock.forward(seconds=1)
    assert sign_in(client, account, "wrong").status_code == 422
    clock.forward(seconds=1)
    assert sign_in(client, account).status_code == 429
    clock.forward(seconds=1)
    assert sign_in(client, account).status_code == 303
    assert sign_in(client, account, "wrong").status_code == 422


def test_it_pauses_unknown_accounts_alike(browser: Browser, trail: Trail, clock: Clock) -> None:
    client = browser()
    pair = (f"{Address().text[-20:].replace(':', '')}@nowhere.test", "x")
    assert [status for status, _ in bodies(client, *[pair] * 6)] == [422] * 5 + [429]


def test_it_is_not_locked_from_another_network(
    account: Account, browser: Browser, trail: Trail, clock: Clock
) -> None:
    attacker, owner = browser(), browser()
    for _ in range(6):
        sign_in(attacker, account, "wrong")
    assert sign_in(attacker, account).status_code == 429
    assert sign_in(owner, account).status_code == 303


@pytest.mark.parametrize(
    ("failures", "pause"),
    [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (14, 512), (15, 900), (99, 900), (10**6, 900)],
)
def test_it_doubles_the_pause_up_to_fifteen_minutes(failures: int, pause: int) -> None:
    assert throttle.wait_s(failures) == pause


def test_it_forgives_nothing_when_redis_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    slow, key = throttle.Backoff(), throttle.Backoff.key("a@b.test", Address().text)
    for _ in range(6):
        slow.failed(key, now=now)
    monkeypatch.setattr(rates, "store", away)
    assert slow.tries(key).locked(now)
    assert slow.failed(key, now=now).until == now + timedelta(seconds=4)


def away() -> Any:
    """A Redis that refuses."""
    import redis

    raise redis.ConnectionError


def test_it_shares_failures_between_processes() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    one, other = throttle.Backoff(), throttle.Backoff()
    key = throttle.Backoff.key("a@b.test", Address().text)
    for _ in range(5):
        one.failed(key, now=now)
    assert other.tries(key).locked(now)
    other.clear(key)
    assert not throttle.Backoff().tries(key).locked(now)


def test_it_takes_twenty_attempts_a_minute_from_one_address(
    browser: Browser, trail: Trail, settings: Any
) -> None:
    settings.RATE_SCALE = 1
    client = browser()
    answers = [
        client.post("/login", {"email": f"u{n}@{Address().text[5:9]}.test", "password": "x"})
        for n in range(21)
    ]
    assert [answer.status_code for answer in answers] == [422] * 20 + [429]
    assert int(answers[-1]["Retry-After"]) <= 60


def test_it_checks_two_passwords_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "QUEUE_S", 0.05)
    inside, go = threading.Semaphore(0), threading.Event()

    def slow(password: str, encoded: str) -> bool:
        inside.release()
        return go.wait(5)

    monkeypatch.setattr(passwords, "check_password", slow)
    waiting = [threading.Thread(target=passwords.matches, args=("x", None)) for _ in range(2)]
    for one in waiting:
        one.start()
    assert inside.acquire(timeout=5)
    assert inside.acquire(timeout=5)
    with pytest.raises(TooMany) as refusal:
        passwords.matches("x", None)
    go.set()
    for one in waiting:
        one.join(5)
    assert refusal.value.retry_after_s == 5


def test_it_renews_the_csrf_secret_and_ends_the_session_it_replaces(
    account: Account, signed_in: Client
) -> None:
    before = signed_in.cookies["csrftoken"].value
    sign_in(signed_in, account)
    assert signed_in.cookies["csrftoken"].value != before
    assert WebSession.objects.filter(account=account).count() == 1


def test_it_sends_the_signed_in_on(signed_in: Client) -> None:
    answer = signed_in.get("/login?next=/settings")
    assert (answer.status_code, answer["Location"]) == (302, "/settings")


def test_it_asks_for_a_csrf_token(account: Account) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict, account).status_code == 403


@pytest.mark.parametrize(
    ("meta", "proxies", "expected"),
    [
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6"}, 0, "10.0.0.1"),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 9.9.9.9"}, 1, "9.9.9.9"),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 9.9.9.9"}, 2, "6.6.6.6"),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6"}, 2, "10.0.0.1"),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "<script>"}, 1, "10.0.0.1"),
        ({"REMOTE_ADDR": ""}, 0, ""),
    ],
)
def test_it_believes_forwarded_addresses_of_known_proxies_only(
    meta: dict[str, str], proxies: int, expected: str
) -> None:
    assert network.client_ip(meta, proxies) == expected


def test_it_counts_a_network_together() -> None:
    assert network.network_of("192.0.2.77") == network.network_of("192.0.2.1") == "192.0.2.0/24"
    assert network.network_of("2001:db8::1:2") == "2001:db8::/64"
    assert network.network_of("") == "unknown"
