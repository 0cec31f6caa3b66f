"""Dates and instants as text. Coverage dates are dates and never move with a time zone.

Months come from a tuple, not from the process locale. Clock and zone are arguments.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from openinsure.plurals import many

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
UNKNOWN = "–"
# Seconds in a unit, the largest first; below a minute is "just now".
UNITS = (
    (365 * 86_400, "year"),
    (30 * 86_400, "month"),
    (86_400, "day"),
    (3_600, "hour"),
    (60, "minute"),
)


def format_day(day: date | None) -> str:
    """`18 Nov 2026`; en dash for None. Raises TypeError for an instant (it has no one day)."""
    if day is None:
        return UNKNOWN
    if isinstance(day, datetime):
        raise TypeError("an instant has no day without a zone: use format_instant")
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def format_instant(at: datetime | None, zone: str = "UTC", *, seconds: bool = False) -> str:
    """`18 Nov 2026, 14:02 UTC` in the named zone; en dash for None.

    Raises ValueError for a naive datetime: it names no instant.
    """
    if at is None:
        return UNKNOWN
    local = _aware(at).astimezone(ZoneInfo(zone))
    clock = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    return f"{format_day(local.date())}, {clock} {local.tzname()}"


def iso_instant(at: datetime) -> str:
    """`2026-11-18T14:02:11Z`: the form of files, JSON and the datetime attribute."""
    return _aware(at).astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def format_ago(at: datetime | None, now: datetime) -> str:
    """`2 days ago`, `in 3 hours`, `just now` (under a minute); en dash for None."""
    if at is None:
        return UNKNOWN
    distance_s = int((_aware(now) - _aware(at)).total_seconds())
    for unit_s, name in UNITS:
        count = abs(distance_s) // unit_s
        if count:
            text = many(count, name)
            return f"{text} ago" if distance_s > 0 else f"in {text}"
    return "just now"


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a datetime without a zone names no instant")
    return at
