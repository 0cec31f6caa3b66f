"""What recording or returning a payment would do: figures only, nothing locked or written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from openinsure.billing.models import Payment, PaymentAllocation
from openinsure.billing.operations import applying
from openinsure.money.allocation import Due, allocate
from openinsure.money.legs import Legs, receipt_legs
from openinsure.money.rates import Split
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading, reading

ROWS_MAX = 1_000  # a payment pays a few lines of a few invoices
NO_LEGS = Legs(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """Cents that would go on, or come off, one line of an invoice."""

    invoice_number: str
    due_date: date | None
    component: str
    cents: int


@dataclass(frozen=True, slots=True)
class Preview:
    """Where the money goes. legs: of its premium. applied + unapplied = the whole amount."""

    lines: tuple[PreviewLine, ...]
    applied_cents: int
    unapplied_cents: int
    legs: Legs


def preview_payment(
    scope: Scope, account_id: str, policy_id: str, split: Split, cents: int
) -> Preview:
    """What a receipt would pay, in the order of application. Three statements."""
    open_lines = applying.open_lines(scope, account_id, lock=False)
    dues = [
        Due(row.id, applying.COMPONENTS[row.component], row.amount_cents - row.paid_cents)
        for row, _ in open_lines
    ]
    applied, left = allocate(cents, dues)
    by_id = {row.id: (row, invoice) for row, invoice in open_lines}
    lines = tuple(_line(*by_id[part.key], part.cents) for part in applied)
    before = applying.collected(scope, policy_id).premium_cents
    return Preview(lines, cents - left, left, _legs(split, before, lines))


def allocated(scope: Scope, payment_id: str) -> Reading[PreviewLine]:
    """What a return of the payment would take back: negative cents. One query."""
    rows = (
        PaymentAllocation.objects.within(scope)
        .filter(payment_id=payment_id, reversed_at=None, reversal_of_id=None)
        .order_by("allocated_at", "id")
        .values_list("invoice__invoice_number", "invoice__due_date", "component", "amount_cents")
    )
    return reading(
        rows[:ROWS_MAX],
        lambda number, due, component, cents: PreviewLine(number or "", due, component, -cents),
    )


def preview_return(
    scope: Scope, lines: tuple[PreviewLine, ...], policy_id: str, split: Split, left: int
) -> Preview:
    """A return of what is `allocated`. left: cents that wait unapplied. One statement."""
    before = applying.collected(scope, policy_id).premium_cents
    return Preview(lines, sum(one.cents for one in lines), -left, _legs(split, before, lines))


def similar_payment(scope: Scope, account_id: str, *, cents: int, check_number: str) -> str:
    """The number of a payment of this amount by this check, "" if there is none."""
    if not check_number:
        return ""
    rows = Payment.objects.within(scope).filter(
        check_number=check_number, billing_account_id=account_id, amount_cents=cents
    )
    return rows.order_by("id").values_list("payment_number", flat=True).first() or ""


def returned_unpaid(scope: Scope, account_id: str) -> Reading[str]:
    """The payments of the account that came back for want of funds. One query."""
    rows = Payment.objects.within(scope).filter(billing_account_id=account_id, nsf_count__gt=0)
    return reading(rows.values_list("payment_number")[:ROWS_MAX], str)


def _line(line: Any, invoice: Any, cents: int) -> PreviewLine:
    return PreviewLine(invoice.invoice_number, invoice.due_date, line.component, cents)


def _legs(split: Split, before_cents: int, lines: Sequence[PreviewLine]) -> Legs:
    premium = sum(line.cents for line in lines if line.component == "premium")
    if not premium:
        return NO_LEGS
    return receipt_legs(split, before_cents=before_cents, now_cents=premium)
