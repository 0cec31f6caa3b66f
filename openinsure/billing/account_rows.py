"""What leaves this app of receivable accounts: frozen rows. Money is integer cents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Account:
    """One receivable account: what is owed and when. payer_email is masked."""

    id: str
    number: str
    policy_id: str | None
    policy_number: str | None
    payer: str
    payer_email: str
    bill_type: str
    plan: str
    status: str
    delinquency_stage: str | None
    currency: str
    balance_cents: int
    past_due_cents: int
    unapplied_cents: int
    written_off_cents: int
    next_due_date: date | None
    next_due_cents: int
    last_payment_at: datetime | None
    last_payment_cents: int
    hold_until: date | None
    opened_at: datetime
    lock_version: int


@dataclass(frozen=True, slots=True)
class InstallmentRow:
    """One installment of the account's plan."""

    id: str
    seq: int
    due_date: date
    premium_cents: int
    fee_cents: int
    tax_cents: int
    total_cents: int
    paid_cents: int
    currency: str
    status: str
    invoice_number: str | None


@dataclass(frozen=True, slots=True)
class HoldRow:
    """One hold on billing. open: not released and not past its end."""

    id: str
    account_number: str
    policy_number: str | None
    payer: str
    scope: str
    reason: str | None
    starts_on: date
    ends_on: date | None
    released_at: datetime | None
    status: str


@dataclass(frozen=True, slots=True)
class FeeRow:
    """One fee charged beside the plan: late, NSF, reinstatement."""

    id: str
    code: str
    amount_cents: int
    currency: str
    charged_on: date
    invoice_number: str | None
    waived_at: datetime | None
    reason: str | None
    status: str


@dataclass(frozen=True, slots=True)
class RefundRow:
    """Money to be paid back, or paid."""

    id: str
    status: str
    amount_cents: int
    currency: str
    due_date: date
    asked_at: datetime
    changed_at: datetime
    reason: str | None
