"""Events of claims that another keyspace has not booked yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openinsure.claims.models import ClaimEvent
from openinsure.console.outboxes import Outbox
from openinsure.tenancy.scope import Scope

OUTBOX = Outbox(
    ClaimEvent,
    "claim_id",
    ("id", "claim_id", "event_type", "occurred_at", "payload", "actor_user_id"),
)


@dataclass(frozen=True, slots=True)
class Told:
    """One event with the figures that its transaction wrote."""

    id: str
    claim_id: str
    kind: str
    at: datetime
    payload: dict[str, Any]
    actor_user_id: str | None


def waiting(
    scope: Scope, kinds: Sequence[str], *, most: int, but: Collection[str] = ()
) -> list[Told]:
    """Events of these kinds that wait, in the order in which they happened, without those of the
    claims named. One statement."""
    return [Told(*values) for values in OUTBOX.waiting(scope, kinds, most=most, but=but)]


def mark_delivered(scope: Scope, event_id: str, *, now: datetime) -> None:
    """It stands in the other keyspace. One statement."""
    OUTBOX.mark_delivered(scope, event_id, now=now)
