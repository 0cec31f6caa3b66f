"""Event tables as outboxes: what another keyspace has not booked yet, and the mark that it has.

`policy_events` and `claim_events` are one idea in two keyspaces; each app names its columns.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openinsure.tenancy.models import TenantModel
from openinsure.tenancy.scope import Scope


@dataclass(frozen=True, slots=True)
class Outbox:
    """One event table. subject: the column of what happened to it; columns: of one row told."""

    model: type[TenantModel]
    subject: str
    columns: tuple[str, ...]

    def waiting(
        self, scope: Scope, kinds: Sequence[str], *, most: int, but: Collection[str] = ()
    ) -> list[tuple[Any, ...]]:
        """Events of these kinds that wait, in the order in which they happened, without those of
        the subjects named. One statement."""
        rows = self.model.objects.within(scope).filter(delivered_at=None, event_type__in=kinds)
        if but:
            rows = rows.exclude(**{f"{self.subject}__in": sorted(but)})
        ordered = rows.order_by("occurred_at", self.subject, "seq")
        return list(ordered.values_list(*self.columns)[:most])

    def mark_delivered(self, scope: Scope, event_id: str, *, now: datetime) -> None:
        """It stands in the other keyspace; marking it again changes nothing. One statement."""
        rows = self.model.objects.within(scope).filter(id=event_id, delivered_at=None)
        rows.update(delivered_at=now)
