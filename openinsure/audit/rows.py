"""What leaves the audit log for pages: frozen rows, the same for both logs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

SYSTEM = "service:system"
NOT_OK = ("failed", "refused", "intent")
ATTEMPT = "crossorg.attempt"  # always refused, though its name does not say so
READ = "crossorg.read"  # how a row of the access log is named among events


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """Columns of audit_log that a list needs, as stored."""

    id: str
    seq: int
    at: datetime
    actor: str | None
    role: str
    action: str
    kind: str
    entity_id: str | None
    after: str | None
    reason: str | None
    request_id: str
    cross_org: int


@dataclass(frozen=True, slots=True)
class StoredRead:
    """Columns of audit_access_log that a list needs, as stored."""

    id: str
    at: datetime
    actor: str
    role: str
    route: str
    reason: str | None
    request_id: str


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line of /audit. seq is None for a read, which is not chained by itself."""

    id: str
    seq: int | None
    at: datetime
    actor: str
    role: str
    action: str
    object: str
    result: str
    reason: str
    request_id: str
    cross_org: bool

    @classmethod
    def of_event(cls, stored: StoredEvent) -> AuditRow:
        """A row of audit_log."""
        after = json.loads(stored.after) if stored.after else None
        return cls(
            id=stored.id,
            seq=stored.seq,
            at=stored.at,
            actor=stored.actor or SYSTEM,
            role=stored.role,
            action=stored.action,
            object=object_text(after, stored.kind, stored.entity_id),
            result=result_of(stored.action),
            reason=stored.reason or "",
            request_id=stored.request_id,
            cross_org=bool(stored.cross_org),
        )

    @classmethod
    def of_read(cls, stored: StoredRead) -> AuditRow:
        """A row of audit_access_log."""
        return cls(
            id=stored.id,
            seq=None,
            at=stored.at,
            actor=stored.actor,
            role=stored.role,
            action=READ,
            object=stored.route,
            result="ok",
            reason=stored.reason or "",
            request_id=stored.request_id,
            cross_org=True,
        )


@dataclass(frozen=True, slots=True)
class AuditDetail:
    """One entry in full. before, after: indented JSON, "" for none. same_request: its others."""

    row: AuditRow
    ip: str
    user_agent: str
    before: str
    after: str
    rows_returned: int | None
    row_hash: str
    same_request: tuple[AuditRow, ...]


def result_of(action: str) -> str:
    """ok, or the suffix that says otherwise."""
    if action == ATTEMPT:
        return "refused"
    last = action.rpartition(".")[2]
    return last if last in NOT_OK else "ok"


def object_text(after: Any, kind: str, entity_id: str | None) -> str:
    """What a person calls the object: its stored text, else its kind and the start of its id."""
    named = after.get("object") if isinstance(after, dict) else None
    if named:
        return str(named)
    return f"{kind} {entity_id[:8]}" if entity_id else kind


def indented(value: Any) -> str:
    """JSON for reading, "" for none."""
    return "" if value is None else json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
