"""Reading the audit log and the access log of one organisation, newest first."""

from __future__ import annotations

from typing import Any

from openinsure.audit.models import AuditAccessLog, AuditLog
from openinsure.audit.rows import (
    SYSTEM,
    AuditDetail,
    AuditRow,
    StoredEvent,
    StoredRead,
    indented,
    object_text,
    result_of,
)
from openinsure.problems import NotFound
from openinsure.tenancy.list_sql import Where
from openinsure.tenancy.listing import ListSpec, Page, Position, Sort, list_page
from openinsure.tenancy.scope import Scope

NEIGHBOUR_SEQS = 50  # a request writes its rows close together
NEIGHBOURS_MAX = 20

EVENTS = ListSpec(
    model=AuditLog,
    row=StoredEvent,
    columns={
        "at": "occurred_at",
        "actor": "actor_user_id",
        "role": "actor_role",
        "kind": "entity_table",
        "after": "after_json",
    },
    sorts={
        "at": Sort(
            "occurred_at",
            index="audit_log_org_occurred_id",
            within={
                "action": "audit_log_org_action_occurred_id",
                "actor_user_id": "audit_log_org_actor_user_occurred_id",
                "entity_table": "audit_log_org_entity_table_occurred_id",
                "actor_role": "audit_log_org_actor_role_occurred_id",
            },
        ),
        "seq": Sort("seq", index="audit_log_org_seq_uq"),
    },
)
READS = ListSpec(
    model=AuditAccessLog,
    row=StoredRead,
    columns={"at": "occurred_at", "actor": "actor_user_id", "role": "actor_role"},
    sorts={
        "at": Sort(
            "occurred_at",
            index="audit_access_log_org_occurred_id",
            within={"actor_user_id": "audit_access_log_org_actor_user_occurred_id"},
        ),
    },
)


def list_events(
    scope: Scope,
    *,
    where: Where,
    sort: str = "at",
    descending: bool = True,
    at: Position | None = None,
    size: int = 50,
) -> Page[AuditRow]:
    """Rows of the chain. One statement on oi_global (a walk: two)."""
    page = list_page(scope, EVENTS, where=where, sort=sort, descending=descending, at=at, size=size)
    return _with_rows(page, tuple(AuditRow.of_event(row) for row in page.rows))


def list_reads(
    scope: Scope,
    *,
    where: Where,
    descending: bool = True,
    at: Position | None = None,
    size: int = 50,
) -> Page[AuditRow]:
    """Reads by visitors from other organisations. One statement on oi_global."""
    page = list_page(scope, READS, where=where, sort="at", descending=descending, at=at, size=size)
    return _with_rows(page, tuple(AuditRow.of_read(row) for row in page.rows))


def get_entry(scope: Scope, entry_id: str) -> AuditDetail:
    """One entry of either log in full. Raises NotFound, for another organisation's id too."""
    event = AuditLog.objects.within(scope).filter(id=entry_id).first()
    if event is not None:
        row = _event_row(event)
        return AuditDetail(
            row=row,
            ip=event.ip or "",
            user_agent=event.user_agent or "",
            before=indented(event.before_json),
            after=indented(event.after_json),
            rows_returned=None,
            row_hash=event.row_hash,
            same_request=_neighbours(scope, event),
        )
    read = AuditAccessLog.objects.within(scope).filter(id=entry_id).first()
    if read is None:
        raise NotFound("audit entry", entry_id)
    stored = StoredRead(
        id=read.id,
        at=read.occurred_at,
        actor=read.actor_user_id,
        role=read.actor_role,
        route=read.route,
        reason=read.reason,
        request_id=read.request_id,
    )
    return AuditDetail(
        row=AuditRow.of_read(stored),
        ip=read.ip or "",
        user_agent="",
        before="",
        after=indented({"filters": read.filter_json, "ticket": read.ticket_ref}),
        rows_returned=read.rows_returned,
        row_hash="",
        same_request=(),
    )


def _with_rows(page: Page[Any], rows: tuple[AuditRow, ...]) -> Page[AuditRow]:
    return Page(rows, next=page.next, previous=page.previous, searched_to=page.searched_to)


def _event_row(event: AuditLog) -> AuditRow:
    return AuditRow(
        id=event.id,
        seq=event.seq,
        at=event.occurred_at,
        actor=event.actor_user_id or SYSTEM,
        role=event.actor_role,
        action=event.action,
        object=object_text(event.after_json, event.entity_table, event.entity_id),
        result=result_of(event.action),
        reason=event.reason or "",
        request_id=event.request_id,
        cross_org=event.cross_org,
    )


def _neighbours(scope: Scope, event: AuditLog) -> tuple[AuditRow, ...]:
    """Other rows of the same request, found near it: no index leads to a request id."""
    near = AuditLog.objects.within(scope).filter(
        seq__gte=event.seq - NEIGHBOUR_SEQS, seq__lte=event.seq + NEIGHBOUR_SEQS
    )
    same = near.filter(request_id=event.request_id).exclude(seq=event.seq)
    return tuple(_event_row(row) for row in same.order_by("seq", "id")[:NEIGHBOURS_MAX])
