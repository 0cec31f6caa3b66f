"""Opening, finding and ending cross-organisation grants; each step leaves its audit row.

The stored grant is keyed by the visitor's own organisation, so it can be looked up before any
scope of the other one exists. Opening writes the chained row first, then the grant: a grant
without its row cannot be. Ending marks the grant first: it must end even if the log is away; the
row follows then or from `finish_endings`.
"""

from __future__ import annotations

from datetime import datetime

from openinsure.audit import record
from openinsure.audit.console_models import GrantRow
from openinsure.audit.grant_rows import (
    Ending,
    end_row,
    grant_event,
    grant_of,
    home_scope,
    live_rows,
    store,
    write_ending,
)
from openinsure.audit.origin import Origin
from openinsure.audit.wishes import Wish
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.grants import GRANT_LIFE, CrossOrgGrant, Visitor
from openinsure.tenancy.scope import OrgScope, SystemScope, entered

__all__ = [
    "CrossOrgGrant",
    "Ending",
    "Origin",
    "Visitor",
    "Wish",
    "end_grant",
    "end_grants",
    "finish_endings",
    "live_grant",
    "live_grants",
    "open_grant",
    "recent_organizations",
]


RECENT_GRANTS, RECENT_MAX = 50, 5  # grants looked at, organisations offered


def open_grant(visitor: Visitor, wish: Wish, *, at: datetime, origin: Origin) -> CrossOrgGrant:
    """Write `crossorg.enter` into the entered organisation's chain, then store the grant.

    A live grant of the same session and organisation is replaced. Raises BadForm for a bad
    reason or ticket, Unavailable (audit_unavailable) when the row cannot be written.
    """
    wish = wish.checked()
    grant_id, expires_at = new_id(), at + GRANT_LIFE
    audit_row_id = record.append(
        grant_event("crossorg.enter", visitor, wish, grant_id, at=at, origin=origin)
    )
    grant = CrossOrgGrant(
        id=grant_id,
        audit_row_id=audit_row_id,
        visitor=visitor,
        org_id=wish.org_id,
        org_name=wish.org_name,
        reason=wish.reason,
        ticket=wish.ticket,
        opened_at=at,
        expires_at=expires_at,
    )
    scope = home_scope(visitor, origin)
    with entered(scope):
        earlier = live_rows(scope, visitor).filter(entered_org_id=wish.org_id).first()
    if earlier is not None:
        end_row(scope, earlier, how="replaced", at=at, origin=origin)
    with entered(scope):
        store(scope, grant)
    return grant


def live_grant(
    visitor: Visitor, *, org_id: str, at: datetime, origin: Origin
) -> CrossOrgGrant | None:
    """The session's grant for that organisation, or None; an over-age one is ended here.

    A grant given to another role than the visitor now has does not count either.
    """
    scope = home_scope(visitor, origin)
    with entered(scope):
        row = live_rows(scope, visitor).filter(entered_org_id=org_id).first()
    if row is None:
        return None
    if row.role != visitor.role or not visitor.may_cross:
        end_row(scope, row, how="role_lost", at=at, origin=origin)
        return None
    if not row.opened_at <= at < row.expires_at:
        end_row(scope, row, how="expired", at=at, origin=origin)
        return None
    return grant_of(row)


def live_grants(visitor: Visitor, *, at: datetime, origin: Origin) -> list[CrossOrgGrant]:
    """The session's grants that still count, the newest first."""
    scope = home_scope(visitor, origin)
    with entered(scope):
        rows = list(live_rows(scope, visitor).filter(expires_at__gt=at).order_by("-id"))
    return [grant_of(row) for row in rows if row.role == visitor.role]


def recent_organizations(visitor: Visitor, *, origin: Origin) -> list[tuple[str, str]]:
    """(id, name) of the organisations this person entered last, newest first, at most 5."""
    scope = home_scope(visitor, origin)
    with entered(scope):
        rows = GrantRow.objects.within(scope).filter(user_id=visitor.user_id).order_by("-id")
        found = rows.values_list("entered_org_id", "entered_org_name")[:RECENT_GRANTS]
        return list(dict(found).items())[:RECENT_MAX]


def end_grant(grant: CrossOrgGrant, *, how: Ending, at: datetime, origin: Origin) -> None:
    """End one grant now and write its row; ending an ended grant changes nothing."""
    scope = home_scope(grant.visitor, origin)
    with entered(scope):
        row = GrantRow.objects.within(scope).filter(id=grant.id, live=1).first()
    if row is not None:
        end_row(scope, row, how=how, at=at, origin=origin)


def end_grants(
    *,
    user_id: str,
    home_org_id: str,
    how: Ending,
    at: datetime,
    origin: Origin,
    session_id: str | None = None,
) -> int:
    """End all grants of a user (of one session when given): logout, disabling, role loss.

    The number ended. Call it after the session or role is gone, so that none can be opened anew.
    """
    scope = OrgScope(home_org_id, user_id, origin.request_id)
    with entered(scope):
        found = GrantRow.objects.within(scope).filter(user_id=user_id, live=1)
        rows = list(found if session_id is None else found.filter(session_id=session_id))
    for row in rows:
        end_row(scope, row, how=how, at=at, origin=origin)
    return len(rows)


def finish_endings(scope: SystemScope, *, at: datetime, origin: Origin) -> int:
    """End what nobody came back to after 60 minutes and write ending rows still missing.

    The housekeeping task calls it for each organisation. The number of rows written.
    """
    with entered(scope):
        overdue = list(GrantRow.objects.within(scope).filter(live=1, expires_at__lte=at))
    for row in overdue:
        end_row(scope, row, how="expired", at=at, origin=origin)
    with entered(scope):
        unwritten = GrantRow.objects.within(scope).filter(live=None, ended_row_id="")
        rows = list(unwritten)
    for row in rows:
        write_ending(scope, row, origin=origin)
    return len(overdue) + len(rows)
