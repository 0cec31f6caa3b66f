"""Signed-in people for tests: accounts in a fresh organisation, browsers and bearer tokens."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.test import Client
from django.utils import timezone

from openinsure.accounts import sessions
from openinsure.accounts.configuration import token_rules
from openinsure.accounts.models import Account
from openinsure.accounts.people import create_account
from openinsure.accounts.snapshot import Snapshot
from openinsure.accounts.tokens import issue
from openinsure.authz.permissions import Role
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.grants import PLATFORM_ORG_ID

PLATFORM_ROLES = frozenset(
    {Role.SUPERADMIN, Role.SYSTEM, Role.AUDITOR, Role.DB_OPERATOR, Role.DB_APPROVER}
)


def account(org_id: str, role: str, *, org_name: str = "Test organization") -> Account:
    """An account of the role; platform roles belong to the platform's organisation."""
    home = PLATFORM_ORG_ID if role in PLATFORM_ROLES else org_id
    user_id = new_id()
    person = Snapshot(
        user_id=user_id,
        org_id=home,
        email=f"{role}.{user_id[-8:]}@people.test",
        full_name=role.replace("_", " ").title(),
        role=role,
        org_name=org_name,
    )
    return create_account(person, password_hash=None, now=timezone.now())


def token(org_id: str, role: str) -> str:
    """A bearer token of a new person; `system` has no account."""
    if role == Role.SYSTEM:
        return _signed("service:system", PLATFORM_ORG_ID, role, "system@openinsure.test")
    made = account(org_id, role)
    return _signed(made.user_id, made.org_id, role, made.email)


def _signed(sub: str, org: str, role: str, email: str) -> str:
    return issue(
        rules=token_rules(),
        sub=sub,
        org=org,
        role=role,
        email=email,
        jti=new_id(),
        now=timezone.now(),
        life=timedelta(hours=1),
    )


def bearer(org_id: str, role: str) -> Client:
    """A script: JSON by default, a bearer token, no cookie."""
    return Client(
        headers={"authorization": f"Bearer {token(org_id, role)}", "accept": "application/json"}
    )


def browser(org_id: str, role: str) -> Client:
    """A signed-in browser: HTML, a session cookie proven just now."""
    return browser_of(account(org_id, role))


def browser_of(made: Account) -> Client:
    """The signed-in browser of one person."""
    now = timezone.now()
    key = sessions.start(
        made, via="password", now=now, stepped_up_at=now, ip="127.0.0.1", user_agent="test"
    )
    client = Client(headers={"accept": "text/html"})
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    return client
