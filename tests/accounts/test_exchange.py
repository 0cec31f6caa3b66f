"""Bearer requests and /auth/exchange: a token against an account, and once against a session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from openinsure.accounts import bearer, operations, people, tokens
from openinsure.accounts.configuration import token_rules
from openinsure.accounts.models import Account, SpentToken, WebSession
from openinsure.audit.record import PLATFORM_ORG_ID, AuditEvent
from openinsure.keyspaces.ids import new_id
from tests.accounts.conftest import Clock

pytestmark = pytest.mark.django_db
Browser = Callable[[], Client]
Trail = list[AuditEvent]


def token_of(account: Account, **changes: Any) -> str:
    """A token of the account as `openinsure token` makes it."""
    values = {
        "sub": account.user_id,
        "org": account.org_id,
        "role": account.role,
        "email": account.email,
        "jti": new_id(),
        "now": timezone.now(),
        "life": timedelta(hours=1),
    }
    return tokens.issue(rules=token_rules(), **(values | changes))


def system_token() -> str:
    return tokens.issue(
        rules=token_rules(), sub="service:system", org=PLATFORM_ORG_ID, role="system",
        email="system@console", jti=new_id(), now=timezone.now(), life=timedelta(hours=1),
    )  # fmt: skip


def get(client: Client, token: str) -> Any:
    return client.get("/settings", headers={"Authorization": f"Bearer {token}"})


def test_it_knows_who_sent_the_token(account: Account, browser: Browser, trail: Trail) -> None:
    told = get(browser(), token_of(account)).json()
    assert (told["org"], told["row"]["id"]) == (account.org_id, account.user_id)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sub": "0190a000-0000-7000-8000-00000000dead"}, "user_unknown"),
        ({"role": "org_admin"}, "stale_token"),
        ({"org": "0190a000-0000-7000-8000-00000000000b"}, "stale_token"),
        ({"life": timedelta(seconds=-1)}, "token_expired"),
        ({"life": timedelta(hours=25)}, "token_time"),
    ],
)
def test_it_refuses_a_token_that_is_not_the_accounts(
    changes: dict[str, Any], code: str, account: Account, browser: Browser, trail: Trail
) -> None:
    answer = get(browser(), token_of(account, **changes))
    assert (answer.status_code, answer.json()["error"]) == (401, code)
    assert answer["WWW-Authenticate"] == "Bearer"
    assert (trail[-1].action, trail[-1].reason) == ("token.refused", code)
    assert trail[-1].org_id == PLATFORM_ORG_ID


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "bearer abc", "x"])
def test_it_refuses_an_unreadable_header(header: str, signed_in: Client) -> None:
    answer = signed_in.get(
        "/settings", headers={"Authorization": header, "Accept": "application/json"}
    )
    assert answer.status_code == 401


def test_it_refuses_a_disabled_user(account: Account, browser: Browser, trail: Trail) -> None:
    token = token_of(account)
    Account.objects.filter(user_id=account.user_id).update(disabled_at=timezone.now())
    assert get(browser(), token).json()["error"] == "user_disabled"


def test_it_refuses_a_revoked_token_within_five_seconds(
    account: Account, browser: Browser, trail: Trail, clock: Clock
) -> None:
    client, token = browser(), token_of(account)
    assert get(client, token).status_code == 200
    claims = tokens.verify(token, rules=token_rules(), now=clock.now)
    operations.spend(claims, how="revoked")
    clock.forward(seconds=5)
    assert get(client, token).json()["error"] == "token_revoked"


def test_it_makes_no_statement_for_a_token_seen_before(
    account: Account, browser: Browser, trail: Trail, clock: Clock, django_assert_num_queries: Any
) -> None:
    client, token = browser(), token_of(account)
    with django_assert_num_queries(2):
        client.get("/login", headers={"Authorization": f"Bearer {token}"})
    with django_assert_num_queries(0):
        client.get("/login", headers={"Authorization": f"Bearer {token}"})


def test_it_stops_believing_at_the_end_of_the_token(
    account: Account, browser: Browser, trail: Trail, clock: Clock
) -> None:
    client, token = browser(), token_of(account, life=timedelta(seconds=2))
    assert get(client, token).status_code == 200
    clock.forward(seconds=2)
    assert get(client, token).status_code == 401


def test_it_ignores_the_cookie_beside_a_token(
    signed_in: Client, trail: Trail, account: Account
) -> None:
    assert get(signed_in, "junk").status_code == 401
    answer = get(signed_in, system_token())
    assert (answer.status_code, answer.json()["error"]) == (403, "machine_only")


def test_it_exempts_from_csrf_only_a_token_without_cookie(account: Account, trail: Trail) -> None:
    strict = Client(enforce_csrf_checks=True)
    headers = {"Authorization": f"Bearer {token_of(account)}"}
    assert strict.post("/settings/sign-outs", headers=headers).status_code == 303
    strict.cookies["sessionid"] = "A" * 43
    assert strict.post("/settings/sign-outs", headers=headers).status_code == 403


def test_it_stops_counting_refusals_at_thirty_a_minute(
    browser: Browser, trail: Trail, settings: Any
) -> None:
    settings.RATE_SCALE = 1
    client = browser()
    statuses = [get(client, "junk").status_code for _ in range(31)]
    assert statuses == [401] * 30 + [429]
    assert len(trail) == 30


@pytest.mark.parametrize("how", ["field", "header"])
def test_it_exchanges_a_token_for_a_session_once(
    how: str, account: Account, browser: Browser, trail: Trail
) -> None:
    client, token = browser(), token_of(account)

    def exchange() -> Any:
        if how == "field":
            return client.post("/auth/exchange", {"token": token, "next": "/settings"})
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        return client.post("/auth/exchange?next=/settings", headers=headers)

    answer = exchange()
    assert (answer.status_code, answer["Location"]) == (303, "/settings")
    assert client.get("/settings").status_code == 200
    assert WebSession.objects.get().via == "exchange"
    again = exchange()
    assert again.status_code == (401 if how == "header" else 302)
    assert WebSession.objects.count() == 1
    assert [event.action for event in trail] == ["login.ok", "token.refused"]


def test_it_dates_the_proof_by_the_tokens_issue(
    account: Account, browser: Browser, trail: Trail
) -> None:
    issued = timezone.now() - timedelta(minutes=30)
    browser().post("/auth/exchange", {"token": token_of(account, now=issued)})
    stepped_up_at = WebSession.objects.get().stepped_up_at
    assert abs((stepped_up_at - issued).total_seconds()) < 1


@pytest.mark.parametrize("wanted", ["https://evil.test", "//evil.test", "/\\e"])
def test_it_exchanges_to_paths_of_this_site(
    wanted: str, account: Account, browser: Browser, trail: Trail
) -> None:
    answer = browser().post("/auth/exchange", {"token": token_of(account), "next": wanted})
    assert answer["Location"] == "/"


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://testserver", 303),
        ("https://identity.openinsure.test", 303),
        ("https://evil.test", 403),
        ("null", 403),
    ],
)
def test_it_takes_tokens_from_the_identity_service_only(
    origin: str, status: int, account: Account, trail: Trail
) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/auth/exchange", {"token": token_of(account)}, headers={"Origin": origin})
    assert answer.status_code == status


def test_it_exchanges_nothing_for_the_machine(browser: Browser, trail: Trail) -> None:
    answer = browser().post("/auth/exchange", {"token": system_token()})
    assert answer.status_code == 403
    assert not WebSession.objects.exists()
    assert not SpentToken.objects.exists()


def test_it_needs_a_token_and_a_post(browser: Browser) -> None:
    assert browser().post("/auth/exchange").status_code == 422
    assert browser().get("/auth/exchange").status_code == 405


def test_it_limits_exchanges_of_one_address(
    account: Account, browser: Browser, trail: Trail, settings: Any
) -> None:
    settings.RATE_SCALE = 1
    client = browser()
    for _ in range(operations.EXCHANGE_PER_IP):
        assert client.post("/auth/exchange", {"token": token_of(account)}).status_code == 303
    assert client.post("/auth/exchange", {"token": token_of(account)}).status_code == 429


def test_it_finds_whom_a_header_names() -> None:
    assert bearer.token_of("bEaReR  abc ") == "abc"
    assert people.normal_email(" A@B.test ") == "a@b.test"
