"""The access log: one row per cross-organisation read, committed before anything is read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from openinsure.audit.masking import masked
from openinsure.audit.models import AuditAccessLog
from openinsure.audit.writing import milliseconds, printable, store_errors
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadFilter
from openinsure.tenancy.grants import TICKET_LENGTH_MAX, Visitor
from openinsure.tenancy.scope import AuditAppendScope, entered

ROUTE_LENGTH_MAX = 255  # characters, the column's
FILTERS_MAX, FILTER_LENGTH_MAX = 50, 200  # parameters kept; characters kept of each value
BEARER_REASON = re.compile(r"[\x20-\x7e]{1,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What somebody is about to read of another organisation (`org_id`: whose data)."""

    visitor: Visitor
    org_id: str
    route: str
    filters: Mapping[str, Sequence[str]]
    reason: str
    request_id: str
    occurred_at: datetime
    ticket: str = ""
    ip: str = ""
    entity_table: str = ""
    entity_id: str | None = None


def record_access(access: Access) -> str:
    """Commit the row; its id. Raises Unavailable (audit_unavailable): then nothing may be read."""
    scope = AuditAppendScope(access.org_id, access.visitor.user_id, access.request_id)
    row_id = new_id()
    with entered(scope), store_errors():
        AuditAccessLog.objects.within(scope).create(
            id=row_id,
            org_id=access.org_id,
            actor_user_id=access.visitor.user_id,
            actor_home_org_id=access.visitor.home_org_id,
            actor_role=access.visitor.role,
            route=access.route[:ROUTE_LENGTH_MAX],
            entity_table=access.entity_table,
            entity_id=access.entity_id,
            filter_json=_filters(access.filters),
            rows_returned=0,  # until the page is out
            reason=printable(access.reason) or None,
            ticket_ref=printable(access.ticket)[:TICKET_LENGTH_MAX] or None,
            request_id=access.request_id,
            ip=access.ip or None,
            occurred_at=milliseconds(access.occurred_at),
            created_at=timezone.now(),
        )
    return row_id


def record_rows(*, org_id: str, access_id: str, subject: str, rows: int) -> None:
    """Complete the row with the number of rows shown. Raises Unavailable (audit_unavailable)."""
    scope = AuditAppendScope(org_id, subject)
    with entered(scope), store_errors():
        AuditAccessLog.objects.within(scope).filter(id=access_id).update(rows_returned=rows)


def bearer_reason(header: str | None) -> str:
    """The X-Audit-Reason of a token's request, "" without. Raises BadFilter naming the rule."""
    if header is None:
        return ""
    if not BEARER_REASON.fullmatch(header):
        raise BadFilter("X-Audit-Reason", rule="must be 1 to 255 printable ASCII characters")
    return header.strip()


def _filters(filters: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    kept = list(filters.items())[:FILTERS_MAX]
    cut = {printable(key): [value[:FILTER_LENGTH_MAX] for value in values] for key, values in kept}
    return masked(cut) or {}
