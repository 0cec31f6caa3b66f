"""Who acts, and the audit rows round a change in another keyspace than the audit log's own.

A change outside oi_global cannot share a transaction with its audit row. So `<action>.intent`
commits first; then the change; then `<action>`, or `<action>.failed` if it did not happen. An
intent without an end is a crash, and stands out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from openinsure.accounts.trail import origin_of
from openinsure.audit.origin import Origin
from openinsure.audit.record import AuditEvent, append
from openinsure.console.request import ConsoleRequest
from openinsure.tenancy.scope import Scope


@dataclass(frozen=True, slots=True)
class Actor:
    """The person (or, with user_id None, the machine) behind a change."""

    user_id: str | None
    role: str
    origin: Origin


def actor_of(request: ConsoleRequest) -> Actor:
    """The signed-in person of a request."""
    assert request.who is not None
    return Actor(request.who.actor_id, request.who.role, origin_of(request))


def audit_event(
    scope: Scope,
    actor: Actor,
    action: str,
    *,
    keyspace: str,
    table: str,
    entity_id: str,
    object: str,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditEvent:
    """One audit row of this actor in the scope's organisation."""
    return AuditEvent(
        org_id=scope.org_id,
        action=action,
        actor_user_id=actor.user_id,
        actor_role=actor.role,
        request_id=actor.origin.request_id,
        ip=actor.origin.ip,
        user_agent=actor.origin.user_agent,
        occurred_at=now,
        entity_keyspace=keyspace,
        entity_table=table,
        entity_id=entity_id,
        object=object,
        before=before,
        after=after,
        reason=reason,
    )


@dataclass(slots=True)
class Trail:
    """The audit rows of one change: intend, then finish or fail. None stands before `intend`."""

    event: AuditEvent | None = None

    def intend(self, event: AuditEvent) -> None:
        """Write `<action>.intent`. Raises Unavailable: then nothing may be changed."""
        append(replace(event, action=f"{event.action}.intent"))
        self.event = event

    def finish(self) -> None:
        """Write `<action>`, once the change is committed."""
        if self.event is not None:
            append(self.event)

    def fail(self) -> None:
        """Write `<action>.failed`: the change was rolled back."""
        if self.event is not None:
            append(replace(self.event, action=f"{self.event.action}.failed"))
