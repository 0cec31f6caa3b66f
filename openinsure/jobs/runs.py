"""One run of a job: recorded in cron_runs under its idempotency key, never twice at once.

The key is `<job>:<yyyymmddThhmmZ>` of the scheduled time, never of now. A second start of a time
that succeeded does nothing; of one that failed or was killed, it takes the row over, attempt + 1.
"""

from __future__ import annotations

import logging
import socket
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from openinsure.audit.record import AuditEvent, append
from openinsure.jobs.leases import leased
from openinsure.jobs.log_tail import Tail
from openinsure.jobs.models import CronRun, JobOrgRun
from openinsure.keyspaces.ids import new_id
from openinsure.settings.cron import Job
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import Scope, SystemScope, entered

KILLED_AFTER = timedelta(seconds=900)  # the visibility timeout: no task runs longer (600 s)
SUBJECT = "service:system"
ERROR_CHARS = 255
MISSED_AT_ONCE = 2_000  # rows of one transaction, far below 2 s; the rest a minute later
# Columns that the end of a run writes, unless a later attempt has the row by then.
ENDS = (
    *("status", "finished_at", "updated_at", "orgs_total", "orgs_failed"),
    *("rows_processed", "rows_failed", "error_code", "error_detail", "metrics"),
)


class Busy(Exception):
    """Another run of the job is at this organisation's work now."""


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
    key = key_of(job, scheduled_for)
    if not CronRun.objects.filter(idempotency_key=key).exists():
        return _first(job, scheduled_for, now)  # locking what is not there would lock a gap
    with transaction.atomic(using="oi_global"):
        run: CronRun = CronRun.objects.select_for_update().get(idempotency_key=key)
        if run.status == "succeeded":
            return None
        if run.status == "running" and run.updated_at > now - KILLED_AFTER:
            return None
        run.status, run.attempt, run.host = "running", run.attempt + 1, socket.gethostname()[:64]
        run.started_at, run.finished_at, run.updated_at = now, None, now
        run.save()
        return run


def _first(job: Job, scheduled_for: datetime, now: datetime) -> CronRun | None:
    """The new row; None if another inserted it at this moment."""
    run = _row(job, scheduled_for, now)
    try:
        with transaction.atomic(using="oi_global"):
            run.save(force_insert=True)
    except IntegrityError:
        return None
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


def miss(job: Job, times: Sequence[datetime], *, now: datetime) -> int:
    """Record due times that passed without a run, none of which had a row; how many."""
    rows = [_row(job, due, now, "missed") for due in times[:MISSED_AT_ONCE]]
    try:
        with transaction.atomic(using="oi_global"):
            CronRun.objects.bulk_create(rows)
    except IntegrityError:  # one of them began at this moment: the next watch sees it
        return 0
    return len(rows)


def run_platform(run: CronRun, work: Platform, *, clock: Callable[[], datetime]) -> CronRun:
    """Do a job of no organisation and record how it ended. clock: the time at the edges."""
    with Tail() as told:
        try:
            outcome = work(run.scheduled_for)
            _audit(run, PLATFORM_ORG_ID, outcome, clock())
        except Exception as error:
            log.exception("a job failed", extra={"job": run.job_key})
            return _end(run, "failed", Outcome(), type(error).__name__, clock(), told)
        status = "partial" if outcome.failed else "succeeded"
        return _end(run, status, outcome, "", clock(), told)


def run_orgs(
    run: CronRun,
    work: PerOrg,
    org_ids: tuple[str, ...],
    *,
    clock: Callable[[], datetime],
    only: str = "",
) -> CronRun:
    """Do it organisation by organisation; one's failure stops only its own part.

    only: the one organisation to work on now; the run stays partial until the others are done.
    """
    done = failed = lost = 0
    figures: Counter[str] = Counter()
    with Tail() as told:
        for place, org_id in enumerate(org_ids, 1):
            with entered(SystemScope(org_id, SUBJECT, run.id)) as scope:
                wanted = only in ("", org_id)
                part = _part(scope, run, work, clock) if wanted else _standing(scope, run)
            if part is not None:
                done, failed = done + part.done, failed + part.failed
                figures.update(part.figures or {})
            lost += part is None or part.status != "succeeded"
            _sign_of_life(run, place, len(org_ids), done, clock())
        run.orgs_total, run.orgs_failed = len(org_ids), lost
        status = "failed" if lost and lost == len(org_ids) else "partial" if lost else "succeeded"
        outcome = Outcome(done, failed, dict(figures))
        return _end(run, status, outcome, "organizations_failed" * bool(lost), clock(), told)


def _sign_of_life(run: CronRun, place: int, of: int, done: int, at: datetime) -> None:
    """Progress for the page, and for `begin` that somebody is at it."""
    run.updated_at, run.orgs_total, run.rows_processed = at, of, done
    CronRun.objects.filter(id=run.id, attempt=run.attempt).update(
        updated_at=at, orgs_total=of, rows_processed=done, metrics={"orgs_done": place}
    )


def _standing(scope: Scope, run: CronRun) -> JobOrgRun | None:
    found: JobOrgRun | None = JobOrgRun.objects.within(scope).filter(run_id=run.id).first()
    return found


def _part(scope: Scope, run: CronRun, work: PerOrg, clock: Callable[[], datetime]) -> JobOrgRun:
    part = _standing(scope, run)
    if part is not None and part.status == "succeeded":
        return part
    if part is None:
        part = JobOrgRun(org_id=scope.org_id, id=new_id(), run_id=run.id, job_key=run.job_key)
    part.scheduled_for, part.started_at, part.error = run.scheduled_for, clock(), ""
    part.figures = None
    try:
        with leased(scope, f"job.{run.job_key}", now=clock(), lasts=KILLED_AFTER) as ours:
            if not ours:
                raise Busy
            outcome = work(scope, run.scheduled_for)
        _audit(run, scope.org_id, outcome, clock())
        part.status, part.done, part.failed = "succeeded", outcome.done, outcome.failed
        part.figures = outcome.figures or None
    except Exception as error:
        log.exception("a job failed for one organization", extra={"job": run.job_key})
        part.status, part.error = "failed", type(error).__name__[:ERROR_CHARS]
    part.finished_at = clock()
    part.save()
    log.info("%s of one organization", part.status, extra={"org": scope.org_id, "rows": part.done})
    return part


def _audit(run: CronRun, org_id: str, outcome: Outcome, at: datetime) -> None:
    """One row per run and organisation; without it the part counts as not done."""
    append(
        AuditEvent(
            org_id=org_id,
            action=f"job.{run.job_key}",
            actor_user_id=None,
            actor_role="system",
            request_id=run.id,
            occurred_at=at,
            entity_keyspace="oi_global",
            entity_table="cron_runs",
            entity_id=run.id,
            object=run.idempotency_key,
            after={"done": outcome.done, "failed": outcome.failed, **outcome.figures},
        )
    )


def _end(
    run: CronRun, status: str, outcome: Outcome, error: str, at: datetime, told: Tail
) -> CronRun:
    run.status, run.finished_at, run.updated_at = status, at, at
    run.rows_processed, run.rows_failed = outcome.done, outcome.failed
    run.error_code = error or None
    run.error_detail = told.text() or None
    run.metrics = outcome.figures or None
    told_of = {name: getattr(run, name) for name in ENDS}
    if not CronRun.objects.filter(id=run.id, attempt=run.attempt).update(**told_of):
        log.warning("the run was taken over meanwhile", extra={"run": run.idempotency_key})
    return run
