"""Events of claims that another keyspace has not booked yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openinsure.claims.models import ClaimEvent
from openinsure.tenancy.scope import Scope


@dataclass(frozen=True, slots=True)
class Told:
    """One event with the figures that its transaction wrote."""

    id: str
    claim_id: str
    kind: str
    at: datetime
    payload: dict[str, Any]
    actor_user_id: str | None


def waiting(scope: Scope, kinds: Sequence[str], *, most: int) -> list[Told]:
    """Events of these kinds that wait, in the order in which they happened. One statement."""
    rows = (
        ClaimEvent.objects.within(scope)
        .filter(delivered_at=None, event_type__in=kinds)
        .order_by("occurred_at", "claim_id", "seq")
        .values_list("id", "claim_id", "event_type", "occurred_at", "payload", "actor_user_id")[
            :most
        ]
    )
    return [Told(*values) for values in rows]


def mark_delivered(scope: Scope, event_id: str, *, now: datetime) -> None:
    """It stands in the other keyspace."""
    rows = ClaimEvent.objects.within(scope).filter(id=event_id, delivered_at=None)
    rows.update(delivered_at=now)
