"""What /ops/jobs and `openinsure jobs list` tell of the nine jobs: recorded runs, due times."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from openinsure.jobs.models import CronRun
from openinsure.jobs.schedule import parse
from openinsure.jobs.starting import has_runner
from openinsure.jobs.strip import (
    STRIP_DAYS,
    Day,
    Trend,
    days_of,
    spoken,
    took_ms,
    trend_of,
    words_of,
)
from openinsure.settings.cron import JOBS, Job

RUNS_SHOWN = 50
HIDDEN = ("done", "failed", "orgs_total", "orgs_failed", "error", "log")
# What a list needs of a run: without the log, which is long.
SHORT = (
    "job_key", "scheduled_for", "status", "attempt", "started_at", "finished_at",
    "rows_processed", "rows_failed", "orgs_total", "orgs_failed", "error_code",
)  # fmt: skip


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

    @property
    def took(self) -> str:
        """How long it took in words, "" while it runs or where it was missed."""
        return "" if self.took_ms is None else spoken(self.took_ms)


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
    due_at: datetime
    next_at: datetime
    strip: tuple[Day, ...]
    strip_words: str
    trend: Trend

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
    by_job: dict[str, list[Any]] = defaultdict(list)
    for run in _short(now):
        by_job[run.job_key].append(run)
    return [_job_row(job, by_job[job.key], now) for job in JOBS]


def get_job(job: Job, *, now: datetime) -> tuple[JobRow, list[RunRow]]:
    """One job and its newest runs. Two statements."""
    row = _job_row(job, list(_short(now).filter(job_key=job.key)), now)
    runs = CronRun.objects.filter(job_key=job.key).order_by("-scheduled_for")[:RUNS_SHOWN]
    told = [_run_row(run, run.error_detail or "") for run in runs]
    return (row if row.last or not told else replace(row, last=told[0])), told


def _short(now: datetime) -> Any:
    """Runs of the strip's days, the newest first."""
    since = now - timedelta(days=STRIP_DAYS)
    rows = CronRun.objects.filter(scheduled_for__gte=since).order_by("-scheduled_for")
    return rows.values_list(*SHORT, named=True)


def _job_row(job: Job, runs: list[Any], now: datetime) -> JobRow:
    cron = parse(job.cron)
    due = cron.previous(now)
    last = _run_row(runs[0]) if runs else None
    recorded = last is not None and last.scheduled_for >= due
    late = (now - due).total_seconds() > job.missed_after_s
    overdue = late and not recorded and bool(runs)  # before the first run nothing is known
    strip = days_of(runs, cron, now, late_after_s=job.missed_after_s)
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
        due_at=due,
        next_at=cron.following(now),
        strip=strip,
        strip_words=words_of(strip),
        trend=trend_of(strip),
    )


def _run_row(run: Any, log: str = "") -> RunRow:
    return RunRow(
        scheduled_for=run.scheduled_for,
        status=run.status,
        attempt=run.attempt,
        started_at=run.started_at,
        finished_at=run.finished_at,
        took_ms=took_ms(run),
        done=run.rows_processed,
        failed=run.rows_failed,
        orgs_total=run.orgs_total,
        orgs_failed=run.orgs_failed,
        error=run.error_code or "",
        log=log,
    )
