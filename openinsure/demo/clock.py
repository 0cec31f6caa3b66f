"""Dates of the demo as UTC instants. The load day is passed in; nothing here reads a clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random


def at(day: date, hour: int = 15, minute: int = 0, second: int = 0) -> datetime:
    """An instant on a day, UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=UTC)


def office_hours(rng: Random, day: date) -> datetime:
    """Some moment of a working day in the United States, UTC, with milliseconds."""
    return at(day, rng.randint(13, 21), rng.randint(0, 59), rng.randint(0, 59)) + timedelta(
        milliseconds=rng.randint(0, 999)
    )


def days(count: int) -> timedelta:
    """`count` days; may be negative."""
    return timedelta(days=count)
