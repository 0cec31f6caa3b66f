"""/ops/jobs: the nine scheduled jobs, their recorded runs, and starting one by hand."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from openinsure.audit.record import append
from openinsure.authz.decorators import allow
from openinsure.console import links, undo
from openinsure.console.acting import actor_of, audit_event
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest
from openinsure.jobs import reading, starting, tasks
from openinsure.problems import BadForm
from openinsure.settings.cron import HOUSEKEEPING


@require_GET
@allow("jobs.view")
def job_list(request: ConsoleRequest) -> HttpResponse:
    """All nine in the order of their times, housekeeping at the foot."""
    rows = reading.list_jobs(now=timezone.now())
    return render_page(
        request,
        "ops/jobs.html",
        data={"rows": [row.json() for row in rows], "next": None},
        rows=rows,
        housekeeping=HOUSEKEEPING,
    )


@require_GET
@allow("jobs.view")
def job_detail(request: ConsoleRequest, name: str) -> HttpResponse:
    """One job and its newest runs; totals and errors need ops.view."""
    row, runs = reading.get_job(starting.job_named(name), now=timezone.now())
    told = [asdict(run) for run in runs]
    if "ops.view" not in request.rights:
        told = [{key: run[key] for key in run if key not in reading.HIDDEN} for run in told]
    return render_page(
        request,
        "ops/job.html",
        data={"row": row.json(), "runs": told},
        row=row,
        runs=runs,
        slowest=max((run.took_ms or 0 for run in runs), default=0),
    )


@require_POST
@allow("jobs.run")
def run_now(request: ConsoleRequest, name: str) -> HttpResponse:
    """Hand the newest due time to a worker; a time that is done stays done."""
    job = starting.job_named(name)
    if request.POST.get("confirm") != job.name:
        raise BadForm({"confirm": f"must be ticked to run {job.name}"})
    starting.check_startable(job)
    append(
        audit_event(
            request.scope, actor_of(request), "job.requested", keyspace="oi_global",
            table="cron_runs", entity_id="", object=job.name, now=timezone.now(),
        )
    )  # fmt: skip
    tasks.run_job.enqueue_platform(job=job.key)
    return undo.back(request, links.url("ops.job", job.name), "Handed to a worker.")


urlpatterns = [
    path("ops/jobs", job_list, name="ops.jobs"),
    path("ops/jobs/<slug:name>", job_detail, name="ops.job"),
    path("ops/jobs/<slug:name>/runs", run_now, name="ops.job_run"),
]
