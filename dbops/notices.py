"""Notices as the bell tells them to one person: what stands, what is over, what is new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from dbops.models import Notice, NoticeMark

SHOWN, COUNTED_MAX = 50, 99
TOLD_FOR = timedelta(days=30)  # what is over for longer is history, not news


@dataclass(frozen=True, slots=True)
class Told:
    """One cause. `changed_at`: when it was raised, or over. `read_at`: None while new.

    `state`: the database's state that the cause begins with.
    """

    id: int
    slug: str
    cause: str
    state: str
    detail: str
    over: bool
    changed_at: datetime
    read_at: datetime | None


def newest(user_id: str, *, now: datetime) -> list[Told]:
    """What stands and what ended within 30 days, newest first, at most 50. Two statements."""
    mark = _mark(user_id)
    rows = Notice.objects.filter(_recent(now)).order_by("-id")[:SHOWN]
    found = [_told(row, mark) for row in rows]
    return sorted(found, key=lambda one: one.changed_at, reverse=True)


def count_unread(user_id: str, *, now: datetime) -> int:
    """How many changed since the person read them, counted to 100. Two statements."""
    mark = _mark(user_id)
    rows = Notice.objects.filter(_recent(now))
    if mark is not None:
        rows = rows.filter(Q(raised_at__gt=mark) | Q(resolved_at__gt=mark))
    return len(rows.values_list("id", flat=True)[: COUNTED_MAX + 1])


def read(user_id: str, *, now: datetime) -> None:
    """Everything so far counts as read by this person."""
    NoticeMark.objects.update_or_create(user_id=user_id, defaults={"read_at": now})


def _mark(user_id: str) -> datetime | None:
    return NoticeMark.objects.filter(user_id=user_id).values_list("read_at", flat=True).first()


def _recent(now: datetime) -> Q:
    return Q(resolved_at=None) | Q(resolved_at__gte=now - TOLD_FOR)


def _told(row: Notice, mark: datetime | None) -> Told:
    changed = row.resolved_at or row.raised_at
    seen = mark if mark is not None and mark >= changed else None
    over = row.resolved_at is not None
    state = row.cause.partition(":")[0]
    return Told(row.pk, row.slug, row.cause, state, row.detail, over, changed, seen)
