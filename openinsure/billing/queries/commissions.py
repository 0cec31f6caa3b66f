"""Reads of what was paid out to producers, of every statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from openinsure.billing.models import CommissionPayout
from openinsure.tenancy.listing import ListSpec, Sort


@dataclass(frozen=True, slots=True)
class CommissionPayoutRow:
    """A payout of a commission statement, in cents; reason: why it was rejected or came back."""

    id: str
    statement_id: str | None
    producer_id: str
    amount_cents: int
    currency: str
    status: str
    drawn_up: datetime
    approved_at: datetime | None
    released_at: datetime | None
    paid_at: datetime | None
    reason: str | None


PAYOUTS = ListSpec(
    model=CommissionPayout,
    row=CommissionPayoutRow,
    columns={"drawn_up": "created_at"},
    sorts={
        "drawn_up": Sort(
            "created_at",
            "commission_payouts_org_created_id",
            within={"status": "commission_payouts_org_status_created_id"},
        )
    },
)
