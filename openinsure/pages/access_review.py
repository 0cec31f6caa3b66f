"""/access-review: who may do what, by checks, each quarter; what privileged people did."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from openinsure.accounts import people as accounts
from openinsure.audit import queries
from openinsure.audit.rows import AuditRow
from openinsure.authz.decorators import allow, no_answer_is_503
from openinsure.authz.port import Place, authorizer
from openinsure.console.columns import Column
from openinsure.console.lists import Ask, ListPage, ask
from openinsure.console.rendering import Source, render_list
from openinsure.console.request import ConsoleRequest
from openinsure.orgs import users
from openinsure.pages import access_signing
from openinsure.pages.users import LIST as USERS
from openinsure.pages.users import line_of, subject_of, where_of
from openinsure.tenancy.listing import Page
from openinsure.tenancy.scope import Scope

# Changes of rights, elevations, and money or schema decided by somebody with such a right.
PRIVILEGED = (
    "user.role_granted", "user.role_revoked", "user.offboarded", "account.created",
    "account.disabled", "account.factor_reset", "crossorg.enter", "crossorg.leave",
    "permission.refused", "login.confirmed", "claim.recused", "claim.recusal_withdrawn",
    access_signing.SIGNED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One person, and every permission they have now in this organisation."""

    id: str
    name: str
    email: str
    role: str
    also: str
    expires: datetime | None
    status: str
    second_factor: bool
    last_sign_in: datetime | None
    rights: int
    permissions: str
    checked_at: datetime


REVIEW = ListPage(
    name="users.review",
    title="Access review",
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
        Column(name="second_factor", label="Second factor", kind="flag", narrow=False),
        Column(name="rights", label="Rights", kind="count"),
        Column(name="permissions", label="Permissions", clip=True, narrow=False),
        Column(name="checked_at", label="Checked", kind="instant", shown=False),
    ),
    default_sort="name",
    filters=USERS.filters,
    href=USERS.href,
    empty="People appear here once the identity service knows them.",
)
LOG = ListPage(
    name="users.privileged",
    title="Privileged access",
    noun="entry",
    nouns="entries",
    columns=(
        Column(name="at", label="Time", kind="instant", sort="descending"),
        Column(name="actor", label="Actor"),
        Column(name="role", label="Role", kind="role"),
        Column(name="action", label="Action", kind="code"),
        Column(name="object", label="Object", narrow=False),
        Column(name="result", label="Result", kind="badge"),
        Column(name="reason", label="Reason", narrow=False),
    ),
    default_sort="-at",
    state="result",
    empty="Granted and revoked roles, elevations and refusals appear here.",
)


@require_GET
@allow("user.manage")
def review(request: ConsoleRequest) -> HttpResponse:
    """A page of people with their effective rights: one bulk check a page; CSV has everybody."""
    asked, quarter = ask(request, REVIEW), access_signing.quarter_of(timezone.now())
    signed = None if asked.format else access_signing.last_signed(request.scope)
    names = accounts.emails({signed.actor}) if signed else {}
    return render_list(
        request,
        asked,
        Source(read=lambda a: _reviewed(request.scope, a)),
        template="users/review.html",
        quarter=quarter,
        signed=_named(signed, names) if signed else None,
        in_time=signed is not None and signed.object.startswith(quarter),
    )


@require_GET
@allow("user.manage")
def privileged(request: ConsoleRequest) -> HttpResponse:
    """What was done with rights over others, newest first."""
    asked = ask(request, LOG)
    return render_list(request, asked, Source(read=lambda a: _logged(request.scope, a)))


def _reviewed(scope: Scope, asked: Ask) -> Page[ReviewLine]:
    page = users.list_users(
        scope,
        where_of(asked),
        sort=asked.sort,
        descending=asked.descending,
        at=asked.at,
        size=asked.size,
    )
    ids, now = [row.id for row in page.rows], timezone.now()
    roles, signed_in = users.roles_of(scope, ids), accounts.last_sign_ins(ids)
    subjects = [subject_of(scope, row, roles.get(row.id, ()), now) for row in page.rows]
    with no_answer_is_503():
        rights = authorizer().rights_of_many(subjects, Place(scope.org_id))
    lines = []
    for row, held in zip(page.rows, rights, strict=True):
        line = line_of(row, roles.get(row.id, ()), signed_in, now)
        lines.append(
            ReviewLine(
                id=line.id,
                name=line.name,
                email=line.email,
                role=line.role,
                also=line.also,
                expires=line.expires,
                status=line.status,
                second_factor=line.second_factor,
                last_sign_in=line.last_sign_in,
                rights=len(held),
                permissions=" ".join(sorted(held)),
                checked_at=now,
            )
        )
    return Page(tuple(lines), page.next, page.previous, page.searched_to, page.read_at)


def _logged(scope: Scope, asked: Ask) -> Page[AuditRow]:
    page = queries.list_events(
        scope,
        where={"action": PRIVILEGED},
        sort="at",
        descending=asked.descending,
        at=asked.at,
        size=asked.size,
    )
    names = accounts.emails({row.actor for row in page.rows})
    rows = tuple(_named(row, names) for row in page.rows)
    return Page(rows, page.next, page.previous, page.searched_to, page.read_at)


def _named(row: AuditRow, names: dict[str, str]) -> AuditRow:
    return replace(row, actor=names.get(row.actor, row.actor))


urlpatterns = [
    path("access-review", review, name="users.review"),
    path("access-review/signatures", access_signing.sign, name="users.sign"),
    path("access-review/privileged", privileged, name="users.privileged"),
]
