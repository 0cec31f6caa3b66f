"""The run table of oi_global, and what jobs keep per organisation in oi_console."""

from __future__ import annotations

from django.db import models

from openinsure.jobs.console_models import HealthDay, JobOrgRun, Lease
from openinsure.keyspaces.fields import (
    CentsField,
    FixedCharField,
    StampField,
    TextColumn,
    TimestampField,
)
from openinsure.keyspaces.indexes import PlainIndex, unique_key
from openinsure.keyspaces.models import GlobalModel

__all__ = ["CronRun", "HealthDay", "JobOrgRun", "Lease"]


class CronRun(GlobalModel):
    """One row per run of the nine scheduled jobs."""

    job_key = models.CharField(max_length=64)
    schedule = models.CharField(max_length=32)
    scheduled_for = TimestampField()
    started_at = TimestampField(null=True)
    finished_at = TimestampField(null=True)
    status = models.CharField(max_length=32)
    attempt = models.IntegerField(default=0)
    host = models.CharField(max_length=64, null=True)
    idempotency_key = models.CharField(max_length=128)
    orgs_total = models.IntegerField(default=0)
    orgs_failed = models.IntegerField(default=0)
    rows_processed = models.BigIntegerField(default=0)
    rows_failed = models.BigIntegerField(default=0)
    amount_cents = CentsField()
    currency = FixedCharField(max_length=3)
    error_code = models.CharField(max_length=64, null=True)
    error_detail = TextColumn(null=True)
    metrics = models.JSONField(null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(GlobalModel.Meta):
        app_label = "oi_global"
        db_table = "cron_runs"
        constraints = [
            unique_key("cron_runs", "idempotency_key"),
        ]
        indexes = [
            PlainIndex("job_key", "scheduled_for"),
            PlainIndex("status", "scheduled_for"),
        ]
