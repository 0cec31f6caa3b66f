"""What an administrator does to a person: grant a role, revoke one, off-board. POST, then back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from openinsure.accounts import operations as sign_ins
from openinsure.accounts import snapshot, stepup
from openinsure.accounts.trail import origin_of
from openinsure.authz import port
from openinsure.authz.client import client
from openinsure.authz.decorators import allow
from openinsure.console import undo
from openinsure.console.forms import once
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.jobs import relating
from openinsure.orgs import users
from openinsure.orgs.operations import users as acts
from openinsure.orgs.operations.users import Actor
from openinsure.pages import account_source
from openinsure.pages.users import render_user
from openinsure.problems import BadForm, NotFound
from openinsure.tenancy.scope import CANONICAL_UUID, entered

LAST_YEAR = 2038  # where the column's timestamps end


@require_POST
@allow("user.manage")
def grant(request: ConsoleRequest, user_id: str) -> HttpResponse:
    """A further role until a day, or until it is revoked."""
    return _done(
        request,
        user_id,
        "grant",
        "Role granted.",
        lambda actor, now: acts.grant_role(
            request.scope,
            user_id,
            once=once(request),
            role=request.POST.get("role", ""),
            expires_at=_end_of_day(request.POST.get("expires_on", "")),
            reason=request.POST.get("reason", ""),
            actor=actor,
            now=now,
        ),
    )


@require_POST
@allow("user.manage")
def revoke(request: ConsoleRequest, user_id: str) -> HttpResponse:
    """Take a further role away; the next request of the person is refused what it gave."""
    return _done(
        request,
        user_id,
        f"revoke-{request.POST.get('role', '')}",
        "Role revoked.",
        lambda actor, now: acts.revoke_role(
            request.scope,
            user_id,
            role=request.POST.get("role", ""),
            reason=request.POST.get("reason", ""),
            actor=actor,
            now=now,
        ),
    )


@require_POST
@allow("user.manage")
def offboard(request: ConsoleRequest, user_id: str) -> HttpResponse:
    """Disable the person: roles, relationships, sign-ins and grants end in one action."""

    def act(actor: Actor, now: datetime) -> None:
        reason = request.POST.get("reason", "")
        acts.offboard(request.scope, user_id, reason=reason, actor=actor, now=now)
        sign_ins.lose_rights(user_id, now)

    return _done(request, user_id, "offboard", "Off-boarded.", act)


def _done(
    request: ConsoleRequest, user_id: str, form: str, said: str,
    act: Callable[[Actor, datetime], None],
) -> HttpResponse:  # fmt: skip
    """Back to the person; a refusal shows the page again, the values in the form they came from."""
    if not CANONICAL_UUID.fullmatch(user_id):
        raise NotFound("user", user_id[:40])
    users.get_user(request.scope, user_id)  # unknown before anything the form says
    who, now = request.who, timezone.now()
    assert who is not None
    stepup.require(who, now=now)
    try:
        act(Actor(user_id=who.actor_id, role=who.role, origin=origin_of(request)), now)
    except BadForm as refusal:
        if wants_json(request):
            raise
        return render_user(
            request, user_id, form=form, errors=refusal.errors, status=refusal.status
        )
    _tell(request, user_id, now)
    return undo.back(request, reverse("users.detail", args=[user_id]), said)


def _tell(request: ConsoleRequest, user_id: str, now: datetime) -> None:
    """The account snapshot and SpiceDB at once; what fails here the worker and the reader redo."""
    found = account_source.read(request.scope.org_id, user_id)
    if found is not None:
        snapshot.push(found, at=now)
    if settings.AUTHZ_BACKEND == "spicedb":
        with entered(request.scope):
            try:
                relating.deliver(request.scope, client(), now=now)
            except port.AuthorizationAway:
                return
        forget = getattr(port.authorizer(), "forget", None)
        if forget:
            forget()


def _end_of_day(text: str) -> datetime | None:
    """The last moment of a day (UTC); None for no end. Raises BadForm."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadForm({"expires_on": "must be a date like 2026-12-31"}) from None
    if day.year >= LAST_YEAR:
        raise BadForm({"expires_on": f"must be before the year {LAST_YEAR}"})
    return datetime.combine(day + timedelta(days=1), time.min, UTC)


urlpatterns = [
    path("users/<str:user_id>/roles", grant, name="users.grant"),
    path("users/<str:user_id>/role-revocations", revoke, name="users.revoke"),
    path("users/<str:user_id>/off-boardings", offboard, name="users.offboard"),
]
