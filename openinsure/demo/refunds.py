"""What a cancelled policy gets back: credited to open invoices, the rest paid back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from openinsure.billing.operations.restating import DUE_DAYS, RETURNED
from openinsure.demo.billing_rows import Row, event
from openinsure.demo.book import Book
from openinsure.demo.clock import at, days
from openinsure.demo.till import Till
from openinsure.money.cancellation import cash_refund_cents
from openinsure.money.taxes import PREMIUM, TAX

ISSUED_AFTER_DAYS = 14
APPROVED_HOUR, ISSUED_HOUR = 10, 16
CREDITED_HOUR = 6


def give_back(book: Book, till: Till, *, tax_cents: int) -> None:
    """What was billed beyond the premium retained, the newest invoice first (domain.md 4.5).

    tax_cents: what of the tax goes back, by the rules of the state.
    """
    stopped = till.policy.get("cancellation_effective_date")
    if stopped is None:
        return
    retained = till.policy["written_premium_cents"]
    on = max([stopped, *(day_of(row) for rows in till.allocated.values() for row in rows)])
    cash = cash_refund_cents(collected_cents=till.collected, earned_cents=retained, penalty_cents=0)
    billed = sum(line["amount_cents"] for _, line in lines_of(till, PREMIUM))
    unpaid = sum(line["amount_cents"] - line["paid_cents"] for _, line in lines_of(till, TAX))
    credit(book, till, {TAX: min(unpaid, tax_cents), PREMIUM: max(0, billed - retained) - cash}, on)
    parts = {PREMIUM: cash, TAX: tax_cents - min(unpaid, tax_cents)}
    if any(parts.values()):
        refund(book, till, {name: cents for name, cents in parts.items() if cents}, on)


def day_of(allocation: Row) -> date:
    """The day an allocation was made."""
    day: date = allocation["allocated_at"].date()
    return day


def lines_of(till: Till, component: str) -> list[tuple[Row, Row]]:
    """Invoice and its line of a component, the newest invoice first."""
    return [
        (entry.invoice, line)
        for entry in reversed(till.entries.values())
        for line in entry.lines
        if line["component"] == component
    ]


def credit(book: Book, till: Till, parts: Mapping[str, int], on: date) -> None:
    """Take cents by component off open invoices; one event an invoice."""
    taken: dict[str, int] = {}
    for component, cents in parts.items():
        left = cents
        for invoice, line in lines_of(till, component):
            part = min(left, line["amount_cents"] - line["paid_cents"])
            if part <= 0:
                continue
            left -= part
            line["amount_cents"] -= part
            for column in (f"{component}_cents", "total_cents", "balance_cents"):
                invoice[column] -= part
            taken[invoice["id"]] = taken.get(invoice["id"], 0) + part
    for entry in reversed(till.entries.values()):
        invoice = entry.invoice
        if invoice["id"] in taken:
            status = invoice["status"] if invoice["balance_cents"] else "paid"
            event(book, invoice, RETURNED, at(on, CREDITED_HOUR), status, -taken[invoice["id"]])


def refund(book: Book, till: Till, parts: Mapping[str, int], on: date) -> None:
    """Cash back: asked for at once, approved and issued two weeks later if that has come."""
    asked, paid = at(on, CREDITED_HOUR), at(on + days(ISSUED_AFTER_DAYS), ISSUED_HOUR)
    issued = paid.date() < book.today
    book.basket.add(
        "refunds",
        id=book.id(asked),
        billing_account_id=till.account["id"],
        policy_id=till.policy["id"],
        cancellation_id=_cancellation(book, till)["id"],
        amount_cents=sum(parts.values()),
        parts=dict(parts),
        currency="USD",
        status="issued" if issued else "requested",
        due_date=on + days(DUE_DAYS),
        asked_by_user_id=_asker(book, till),
        created_at=asked,
        updated_at=paid if issued else asked,
        **(_paid_out(book, paid) if issued else {}),
    )
    if issued:
        for component, cents in parts.items():
            _take_back(till, component, cents, paid)


def _cancellation(book: Book, till: Till) -> Row:
    """What ended the policy: the newest of the basket that is its own."""
    rows = reversed(book.basket.tables["cancellations"])
    return next(row for row in rows if row["policy_id"] == till.policy["id"])


def _asker(book: Book, till: Till) -> str | None:
    """Who cancelled at the insured's request; nobody where the nightly sweep did."""
    asked = _cancellation(book, till)["initiated_by"] == "insured"
    return book.a_user("mhcis_operator") if asked else None


def _paid_out(book: Book, paid: datetime) -> Row:
    """Approved by one person, issued by another."""
    finance = book.users["finance_analyst"]
    return {
        "approved_by_user_id": finance[0]["id"],
        "approved_at": paid.replace(hour=APPROVED_HOUR),
        "issued_by_user_id": finance[1]["id"],
        "issued_at": paid,
    }


def _take_back(till: Till, component: str, cents: int, paid: datetime) -> None:
    """Off the newest receipts of a component."""
    standing = [
        row for rows in till.allocated.values() for row in rows
        if row["component"] == component and not row["reversal_of_id"] and "reversed_at" not in row
    ]  # fmt: skip
    left = cents
    for row in reversed(standing):
        taken = min(left, row["amount_cents"])
        if taken:
            till.allocation(row["payment_id"], component, -taken, paid, row["id"])
            left -= taken
