"""Views that fail in each way a view can, beside the console's own addresses."""

from __future__ import annotations

from django.core.exceptions import BadRequest, PermissionDenied
from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.http import require_GET

from openinsure.problems import (
    BadFilter,
    BadForm,
    Conflict,
    Forbidden,
    NeedsSignIn,
    NotFound,
    TooMany,
    Unavailable,
)
from openinsure.tenancy.scope import TenantLeak

CANARY = "canary-hunter2"
FAILURES: dict[str, Exception] = {
    "bad_parameter": BadFilter("status", rule="must be a known policy status"),
    "bad_form": BadForm({"reason": "needs at least 10 characters", "ticket": "is too long"}),
    "not_found": NotFound("policy", "ACM-2026-000123"),
    "sign_in_required": NeedsSignIn("Sign in to continue."),
    "forbidden": Forbidden("This page needs the permission View ledger."),
    "conflict": Conflict("This record changed at 14:02 UTC. Reload; your text is kept."),
    "too_many_requests": TooMany("Too many attempts.", retry_after_s=9),
    "unavailable": Unavailable("Permissions cannot be checked now.", retry_after_s=7),
    "leak": TenantLeak(f"policies of {CANARY}"),
    "bug": ValueError(CANARY),
    "denied": PermissionDenied(CANARY),
    "unreadable": BadRequest("The cursor is damaged."),
    "away": OperationalError(2002, f"Can't connect to {CANARY}"),
    "slow": OperationalError(1969, CANARY),
    "contended": OperationalError(1205, CANARY),
    "broken_sql": OperationalError(1054, f"Unknown column {CANARY}"),
}


def fail(request: HttpRequest, how: str) -> HttpResponse:
    """Raise what is asked for."""
    raise FAILURES[how]


@require_GET
def only_get(request: HttpRequest) -> HttpResponse:
    """Answers GET."""
    return HttpResponse("fine")


urlpatterns = [
    path("", include("openinsure.console.urls")),
    path("", include("openinsure.pages.appearance")),
    path("fail/<str:how>", fail, name="fail"),
    path("only-get", only_get, name="only_get"),
]

handler400 = "openinsure.console.errors.bad_request"
handler403 = "openinsure.console.errors.forbidden"
handler404 = "openinsure.console.errors.not_found"
handler500 = "openinsure.console.errors.server_error"
