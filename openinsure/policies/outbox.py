"""Events of policies that another keyspace has not booked yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openinsure.console.outboxes import Outbox
from openinsure.policies.models import PolicyEvent
from openinsure.tenancy.scope import Scope

OUTBOX = Outbox(
    PolicyEvent,
    "policy_id",
    ("id", "policy_id", "event_type", "effective_date", "payload", "actor_user_id"),
)


@dataclass(frozen=True, slots=True)
class Told:
    """One event with the figures that its transaction wrote."""

    id: str
    policy_id: str
    kind: str
    effective: date
    payload: dict[str, Any]
    actor_user_id: str | None


def waiting(
    scope: Scope, kinds: Sequence[str], *, most: int, but: Collection[str] = ()
) -> list[Told]:
    """Events of these kinds that wait, in the order in which they happened, without those of the
    policies named. One statement."""
    return [Told(*values) for values in OUTBOX.waiting(scope, kinds, most=most, but=but)]


def mark_delivered(scope: Scope, event_id: str, *, now: datetime) -> None:
    """It stands in the other keyspace. One statement."""
    OUTBOX.mark_delivered(scope, event_id, now=now)
