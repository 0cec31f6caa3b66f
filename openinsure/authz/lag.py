"""How far SpiceDB is behind the tables: what waits in the outbox of one organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min

from openinsure.authz.models import AuthzOutbox
from openinsure.authz.outbox import HELD, PENDING
from openinsure.tenancy.scope import Scope


@dataclass(frozen=True, slots=True)
class Lag:
    """Rows that wait, since when, how often they were tried, and the last error."""

    waiting: int
    oldest_at: datetime | None
    attempts: int
    last_error: str


def lag(scope: Scope) -> Lag:
    """One statement on oi_global."""
    rows = AuthzOutbox.objects.within(scope).filter(status__in=(HELD, PENDING))
    found = rows.aggregate(
        waiting=Count("id"),
        oldest=Min("created_at"),
        attempts=Max("attempts"),
        error=Max("last_error"),
    )
    return Lag(found["waiting"], found["oldest"], found["attempts"] or 0, found["error"] or "")
