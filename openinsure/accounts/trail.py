"""The audit rows of sign-ins, and what happens to them while oi_global is away.

A sign-in must work when oi_global does not (somebody has to look at /ops), and must still leave
its row. So events of this module that the audit log cannot take wait in oi_console and are
written, with their own time, before the next one. Everything else audits through audit.record.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from openinsure.accounts.identity import Identity
from openinsure.accounts.models import Account, WaitingAudit
from openinsure.audit.grants import Origin
from openinsure.audit.record import PLATFORM_ORG_ID, AuditEvent, append
from openinsure.problems import Unavailable

log = logging.getLogger(__name__)
FLUSHED_AT_ONCE = 100
NOBODY = "anonymous"


class _State:
    """Whether rows may be waiting; unknown after a start, so looked at once."""

    may_wait = True


_state = _State()


def origin_of(request: HttpRequest) -> Origin:
    """Request id, address and browser of a request, as audit rows carry them."""
    return Origin(
        request_id=getattr(request, "request_id", ""),
        ip=getattr(request, "client_ip", ""),
        user_agent=request.headers.get("User-Agent", "")[:255],
    )


def record(
    action: str,
    *,
    at: datetime,
    origin: Origin,
    who: Identity | Account | None = None,
    about: Account | None = None,
    reason: str = "",
    after: Mapping[str, Any] | None = None,
) -> None:
    """One sign-in event in the person's own chain; in the platform's when nobody is known.

    about: the account acted upon, when it is not the actor's.
    """
    home = about or who
    write(
        AuditEvent(
            org_id=home.org_id if home else PLATFORM_ORG_ID,
            action=action,
            actor_user_id=_actor_id(who),
            actor_role=who.role if who else NOBODY,
            request_id=origin.request_id,
            occurred_at=at,
            entity_keyspace="oi_console",
            entity_table="accounts_account" if home else "",
            entity_id=_actor_id(home) or "",
            ip=origin.ip,
            user_agent=origin.user_agent,
            after=after,
            reason=reason[:255],
        )
    )


def _actor_id(who: Identity | Account | None) -> str | None:
    return who.actor_id if isinstance(who, Identity) else (who.user_id if who else None)


def write(event: AuditEvent) -> None:
    """Append the event, or keep it in oi_console until oi_global is back."""
    try:
        if _state.may_wait:
            flush()
        append(event)
    except Unavailable:
        values = dataclasses.asdict(event) | {"occurred_at": event.occurred_at.isoformat()}
        WaitingAudit.objects.create(event=values, created_at=timezone.now())
        _state.may_wait = True
        log.warning("audit row waits in oi_console", extra={"action": event.action})


def flush(limit: int = FLUSHED_AT_ONCE) -> int:
    """Write waiting rows, oldest first; how many. Raises Unavailable if oi_global is away."""
    with transaction.atomic():
        rows = list(WaitingAudit.objects.select_for_update(skip_locked=True).order_by("id")[:limit])
        for row in rows:
            values = dict(row.event)
            values["occurred_at"] = datetime.fromisoformat(values["occurred_at"])
            append(AuditEvent(**values))
            row.delete()
    _state.may_wait = len(rows) == limit
    return len(rows)


def denied(request: HttpRequest, permission: str) -> None:
    """`permission.refused` in the person's own chain (authz calls this for every denial)."""
    who: Identity | None = getattr(request, "who", None)
    if who is not None:
        record(
            "permission.refused",
            at=timezone.now(),
            origin=origin_of(request),
            who=who,
            after={"permission": permission, "route": _route(request)},
        )


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.view_name if match else ""
