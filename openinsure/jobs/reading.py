"""What /ops/jobs and `openinsure jobs list` tell of the nine jobs: recorded runs, due times."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from openinsure.jobs.models import CronRun
from openinsure.jobs.schedule import parse
from openinsure.jobs.starting import has_runner
from openinsure.settings.cron import JOBS, Job

STRIP_DAYS = 14
RUNS_SHOWN = 50
HIDDEN = ("done", "failed", "orgs_total", "orgs_failed", "error", "log")
BAD_FIRST = ("failed", "missed", "partial", "running", "skipped", "succeeded")


@dataclass(frozen=True, slots=True)
class RunRow:
    """One recorded run. took_ms is None while it runs or where it was missed."""

    scheduled_for: datetime
    status: str
    attempt: int
    started_at: datetime | None
    finished_at: datetime | None
    took_ms: int | None
    done: int
    failed: int
    orgs_total: int
    orgs_failed: int
    error: str
    log: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the strip: the worst status of its runs, "none" without one."""

    day: date
    status: str
    runs: int


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job as listed. state: of its newest due time; unknown where this build has no runner
    and nobody else recorded a run."""

    name: str
    does: str
    words: str
    cron: str
    catch_up: str
    state: str
    overdue: bool
    runs_here: bool
    last: RunRow | None
    next_at: datetime
    strip: tuple[Day, ...]

    def json(self) -> dict[str, Any]:
        """As JSON tells everybody: without totals and error text, which need ops.view."""
        told = asdict(self)
        if told["last"] is not None:
            told["last"] = {key: told["last"][key] for key in told["last"] if key not in HIDDEN}
        told["schedule"], told["next_run_at"] = self.words, self.next_at
        told["last_run_at"] = self.last.started_at if self.last else None
        told["last_status"] = self.last.status if self.last else None
        return told


def list_jobs(*, now: datetime) -> list[JobRow]:
    """All nine in the order of their times. One statement."""
    since = now - timedelta(days=STRIP_DAYS)
    by_job: dict[str, list[CronRun]] = defaultdict(list)
    for run in CronRun.objects.filter(scheduled_for__gte=since).order_by("-scheduled_for"):
        by_job[run.job_key].append(run)
    return [_job_row(job, by_job[job.key], now) for job in JOBS]


def get_job(job: Job, *, now: datetime) -> tuple[JobRow, list[RunRow]]:
    """One job and its newest runs. One statement."""
    runs = list(CronRun.objects.filter(job_key=job.key).order_by("-scheduled_for")[:RUNS_SHOWN])
    return _job_row(job, runs, now), [_run_row(run) for run in runs]


def _job_row(job: Job, runs: list[CronRun], now: datetime) -> JobRow:
    due = parse(job.cron).previous(now)
    last = _run_row(runs[0]) if runs else None
    recorded = last is not None and last.scheduled_for >= due
    late = (now - due).total_seconds() > job.missed_after_s
    overdue = late and not recorded and bool(runs)  # before the first run nothing is known
    return JobRow(
        name=job.name,
        does=job.does,
        words=f"{job.words} UTC",
        cron=job.cron,
        catch_up=job.catch_up,
        state="missed" if overdue else last.status if last else "unknown",
        overdue=overdue,
        runs_here=has_runner(job),
        last=last,
        next_at=parse(job.cron).following(now),
        strip=_strip(runs, now),
    )


def _strip(runs: list[CronRun], now: datetime) -> tuple[Day, ...]:
    by_day: dict[date, list[str]] = defaultdict(list)
    for run in runs:
        by_day[run.scheduled_for.date()].append(run.status)
    days = [(now - timedelta(days=back)).date() for back in reversed(range(STRIP_DAYS))]
    return tuple(Day(day, _worst(by_day[day]), len(by_day[day])) for day in days)


def _worst(statuses: list[str]) -> str:
    return min(statuses, key=BAD_FIRST.index) if statuses else "none"


def _run_row(run: CronRun) -> RunRow:
    took = run.finished_at - run.started_at if run.finished_at and run.started_at else None
    return RunRow(
        scheduled_for=run.scheduled_for,
        status=run.status,
        attempt=run.attempt,
        started_at=run.started_at,
        finished_at=run.finished_at,
        took_ms=None if took is None else took // timedelta(milliseconds=1),
        done=run.rows_processed,
        failed=run.rows_failed,
        orgs_total=run.orgs_total,
        orgs_failed=run.orgs_failed,
        error=run.error_code or "",
        log=run.error_detail or "",
    )
