"""/audit: what was done in the organisation, and who from elsewhere read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from openinsure.accounts import people
from openinsure.accounts.trail import origin_of
from openinsure.audit import queries, record
from openinsure.audit.anchors import chain_state
from openinsure.audit.record import ACTION, AuditEvent
from openinsure.audit.rows import AuditDetail, AuditRow
from openinsure.authz.decorators import allow
from openinsure.authz.permissions import ROLES
from openinsure.console.columns import Column
from openinsure.console.filters import Days, OneOf, Option, Text
from openinsure.console.lists import Ask, ListPage, View, ask
from openinsure.console.rendering import COUNT_TARGET, DRAWER_TARGET, Source, render_list
from openinsure.console.request import ConsoleRequest, wants_fragment
from openinsure.console.words import role_word
from openinsure.orgs.staff import org_staff
from openinsure.pages.find_hits import look_up
from openinsure.pages.find_keys import Typed
from openinsure.problems import BadFilter
from openinsure.tenancy.list_sql import Condition
from openinsure.tenancy.listing import Page, Span
from openinsure.tenancy.scope import CANONICAL_UUID, Scope

READS = "reads"
ID_RULE = "must be an id in lower-case canonical form"
OBJECT = rf"{CANONICAL_UUID.pattern}|[A-Za-z]{{2,5}}-[A-Za-z0-9-]{{3,35}}"
OBJECT_RULE = "must be a number, as in ACM-2026-000123, or an id"
NOTHING = ("",)  # no row has this id
# Filters by column of the log; the access log has only those of READ_COLUMNS.
COLUMNS = {
    "actor": "actor_user_id",
    "role": "actor_role",
    "action": "action",
    "kind": "entity_table",
    "object": "entity_id",
    "request_id": "request_id",
}
READ_COLUMNS = frozenset({"actor", "role", "request_id"})

AUDIT = ListPage(
    name="audit.list",
    title="Audit log",
    noun="entry",
    nouns="entries",
    columns=(
        Column(name="at", label="Time", kind="instant", sort="descending"),
        Column(name="actor", label="Actor"),
        Column(name="role", label="Role", kind="role"),
        Column(name="action", label="Action", kind="code"),
        Column(name="object", label="Object"),
        Column(name="result", label="Result", kind="badge"),
        Column(name="reason", label="Reason"),
        Column(name="request_id", label="Request", kind="code", shown=False),
        Column(name="cross_org", label="Cross-organization", kind="flag"),
        Column(name="seq", label="No.", kind="count", sort="descending", shown=False),
    ),
    default_sort="-at",
    filters=(
        Days(name="at", label="Date", first="from", last="to"),
        Text(name="actor", label="Actor", pattern=CANONICAL_UUID.pattern, rule=ID_RULE),
        OneOf(
            name="role",
            label="Role",
            options=tuple(Option(role, role_word(role)) for role in ROLES),
        ),
        Text(name="action", label="Action", pattern=ACTION.pattern, rule="must be dotted words"),
        Text(name="kind", label="Kind", pattern=r"[a-z0-9_]{1,64}", rule="must be a table name"),
        Text(name="object", label="Object", pattern=OBJECT, rule=OBJECT_RULE),
        Text(name="request_id", label="Request", pattern=CANONICAL_UUID.pattern, rule=ID_RULE),
        OneOf(
            name="cross_org",
            label="Cross-organization",
            options=(Option("yes", "only"),),
        ),
    ),
    views=(
        View("all", "Everything done"),
        View(READS, "Reads by visitors"),
    ),
    state="result",
    empty="Sign-ins, changes and visits of this organization appear here.",
)


@require_safe
@allow("audit.view")
def audit(bare: HttpRequest) -> HttpResponse:
    """The log of the organisation in sight; looking at it is an entry of its own."""
    request = cast(ConsoleRequest, bare)
    wanted = ask(request, AUDIT, options={"actor": actor_options(request.scope)})
    _refuse_mixture(wanted)
    target = request.headers.get("HX-Target", "") if wants_fragment(request) else ""
    if target not in (COUNT_TARGET, DRAWER_TARGET):
        _record_view(request)
    return render_list(
        request,
        wanted,
        Source(
            read=lambda a: _read(request, a),
            peek=lambda entry_id: _entry(request, entry_id),
            peek_template="audit/_peek.html",
        ),
        template="audit/list.html",
        part="audit/_list.html",
        chain=chain_state(request.scope),
    )


def _read(request: ConsoleRequest, wanted: Ask) -> Page[AuditRow]:
    where = _where(request, wanted)
    if wanted.view == READS:
        page = queries.list_reads(
            request.scope,
            where=where,
            descending=wanted.descending,
            at=wanted.at,
            size=wanted.size,
        )
    else:
        page = queries.list_events(
            request.scope,
            where=where,
            sort=wanted.sort,
            descending=wanted.descending,
            at=wanted.at,
            size=wanted.size,
        )
    return replace(page, rows=_named(request.scope, page.rows))


def _entry(request: ConsoleRequest, entry_id: str) -> AuditDetail:
    entry = queries.get_entry(request.scope, entry_id)
    (row,) = _named(request.scope, (entry.row,))
    same = _named(request.scope, entry.same_request)
    return replace(entry, row=row, same_request=same)


def _named(scope: Scope, rows: tuple[AuditRow, ...]) -> tuple[AuditRow, ...]:
    """Names of staff, e-mails of others who have an account here, instead of ids."""
    names = people.emails({row.actor for row in rows})
    names |= {one.id: one.name for one in org_staff(scope).values()}
    return tuple(replace(row, actor=names.get(row.actor, row.actor)) for row in rows)


def actor_options(scope: Scope) -> tuple[Option, ...]:
    """People by name, suggested while typing; the address carries only the id."""
    staff = org_staff(scope).values()
    named = sorted(staff, key=lambda one: (one.name, one.id))
    return tuple(Option(one.id, one.name) for one in named)


def object_ids(request: ConsoleRequest, text: str) -> tuple[str, ...]:
    """The ids that an object's number stands for, among what the viewer may see; an id itself."""
    if CANONICAL_UUID.fullmatch(text):
        return (text,)
    found = look_up(request.scope, Typed.of(text), request.rights)
    return tuple(hit.id for hit in found.hits if hit.number.upper() == text.upper()) or NOTHING


