"""Which of the nine jobs this build can run, and starting one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from openinsure.audit.directory import directory
from openinsure.jobs import (
    earned_premium,
    fl_dhsmv_export,
    mailbox_ingest,
    payment_reminders,
    portfolio_sweep,
    reconciliation,
    renewal_notices,
    runs,
)
from openinsure.jobs.d1_retention import clean
from openinsure.jobs.health_rollup import roll_up
from openinsure.jobs.models import CronRun
from openinsure.jobs.schedule import parse
from openinsure.jobs.strip import STRIP_DAYS
from openinsure.problems import BadForm, Conflict, NotFound
from openinsure.settings.cron import JOBS, Job
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import DirectoryScope

# A job of its own file registers here: once for the platform, once an organisation, or with what
# it must know of all organisations before it enters the first.
PLATFORM: dict[str, runs.Platform] = {"health_rollup": roll_up, "d1_retention": clean}
PER_ORG: dict[str, runs.PerOrg] = {
    "earned_premium": earned_premium.run_org,
    "ledger_reconciliation": reconciliation.run_org,
    "portfolio_sweep": portfolio_sweep.run_org,
    "payment_reminders": payment_reminders.run_org,
    "renewal_notices": renewal_notices.run_org,
}
PREPARED: dict[str, Callable[[tuple[str, ...]], runs.PerOrg]] = {
    "fl_dhsmv_export": fl_dhsmv_export.prepared,
    "mailbox_ingest": mailbox_ingest.prepared,
}
RETRIES, RETRY_AFTER = 3, timedelta(minutes=5)
WATCHED = timedelta(days=STRIP_DAYS)  # gaps of these days are filled, and one that began before


def job_named(name: str) -> Job:
    """By key or address. Raises NotFound."""
    for job in JOBS:
        if name in (job.key, job.name):
            return job
    names = ", ".join(job.name for job in JOBS)
    raise NotFound("job", message=f"No job {name[:40]}; there are {names}.")


def has_runner(job: Job) -> bool:
    """Whether this build can do it."""
    return job.key in PLATFORM or job.key in PER_ORG or job.key in PREPARED


def check_startable(job: Job) -> None:
    """Raises Conflict where another scheduler runs the jobs or this build has no runner."""
    if settings.JOBS_MODE == "observe":
        raise Conflict("Another scheduler runs the jobs; this console only observes them.")
    if not has_runner(job):
        raise Conflict(f"{job.does}: this build cannot run it.")


def org_ids(run_id: str) -> tuple[str, ...]:
    """The organisations that a job walks."""
    return directory().list_ids(DirectoryScope(PLATFORM_ORG_ID, runs.SUBJECT, run_id))


def start(
    job: Job, *, now: datetime, scheduled_for: datetime | None = None, only: str = ""
) -> CronRun | None:
    """Run it for a due time (the newest one unless told); None when that is done or under way.

    only: the id of the one organisation to do now. Raises Conflict where another scheduler runs
    the jobs or this build has no runner; BadForm for a time at which it is not due or that is
    still to come, or for an organisation where the job has none; NotFound.
    """
    check_startable(job)
    due = scheduled_for or parse(job.cron).previous(now)
    if due > now or not parse(job.cron).due_at(due):
        raise BadForm({"date": f"must be a past time at which it is due ({job.words} UTC)"})
    if only and job.key in PLATFORM:
        raise BadForm({"org": f"{job.name} is not run by organization"})
    if only and only not in org_ids(""):
        raise NotFound("organization", message=f"There is no organization {only}.")
    run = runs.begin(job, due, now=now)
    if run is None:
        return None
    if job.key in PLATFORM:
        return runs.run_platform(run, PLATFORM[job.key], clock=timezone.now)
    ids = org_ids(run.id)
    work = PREPARED[job.key](ids) if job.key in PREPARED else PER_ORG[job.key]
    return runs.run_orgs(run, work, ids, clock=timezone.now, only=only)


def watch(*, now: datetime) -> int:
    """Record due times that passed without a run; how many. Nothing where jobs are observed."""
    if settings.JOBS_MODE == "observe":
        return 0
    return sum(runs.miss(job, _without_row(job, now), now=now) for job in JOBS if has_runner(job))


def _without_row(job: Job, now: datetime) -> list[datetime]:
    """Due times that nothing is recorded of, since the newest row of WATCHED ago or, without one,
    since the first row. Before that nothing is known: the newest due time only.
    """
    cron, rows = parse(job.cron), CronRun.objects.filter(job_key=job.key)
    until = cron.previous(now - timedelta(seconds=job.missed_after_s))
    known = rows.values_list("scheduled_for", flat=True)
    old = known.filter(scheduled_for__lte=until - WATCHED).order_by("-scheduled_for").first()
    since = old or known.order_by("scheduled_for").first() or cron.previous(now)
    standing = set(known.filter(scheduled_for__range=(since, until)))
    return [due for due in cron.between(since, until) if due not in standing]


def broken(*, now: datetime) -> list[Job]:
    """Jobs whose newest due time was begun and not ended well, to be tried again: a killed one
    after the visibility timeout, a failed or partial one after five minutes, RETRIES times."""
    if settings.JOBS_MODE == "observe":
        return []
    keys = {runs.key_of(job, parse(job.cron).previous(now)): job for job in JOBS}
    found = CronRun.objects.filter(idempotency_key__in=list(keys), attempt__range=(1, RETRIES))
    return [
        keys[run.idempotency_key]
        for run in found.order_by("scheduled_for", "id")
        if has_runner(keys[run.idempotency_key]) and _due_again(run, now)
    ]


def _due_again(run: CronRun, now: datetime) -> bool:
    waited = now - run.updated_at
    if run.status == "running":
        return bool(waited >= runs.KILLED_AFTER)
    return run.status in ("failed", "partial") and waited >= RETRY_AFTER
