"""The triggers of celery beat, UTC: JOBS (recorded in cron_runs) and HOUSEKEEPING (oi_console).

Crontabs count weekdays from 0 = Sunday, as requirement 000 and Celery do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from celery.schedules import crontab


@dataclass(frozen=True, slots=True)
class Trigger:
    """One entry of beat. every_s: seconds between starts and until an unbegun one is dropped."""

    name: str
    task: str
    every_s: int
    does: str

    @property
    def words(self) -> str:
        """`every 10 seconds`, `every minute`, `every 30 minutes`, `every day`."""
        for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
            count, rest = divmod(self.every_s, seconds)
            if count and not rest:
                return f"every {unit}" if count == 1 else f"every {count} {unit}s"
        raise ValueError(f"{self.name}: starts every {self.every_s} s")


@dataclass(frozen=True, slots=True)
class Job:
    """One of the nine scheduled jobs. catch_up: what a missed time means for the next run."""

    key: str
    cron: str
    words: str
    does: str
    catch_up: str
    missed_after_s: int = 900

    @property
    def name(self) -> str:
        """The key as in an address."""
        return self.key.replace("_", "-")


JOBS: tuple[Job, ...] = (
    Job(
        "earned_premium", "0 3 * * *", "03:00 every day", "Earned premium batch (GL + TigerBeetle)",
        "the newest missed date; it equals the sum",
    ),
    Job("d1_retention", "0 4 * * 0", "04:00 on Sundays", "D1 retention cleanup", "next run covers"),
    Job(
        "health_rollup", "0 5 * * *", "05:00 every day", "Infrastructure health rollup",
        "any day can be counted again",
    ),
    Job(
        "portfolio_sweep", "0 6 * * *", "06:00 every day", "Portfolio sweep",
        "by date, oldest first",
    ),
    Job(
        "ledger_reconciliation", "0 7 * * *", "07:00 every day",
        "Ledger reconciliation (TigerBeetle vs GL)", "next run covers",
    ),
    Job(
        "payment_reminders", "0 8 * * *", "08:00 every day", "Payment reminders",
        "stages and fees caught up; reminders more than two days late are left out",
    ),
    Job(
        "renewal_notices", "0 9 * * *", "09:00 every day", "Renewal notices",
        "all due at once; a missed legal date is an alarm",
    ),
    Job(
        "fl_dhsmv_export", "0 18 * * 1-5", "18:00 on weekdays", "FL DHSMV export",
        "what was not sent stays due",
    ),
    Job(
        "mailbox_ingest", "*/15 * * * *", "every 15 minutes", "Mailbox ingest",
        "goes on at the last message", missed_after_s=300,
    ),
)  # fmt: skip

HOUSEKEEPING: tuple[Trigger, ...] = (
    Trigger("collect", "dbops.collect", every_s=60, does="Reads the state of every database"),
    Trigger(
        "drift",
        "dbops.drift",
        every_s=1_800,
        does="Compares live schemas with what the migrations make",
    ),
    Trigger(
        "orphans",
        "dbops.orphans",
        every_s=3_600,
        does="Counts rows that name a row which is not there",
    ),
    Trigger(
        "audit",
        "audit.housekeeping",
        every_s=3_600,
        does="Anchors the audit chain and clears what is past its time",
    ),
    Trigger(
        "sessions",
        "accounts.sessions",
        every_s=3_600,
        does="Deletes sessions and tokens that are over",
    ),
    Trigger(
        "trail",
        "accounts.trail",
        every_s=60,
        does="Writes audit rows that waited for their database",
    ),
    Trigger(
        "exports",
        "exports.sweep",
        every_s=60,
        does="Removes expired files, starts lost exports again",
    ),
    Trigger(
        "org-rollups",
        "pages.org_rollups",
        every_s=300,
        does="Counts what the organizations page shows",
    ),
    Trigger(
        "search-tokens", "pages.search_tokens", every_s=60, does="Brings the look-up box up to date"
    ),
    Trigger(
        "stored-searches",
        "pages.stored_searches",
        every_s=3_600,
        does="Forgets stored searches 30 days old",
    ),
    Trigger(
        "relationships",
        "authz.outbox",
        every_s=10,
        does="Tells SpiceDB of changed roles and assignments",
    ),
    Trigger(
        "relationships-watched",
        "authz.watch",
        every_s=60,
        does="Compares SpiceDB's schema, counts waiting changes",
    ),
    Trigger(
        "relationships-compared",
        "authz.compare",
        every_s=86_400,
        does="Compares SpiceDB's relations with the database",
    ),
    Trigger("jobs", "jobs.watch", every_s=60, does="Watches for missed and overdue jobs"),
    Trigger(
        "ledger", "ledger.sweep", every_s=60, does="Starts posting of transfers that still wait"
    ),
    Trigger(
        "policy-events",
        "policies.money",
        every_s=10,
        does="Books what submissions and policies have to tell",
    ),
    Trigger("claim-events", "claims.money", every_s=10, does="Books what claims have to tell"),
    Trigger(
        "books",
        "books.take_up",
        every_s=60,
        does="Adds what was posted to the daily sums of the books",
    ),
    Trigger(
        "books-counted",
        "books.count",
        every_s=300,
        does="Counts ledger balances by type and open commissions",
    ),
    Trigger("ageing", "pages.ageing", every_s=300, does="Ages what is past due"),
    Trigger("letters", "letters.sweep", every_s=10, does="Sends letters that still wait"),
    Trigger(
        "figures",
        "pages.figures",
        every_s=300,
        does="Counts what home pages and the policies list show",
    ),
)


def beat_schedule() -> dict[str, dict[str, Any]]:
    """Celery's `beat_schedule`. The tasks sign themselves (tenancy.jobs.PlatformTask)."""
    return {
        trigger.name: {
            "task": trigger.task,
            "schedule": trigger.every_s,
            "options": {"expires": trigger.every_s},
        }
        for trigger in HOUSEKEEPING
    } | {
        f"job-{job.name}": {
            "task": "jobs.run",
            "schedule": _crontab(job.cron),
            "kwargs": {"job": job.key},
            "options": {"expires": job.missed_after_s},
        }
        for job in JOBS
    }


def _crontab(cron: str) -> crontab:
    minute, hour, day, month, weekday = cron.split()
    return crontab(minute, hour, weekday, day, month)
