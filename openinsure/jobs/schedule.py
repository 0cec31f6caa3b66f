"""When a job is due: five-field crontabs in UTC, weekday 0 = Sunday. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache

FARTHEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Crontab:
    """The minutes of a day and the weekdays (0 = Sunday) at which something is due."""

    minutes: tuple[int, ...]  # since midnight, ascending
    weekdays: frozenset[int]

    def previous(self, at: datetime) -> datetime:
        """The newest due time that is not after `at` (aware)."""
        for back in range(FARTHEST_DAYS):
            day = (at.astimezone(UTC) - timedelta(days=back)).date()
            for minute in reversed(self.minutes):
                due = datetime.combine(day, time(minute // 60, minute % 60), UTC)
                if due <= at and due.isoweekday() % 7 in self.weekdays:
                    return due
        raise ValueError("never due within a year")

    def following(self, at: datetime) -> datetime:
        """The next due time after `at` (aware)."""
        for ahead in range(FARTHEST_DAYS):
            day = (at.astimezone(UTC) + timedelta(days=ahead)).date()
            for minute in self.minutes:
                due = datetime.combine(day, time(minute // 60, minute % 60), UTC)
                if due > at and due.isoweekday() % 7 in self.weekdays:
                    return due
        raise ValueError("never due within a year")

    def between(self, since: datetime, until: datetime) -> list[datetime]:
        """The due times from `since` to `until` (aware), both included, the oldest first."""
        days = (until.astimezone(UTC).date() - since.astimezone(UTC).date()).days
        first = datetime.combine(since.astimezone(UTC).date(), time(), UTC)
        dues = (
            first + timedelta(days=day, minutes=minute)
            for day in range(days + 1)
            if (first + timedelta(days=day)).isoweekday() % 7 in self.weekdays
            for minute in self.minutes
        )
        return [due for due in dues if since <= due <= until]

    def due_at(self, at: datetime) -> bool:
        """Whether `at` is itself a due time."""
        return self.previous(at) == at


@cache
def parse(cron: str) -> Crontab:
    """`m h * * w`. Raises ValueError for anything else: days of month and months are not used."""
    minute, hour, day, month, weekday = cron.split()
    if (day, month) != ("*", "*"):
        raise ValueError(f"{cron!r}: day of month and month must be *")
    minutes = [h * 60 + m for h in _values(hour, 24) for m in _values(minute, 60)]
    return Crontab(tuple(sorted(minutes)), frozenset(_values(weekday, 7)))


def _values(field: str, count: int) -> list[int]:
    if field.startswith("*/"):
        return list(range(0, count, int(field[2:])))
    if field == "*":
        return list(range(count))
    first, _, last = field.partition("-")
    found = list(range(int(first), int(last or first) + 1))
    if not found or found[-1] >= count:
        raise ValueError(f"{field!r}: must be 0 to {count - 1}")
    return found
