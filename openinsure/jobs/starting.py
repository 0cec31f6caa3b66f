"""Which of the nine jobs this build can run, and starting one."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from openinsure.audit.directory import directory
from openinsure.jobs import earned_premium, runs
from openinsure.jobs.health_rollup import roll_up
from openinsure.jobs.models import CronRun
from openinsure.jobs.schedule import parse
from openinsure.problems import BadForm, Conflict, NotFound
from openinsure.settings.cron import JOBS, Job
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import DirectoryScope

PLATFORM: dict[str, runs.Platform] = {"health_rollup": roll_up}
PER_ORG: dict[str, runs.PerOrg] = {"earned_premium": earned_premium.run_org}


def job_named(name: str) -> Job:
    """By key or address. Raises NotFound."""
    for job in JOBS:
        if name in (job.key, job.name):
            return job
    raise NotFound("job")


def has_runner(job: Job) -> bool:
    """Whether this build can do it."""
    return job.key in PLATFORM or job.key in PER_ORG


def check_startable(job: Job) -> None:
    """Raises Conflict where another scheduler runs the jobs or this build has no runner."""
    if settings.JOBS_MODE == "observe":
        raise Conflict("Another scheduler runs the jobs; this console only observes them.")
    if not has_runner(job):
        raise Conflict(f"{job.does}: this build cannot run it.")


def start(job: Job, *, now: datetime, scheduled_for: datetime | None = None) -> CronRun | None:
    """Run it for a due time (the newest one unless told); None when that is done or under way.

    Raises Conflict where another scheduler runs the jobs or this build has no runner; BadForm for
    a time at which it is not due or that is still to come.
    """
    check_startable(job)
    due = scheduled_for or parse(job.cron).previous(now)
    if due > now or not parse(job.cron).due_at(due):
        raise BadForm({"date": f"must be a past time at which it is due ({job.words} UTC)"})
    run = runs.begin(job, due, now=now)
    if run is None:
        return None
    if job.key in PLATFORM:
        return runs.run_platform(run, PLATFORM[job.key], clock=timezone.now)
    ids = directory().list_ids(DirectoryScope(PLATFORM_ORG_ID, runs.SUBJECT, run.id))
    return runs.run_orgs(run, PER_ORG[job.key], ids, clock=timezone.now)


def watch(*, now: datetime) -> int:
    """Record due times that passed without a run; how many. Nothing where jobs are observed."""
    if settings.JOBS_MODE == "observe":
        return 0
    missed = 0
    for job in filter(has_runner, JOBS):
        due = parse(job.cron).previous(now)
        if (now - due).total_seconds() > job.missed_after_s:
            missed += runs.miss(job, due, now=now)
    return missed
