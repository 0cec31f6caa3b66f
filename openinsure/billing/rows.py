"""What leaves this app: frozen rows of invoices, payments, accounts. Money is integer cents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from openinsure.billing.transfer_words import AccountName, account_name, code_words


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """One invoice of a list."""

    id: str
    number: str
    policy_number: str | None
    status: str
    issue_date: date
    due_date: date
    total_cents: int
    paid_cents: int
    balance_cents: int
    currency: str
    updated: datetime
    billing_account_id: str


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """One payment of a list. settled: the day the bank had it."""

    id: str
    number: str
    policy_number: str | None
    payer: str
    method: str
    status: str
    received_at: datetime
    amount_cents: int
    unapplied_cents: int
    currency: str
    settled: date | None
    check_number: str | None
    updated: datetime
    billing_account_id: str | None


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice with its account. premium + fee + tax = total; total - paid - written off =
    balance.
    """

    id: str
    number: str
    account_number: str
    policy_number: str | None
    status: str
    issue_date: date
    due_date: date
    premium_cents: int
    fee_cents: int
    tax_cents: int
    total_cents: int
    paid_cents: int
    written_off_cents: int
    balance_cents: int
    currency: str
    delivery_method: str
    sent_at: datetime | None
    dunning_stage: str | None
    lock_version: int


@dataclass(frozen=True, slots=True)
class InvoiceLineRow:
    """One line of an invoice."""

    id: str
    line: int
    component: str
    description: str | None
    amount_cents: int
    paid_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class AllocationRow:
    """What of a payment went to one invoice line, and its legs; the legs sum to the amount."""

    id: str
    payment_number: str
    invoice_number: str
    component: str
    amount_cents: int
    producer_cents: int
    mga_cents: int
    tax_cents: int
    reinsurer_cents: int
    carrier_cents: int
    currency: str
    allocated_at: datetime
    reversed: bool

    @property
    def legs_cents(self) -> int:
        """The sum of the legs; differs from amount_cents only by a fault."""
        return (
            self.producer_cents
            + self.mga_cents
            + self.tax_cents
            + self.reinsurer_cents
            + self.carrier_cents
        )


@dataclass(frozen=True, slots=True)
class Split:
    """The fiduciary split of money collected, cents. expected: what was collected by the books."""

    producer_cents: int
    mga_cents: int
    tax_cents: int
    reinsurer_cents: int
    carrier_cents: int
    expected_cents: int

    @property
    def sum_cents(self) -> int:
        """Sum of all parties."""
        return (
            self.producer_cents
            + self.mga_cents
            + self.tax_cents
            + self.reinsurer_cents
            + self.carrier_cents
        )

    @property
    def holds(self) -> bool:
        """True if the parties' shares add up to what was collected."""
        return self.sum_cents == self.expected_cents


@dataclass(frozen=True, slots=True)
class ReminderRow:
    """One reminder of an invoice. recipient is masked."""

    id: str
    kind: str
    channel: str
    status: str
    recipient: str
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event in words."""

    id: str
    at: datetime
    title: str
    detail: str
    actor: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One journal line of what a page shows. entry: gap-free number of the entry."""

    id: str
    entry: str
    entry_date: date
    account: str
    name: str
    debit_cents: int
    credit_cents: int
    currency: str
    description: str | None


@dataclass(frozen=True, slots=True)
class TransferRow:
    """One ledger transfer as the outbox knows it."""

    id: str
    transfer_id: str
    code: int
    debit: str
    credit: str
    amount_cents: int
    currency: str
    status: str

    @property
    def means(self) -> str:
        """Its code in words."""
        return code_words(self.code)

    @property
    def sides(self) -> tuple[AccountName, AccountName]:
        """Debited and credited account."""
        return account_name(self.debit), account_name(self.credit)


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment with its account. amount = applied + unapplied."""

    id: str
    number: str
    account_number: str | None
    policy_number: str | None
    payer: str
    method: str
    processor: str | None
    reference: str | None
    check_number: str | None
    status: str
    split_status: str
    amount_cents: int
    unapplied_cents: int
    currency: str
    received_at: datetime
    settled: date | None
    reversed_at: datetime | None
    reversal_reason: str | None
    lock_version: int


@dataclass(frozen=True, slots=True)
class ReversalRow:
    """One reversal of a payment."""

    id: str
    type: str
    status: str
    amount_cents: int
    currency: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class TracedLine:
    """A line of a bordereau, met on the way of a payment to the carrier."""

    id: str
    bordereau: str
    line: int
    policy_number: str
    kind: str
    gross_cents: int
    net_cents: int
    currency: str
    status: str
    period_end: date
