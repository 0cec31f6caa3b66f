"""The nine jobs' runs of the last fourteen days, with a failed, a missed and a late one.

They are the platform's, in oi_global; a later load replaces its own and leaves real ones alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from openinsure.demo.clock import at, days
from openinsure.demo.ids import row_id
from openinsure.jobs.models import CronRun
from openinsure.jobs.runs import key_of
from openinsure.jobs.schedule import parse
from openinsure.settings.cron import JOBS, Job

HOST = "demo"
DAYS = 14
ORGS = 4
# Seconds that a run takes, and rows that it does.
USUAL = {
    "earned_premium": (9.0, 1_150), "d1_retention": (0.4, 60), "health_rollup": (0.2, 8),
    "portfolio_sweep": (3.1, 14), "ledger_reconciliation": (4.4, 39),
    "payment_reminders": (6.2, 85), "renewal_notices": (2.7, 6), "fl_dhsmv_export": (1.9, 11),
    "mailbox_ingest": (0.3, 1),
}  # fmt: skip
FAILED, MISSED, LATE = ("portfolio_sweep", 3), ("renewal_notices", 5), ("earned_premium", 8)
POISON = ("mailbox_ingest", 2)  # the day on which a message was set aside
LOG = (
    '{"level":"info","logger":"openinsure.jobs.runs","message":"succeeded of one organization"}\n'
    '{"level":"error","logger":"openinsure.jobs.runs","message":"a job failed for one'
    ' organization","error":"OperationalError: lock wait timeout"}'
)


def runs(seed: int, today: date, now: datetime) -> Iterator[dict[str, Any]]:
    """Rows of cron_runs, the oldest first: to `now` on the load day, to the end of another day."""
    rng = Random(f"{seed}:runs")
    until = now if now.astimezone(UTC).date() == today else at(today + days(1), 0)
    for job in JOBS:
        due = parse(job.cron).following(at(today - days(DAYS - 1), 0) - timedelta(seconds=1))
        while due <= until - timedelta(minutes=2):
            yield _row(rng, job, due, (today - due.date()).days)
            due = parse(job.cron).following(due)


def _row(rng: Random, job: Job, due: datetime, back: int) -> dict[str, Any]:
    seconds, rows = USUAL[job.key]
    begun = due + timedelta(seconds=rng.randint(0, 4), minutes=31 * ((job.key, back) == LATE))
    ended = begun + timedelta(milliseconds=round(seconds * rng.uniform(800, 1_300)))
    told: dict[str, Any] = {
        "status": "succeeded", "attempt": 1, "started_at": begun, "finished_at": ended,
        "rows_processed": round(rows * rng.uniform(0.7, 1.2)), "host": HOST,
        "orgs_total": ORGS, "updated_at": ended,
    }  # fmt: skip
    if (job.key, back) == FAILED:
        told |= {
            "status": "failed", "orgs_failed": ORGS, "rows_processed": 0, "error_detail": LOG,
            "error_code": "organizations_failed",
        }  # fmt: skip
    if (job.key, back) == MISSED:
        told |= {"status": "missed", "attempt": 0, "started_at": None, "finished_at": None,
                 "rows_processed": 0, "orgs_total": 0}  # fmt: skip
    if (job.key, back) == POISON and (due.hour, due.minute) == (10, 15):
        told |= {"rows_failed": 1}
    return {
        "id": row_id(rng, due), "job_key": job.key, "schedule": job.cron, "scheduled_for": due,
        "idempotency_key": key_of(job, due), "currency": "USD", "created_at": due, **told,
    }  # fmt: skip


def replaced(seed: int, today: date, now: datetime) -> list[dict[str, Any]]:
    """The rows to write, an earlier load's taken away; times of which a real run is recorded are
    left to it."""
    CronRun.objects.filter(host=HOST).delete()
    rows = list(runs(seed, today, now))
    keys = [row["idempotency_key"] for row in rows]
    standing = set(
        CronRun.objects.filter(idempotency_key__in=keys).values_list("idempotency_key", flat=True)
    )
    return [row for row in rows if row["idempotency_key"] not in standing]
