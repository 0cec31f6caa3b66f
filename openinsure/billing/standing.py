"""What policies owe on a day, and what was paid: one batch per request, oldest invoice first.

As of a day: invoices issued and payments received up to it. Money received covers invoices in the
order they fall due; what is left over is a credit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from openinsure.billing.models import Invoice, Payment
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading

ROWS_MAX = 4_000
Rows = Iterable[tuple[Any, ...]]
NOT_OWED = ("draft", "void")
NOT_RECEIVED = ("created", "processing", "failed")


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One invoice as it stood on the day. open_cents: what receipts so far do not cover."""

    id: str
    number: str
    policy_id: str
    status: str
    issued: date
    due: date
    total_cents: int
    open_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One payment received by the day. reversed: it was returned by then."""

    id: str
    number: str
    policy_id: str
    method: str
    status: str
    received_at: datetime
    amount_cents: int
    currency: str
    reversed: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What one or more policies owe on a day, cents. A negative balance is a credit."""

    on: date
    balance_cents: int
    past_due_cents: int
    next_due: date | None
    next_due_cents: int
    invoices: tuple[InvoiceLine, ...]
    receipts: tuple[ReceiptLine, ...]
    currency: str

    @property
    def last_receipt(self) -> ReceiptLine | None:
        """The newest payment, returned ones included: a caller asks whether it arrived."""
        return self.receipts[0] if self.receipts else None


def standing_of(scope: Scope, policy_ids: Iterable[str], *, on: date) -> Reading[Standing]:
    """Balance, past due, next due and receipts of these policies. Two queries of oi_billing."""
    ids = sorted(set(policy_ids))
    before = datetime.combine(on + timedelta(days=1), time.min, UTC)
    payments = (
        Payment.objects.within(scope)
        .filter(policy_id__in=ids, received_at__lt=before)
        .exclude(status__in=NOT_RECEIVED)
        .values_list("id", "payment_number", "policy_id", "method", "status", "received_at",
                     "amount_cents", "currency", "reversed_at")
    )  # fmt: skip
    invoices = (
        Invoice.objects.within(scope)
        .filter(policy_id__in=ids, issue_date__lte=on)
        .exclude(status__in=NOT_OWED)
        .values_list("id", "invoice_number", "policy_id", "status", "issue_date", "due_date",
                     "total_cents", "written_off_cents", "currency")
    )  # fmt: skip

    def made(paid: Rows, owed: Rows) -> list[Standing]:
        receipts = [_receipt(row, before) for row in paid]
        receipts.sort(key=lambda receipt: receipt.received_at, reverse=True)
        return [_standing(on, sorted(owed, key=lambda row: (row[5], row[1])), receipts)]

    return Reading((payments[:ROWS_MAX], invoices[:ROWS_MAX]), made)


def _receipt(row: tuple[Any, ...], before: datetime) -> ReceiptLine:
    *told, undone = row
    return ReceiptLine(*(*told, undone is not None and undone < before))


def _standing(
    on: date,
    invoices: Sequence[tuple[Any, ...]],
    receipts: Sequence[ReceiptLine],
) -> Standing:
    """Cover invoices with what was received, per policy, oldest due first."""
    left: dict[str, int] = {}
    for receipt in receipts:
        if not receipt.reversed:
            left[receipt.policy_id] = left.get(receipt.policy_id, 0) + receipt.amount_cents
    lines = []
    for key, number, policy_id, status, issued, due, total, written_off, currency in invoices:
        cents = total - written_off
        covered = min(cents, left.get(policy_id, 0))
        left[policy_id] = left.get(policy_id, 0) - covered
        lines.append(
            InvoiceLine(
                key,
                number,
                policy_id,
                status,
                issued,
                due,
                total,
                cents - covered,
                currency,
            )
        )
    coming = [line for line in lines if line.open_cents and line.due >= on]
    first = coming[0].due if coming else None
    currencies = [line.currency for line in lines] or [line.currency for line in receipts]
    return Standing(
        on=on,
        balance_cents=sum(line.open_cents for line in lines) - sum(left.values()),
        past_due_cents=sum(line.open_cents for line in lines if line.due < on),
        next_due=first,
        next_due_cents=sum(line.open_cents for line in coming if line.due == first),
        invoices=tuple(lines),
        receipts=tuple(receipts),
        currency=currencies[0] if currencies else "USD",
    )
