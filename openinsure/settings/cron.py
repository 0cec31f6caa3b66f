"""The triggers of celery beat, UTC: JOBS (recorded in cron_runs) and HOUSEKEEPING (oi_console)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Trigger:
    """One entry of beat. every_s: seconds between starts and until an unbegun one is dropped."""

    name: str
    task: str
    every_s: int


HOUSEKEEPING: tuple[Trigger, ...] = (
    Trigger("collect", "dbops.collect", every_s=60),
    Trigger("drift", "dbops.drift", every_s=1_800),
    Trigger("audit", "audit.housekeeping", every_s=3_600),
    Trigger("sessions", "accounts.sessions", every_s=3_600),
    Trigger("trail", "accounts.trail", every_s=60),
    Trigger("exports", "exports.sweep", every_s=60),
    Trigger("org-rollups", "pages.org_rollups", every_s=300),
    Trigger("search-tokens", "pages.search_tokens", every_s=60),
    Trigger("stored-searches", "pages.stored_searches", every_s=3_600),
    Trigger("relationships", "authz.outbox", every_s=10),
    Trigger("relationships-compared", "authz.compare", every_s=86_400),
    Trigger("ledger", "ledger.sweep", every_s=60),
    Trigger("ageing", "pages.ageing", every_s=300),
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
    }
