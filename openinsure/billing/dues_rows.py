"""What leaves billing about dues, suspense and the bank: frozen rows, cents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class SuspenseRow:
    """Money that waits, of one payment. Cents."""

    id: str
    payment_id: str
    amount_cents: int
    currency: str
    status: str
    reason: str | None
    reference: str | None
    since: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class RemittanceRow:
    """Tax of a state paid over, or to be. Cents."""

    id: str
    state: str
    tax_code: str
    period_start: date
    period_end: date
    due_date: date
    amount_cents: int
    currency: str
    status: str
    confirmation_number: str | None
    filed_at: datetime | None
    author_user_id: str | None
    approved_by_user_id: str | None
    approved_at: datetime | None
    drawn_up: datetime
    attempt: int
    reason: str | None

    @property
    def number(self) -> str:
        """What people call it: state, tax and period, which are unique."""
        return f"{self.state}-{self.tax_code.upper().replace('_', '-')}-{self.period_end:%Y%m%d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldReceipt:
    """Tax of one receipt, put on a remittance. Cents."""

    id: str
    payment_number: str | None
    policy_number: str | None
    on: datetime
    amount_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A producer's commission statement: opening + earned - clawed back - paid = closing. Cents."""

    id: str
    producer_id: str
    period_start: date
    period_end: date
    opening_cents: int
    accrued_cents: int
    clawback_cents: int
    paid_cents: int
    closing_cents: int
    currency: str
    status: str


@dataclass(frozen=True, slots=True)
class CessionRow:
    """A statement to one reinsurer. Cents; net = premium - commission, loss is billed apart."""

    id: str
    treaty_id: str
    participant_id: str
    period_start: date
    period_end: date
    ceded_premium_cents: int
    ceding_commission_cents: int
    net_cents: int
    ceded_loss_cents: int
    currency: str
    status: str
    settlement_id: str | None


@dataclass(frozen=True, slots=True)
class RecoverableRow:
    """What a reinsurer was asked for of one claim. Cents; negative: billed back."""

    id: str
    treaty_id: str
    participant_id: str
    claim_id: str
    billed_cents: int
    collected_cents: int
    currency: str
    billed_on: date
    due_date: date
    status: str
    dispute_status: str | None


@dataclass(frozen=True, slots=True)
class OwedByReinsurer:
    """What is billed to one participant of a treaty and not collected. Cents."""

    id: str
    reinsurer: str
    items: int
    oldest: date
    cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class BankLineRow:
    """A line of a bank statement. Cents, positive; direction says which way."""

    id: str
    trust_account_id: str
    bank_ref: str
    posted_on: date
    amount_cents: int
    currency: str
    description: str | None
    direction: str
    status: str
    matched_type: str | None
    matched_id: str | None


@dataclass(frozen=True, slots=True)
class PaymentRef:
    """The payment that money in suspense came with."""

    id: str
    number: str
    payer: str
    policy_number: str | None
    account_number: str | None


@dataclass(frozen=True, slots=True)
class Offer:
    """An open invoice that money may be put on."""

    number: str
    balance_cents: int
    due_date: date
    policy_id: str


@dataclass(frozen=True, slots=True)
class SuspenseTotal:
    """What waits, in one currency. Cents."""

    id: str
    currency: str
    items: int
    amount_cents: int
    source: str = ""


@dataclass(frozen=True, slots=True)
class HeldTax:
    """What is held of one state's tax and not remitted, cents."""

    id: str
    state: str
    tax_code: str
    items: int
    amount_cents: int
    currency: str
    status: str
    newest: datetime


@dataclass(frozen=True, slots=True)
class OpenCommission:
    """What a producer earned since the last statement, cents."""

    id: str
    items: int
    earned_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class AccrualRow:
    """One accrual of a statement, with the payment it came from. Cents."""

    id: str
    kind: str
    policy_id: str
    basis_cents: int
    rate: Decimal
    amount_cents: int
    currency: str
    payment_number: str | None
    policy_number: str | None
    on: datetime


@dataclass(frozen=True, slots=True)
class TreatyRow:
    """A participant of a treaty with its share."""

    id: str
    treaty_id: str
    code: str
    kind: str
    program_id: str | None
    effective: date
    expires: date
    ceded_rate: Decimal
    commission_rate: Decimal
    reinsurer: str
    share_rate: Decimal
    authorized: bool
    collateral_cents: int
    currency: str
    status: str


@dataclass(frozen=True, slots=True)
class TieOutRow:
    """A month: statement - outstanding + in transit - book = difference. Cents."""

    id: str
    account: str | None
    last4: str | None
    kind: str
    on: date
    statement_cents: int
    outstanding_cents: int
    transit_cents: int
    book_cents: int
    difference_cents: int
    currency: str
    status: str
