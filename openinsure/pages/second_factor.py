"""/settings/second-factor: setting up the code of a phone app, recovery codes, taking it away."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from openinsure import environment
from openinsure.accounts import factors, people, qr, sessions, stepup, trail
from openinsure.accounts.identity import Identity
from openinsure.accounts.models import Account
from openinsure.authz.decorators import allow_signed_in
from openinsure.console import undo
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.problems import BadForm, Forbidden


@require_POST
@allow_signed_in
def begin(request: HttpRequest) -> HttpResponse:
    """A fresh secret to scan or type into the app."""
    ask, _, account = _fresh(request)
    offered = factors.offer(account, now=timezone.now())
    return _setup(ask, offered, {})


@require_POST
@allow_signed_in
def confirm(request: HttpRequest) -> HttpResponse:
    """The first code makes it count; recovery codes are shown once, other sign-ins end."""
    ask, who, account = _fresh(request)
    now = timezone.now()
    try:
        codes = factors.confirm(account, request.POST.get("code", "")[:20], now=now)
    except BadForm as refusal:
        offered = factors.offered(account)
        if wants_json(request) or offered is None:
            raise
        return _setup(ask, offered, refusal.errors)
    sessions.end_all(who.user_id, but=who.session_id)
    trail.record("factor.added", at=now, origin=trail.origin_of(request), who=who)
    response = render_page(ask, "settings/recovery.html", codes=codes)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@allow_signed_in
def remove(request: HttpRequest) -> HttpResponse:
    """Back to the password alone; production keeps the factor."""
    ask, who, account = _fresh(request)
    if environment.name() == "production":
        raise Forbidden("Here every account keeps its second factor.", code="factor_required")
    factors.remove(account.user_id)
    sessions.end_all(who.user_id, but=who.session_id)
    trail.record("factor.removed", at=timezone.now(), origin=trail.origin_of(request), who=who)
    return undo.back(ask, reverse("settings"), "Second factor removed.")


def _fresh(request: HttpRequest) -> tuple[ConsoleRequest, Identity, Account]:
    """The person, proven in the last ten minutes, in a browser. Raises Forbidden."""
    ask = cast(ConsoleRequest, request)
    who = ask.who
    if who is None or who.is_service or who.via != "session":
        raise Forbidden("A second factor is set up in a browser.", code="session_only")
    stepup.require(who, now=timezone.now())
    return ask, who, people.account_by_email(who.email)


def _setup(ask: ConsoleRequest, offered: factors.Offered, errors: dict[str, str]) -> HttpResponse:
    groups = [offered.secret[k : k + 4] for k in range(0, len(offered.secret), 4)]
    response = render_page(
        ask,
        "settings/second_factor.html",
        status=422 if errors else 200,
        groups=groups,
        qr=qr.code_of(offered.address),
        address=offered.address,
        errors=errors,
    )
    response["Cache-Control"] = "no-store"
    return response


urlpatterns = [
    path("settings/second-factor", begin, name="settings.factor"),
    path("settings/second-factor/confirmations", confirm, name="settings.confirm_factor"),
    path("settings/second-factor/removals", remove, name="settings.remove_factor"),
]
