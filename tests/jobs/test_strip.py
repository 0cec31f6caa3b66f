"""The fourteen days of a job: the worst of each day, late and missed in words, the durations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from openinsure.jobs.schedule import parse
from openinsure.jobs.strip import Day, days_of, spoken, trend_of, words_of

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
DAILY, SUNDAYS = parse("0 6 * * *"), parse("0 4 * * 0")


@dataclass
class Run:
    """One recorded run."""

    scheduled_for: datetime
    status: str = "succeeded"
    late: timedelta = timedelta()
    took: timedelta = timedelta(seconds=2)

    @property
    def started_at(self) -> datetime | None:
        return None if self.status == "missed" else self.scheduled_for + self.late

    @property
    def finished_at(self) -> datetime | None:
        over = self.status not in ("missed", "running")
        return self.scheduled_for + self.late + self.took if over else None


def at(back: int, hour: int = 6) -> datetime:
    return (NOW - timedelta(days=back)).replace(hour=hour, minute=0)


def strip(runs: Iterable[Run], cron: object = DAILY) -> tuple[Day, ...]:
    return days_of(list(runs), cron, NOW, late_after_s=900)  # type: ignore[arg-type]


def test_it_tells_the_worst_of_each_day_with_a_status_of_its_own() -> None:
    runs = [Run(at(back)) for back in range(4, 13)]
    runs += [
        Run(at(3), late=timedelta(minutes=16)),
        Run(at(2), "missed"),
        Run(at(1)),
        Run(at(1), "failed"),
        Run(at(0), "running"),
    ]
    found = strip(runs)
    assert [one.day.day for one in found] == list(range(7, 21))
    states = [one.status for one in found]
    assert states == ["none", *["succeeded"] * 9, "late", "missed", "failed", "running"]
    assert found[-2].runs == 2
    said = words_of(found)
    assert said == (
        "9 ok, 1 failed (19 Nov), 1 missed (18 Nov), 1 late (17 Nov), 1 running (20 Nov),"
        " 1 without a record"
    )


def test_a_day_without_a_due_time_is_not_a_gap() -> None:
    found = strip([Run(at(5, 4)), Run(at(12, 4))], SUNDAYS)
    assert [one.status for one in found].count("not_due") == 12
    assert words_of(found) == "2 ok"
    early = days_of([], parse("0 18 * * *"), NOW, late_after_s=900)
    assert [one.status for one in early] == ["none"] * 13 + ["not_due"]


def test_it_draws_the_slowest_run_of_each_day() -> None:
    trend = trend_of(strip([Run(at(2)), Run(at(1), took=timedelta(seconds=4)), Run(at(0))]))
    assert trend.per_day_ms == (2_000, 4_000, 2_000)
    assert trend.points == "0.0,12.0 50.0,2.0 100.0,12.0"
    assert trend.words == "last 2.0 s, median 2.0 s"
    assert trend_of(strip([Run(at(0))])).points == ""
    assert (trend_of(()).points, trend_of(()).words) == ("", "")
    assert [spoken(ms) for ms in (740, 12_340, 245_000)] == ["740 ms", "12.3 s", "4 min 5 s"]
