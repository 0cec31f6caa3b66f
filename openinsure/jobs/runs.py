"""One run of a job: recorded in cron_runs under its idempotency key, never twice at once.

The key is `<job>:<yyyymmddThhmmZ>` of the scheduled time, never of now. A second start of a time
that succeeded does nothing; of one that failed or was killed, it takes the row over, attempt + 1.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from openinsure.jobs.models import CronRun, JobOrgRun
from openinsure.keyspaces.ids import new_id
from openinsure.settings.cron import Job
from openinsure.tenancy.scope import Scope, SystemScope, entered

KILLED_AFTER = timedelta(seconds=900)  # the visibility timeout: no task runs longer (600 s)
SUBJECT = "service:system"
ERROR_CHARS = 255

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job did: rows done and failed, and figures for the run's page."""

    done: int = 0
    failed: int = 0
    figures: dict[str, Any] = field(default_factory=dict)


Platform = Callable[[datetime], Outcome]  # the scheduled time
PerOrg = Callable[[Scope, datetime], Outcome]  # inside that organisation's scope


def key_of(job: Job, scheduled_for: datetime) -> str:
    """`earned_premium:20261120T0300Z`."""
    return f"{job.key}:{scheduled_for:%Y%m%dT%H%MZ}"


def begin(job: Job, scheduled_for: datetime, *, now: datetime) -> CronRun | None:
    """The row, running and ours; None when that time is done or somebody is at it."""
    with transaction.atomic(using="oi_global"):
        key = key_of(job, scheduled_for)
        run = CronRun.objects.select_for_update().filter(idempotency_key=key).first()
        if run is None:
            run = _row(job, scheduled_for, now)
            try:
                with transaction.atomic(using="oi_global"):
                    run.save(force_insert=True)
            except IntegrityError:
                return None  # begun by another at this moment
            return run
        if run.status == "succeeded":
            return None
        if run.status == "running" and run.updated_at > now - KILLED_AFTER:
            return None
        run.status, run.attempt, run.host = "running", run.attempt + 1, socket.gethostname()[:64]
        run.started_at, run.finished_at, run.updated_at = now, None, now
        run.save()
        return run


def _row(job: Job, scheduled_for: datetime, now: datetime, status: str = "running") -> CronRun:
    began = status == "running"
    return CronRun(
        id=new_id(),
        job_key=job.key,
        schedule=job.cron,
        scheduled_for=scheduled_for,
        started_at=now if began else None,
        status=status,
        attempt=1 if began else 0,
        host=socket.gethostname()[:64] if began else None,
        idempotency_key=key_of(job, scheduled_for),
        currency="USD",
        created_at=now,
        updated_at=now,
    )


def miss(job: Job, scheduled_for: datetime, *, now: datetime) -> bool:
    """Record that a due time passed without a run; False if it has a row."""
    if CronRun.objects.filter(idempotency_key=key_of(job, scheduled_for)).exists():
        return False
    try:
        with transaction.atomic(using="oi_global"):
            _row(job, scheduled_for, now, "missed").save(force_insert=True)
    except IntegrityError:
        return False
    return True


def run_platform(run: CronRun, work: Platform, *, clock: Callable[[], datetime]) -> CronRun:
    """Do a job of no organisation and record how it ended. clock: the time at the edges."""
    try:
        outcome = work(run.scheduled_for)
    except Exception as error:
        log.exception("a job failed", extra={"job": run.job_key})
        return _end(run, "failed", Outcome(), type(error).__name__, clock())
    return _end(run, "partial" if outcome.failed else "succeeded", outcome, "", clock())


def run_orgs(
    run: CronRun, work: PerOrg, org_ids: tuple[str, ...], *, clock: Callable[[], datetime]
) -> CronRun:
    """Do it organisation by organisation; one's failure stops only its own part."""
    done = failed = lost = 0
    for org_id in org_ids:
        with entered(SystemScope(org_id, SUBJECT, run.id)) as scope:
            part = _part(scope, run, work, clock)
        done, failed, lost = (
            done + part.done,
            failed + part.failed,
            lost + (part.status == "failed"),
        )
        run.updated_at = clock()  # a sign of life for `begin`
        CronRun.objects.filter(id=run.id).update(updated_at=run.updated_at)
    run.orgs_total, run.orgs_failed = len(org_ids), lost
    status = "failed" if lost and lost == len(org_ids) else "partial" if lost else "succeeded"
    return _end(run, status, Outcome(done, failed), "organizations_failed" * bool(lost), clock())


def _part(scope: Scope, run: CronRun, work: PerOrg, clock: Callable[[], datetime]) -> JobOrgRun:
    rows = JobOrgRun.objects.within(scope).filter(run_id=run.id)
    part: JobOrgRun | None = rows.first()
    if part is not None and part.status == "succeeded":
        return part
    if part is None:
        part = JobOrgRun(org_id=scope.org_id, id=new_id(), run_id=run.id, job_key=run.job_key)
    part.scheduled_for, part.started_at, part.error = run.scheduled_for, clock(), ""
    try:
        outcome = work(scope, run.scheduled_for)
        part.status, part.done, part.failed = "succeeded", outcome.done, outcome.failed
    except Exception as error:
        log.exception("a job failed for one organization", extra={"job": run.job_key})
        part.status, part.error = "failed", type(error).__name__[:ERROR_CHARS]
    part.finished_at = clock()
    part.save()
    return part


def _end(run: CronRun, status: str, outcome: Outcome, error: str, at: datetime) -> CronRun:
    run.status, run.finished_at, run.updated_at = status, at, at
    run.rows_processed, run.rows_failed = outcome.done, outcome.failed
    run.error_code = error or None
    run.metrics = outcome.figures or None
    run.save()
    return run
