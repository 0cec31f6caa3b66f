"""What leaves this app: frozen rows of claims and disbursements. No model, no lazy value.

Personal data is masked here, at the last place that sees it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim of a list. program, producer, adjuster are ids; instants UTC; money cents."""

    id: str
    number: str
    policy_id: str
    policy_number: str
    insured: str
    status: str
    loss_at: datetime
    reported_at: datetime
    state: str
    program_id: str
    producer_id: str | None
    adjuster_id: str | None
    open_indemnity_cents: int
    open_expense_cents: int
    paid_indemnity_cents: int
    paid_expense_cents: int
    recovered_cents: int
    incurred_cents: int
    currency: str
    litigated: bool
    updated: datetime

    @property
    def reserve_cents(self) -> int:
        """Outstanding, indemnity and expense."""
        return self.open_indemnity_cents + self.open_expense_cents

    @property
    def paid_cents(self) -> int:
        """Paid to date, before recoveries."""
        return self.paid_indemnity_cents + self.paid_expense_cents


@dataclass(frozen=True, slots=True)
class ClaimFile:
    """One claim with its facts. Money is cents; lock is compared by every change."""

    row: ClaimRow
    line_of_business: str
    loss_type: str
    cause: str | None
    loss_city: str | None
    description: str | None
    severity: str | None
    determination: str | None
    policy_limit_cents: int
    subrogation: bool
    siu: bool
    assigned_at: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None
    reopened_at: datetime | None
    close_reason: str | None
    adjuster: str | None
    lock: int


@dataclass(frozen=True, slots=True)
class AdjusterRow:
    """One adjuster. level: staff or senior; max_open: claims open at once before it is said."""

    id: str
    user_id: str
    name: str
    level: str
    max_open: int
    status: str


@dataclass(frozen=True, slots=True)
class FlagRow:
    """One live adequacy flag of a claim."""

    id: str
    code: str
    raised_at: datetime
    detail: str


@dataclass(frozen=True, slots=True)
class DisbursementRow:
    """Money leaving the trust account. payee is masked."""

    id: str
    number: str
    claim_id: str | None
    status: str
    method: str
    payee: str
    check_number: str | None
    amount_cents: int
    currency: str
    requested: datetime
    issued: datetime | None
    cleared: datetime | None
    updated: datetime
