"""What the billing lists may be asked: parameters, their values, and what they limit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from openinsure.console.filters import Days, Filter, OneOf, Option
from openinsure.console.lists import Ask, Search, View
from openinsure.tenancy.listing import Condition, Span

Where = Mapping[str, Condition]
HIGHEST_CHARACTER = "\U0010ffff"

INVOICE_STATUSES = (
    Option("draft", "Draft"),
    Option("issued", "Issued"),
    Option("partially_paid", "Partially paid"),
    Option("paid", "Paid"),
    Option("overdue", "Overdue"),
    Option("written_off", "Written off"),
    Option("void", "Void"),
)
PAYMENT_STATUSES = (
    Option("created", "Created"),
    Option("processing", "Processing"),
    Option("succeeded", "Succeeded"),
    Option("allocated", "Allocated"),
    Option("split", "Split"),
    Option("failed", "Failed"),
    Option("disputed", "Disputed"),
    Option("won", "Dispute won"),
    Option("reversed", "Reversed"),
    Option("refunded", "Refunded"),
)
METHODS = (
    Option("ach", "ACH"),
    Option("check", "Check"),
    Option("card", "Card"),
    Option("wire", "Wire"),
    Option("cash", "Cash"),
    Option("finance", "Premium finance"),
)
INVOICE_FILTERS: tuple[Filter, ...] = (
    OneOf("status", "Status", INVOICE_STATUSES, many=True),
    Days("due", "Due"),
    Days("issued", "Issued"),
)
PAYMENT_FILTERS: tuple[Filter, ...] = (
    OneOf("status", "Status", PAYMENT_STATUSES, many=True),
    OneOf("method", "Method", METHODS, many=True),
    Days("received", "Received"),
)
INVOICE_VIEWS = (
    View("all", "All"),
    View("overdue", "Overdue", sort="due_date"),
    View("due_soon", "Due in 30 days", sort="due_date"),
)
PAYMENT_VIEWS = (View("all", "All"), View("reversed", "Reversed", sort="-received_at"))
DUE_SOON_DAYS = 30
OPEN = ("issued", "partially_paid")


def number_search(noun: str, example: str) -> Search:
    """A search by the beginning of a number such as INV-ACM-000890."""
    return Search(
        label=f"{noun} number begins with",
        pattern=r"[A-Za-z]{2,4}(-[A-Za-z0-9]{0,8}(-[0-9]{0,9})?)?",
        rule=f"must be the number of one {noun.lower()} or its beginning, as in {example}",
        sort="number",
    )


INVOICE_SEARCH = number_search("Invoice", "INV-ACM-000890")
PAYMENT_SEARCH = number_search("Payment", "PAY-ACM-000120")


def invoices_where(ask: Ask, *, today: date) -> Where:
    """Column -> condition of an understood request; its own filters override a view's."""
    where: dict[str, Condition] = dict(_of_invoice_view(ask.view, today))
    if ask.many("status"):
        where["status"] = ask.many("status")
    for name, column in (("due", "due_date"), ("issued", "issue_date")):
        span = Span(ask.day(f"{name}_from"), ask.day(f"{name}_to"))
        where |= {column: span} if span != Span() else {}
    where.update(_number(ask, "invoice_number"))
    return where


def payments_where(ask: Ask) -> Where:
    """Column -> condition; received days are UTC, the last one whole."""
    where: dict[str, Condition] = {"status": "reversed"} if ask.view == "reversed" else {}
    for name in ("status", "method"):
        where |= {name: ask.many(name)} if ask.many(name) else {}
    first, last = ask.day("received_from"), ask.day("received_to")
    if first or last:
        where["received_at"] = Span(
            low=_midnight(first) if first else None,
            below=_midnight(last + timedelta(days=1)) if last else None,
        )
    where.update(_number(ask, "payment_number"))
    return where


def _of_invoice_view(view: str, today: date) -> Where:
    if view == "overdue":
        return {"status": ("overdue",)}
    if view == "due_soon":
        return {"status": OPEN, "due_date": Span(today, today + timedelta(days=DUE_SOON_DAYS))}
    return {}


def _number(ask: Ask, column: str) -> Where:
    text = ask.q.upper()
    return {column: Span(low=text, below=text + HIGHEST_CHARACTER)} if text else {}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
