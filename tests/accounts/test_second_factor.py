"""The second factor: RFC 6238's own vectors, set-up, the second step, step-up, recovery codes."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from openinsure import environment
from openinsure.accounts import factors, people, totp
from openinsure.accounts.models import Account, RecoveryCode, SecondFactor, WebSession
from openinsure.accounts.snapshot import Snapshot
from openinsure.keyspaces.ids import new_id

pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])
PASSWORD = "correct horse battery staple"
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_it_makes_the_codes_of_the_standard(seconds: int, code: str) -> None:
    assert totp.code_at(RFC_SECRET, totp.step_of(seconds), digits=8) == code


@pytest.mark.parametrize(
    ("drift_s", "right"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_it_forgives_one_step_of_drift(drift_s: int, right: bool) -> None:
    now = 1_800_000_015
    code = totp.code_at(RFC_SECRET, totp.step_of(now + drift_s))
    assert (totp.matching_step(RFC_SECRET, code, now) is not None) is right


@pytest.fixture
def account() -> Account:
    person = Snapshot(
        user_id=new_id(), org_id=new_id(), email=f"{new_id()}@people.test", full_name="P",
        role="support",
    )  # fmt: skip
    return people.create_account(person, password_hash=people.hashed(PASSWORD), now=timezone.now())


def browser() -> Browser:
    return Browser(headers={"accept": "text/html"})


def sign_in(client: Browser, account: Account) -> Any:
    return client.post("/login", {"email": account.email, "password": PASSWORD})


def secret_of(answer: Any) -> str:
    found = re.search(r"data-secret>([A-Z2-7 ]+)<", answer.content.decode())
    assert found
    return found[1].replace(" ", "")


def code_now(secret: str, steps: int = 0) -> str:
    return totp.code_at(secret, totp.step_of(timezone.now().timestamp()) + steps)


def set_up(client: Browser) -> tuple[str, list[str]]:
    secret = secret_of(client.post("/settings/second-factor"))
    answer = client.post("/settings/second-factor/confirmations", {"code": code_now(secret, -1)})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    return secret, re.findall(r"<li>([a-z0-9]{10})</li>", answer.content.decode())


def proof_of(answer: Any) -> str:
    found = re.search(r'name="proof" value="([^"]+)"', answer.content.decode())
    assert found, answer.content.decode()[:300]
    return found[1]


def test_it_asks_for_the_code_after_the_password(account: Account) -> None:
    first = browser()
    sign_in(first, account)
    secret, codes = set_up(first)
    assert len(set(codes)) == 10
    before = WebSession.objects.count()
    client = browser()
    answer = sign_in(client, account)
    assert (answer.status_code, "sessionid" in answer.cookies) == (401, False)
    assert WebSession.objects.count() == before
    proof = proof_of(answer)
    wrong = client.post("/login", {"proof": proof, "code": "000000"})
    assert wrong.status_code == 422
    done = client.post("/login", {"proof": proof_of(wrong), "code": code_now(secret)})
    assert done.status_code == 303
    assert client.get("/settings").status_code == 200


def test_it_takes_no_code_twice(account: Account) -> None:
    first = browser()
    sign_in(first, account)
    secret, codes = set_up(first)
    used = code_now(secret)
    for code, twice in ((used, used), (codes[0], codes[0])):
        client = browser()
        proof = proof_of(sign_in(client, account))
        assert client.post("/login", {"proof": proof, "code": code}).status_code == 303
        again = browser()
        proof = proof_of(sign_in(again, account))
        assert again.post("/login", {"proof": proof, "code": twice}).status_code == 422
    assert factors.codes_left(account.user_id) == 9


def test_it_keeps_neither_secret_nor_codes_readable(account: Account) -> None:
    client = browser()
    sign_in(client, account)
    secret, codes = set_up(client)
    stored = SecondFactor.objects.get(account=account).sealed
    assert stored.startswith("v1.")
    assert secret not in stored
    hashes = set(RecoveryCode.objects.filter(account=account).values_list("code_hash", flat=True))
    assert not hashes & set(codes)


def test_it_refuses_a_proof_from_elsewhere_or_forged(account: Account) -> None:
    client = browser()
    sign_in(client, account)
    secret, _ = set_up(client)
    proof = proof_of(sign_in(browser(), account))
    for told, address in ((proof, "203.0.113.9"), (proof + "x", "127.0.0.1")):
        answer = browser().post(
            "/login", {"proof": told, "code": code_now(secret)}, REMOTE_ADDR=address
        )
        assert answer.status_code == 401
        assert "sessionid" not in answer.cookies


def test_it_confirms_with_password_and_code(account: Account) -> None:
    client = browser()
    sign_in(client, account)
    secret, _ = set_up(client)
    fields = {"confirm_password": PASSWORD, "confirm_next": "/settings"}
    assert client.post("/login/confirm", fields).status_code == 422
    right = {**fields, "confirm_code": code_now(secret)}
    assert client.post("/login/confirm", right).status_code == 303


def test_it_lets_production_in_with_a_factor_only(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "name", lambda: "production")
    alone = sign_in(browser(), account)
    assert alone.status_code == 403
    assert 'data-error="second_factor_required"' in alone.content.decode()
    made, _ = factors.enrol(account, now=timezone.now())
    client = browser()
    proof = proof_of(sign_in(client, account))
    done = client.post("/login", {"proof": proof, "code": code_now(made.secret)})
    assert done.status_code == 303
    assert client.post("/settings/second-factor/removals").status_code == 403


def test_it_takes_the_factor_away(account: Account) -> None:
    client = browser()
    sign_in(client, account)
    set_up(client)
    assert client.post("/settings/second-factor/removals").status_code == 303
    assert sign_in(browser(), account).status_code == 303
