"""The last fourteen days of a job: the worst status of each day, in words, and how long it took.

Pure: runs and the time are given.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from typing import Protocol

from openinsure.jobs.schedule import Crontab

STRIP_DAYS = 14
BAD_FIRST = ("failed", "missed", "partial", "late", "running", "skipped", "succeeded")
SPOKEN = {
    "succeeded": "ok",
    "partial": "partly failed",
    "none": "without a record",
    "not_due": "not due",
}
UNSAID = ("not_due",)
DATED_MAX = 3  # days named by date in the words


class Told(Protocol):
    """What a strip needs of a run."""

    scheduled_for: datetime
    status: str
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the strip: the worst status of its runs, `none` without one, `not_due` where none
    was due. slowest_ms: of the runs that ended."""

    day: date
    status: str
    runs: int
    slowest_ms: int | None = None


def days_of(
    runs: Sequence[Told], cron: Crontab, now: datetime, *, late_after_s: int
) -> tuple[Day, ...]:
    """Fourteen days to today, the oldest first."""
    by_day: dict[date, list[Told]] = defaultdict(list)
    for run in runs:
        by_day[run.scheduled_for.date()].append(run)
    found = []
    for back in reversed(range(STRIP_DAYS)):
        day = (now - timedelta(days=back)).date()
        told = by_day[day]
        took = [ms for run in told if (ms := took_ms(run)) is not None]
        statuses = [_status(run, late_after_s) for run in told]
        worst = min(statuses, key=BAD_FIRST.index) if statuses else _without(cron, day, now)
        found.append(Day(day, worst, len(told), max(took, default=None)))
    return tuple(found)


def took_ms(run: Told) -> int | None:
    """How long a run took; None while it runs or where it was missed."""
    if run.finished_at is None or run.started_at is None:
        return None
    return (run.finished_at - run.started_at) // timedelta(milliseconds=1)


def _status(run: Told, late_after_s: int) -> str:
    if run.status == "succeeded" and run.started_at is not None:
        late = run.started_at - run.scheduled_for > timedelta(seconds=late_after_s)
        return "late" if late else "succeeded"
    return run.status if run.status in BAD_FIRST else "running"


def _without(cron: Crontab, day: date, now: datetime) -> str:
    ends = min(now, datetime.combine(day, time(23, 59), UTC))
    return "none" if cron.previous(ends).date() == day else "not_due"


def words_of(days: Sequence[Day]) -> str:
    """`12 ok, 1 failed (18 Nov), 1 missed (19 Nov)`: the bad ones with their days."""
    counted = Counter(one.status for one in days)
    said = []
    for status in ("succeeded", *BAD_FIRST[:-1], "none"):
        if not counted[status] or status in UNSAID:
            continue
        dated = [f"{one.day.day} {one.day:%b}" for one in days if one.status == status]
        named = status not in ("succeeded", "none") and len(dated) <= DATED_MAX
        words = f"{counted[status]} {SPOKEN.get(status, status)}"
        said.append(f"{words} ({', '.join(dated)})" if named else words)
    return ", ".join(said) or "not due"


@dataclass(frozen=True, slots=True)
class Trend:
    """The slowest run of each day that had one, the oldest first, ms."""

    per_day_ms: tuple[int, ...]

    @property
    def points(self) -> str:
        """For a line in a box of 100 by 24; empty below two days."""
        if len(self.per_day_ms) < 2:
            return ""
        top = max(self.per_day_ms) or 1
        step = 100 / (len(self.per_day_ms) - 1)
        return " ".join(
            f"{place * step:.1f},{22 - 20 * ms / top:.1f}"
            for place, ms in enumerate(self.per_day_ms)
        )

    @property
    def words(self) -> str:
        """`last 120 ms, median 100 ms`, "" without a run."""
        if not self.per_day_ms:
            return ""
        return f"last {spoken(self.per_day_ms[-1])}, median {spoken(int(median(self.per_day_ms)))}"


def trend_of(days: Sequence[Day]) -> Trend:
    """How long it took, day by day."""
    return Trend(tuple(one.slowest_ms for one in days if one.slowest_ms is not None))


def spoken(ms: int) -> str:
    """`740 ms`, `12.3 s`, `4 min 5 s`."""
    if ms < 1_000:
        return f"{ms} ms"
    seconds = ms // 1_000
    if seconds < 120:
        return f"{ms / 1_000:.1f} s"
    return f"{seconds // 60} min {seconds % 60} s"