def _where(request: ConsoleRequest, wanted: Ask) -> dict[str, Condition]:
    where: dict[str, Condition] = {
        column: value for name, column in COLUMNS.items() if (value := wanted.one(name)) is not None
    }
    if (text := wanted.one("object")) is not None:
        where["entity_id"] = object_ids(request, text)
    if wanted.one("cross_org") and wanted.view != READS:
        where["cross_org"] = 1
    first, last = wanted.day("from"), wanted.day("to")
    if first or last:
        low = datetime.combine(first, time.min, UTC) if first else None
        below = datetime.combine(last + timedelta(days=1), time.min, UTC) if last else None
        where["occurred_at"] = Span(low=low, below=below)
    return where


def _refuse_mixture(wanted: Ask) -> None:
    """The access log has no actions and no numbers: asking for them must not show everything."""
    if wanted.view != READS:
        return
    for name in COLUMNS:
        if name not in READ_COLUMNS and wanted.many(name):
            raise BadFilter(name, rule=f"cannot be combined with view={READS}")
    if wanted.sort != "at":
        raise BadFilter("sort", rule=f"must be at with view={READS}")


def _record_view(request: ConsoleRequest) -> None:
    who, origin = request.who, origin_of(request)
    assert who is not None
    filters = {key: values for key, values in request.GET.lists() if key != "orgId"}
    record.append(
        AuditEvent(
            org_id=request.scope.org_id,
            action="audit.viewed",
            actor_user_id=who.actor_id,
            actor_role=who.role,
            request_id=origin.request_id,
            occurred_at=timezone.now(),
            entity_keyspace="oi_global",
            entity_table="audit_log",
            ip=origin.ip,
            user_agent=origin.user_agent,
            after={"filters": filters},
            reason=request.grant.reason if request.grant else "",
            cross_org=request.grant is not None,
        )
    )


urlpatterns = [path("audit", audit, name="audit.list")]
