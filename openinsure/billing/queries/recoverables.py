"""Reads of what reinsurers still owe of one claim: what a payment of theirs may be put on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import F

from openinsure.billing.models import ReinsuranceRecoverable
from openinsure.console.row_reading import rows_of
from openinsure.tenancy.scope import Scope

ROWS_MAX = 200


@dataclass(frozen=True, slots=True)
class OpenRecoverable:
    """An item that a reinsurer was billed for and has not paid in full. Cents."""

    id: str
    reinsurer: str
    treaty: str
    billed_on: date
    billed_cents: int
    collected_cents: int
    currency: str

    @property
    def open_cents(self) -> int:
        """Billed and not collected."""
        return self.billed_cents - self.collected_cents


def open_recoverables(scope: Scope, claim_id: str) -> list[OpenRecoverable]:
    """The items of a claim that are open, the oldest first. One statement."""
    rows = ReinsuranceRecoverable.objects.within(scope).filter(
        claim_id=claim_id, status="billed", billed_cents__gt=F("collected_cents")
    )
    columns = {"reinsurer": "participant__reinsurer_name", "treaty": "treaty__treaty_code"}
    return rows_of(rows.order_by("billed_on", "id"), OpenRecoverable, columns, limit=ROWS_MAX)
