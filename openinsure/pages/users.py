"""/users and /users/<id>: people, their roles with ends, and what they may do, by checks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from openinsure.accounts import people as accounts
from openinsure.authz.decorators import allow, no_answer_is_503
from openinsure.authz.permissions import MATRIX, ROLES, Permission
from openinsure.authz.port import Place, Subject, authorizer
from openinsure.console.columns import Column
from openinsure.console.details import ask_detail
from openinsure.console.filters import OneOf, Option
from openinsure.console.forms import form_id
from openinsure.console.links import url
from openinsure.console.lists import Ask, ListPage, ask
from openinsure.console.panels import load
from openinsure.console.rendering import Source, render_detail, render_list
from openinsure.console.request import ConsoleRequest
from openinsure.console.words import role_word
from openinsure.orgs import users
from openinsure.orgs.operations.users import grantable
from openinsure.orgs.user_rows import RoleRow, UserRow
from openinsure.problems import NotFound
from openinsure.tenancy.listing import Condition, Page
from openinsure.tenancy.scope import CANONICAL_UUID, Scope


@dataclass(frozen=True, slots=True)
class UserLine:
    """One person of the list. also: further roles; expires: when the first of them ends."""

    id: str
    name: str
    email: str
    role: str
    also: str
    expires: datetime | None
    status: str
    second_factor: bool
    last_sign_in: datetime | None
    updated: datetime


@dataclass(frozen=True, slots=True)
class RightRow:
    """One permission and whether the person has it now, as the backend answers."""

    permission: str
    label: str
    may: bool


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A further role of the person, with its end; state: active, expired or revoked."""

    id: str
    role: str
    granted_by: str
    granted_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    state: str


LIST = ListPage(
    name="users.list",
    title="Users",
    noun="user",
    nouns="users",
    columns=(
        Column(name="name", label="Name", sort="ascending"),
        Column(name="email", label="E-mail", sort="ascending", narrow=False),
        Column(name="role", label="Role", kind="role"),
        Column(name="also", label="Further roles", kind="role", narrow=False),
        Column(name="expires", label="Next expiry", kind="instant", narrow=False),
        Column(name="status", label="Status", kind="badge"),
        Column(name="last_sign_in", label="Last sign-in", kind="instant", narrow=False),
        Column(name="second_factor", label="Second factor", kind="flag", shown=False),
        Column(name="updated", label="Changed", kind="instant", sort="descending", shown=False),
    ),
    default_sort="name",
    filters=(
        OneOf("role", "Role", tuple(Option(r, role_word(r)) for r in ROLES)),
        OneOf("status", "Status", (Option("active", "Active"), Option("disabled", "Disabled"))),
    ),
    href=lambda row: url("users.detail", row.id),
    fixed_sort=frozenset(),
    empty="People appear here once the identity service knows them.",
)


@require_GET
@allow("user.manage")
def user_list(request: ConsoleRequest) -> HttpResponse:
    """The organisation's people. Two statements on oi_global, one on oi_console."""
    asked = ask(request, LIST)
    return render_list(request, asked, Source(read=lambda a: _read(request.scope, a)))


@require_GET
@allow("user.manage")
def user_detail(request: ConsoleRequest, user_id: str) -> HttpResponse:
    """One person: roles with their ends, effective rights, and the forms that change them."""
    ask_detail(request, tabs=(), noun="the page of a user")
    return render_user(request, user_id)


def render_user(
    request: ConsoleRequest,
    user_id: str,
    *,
    form: str = "",
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, with the refused form's values and errors. Raises NotFound."""
    if not CANONICAL_UUID.fullmatch(user_id):
        raise NotFound("user", user_id[:40])
    now = timezone.now()
    found = users.get_user(request.scope, user_id)
    roles = users.roles_of(request.scope, [user_id]).get(user_id, ())
    response = render_detail(
        request,
        "users/detail.html",
        row=line_of(found, roles, accounts.last_sign_ins([user_id]), now),
        panels={
            "roles": load("Further roles", lambda: _grants(roles, now)),
            "rights": load("Effective rights", lambda: rights_of(request.scope, found, roles, now)),
        },
        found=found,
        offered=[
            (role, role_word(role))
            for role in grantable(request.scope)
            if role not in {found.role, *(row.role for row in roles if row.live(now))}
        ],
        own=request.who is not None and request.who.user_id == user_id,
        form_id=form_id(request),
        errors=errors or {},
        refused=form,
        posted=request.POST,
    )
    response.status_code = status
    return response


def rights_of(
    scope: Scope, user: UserRow, roles: tuple[RoleRow, ...], now: datetime
) -> tuple[RightRow, ...]:
    """Every permission with the backend's answer. One round trip; a disabled person has none."""
    with no_answer_is_503():
        (held,) = authorizer().rights_of_many(
            [subject_of(scope, user, roles, now)], Place(scope.org_id)
        )
    return tuple(
        RightRow(permission.value, MATRIX[permission].label, permission.value in held)
        for permission in Permission
    )


def subject_of(scope: Scope, user: UserRow, roles: tuple[RoleRow, ...], now: datetime) -> Subject:
    """The person as the port sees them; without roles once disabled."""
    live = {user.role, *(row.role for row in roles if row.live(now))}
    disabled = user.disabled_at is not None
    return Subject(user.id, scope.org_id, frozenset() if disabled else frozenset(live))


def line_of(
    user: UserRow, roles: tuple[RoleRow, ...], signed_in: dict[str, datetime], now: datetime
) -> UserLine:
    """The row of a person with what stands in other tables."""
    live = [row for row in roles if row.live(now)]
    ends = [row.expires_at for row in live if row.expires_at]
    seen = [at for at in (user.last_sign_in, signed_in.get(user.id)) if at]
    return UserLine(
        id=user.id,
        name=user.name,
        email=user.email,
        role=user.role,
        also=", ".join(sorted(row.role for row in live)),
        expires=min(ends, default=None),
        status="disabled" if user.disabled_at else user.status,
        second_factor=user.second_factor,
        last_sign_in=max(seen, default=None),
        updated=user.updated,
    )


def where_of(asked: Ask) -> dict[str, Condition]:
    """The filters as conditions."""
    named = {name: asked.one(name) for name in ("role", "status")}
    return {name: value for name, value in named.items() if value}


def _read(scope: Scope, asked: Ask) -> Page[UserLine]:
    page = users.list_users(
        scope,
        where_of(asked),
        sort=asked.sort,
        descending=asked.descending,
        at=asked.at,
        size=asked.size,
    )
    ids = [row.id for row in page.rows]
    roles, signed_in, now = users.roles_of(scope, ids), accounts.last_sign_ins(ids), timezone.now()
    lines = tuple(line_of(row, roles.get(row.id, ()), signed_in, now) for row in page.rows)
    return Page(lines, page.next, page.previous, page.searched_to, page.read_at)


def _grants(roles: tuple[RoleRow, ...], now: datetime) -> tuple[GrantRow, ...]:
    names = accounts.emails({row.granted_by for row in roles if row.granted_by})
    return tuple(
        GrantRow(
            id=row.id,
            role=row.role,
            granted_by=names.get(row.granted_by or "", row.granted_by or ""),
            granted_at=row.granted_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
            state="active" if row.live(now) else "revoked" if row.revoked_at else "expired",
        )
        for row in roles
    )


urlpatterns = [
    path("users", user_list, name="users.list"),
    path("users/<str:user_id>", user_detail, name="users.detail"),
]
