"""Saving, changing and removing views of lists; opening one is `view=<id>` on the list itself."""

from __future__ import annotations

from typing import Any, cast

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

from openinsure.authz.asks import ORG_ROLES
from openinsure.authz.decorators import allow_signed_in
from openinsure.console import links, undo
from openinsure.console.exports_capture import ListRead, Viewer, read_list
from openinsure.console.models import SavedView
from openinsure.console.preferences import DENSITIES
from openinsure.console.request import ConsoleRequest
from openinsure.console.saved_views import VIEWS_MAX, state_of
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm, Forbidden, NotFound
from openinsure.tenancy.scope import CANONICAL_UUID

NAME_LENGTH_MAX = 60  # characters
# Who may make a view the default of a role, and change what others share.
MANAGES = "user.manage"


@require_POST
@allow_signed_in
def create(bare: HttpRequest) -> HttpResponse:
    """Keep the list as it is under a name; back to it, opened by that view."""
    request = cast(ConsoleRequest, bare)
    form, now = request.POST, timezone.now()
    found = _list(request)
    name, errors = form.get("name", "").strip(), {}
    if not 1 <= len(name) <= NAME_LENGTH_MAX or not name.isprintable():
        errors["name"] = f"must be 1 to {NAME_LENGTH_MAX} printable characters"
    default_for, density = form.get("default_for", ""), form.get("density", "")
    if default_for and default_for not in ORG_ROLES:
        errors["default_for"] = "must be a role of the organization"
    if density and density not in DENSITIES:
        errors["density"] = f"must be one of {', '.join(DENSITIES)}"
    if errors:
        raise BadForm(errors)
    if default_for and MANAGES not in request.rights:
        raise Forbidden("Only who manages users may set the default of a role.", rule=MANAGES)
    assert request.who is not None
    rows = SavedView.objects.within(request.scope)
    own = rows.filter(owner_id=request.who.user_id, list_name=found.name)
    if own.count() >= VIEWS_MAX:
        raise BadForm({"name": f"is one too many: {VIEWS_MAX} views of a list are kept"})
    shared = form.get("shared") == "on" or bool(default_for)
    try:
        with transaction.atomic():
            if default_for:
                rows.filter(list_name=found.name, default_for=default_for).update(default_for="")
            row = rows.create(
                id=new_id(),
                owner_id=request.who.user_id,
                list_name=found.name,
                name=name,
                shared=shared,
                default_for=default_for,
                state=state_of(found.ask, density=density),
                created_at=now,
                updated_at=now,
            )
    except IntegrityError:
        raise BadForm({"name": "is the name of another view of yours"}) from None
    return _open(request, row, "View saved.")


@require_POST
@allow_signed_in
def change(bare: HttpRequest, view_id: str) -> HttpResponse:
    """Keep the list as it now is under the view's name."""
    request = cast(ConsoleRequest, bare)
    row = _own(request, view_id)
    found = _list(request)
    if found.name != row.list_name:
        raise BadForm({"list": f"must be {row.list_name}, of which this is a view"})
    state = state_of(found.ask, density=str(row.state.get("density", "")))
    rows = SavedView.objects.within(request.scope).filter(id=row.id)
    rows.update(state=state, updated_at=timezone.now())
    return _open(request, row, "View changed.")


@require_POST
@allow_signed_in
def remove(bare: HttpRequest, view_id: str) -> HttpResponse:
    """Forget the view; its rows are not touched. Back to the list."""
    request = cast(ConsoleRequest, bare)
    row = _own(request, view_id)
    SavedView.objects.within(request.scope).filter(id=row.id).delete()
    return undo.back(request, links.url(row.list_name), "View removed.")


def _list(request: ConsoleRequest) -> ListRead:
    """The list that the form names, by its own view: its permission is asked, its query read."""
    assert request.who is not None
    viewer = Viewer(who=request.who, scope=request.scope, request_id=request.request_id)
    return read_list(viewer, request.POST.get("list", ""), request.POST.get("query", ""))


def _own(request: ConsoleRequest, view_id: str) -> Any:
    """The viewer's own view, or a shared one for who manages users. Raises NotFound."""
    assert request.who is not None
    row = None
    if CANONICAL_UUID.fullmatch(view_id):
        row = SavedView.objects.within(request.scope).filter(id=view_id).first()
    manages = row is not None and row.shared and MANAGES in request.rights
    if row is None or not (manages or row.owner_id == request.who.user_id):
        raise NotFound("view")
    return row


def _open(request: ConsoleRequest, row: Any, said: str) -> HttpResponse:
    return undo.back(request, links.url(row.list_name, view=row.id), said)


urlpatterns = [
    path("views", create, name="views.create"),
    path("views/<str:view_id>/changes", change, name="views.change"),
    path("views/<str:view_id>/removals", remove, name="views.remove"),
]
