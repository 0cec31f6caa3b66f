"""How SpiceDB stands against the tables, as last seen: its schema, what waits, the comparison.

Looks are made by tasks and stored in oi_console; the page of the database reads what is stored.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from openinsure.authz import schema
from openinsure.authz.client import Client
from openinsure.authz.lag import Lag
from openinsure.authz.models import RelationStanding
from openinsure.authz.port import AuthorizationAway

SCHEMA, OUTBOX, COMPARISON = "schema", "outbox", "comparison"
STALE_AFTER = timedelta(minutes=3)  # schema and outbox are looked at each minute
LATE_S = 60  # a change that waits longer is late: delivery runs every ten seconds
NAMED_MAX = 20  # differences kept by name; the rest as a number


@dataclass(frozen=True, slots=True)
class Look:
    """One stored look. error: why nothing could be seen; found: differences by name."""

    seen_at: datetime
    error: str = ""
    count: int = 0
    found: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def stale(self, now: datetime) -> bool:
        """Too old to go by."""
        return now - self.seen_at > STALE_AFTER


def looks() -> dict[str, Look]:
    """Every stored look by name. One statement on oi_console."""
    rows = RelationStanding.objects.all()
    return {row.name: _unpacked(row.seen_at, row.said) for row in rows}


def look_at_schema(client: Client, *, now: datetime) -> Look:
    """Compare the live schema with schema.zed and store it; also that nobody answered."""
    try:
        found = schema.differences(client)
    except AuthorizationAway as away:
        return keep(SCHEMA, Look(now, error=f"SpiceDB does not answer ({away})"))
    return keep_schema(found, now=now)


def keep_schema(found: tuple[str, ...], *, now: datetime) -> Look:
    """Store what differs between the live schema and schema.zed."""
    return keep(SCHEMA, Look(now, count=len(found), found=found))


def keep_outbox(lags: Collection[Lag], *, now: datetime) -> Look:
    """Store what waits in the outboxes of all organisations together."""
    waiting = [lag for lag in lags if lag.waiting]
    oldest = min((lag.oldest_at for lag in waiting if lag.oldest_at), default=None)
    facts = {
        "organizations": len(waiting),
        "oldest_s": round((now - oldest).total_seconds()) if oldest else 0,
        "attempts": max((lag.attempts for lag in waiting), default=0),
        "last_error": next((lag.last_error for lag in waiting if lag.last_error), ""),
    }
    return keep(OUTBOX, Look(now, count=sum(lag.waiting for lag in waiting), facts=facts))


def keep(name: str, look: Look) -> Look:
    """Store a look in place of the last one."""
    told = asdict(look)
    told.pop("seen_at")
    told["found"] = list(look.found[:NAMED_MAX])
    RelationStanding.objects.update_or_create(
        name=name, defaults={"seen_at": look.seen_at, "said": told}
    )
    return look


def _unpacked(seen_at: datetime, said: Mapping[str, Any]) -> Look:
    return Look(
        seen_at,
        error=str(said.get("error", "")),
        count=int(said.get("count", 0)),
        found=tuple(said.get("found", ())),
        facts=dict(said.get("facts", {})),
    )
