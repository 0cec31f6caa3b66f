"""Claim money of a period: what a claims bordereau reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from openinsure.claims.models import ClaimPayment, ClaimRecovery
from openinsure.console.row_reading import rows_of
from openinsure.tenancy.scope import Scope

ROWS_MAX = 50_000


@dataclass(frozen=True, slots=True)
class ClaimMoneyRow:
    """A payment or recovery with its claim; outstanding as it is now. Cents."""

    id: str
    claim_id: str
    claim_number: str
    policy_id: str
    policy_number: str
    insured: str
    state: str
    cents: int
    indemnity_outstanding_cents: int
    expense_outstanding_cents: int
    currency: str


COLUMNS = {
    "claim_number": "claim__claim_number",
    "policy_id": "claim__policy_id",
    "policy_number": "claim__policy_number",
    "insured": "claim__insured_name",
    "state": "claim__loss_state",
    "cents": "amount_cents",
    "indemnity_outstanding_cents": "claim__outstanding_indemnity_cents",
    "expense_outstanding_cents": "claim__outstanding_expense_cents",
}


def paid_in(
    scope: Scope, *, carrier_id: str, program_id: str, first: date, last: date
) -> list[ClaimMoneyRow]:
    """Payments issued in the period and not voided since, by claim. One statement."""
    low, below = _days(first, last)
    rows = ClaimPayment.objects.within(scope).filter(
        claim__carrier_id=carrier_id,
        claim__program_id=program_id,
        disbursement__issued_at__gte=low,
        disbursement__issued_at__lt=below,
        voided_at=None,
    )
    return _read(rows, COLUMNS)


def recovered_in(
    scope: Scope, *, carrier_id: str, program_id: str, first: date, last: date
) -> list[ClaimMoneyRow]:
    """Recoveries received in the period and taken back in it, by claim. One statement."""
    low, below = _days(first, last)
    rows = (
        ClaimRecovery.objects.within(scope)
        .filter(
            claim__carrier_id=carrier_id,
            claim__program_id=program_id,
            received_at__gte=low,
            received_at__lt=below,
        )
        .exclude(received_cents=0)
    )
    return _read(rows, COLUMNS | {"cents": "received_cents"})


def _read(rows: Any, columns: dict[str, str]) -> list[ClaimMoneyRow]:
    return rows_of(rows.order_by("claim_id", "id"), ClaimMoneyRow, columns, limit=ROWS_MAX)


def _days(first: date, last: date) -> tuple[datetime, datetime]:
    midnight = datetime.combine(first, time(), UTC)
    return midnight, datetime.combine(last + timedelta(days=1), time(), UTC)
