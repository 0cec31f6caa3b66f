"""How a row gets to the end of its chain: find the head, lock it, number, hash, insert.

Measured on MariaDB 10.11, REPEATABLE READ, four writers, 800 rows: `ORDER BY seq DESC LIMIT 1
FOR UPDATE` also locks the gap behind the head, so every waiter deadlocks with the writer (2,171
times 1213). Locking the head by its own key and stepping forward locks records only: 6, all on
the empty chain.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.utils import InternalError, ProgrammingError
from django.utils import timezone

from openinsure.audit.chain import GENESIS, KeyRing, Link, row_hash
from openinsure.audit.masking import masked
from openinsure.audit.models import AuditLog
from openinsure.keyspaces.ids import new_id
from openinsure.problems import Unavailable
from openinsure.tenancy.scope import CANONICAL_UUID, AuditAppendScope, entered

if TYPE_CHECKING:
    from openinsure.audit.record import AuditEvent

KEYSPACE = "oi_global"
ATTEMPTS = 5  # of one append; each loses only to another append of the same organisation
DUPLICATE_KEY, DEADLOCK, LOCK_WAIT = 1062, 1213, 1205
USER_AGENT_LENGTH_MAX = 255  # characters, the column's
OBJECTS = UUID("6f7c1d1e-6f0a-5b0e-9c55-0a5d1e0c9a11")  # namespace of ids of objects without one

log = logging.getLogger(__name__)


def append_row(event: AuditEvent) -> str:
    """The id of the chained row. Raises Unavailable (audit_unavailable)."""
    scope = AuditAppendScope(event.org_id, event.actor_user_id or "service", event.request_id)
    joined = transaction.get_connection(KEYSPACE).in_atomic_block
    with entered(scope), store_errors(joined=joined):
        for _ in range(ATTEMPTS - 1):
            try:
                return _append_once(scope, event)
            except IntegrityError as error:
                if error.args[0] != DUPLICATE_KEY:
                    raise
            except OperationalError as error:
                # A deadlock has already undone the caller's whole transaction: not ours to repeat.
                if joined or error.args[0] != DEADLOCK:
                    raise
        return _append_once(scope, event)


@contextmanager
def store_errors(*, joined: bool = False) -> Iterator[None]:
    """Turn a store that does not take the row into Unavailable (audit_unavailable).

    Inside a business transaction (`joined`) deadlock and lock wait stay what they are: its owner
    repeats the whole of it.
    """
    try:
        yield
    except (OperationalError, InterfaceError, InternalError, ProgrammingError) as error:
        code = error.args[0] if error.args else 0
        if joined and code in (DEADLOCK, LOCK_WAIT):
            raise
        log.error("audit store refused a row", extra={"error_code": code})
        raise unavailable() from error


def unavailable() -> Unavailable:
    """The refusal when something cannot be recorded."""
    return Unavailable(
        "The audit log cannot be written now, so nothing was shown or changed. "
        "Try again in a minute.",
        code="audit_unavailable",
    )


def object_id(table: str, text: str) -> str:
    """The id that stands for an object without a UUID: always the same for the same text."""
    return str(uuid5(OBJECTS, f"{table}:{text}"))


def _append_once(scope: AuditAppendScope, event: AuditEvent) -> str:
    with transaction.atomic(using=KEYSPACE):
        head = _locked_head(scope)
        row = _columns(event)
        row.update(id=new_id(), seq=head.seq + 1, prev_hash=head.row_hash)
        row["row_hash"] = row_hash(KeyRing.parse(settings.AUDIT_KEYS), row)
        AuditLog.objects.within(scope).create(**row, created_at=timezone.now())
        return str(row["id"])


def _locked_head(scope: AuditAppendScope) -> Link:
    """The newest row, locked until the transaction ends.

    The first read may be an old snapshot (REPEATABLE READ); the locking reads are current, so
    stepping on from it always arrives at the real head.
    """
    rows = AuditLog.objects.within(scope)
    newest = list(rows.order_by("-seq").values_list("seq", flat=True)[:1])
    head = _locked(scope, newest[0]) if newest else None
    link = head or Link(0, GENESIS)
    while (newer := _locked(scope, link.seq + 1)) is not None:
        link = newer
    return link


def _locked(scope: AuditAppendScope, seq: int) -> Link | None:
    rows = AuditLog.objects.within(scope).select_for_update().filter(seq=seq)
    found = list(rows.values_list("seq", "row_hash"))
    return Link(*found[0]) if found else None


def _columns(event: AuditEvent) -> dict[str, Any]:
    named = {"object": event.object} if event.object else {}
    after = masked({**event.after, **named} if event.after is not None else named or None)
    entity_id = event.entity_id or (
        object_id(event.entity_table, event.object) if event.object else ""
    )
    if entity_id and not CANONICAL_UUID.fullmatch(entity_id):
        raise ValueError("entity_id must be a canonical id; other keys belong in object")
    return {
        "org_id": event.org_id,
        "actor_user_id": event.actor_user_id,
        "actor_role": event.actor_role,
        "action": event.action,
        "entity_keyspace": event.entity_keyspace,
        "entity_table": event.entity_table,
        "entity_id": entity_id or None,
        "parent_entity_id": event.parent_entity_id,
        "request_id": event.request_id,
        "ip": event.ip or None,
        "user_agent": printable(event.user_agent)[:USER_AGENT_LENGTH_MAX] or None,
        "before_json": masked(event.before),
        "after_json": after,
        "reason": printable(event.reason) or None,
        "cross_org": event.cross_org,
        "occurred_at": milliseconds(event.occurred_at),
    }


def printable(text: str) -> str:
    """Text that every engine stores and gives back unchanged: no control characters, no ends."""
    kept = "".join(c if c.isprintable() else " " for c in text)
    return kept.encode("utf-8", "replace").decode().strip()


def milliseconds(moment: datetime) -> datetime:
    """UTC cut to the precision of the column, so that hash and row agree."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
