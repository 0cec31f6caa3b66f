"""Diary dates, calls and checks of callers on any record: one row of `activities` each.

The row has the form's id, so a repeat finds the first one. The audit row is in the same
transaction of oi_global; what a caller said is in neither.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction

from openinsure.audit.record import append
from openinsure.console.acting import Actor, audit_event
from openinsure.console.forms import FIELD, Once
from openinsure.orgs.diary import DIARY
from openinsure.orgs.models import Activity
from openinsure.problems import BadForm, Conflict, TooMany
from openinsure.tenancy.scope import Scope

KEYSPACE = "oi_global"
CALL, CALLER_CHECK = "call", "caller_check"
MATCH, NO_MATCH = "match", "no match"
NOT_COMPARED = "not compared, five tries within an hour"
TRIES = 5
TRIES_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Record:
    """What an activity is about: keyspace, table, id, and the number people read."""

    keyspace: str
    table: str
    id: str
    number: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the diary. subject: what a list shows. due_at: when it must be done."""

    kind: str
    action: str
    subject: str
    body: str = ""
    due_at: datetime | None = None


def add_activity(
    scope: Scope, about: Record, entry: Entry, *, once: Once, actor: Actor, now: datetime
) -> Activity:
    """Write the entry, or give the one this form wrote before. Raises BadForm, Unavailable."""
    with transaction.atomic(using=KEYSPACE):
        found = Activity.objects.within(scope).filter(id=once.id).first()
        if found is None:
            return _written(scope, about, entry, once=once, actor=actor, now=now)
        if (found.entity_id, found.activity_type) != (about.id, entry.kind):
            raise BadForm({FIELD: "was used for another change; open the form again"})
        row: Activity = found
        return row


def withdraw_entry(
    scope: Scope, entry_id: str, *, number: str, actor: Actor, now: datetime
) -> bool:
    """Take back one's own call, or diary date that is not done; False if it is gone. Audited.

    Raises Conflict for what is done, of another kind or another person's.
    """
    with transaction.atomic(using=KEYSPACE):
        rows = Activity.objects.within(scope).filter(id=entry_id)
        row = rows.select_for_update().first()
        if row is None:
            return False
        withdrawable = row.activity_type in (CALL, DIARY) and row.done_at is None
        if not withdrawable or row.user_id != actor.user_id:
            raise Conflict("This entry cannot be taken back any more.")
        rows.delete()
        append(
            audit_event(
                scope, actor, f"{row.activity_type}.withdrawn", keyspace=KEYSPACE,
                table="activities", entity_id=entry_id, object=number, now=now, reason="Undo",
                before={"due_at": row.due_at, "for": row.entity_id},
            )
        )  # fmt: skip
    return True


def check_caller(
    scope: Scope,
    about: Record,
    *,
    what: str,
    matches: bool,
    once: Once,
    actor: Actor,
    now: datetime,
) -> bool:
    """Record one try to verify a caller; whether it matched. Raises TooMany after TRIES an hour.

    The try is committed before it is counted, so tries side by side cannot exceed the limit; what
    it found is written once it counts, so nobody reads the answer to a refused one elsewhere.
    """
    untold = Entry(CALLER_CHECK, "caller.checked", f"{what}: {NOT_COMPARED}")
    with transaction.atomic(using=KEYSPACE):
        row = Activity.objects.within(scope).filter(id=once.id).first()
        repeated = row is not None
        if row is not None and (row.entity_id, row.activity_type) != (about.id, CALLER_CHECK):
            raise BadForm({FIELD: "was used for another change; open the form again"})
        row = row or _row(scope, about, untold, once=once, actor=actor, now=now)
    if repeated and row.subject != untold.subject:
        return str(row.subject).endswith(f": {MATCH}")
    since = now - TRIES_WITHIN
    tries = list(
        Activity.objects.within(scope)
        .filter(entity_table=about.table, entity_id=about.id, occurred_at__gt=since)
        .filter(activity_type=CALLER_CHECK)
        .order_by("occurred_at", "id")
        .values_list("id", "occurred_at")[: TRIES + 1]
    )
    counts = row.id in [key for key, _ in tries[:TRIES]]
    told = replace(untold, subject=f"{what}: {MATCH if matches else NO_MATCH}")
    with transaction.atomic(using=KEYSPACE):
        if counts:
            rows = Activity.objects.within(scope).filter(id=row.id)
            rows.update(subject=told.subject, updated_at=now)
        _audited(scope, about, told if counts else untold, actor=actor, now=now)
    if not counts:
        first = tries[0][1] if tries else now - TRIES_WITHIN
        raise TooMany(
            "This record had five tries within an hour. Call back the number on file.",
            retry_after_s=max(1, int((first + TRIES_WITHIN - now).total_seconds()) + 1),
        )
    return matches


def _written(
    scope: Scope, about: Record, entry: Entry, *, once: Once, actor: Actor, now: datetime
) -> Activity:
    row = _row(scope, about, entry, once=once, actor=actor, now=now)
    _audited(scope, about, entry, actor=actor, now=now)
    return row


def _row(
    scope: Scope, about: Record, entry: Entry, *, once: Once, actor: Actor, now: datetime
) -> Activity:
    row: Activity = Activity.objects.within(scope).create(
        id=once.id,
        entity_table=about.table,
        entity_id=about.id,
        activity_type=entry.kind,
        subject=entry.subject,
        body=entry.body or None,
        user_id=actor.user_id,
        due_at=entry.due_at,
        occurred_at=now,
        created_at=now,
        updated_at=now,
    )
    return row


def _audited(scope: Scope, about: Record, entry: Entry, *, actor: Actor, now: datetime) -> None:
    event = audit_event(
        scope,
        actor,
        entry.action,
        keyspace=about.keyspace,
        table=about.table,
        entity_id=about.id,
        object=about.number,
        now=now,
        after={"kind": entry.kind, "outcome": _outcome(entry)},
    )
    append(event)


def _outcome(entry: Entry) -> str:
    return entry.subject if entry.kind == CALLER_CHECK else ""
