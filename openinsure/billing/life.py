"""Which status may follow which (domain.md part 3): invoices and payments."""

from __future__ import annotations

from datetime import date

from openinsure.console.states import Machine

INVOICE = Machine(
    "invoice",
    {
        "draft": ("issued",),
        "issued": ("partially_paid", "paid", "overdue", "void"),
        "partially_paid": ("partially_paid", "paid", "overdue", "issued"),
        "overdue": ("partially_paid", "paid", "overdue", "written_off"),
        "paid": ("overdue", "issued", "partially_paid"),
    },
)
PAYMENT = Machine(
    "payment",
    {
        "created": ("processing",),
        "processing": ("succeeded", "failed"),
        "succeeded": ("allocated", "disputed", "reversed", "refunded"),
        "allocated": ("split", "disputed", "reversed", "refunded"),
        "split": ("disputed", "reversed", "refunded"),
        "disputed": ("won", "reversed"),
    },
)
PAYABLE = ("issued", "partially_paid", "overdue")


def status_of(*, total_cents: int, paid_cents: int, due: date, on: date) -> str:
    """The status that an invoice's amounts give: a part paid late is overdue for the rest."""
    if paid_cents >= total_cents:
        return "paid"
    if due < on:
        return "overdue"
    return "partially_paid" if paid_cents else "issued"
