"""What jobs keep in oi_console per organisation: results of a run, and leases."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import IdField
from openinsure.tenancy.models import ConsoleTenantModel


class JobOrgRun(ConsoleTenantModel):
    """What one run of a scheduled job did for one organisation. run_id: of `cron_runs`."""

    run_id = IdField()
    job_key = models.CharField(max_length=64)
    scheduled_for = models.DateTimeField()
    status = models.CharField(max_length=16)
    done = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    error = models.CharField(max_length=255, default="")
    figures = models.JSONField(null=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta(ConsoleTenantModel.Meta):
        app_label = "jobs"
        db_table = "job_org_runs"
        constraints = [
            models.UniqueConstraint(fields=["org_id", "run_id"], name="job_org_runs_run"),
        ]
        indexes = [
            models.Index(fields=["org_id", "job_key", "scheduled_for"], name="job_org_runs_job"),
        ]

    def __str__(self) -> str:
        return f"{self.job_key} {self.scheduled_for:%Y-%m-%d %H:%M}: {self.status}"


class Lease(ConsoleTenantModel):
    """Who may do a piece of an organisation's work now; a dead holder's lease runs out."""

    name = models.CharField(max_length=64)
    holder = models.CharField(max_length=36)
    held_until = models.DateTimeField()

    class Meta(ConsoleTenantModel.Meta):
        app_label = "jobs"
        db_table = "job_leases"
        constraints = [
            models.UniqueConstraint(fields=["org_id", "name"], name="job_leases_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} until {self.held_until}"


class HealthDay(models.Model):
    """How one watched database did on one UTC day. A fact about a database, of no organisation.

    watched_s: how long readings tell of; up_s: of that, how long it answered.
    """

    slug = models.CharField(max_length=64)
    day = models.DateField()
    watched_s = models.IntegerField()
    up_s = models.IntegerField()
    changes = models.IntegerField()
    slowest_ms = models.IntegerField()
    worst_state = models.CharField(max_length=16)

    class Meta:
        app_label = "jobs"
        db_table = "health_days"
        constraints = [models.UniqueConstraint(fields=["slug", "day"], name="health_days_day")]

    def __str__(self) -> str:
        return f"{self.slug} on {self.day}"
