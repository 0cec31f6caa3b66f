"""Reads of one invoice: its lines, what was paid on it, how it was split, what happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from openinsure.billing.models import Invoice, InvoiceEvent, InvoiceLine, PaymentReminder
from openinsure.billing.models import PaymentAllocation as Allocation
from openinsure.billing.rows import (
    AllocationRow,
    EventRow,
    InvoiceLineRow,
    ReminderRow,
    Split,
)
from openinsure.billing.rows import Invoice as InvoiceHead
from openinsure.console.money import format_cents
from openinsure.console.words import sentence
from openinsure.problems import NotFound
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading, reading

ROWS_MAX = 500
MASK = "••••"
EVENT_WORDS = {
    "invoice.issued": "Issued",
    "invoice.sent": "Sent",
    "invoice.queued": "Queued for sending",
    "invoice.resent": "Sent again",
    "invoice.payment": "Payment applied",
    "invoice.reversal": "Payment reversed",
    "invoice.overdue": "Overdue",
    "invoice.void": "Voided",
    "invoice.fee_waived": "Fee waived",
}
HEAD = {
    "number": "invoice_number",
    "account_number": "billing_account__account_number",
}


def get_invoice(scope: Scope, number: str) -> InvoiceHead:
    """One invoice by number. Raises NotFound, for another organisation's number too."""
    columns = [HEAD.get(name, name) for name in InvoiceHead.__slots__]
    found = Invoice.objects.within(scope).filter(invoice_number=number).values_list(*columns)
    values = found.first()
    if values is None:
        raise NotFound("invoice", number)
    return InvoiceHead(*values)


def list_lines(scope: Scope, invoice_id: str) -> Reading[InvoiceLineRow]:
    """The lines in their order."""
    rows = (
        InvoiceLine.objects.within(scope)
        .filter(invoice_id=invoice_id)
        .order_by("line_no", "id")
        .values_list(
            "id", "line_no", "component", "description", "amount_cents", "paid_cents", "currency"
        )
    )
    return reading(rows[:ROWS_MAX], InvoiceLineRow)


ALLOCATION_COLUMNS = (
    "id",
    "payment__payment_number",
    "invoice__invoice_number",
    "component",
    "amount_cents",
    "producer_commission_cents",
    "mga_revenue_cents",
    "tax_cents",
    "reinsurer_cents",
    "carrier_cents",
    "currency",
    "allocated_at",
    "reversed_at",
)


def list_allocations(scope: Scope, **where: Any) -> Reading[AllocationRow]:
    """Allocations of an invoice (invoice_id=) or of a payment (payment_id=), oldest first.

    Reversals are rows of their own with negative amounts.
    """
    rows = (
        Allocation.objects.within(scope)
        .filter(**where)
        .order_by("allocated_at", "id")
        .values_list(*ALLOCATION_COLUMNS)
    )
    return reading(rows[:ROWS_MAX], _allocation)


def _allocation(*values: Any) -> AllocationRow:
    row = dict(zip(AllocationRow.__slots__, values, strict=True))
    row["invoice_number"] = row["invoice_number"] or ""
    row["reversed"] = row["reversed"] is not None
    return AllocationRow(**row)


def split_of(allocations: Sequence[AllocationRow], collected_cents: int) -> Split:
    """What each party holds of these allocations, beside what the books say was collected."""
    return Split(
        producer_cents=sum(row.producer_cents for row in allocations),
        mga_cents=sum(row.mga_cents for row in allocations),
        tax_cents=sum(row.tax_cents for row in allocations),
        reinsurer_cents=sum(row.reinsurer_cents for row in allocations),
        carrier_cents=sum(row.carrier_cents for row in allocations),
        expected_cents=collected_cents,
    )


def list_reminders(scope: Scope, invoice_id: str) -> Reading[ReminderRow]:
    """Reminders, oldest first; recipients masked."""
    rows = (
        PaymentReminder.objects.within(scope)
        .filter(invoice_id=invoice_id)
        .order_by("created_at", "id")
        .values_list("id", "reminder_kind", "channel", "status", "recipient", "sent_at")
    )
    return reading(
        rows[:ROWS_MAX],
        lambda key, kind, channel, status, recipient, sent: ReminderRow(
            key, kind, channel, status, masked(recipient), sent
        ),
    )


def masked(address: str | None) -> str:
    """An e-mail address as those may see it who may not see contact data: `o••••@agency.test`."""
    local, at, domain = (address or "").partition("@")
    if not at:
        return MASK if address else ""
    return f"{local[:1]}{MASK}@{domain}"


def list_events(scope: Scope, invoice_id: str) -> Reading[EventRow]:
    """The invoice's history, newest first."""
    rows = (
        InvoiceEvent.objects.within(scope)
        .filter(invoice_id=invoice_id)
        .order_by("-seq", "-id")
        .values_list(
            "id", "occurred_at", "event_type", "from_status", "to_status", "amount_cents",
            "currency", "actor_user_id",
        )[:ROWS_MAX]
    )  # fmt: skip
    return reading(rows, _event)


def _event(key: str, at: datetime, kind: str, *told: Any) -> EventRow:
    before, after, cents, currency, actor = told
    said = []
    if cents:
        said.append(format_cents(cents, currency))
    if after and before != after:
        said.append(f"now {sentence(after).lower()}")
    title = EVENT_WORDS.get(kind, sentence(kind.rpartition(".")[2]))
    return EventRow(key, at, title, ", ".join(said), "a person" if actor else "the system")
