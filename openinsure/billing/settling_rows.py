"""What leaves billing about bordereaux and settlements: frozen rows, no model, no lazy value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class BordereauRow:
    """A bordereau with its totals, cents."""

    id: str
    number: str
    kind: str
    carrier_id: str
    program_id: str | None
    period_start: date
    period_end: date
    status: str
    line_count: int
    gross_premium_cents: int
    fees_cents: int
    taxes_cents: int
    producer_commission_cents: int
    mga_commission_cents: int
    net_to_carrier_cents: int
    paid_claims_cents: int
    outstanding_claims_cents: int
    recoveries_cents: int
    currency: str
    author_user_id: str | None
    approved_by_user_id: str | None
    generated_at: datetime | None
    approved_at: datetime | None
    sent_at: datetime | None
    acknowledged_at: datetime | None
    settlement_id: str | None
    content_sha256: str | None
    updated: datetime


@dataclass(frozen=True, slots=True)
class ReportedRow:
    """A line of a bordereau. Cents; what does not apply to its kind is 0."""

    id: str
    line: int
    kind: str
    policy_number: str
    claim_number: str | None
    insured: str
    state: str
    premium_cents: int
    fees_cents: int
    taxes_cents: int
    producer_cents: int
    mga_cents: int
    ceded_cents: int
    net_cents: int
    paid_cents: int
    outstanding_cents: int
    recovered_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class SettlementRow:
    """A settlement. net_due = premium_due - claims_offset, cents."""

    id: str
    number: str
    carrier_id: str
    period_end: date
    premium_due_cents: int
    claims_offset_cents: int
    net_due_cents: int
    currency: str
    status: str
    due_date: date
    author_user_id: str | None
    approved_by_user_id: str | None
    released_by_user_id: str | None
    drawn_up: datetime
    approved_at: datetime | None
    released_at: datetime | None
    settled_at: datetime | None
    reason: str | None
    updated: datetime


@dataclass(frozen=True, slots=True)
class PayoutRow:
    """One payee of a settlement. bank_ref: of the statement's line that paid it."""

    id: str
    payee_type: str
    payee_id: str
    payee: str
    bank: str | None
    last4: str | None
    account_type: str
    amount_cents: int
    currency: str
    status: str
    pending_transfer: str | None
    bank_ref: str | None
    confirmed_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class BridgeRow:
    """One step from written premium to what is paid, cents."""

    id: str
    what: str
    cents: int
    source: str
    account: str = ""
    currency: str = "USD"
