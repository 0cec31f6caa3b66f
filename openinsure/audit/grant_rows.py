"""The stored side of grants: finding, storing and ending their rows in oi_console."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet

from openinsure.audit import record
from openinsure.audit.console_models import GrantRow
from openinsure.audit.origin import Origin
from openinsure.audit.record import AuditEvent
from openinsure.audit.wishes import Wish
from openinsure.problems import Unavailable
from openinsure.tenancy.grants import CrossOrgGrant, Visitor
from openinsure.tenancy.scope import OrgScope, Scope, entered

Ending = Literal["left", "expired", "replaced", "logout", "disabled", "role_lost"]

# The action of the chained row by how the grant ended.
ENDINGS = {"left": "crossorg.leave", "expired": "crossorg.expired"}
ENDED_OTHERWISE = "crossorg.ended"

log = logging.getLogger(__name__)


def home_scope(visitor: Visitor, origin: Origin) -> OrgScope:
    """The visitor's own organisation: grants are kept there."""
    return OrgScope(visitor.home_org_id, visitor.user_id, origin.request_id)


def live_rows(scope: Scope, visitor: Visitor) -> QuerySet[GrantRow]:
    """Rows of this session that were not ended; some may be over age."""
    return GrantRow.objects.within(scope).filter(
        user_id=visitor.user_id, session_id=visitor.session_id, live=1
    )


def store(scope: Scope, grant: CrossOrgGrant) -> None:
    """Insert the grant. Raises IntegrityError if the session already has a live one there."""
    GrantRow.objects.within(scope).create(
        id=grant.id,
        org_id=grant.visitor.home_org_id,
        user_id=grant.visitor.user_id,
        role=grant.visitor.role,
        session_id=grant.visitor.session_id,
        entered_org_id=grant.org_id,
        entered_org_name=grant.org_name,
        reason=grant.reason,
        ticket=grant.ticket,
        audit_row_id=grant.audit_row_id,
        opened_at=grant.opened_at,
        expires_at=grant.expires_at,
    )


def grant_of(row: GrantRow) -> CrossOrgGrant:
    """The evidence that a stored row stands for."""
    return CrossOrgGrant(
        id=row.id,
        audit_row_id=row.audit_row_id,
        visitor=visitor_of(row),
        org_id=row.entered_org_id,
        org_name=row.entered_org_name,
        reason=row.reason,
        ticket=row.ticket,
        opened_at=row.opened_at,
        expires_at=row.expires_at,
    )


def visitor_of(row: GrantRow) -> Visitor:
    """Who holds the grant of a row."""
    return Visitor(
        user_id=row.user_id, role=row.role, home_org_id=row.org_id, session_id=row.session_id
    )


def end_row(scope: Scope, row: GrantRow, *, how: Ending, at: datetime, origin: Origin) -> None:
    """End a live row and write its audit row; whoever loses the race does nothing."""
    with entered(scope):
        live = GrantRow.objects.within(scope).filter(id=row.id, live=1)
        if not live.update(live=None, ended_at=at, ended_how=how):
            return
    row.ended_at, row.ended_how, row.live = at, how, None
    write_ending(scope, row, origin=origin)


def write_ending(scope: Scope, row: GrantRow, *, origin: Origin) -> None:
    """Append the row of an ended grant. With the log away `finish_endings` comes back for it."""
    assert row.ended_at is not None
    wish = Wish(
        org_id=row.entered_org_id,
        org_name=row.entered_org_name,
        reason=row.reason,
        ticket=row.ticket,
    )
    action = ENDINGS.get(row.ended_how, ENDED_OTHERWISE)
    event = grant_event(
        action,
        visitor_of(row),
        wish,
        row.id,
        at=row.ended_at,
        origin=origin,
        after={"how": row.ended_how, "opened_at": row.opened_at, "audit_row_id": row.audit_row_id},
    )
    try:
        row_id = record.append(event)
    except Unavailable:
        log.warning("the ending of a cross-org grant is not recorded yet")
        return
    with entered(scope):
        GrantRow.objects.within(scope).filter(id=row.id).update(ended_row_id=row_id)


def grant_event(
    action: str,
    visitor: Visitor,
    wish: Wish,
    grant_id: str,
    *,
    at: datetime,
    origin: Origin,
    after: dict[str, Any] | None = None,
) -> AuditEvent:
    """A row about a grant, for the chain of the organisation entered."""
    return AuditEvent(
        org_id=wish.org_id,
        action=action,
        actor_user_id=visitor.user_id,
        actor_role=visitor.role,
        request_id=origin.request_id,
        occurred_at=at,
        entity_keyspace="oi_console",
        entity_table="cross_org_grants",
        entity_id=grant_id,
        object=wish.org_name,
        ip=origin.ip,
        user_agent=origin.user_agent,
        after={"ticket": wish.ticket, "home_org_id": visitor.home_org_id, **(after or {})},
        reason=wish.reason,
        cross_org=True,
    )
