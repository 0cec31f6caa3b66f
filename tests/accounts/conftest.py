"""People who can sign in, and browsers that have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from openinsure.accounts import bearer, people, rates, sessions, snapshot, throttle
from openinsure.accounts.models import Account
from openinsure.accounts.snapshot import Snapshot
from openinsure.audit.record import AuditEvent
from openinsure.keyspaces.ids import new_id

PASSWORD = "openinsure-demo"
SIGN_IN_DATABASES = ["default"]


class Clock:
    """Wall time that tests move."""

    def __init__(self) -> None:
        self.now = timezone.now()

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**by)
        return self.now


class Address:
    """An address nobody used before, so that limits of other tests do not count."""

    def __init__(self) -> None:
        self.text = f"fd00:{new_id()[-4:]}:{new_id()[-4:]}:{new_id()[-4:]}::1"


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """Nothing a process remembers survives a test."""
    sessions.forget()
    bearer.forget()
    snapshot.register_reader(None)
    rates.limiter._windows.clear()
    throttle.backoff._here.clear()
    yield
    snapshot.register_reader(None)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """timezone.now() for everything of ours."""
    made = Clock()
    monkeypatch.setattr(timezone, "now", made)
    return made


@pytest.fixture
def trail(monkeypatch: pytest.MonkeyPatch) -> list[AuditEvent]:
    """The audit events of the test, in order; the chain itself has its own tests."""
    found: list[AuditEvent] = []

    def keep(event: AuditEvent) -> str:
        found.append(event)
        return new_id()

    monkeypatch.setattr("openinsure.accounts.trail.append", keep)
    monkeypatch.setattr("openinsure.accounts.operations.end_grants", lambda **_: 0)
    monkeypatch.setattr("openinsure.accounts.people.end_grants", lambda **_: 0)
    return found


def person(role: str = "support", **values: Any) -> Snapshot:
    """A snapshot of somebody new."""
    user_id = new_id()
    defaults = {
        "user_id": user_id,
        "org_id": new_id(),
        "email": f"{user_id[-12:]}@acme.test",
        "full_name": "Ann Lee",
        "role": role,
        "org_name": "Acme Specialty MGA",
    }
    return Snapshot(**(defaults | values))


@pytest.fixture
def account(db: None) -> Account:
    """A support person of one organisation."""
    return people.create_account(
        person(), password_hash=people.hashed(PASSWORD), now=timezone.now()
    )


@pytest.fixture
def browser() -> Callable[[], Client]:
    """A new browser at an address of its own."""
    return lambda: Client(REMOTE_ADDR=Address().text)


def sign_in(client: Client, account: Account, password: str = PASSWORD, **extra: str) -> Any:
    """POST /login."""
    return client.post("/login", {"email": account.email, "password": password, **extra})


@pytest.fixture
def signed_in(trail: list[AuditEvent], account: Account, browser: Callable[[], Client]) -> Client:
    """A browser with a session of `account`."""
    client = browser()
    assert sign_in(client, account).status_code == 303
    return client
