"""People, organisations and pages for tests of crossings: made small, on the real engine."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from django.conf import settings
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.test import Client
from django.urls import include, path
from django.utils import timezone

from openinsure.accounts import sessions
from openinsure.accounts.configuration import token_rules
from openinsure.accounts.models import Account
from openinsure.accounts.tokens import issue
from openinsure.audit.models import AuditAccessLog, AuditLog
from openinsure.authz.decorators import allow, allow_signed_in
from openinsure.keyspaces.ids import new_id
from openinsure.orgs.models import Organization
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import SystemScope, active_scope, entered

ALIASES = ["default", "oi_global"]
CROSSING = ("superadmin", "auditor")
OTHERS = (
    "org_admin",
    "mhcis_operator",
    "underwriter",
    "adjuster",
    "finance_analyst",
    "compliance_officer",
    "support",
    "db_operator",
    "db_approver",
)


def make_org(name: str = "Borealis Underwriting") -> str:
    """An organisation in the directory; its id."""
    org_id, now = new_id(), timezone.now()
    scope = SystemScope(org_id, "service:test")
    with entered(scope):
        Organization.objects.create(
            id=org_id,
            slug=f"org-{secrets.token_hex(6)}",
            legal_name=name,
            display_name=name,
            organization_type="mga",
            status="active",
            default_currency="USD",
            timezone="UTC",
            tb_ledger_id=secrets.randbelow(2**31),
            created_at=now,
            updated_at=now,
        )
    return org_id


def make_account(role: str, org_id: str = PLATFORM_ORG_ID) -> Account:
    """A person with that role, whose name and address are made up."""
    user_id, now = new_id(), timezone.now()
    return Account.objects.create(
        user_id=user_id,
        email=f"{user_id}@example.test",
        org_id=org_id,
        org_name="Home",
        role=role,
        full_name="Test Person",
        snapshot_at=now,
        created_at=now,
    )


def signed_in(account: Account, *, stepped_up: timedelta = timedelta(0)) -> Client:
    """A browser with a session of that person, proven `stepped_up` ago."""
    now = timezone.now()
    key = sessions.start(
        account,
        via="password",
        now=now,
        stepped_up_at=now - stepped_up,
        ip="127.0.0.1",
        user_agent="test",
    )
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    return client


def bearer(account: Account) -> Client:
    """A program with a token of that person."""
    return _with_token(account.user_id, account.org_id, account.role, account.email)


def system_bearer() -> Client:
    """A program with the machine's token."""
    return _with_token("service:system", PLATFORM_ORG_ID, "system", "system@openinsure.test")


def _with_token(sub: str, org: str, role: str, email: str) -> Client:
    token = issue(
        rules=token_rules(),
        sub=sub,
        org=org,
        role=role,
        email=email,
        jti=new_id(),
        now=timezone.now(),
        life=timedelta(hours=1),
    )
    return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})


def chain(org_id: str) -> list[dict[str, Any]]:
    """The audit rows of an organisation."""
    scope = SystemScope(org_id, "service:test")
    with entered(scope):
        return list(AuditLog.objects.within(scope).order_by("seq").values())


def actions(org_id: str) -> list[str]:
    """The actions of an organisation's chain, in order."""
    return [row["action"] for row in chain(org_id)]


def accesses(org_id: str) -> list[dict[str, Any]]:
    """The cross-organisation reads of an organisation."""
    scope = SystemScope(org_id, "service:test")
    with entered(scope):
        return list(AuditAccessLog.objects.within(scope).order_by("occurred_at", "id").values())


@allow("policy.view")
def tenant_page(request: HttpRequest) -> JsonResponse:
    """Says whose rows a page would show, and how many rows it showed."""
    scope: Any = active_scope()
    request.rows_returned = 3  # type: ignore[attr-defined]
    return JsonResponse({"org": scope.org_id, "mode": scope.mode})


@allow("policy.view")
def failing_page(request: HttpRequest) -> JsonResponse:
    """The read goes wrong."""
    raise LookupError("the read failed")


@allow("policy.view")
def stream(request: HttpRequest) -> StreamingHttpResponse:
    """A body that names the scope it is fetched in, page by page."""

    def pages() -> Any:
        for number in range(1, 4):
            scope: Any = active_scope()
            request.rows_returned = number  # type: ignore[attr-defined]
            yield f"{scope.org_id}\n"

    return StreamingHttpResponse(pages(), content_type="text/plain")


@allow_signed_in
def own_page(request: HttpRequest) -> JsonResponse:
    """A page without an organisation's business."""
    scope: Any = active_scope()
    return JsonResponse({"org": scope.org_id, "mode": scope.mode})


urlpatterns = [
    path("tenant-page", tenant_page, name="test.page"),
    path("tenant-page/failing", failing_page, name="test.failing"),
    path("tenant-page/stream", stream, name="test.stream"),
    path("own-page", own_page, name="test.own"),
    path("", include("openinsure.urls")),
]


def at(moment: datetime) -> Any:
    """Freeze the one clock that requests read."""
    return mock.patch("django.utils.timezone.now", return_value=moment)
