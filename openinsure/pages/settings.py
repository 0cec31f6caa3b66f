"""/settings: who I am here, how the console looks, where I am signed in."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from openinsure.accounts import factors, middleware, operations, sessions, trail
from openinsure.accounts.identity import Identity
from openinsure.authz.decorators import allow_signed_in
from openinsure.console import undo
from openinsure.console.preferences import Preferences, zones
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest
from openinsure.problems import BadForm, Forbidden
from openinsure.tenancy.scope import CANONICAL_UUID

BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari", "curl")
NAMES = {"Edg": "Edge", "OPR": "Opera"}
SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Mac OS X", "Linux")


@dataclass(frozen=True, slots=True)
class SignIn:
    """One line of the sign-ins: what a person recognises a browser by."""

    id: str
    browser: str
    ip: str
    created_at: datetime
    seen_at: datetime
    current: bool


def browser_of(user_agent: str) -> str:
    """`Chrome on Linux`; order matters, since every browser claims to be others too."""
    told = user_agent.replace("Headless", "")
    browser = next((name for name in BROWSERS if f"{name}/" in told), "")
    system = next((name for name in SYSTEMS if name in told), "")
    named = NAMES.get(browser, browser) or "Unknown browser"
    return f"{named} on {system.replace('Mac OS X', 'macOS')}" if system else named


@require_safe
@allow_signed_in
def settings(request: HttpRequest) -> HttpResponse:
    """One page; JSON tells the profile and the sign-ins."""
    ask = cast(ConsoleRequest, request)
    who = _person(ask)
    signed_in = [
        SignIn(
            row.id,
            browser_of(row.user_agent),
            row.ip,
            row.created_at,
            row.seen_at,
            row.id == who.session_id,
        )
        for row in sessions.listing(who.user_id, now=timezone.now())
    ]
    return render_page(
        ask,
        "settings/settings.html",
        data={"row": _profile(who), "panels": {"sign_ins": _panel(signed_in)}},
        who=who,
        roles=[str(role).replace("_", " ") for role in sorted(who.roles)],
        sign_ins=signed_in,
        factor=factors.has(who.user_id),
        codes_left=factors.codes_left(who.user_id),
        preferences=Preferences.from_cookies(request.COOKIES),
        zones=sorted(zones()),
    )


def _profile(who: Identity) -> dict[str, object]:
    return {
        "id": who.user_id,
        "email": who.email,
        "full_name": who.full_name,
        "role": who.role,
        "extra_roles": sorted(who.extra_roles),
        "organization": who.org_name,
    }


def _panel(rows: list[SignIn]) -> dict[str, object]:
    return {"state": "ok" if rows else "empty", "rows": [asdict(row) for row in rows]}


@require_POST
@allow_signed_in
def revoke(request: HttpRequest) -> HttpResponse:
    """End one of my sign-ins, named by field `session`; the current one signs out."""
    who = _person(cast(ConsoleRequest, request))
    session_id = request.POST.get("session", "")
    if not CANONICAL_UUID.fullmatch(session_id):
        raise BadForm({"session": "must be the id of a sign-in"})
    operations.revoke(who, session_id, now=timezone.now(), origin=trail.origin_of(request))
    if session_id == who.session_id:
        middleware.take_key(request)
        return HttpResponseRedirect(reverse("signin.login"), status=303)
    ask = cast(ConsoleRequest, request)
    return undo.back(ask, reverse("settings"), "Sign-in ended.")


@require_POST
@allow_signed_in
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End all my sign-ins and visits to other organisations, this one too."""
    who = _person(cast(ConsoleRequest, request))
    operations.sign_out_everywhere(who, now=timezone.now(), origin=trail.origin_of(request))
    middleware.take_key(request)
    return HttpResponseRedirect(reverse("signin.login"), status=303)


def _person(request: ConsoleRequest) -> Identity:
    who = request.who
    if who is None or who.is_service:
        raise Forbidden("service:system has no settings.", code="machine_only")
    return who


urlpatterns = [
    path("settings", settings, name="settings"),
    path("settings/revocations", revoke, name="settings.revoke"),
    path("settings/sign-outs", sign_out_everywhere, name="settings.sign_out_everywhere"),
]
