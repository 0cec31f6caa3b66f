"""Return premium of a cancelled policy: credited to open invoices, the rest paid back."""

from __future__ import annotations

from datetime import date

from openinsure.billing.operations.restating import DUE_DAYS, RETURNED
from openinsure.demo.billing_rows import Row, event
from openinsure.demo.book import Book
from openinsure.demo.clock import at, days
from openinsure.demo.till import Till
from openinsure.money.cancellation import cash_refund_cents

ISSUED_AFTER_DAYS = 14
CREDITED_HOUR, ISSUED_HOUR = 6, 16


def give_back(book: Book, till: Till) -> None:
    """What was billed beyond the premium retained, the newest invoice first (domain.md 4.5)."""
    stopped = till.policy.get("cancellation_effective_date")
    if stopped is None:
        return
    retained = till.policy["written_premium_cents"]
    on = max([stopped, *(day_of(row) for rows in till.allocated.values() for row in rows)])
    cash = cash_refund_cents(collected_cents=till.collected, earned_cents=retained, penalty_cents=0)
    billed = sum(line["amount_cents"] for _, line in premium_lines(till))
    credit(book, till, max(0, billed - retained) - cash, on)
    if cash:
        refund(book, till, cash, on)


def day_of(allocation: Row) -> date:
    """The day an allocation was made."""
    day: date = allocation["allocated_at"].date()
    return day


def premium_lines(till: Till) -> list[tuple[Row, Row]]:
    """Invoice and premium line, the newest invoice first."""
    return [
        (entry.invoice, line)
        for entry in reversed(till.entries.values())
        for line in entry.lines
        if line["component"] == "premium"
    ]


def credit(book: Book, till: Till, cents: int, on: date) -> None:
    """Take premium off open invoices."""
    for invoice, line in premium_lines(till):
        taken = min(cents, line["amount_cents"] - line["paid_cents"])
        if taken <= 0:
            continue
        cents -= taken
        line["amount_cents"] -= taken
        for column in ("premium_cents", "total_cents", "balance_cents"):
            invoice[column] -= taken
        status = invoice["status"] if invoice["balance_cents"] else "paid"
        event(book, invoice, RETURNED, at(on, CREDITED_HOUR), status, -taken)


def refund(book: Book, till: Till, cents: int, on: date) -> None:
    """Cash back: asked for at once, issued two weeks later if that has come."""
    asked, paid = at(on, CREDITED_HOUR), at(on + days(ISSUED_AFTER_DAYS), ISSUED_HOUR)
    issued = paid.date() < book.today
    book.basket.add(
        "refunds",
        id=book.id(asked),
        billing_account_id=till.account["id"],
        policy_id=till.policy["id"],
        amount_cents=cents,
        currency="USD",
        status="issued" if issued else "requested",
        due_date=on + days(DUE_DAYS),
        approved_by_user_id=book.a_user("finance_analyst") if issued else None,
        created_at=asked,
        updated_at=paid if issued else asked,
    )
    if not issued:
        return
    standing = [
        row for rows in till.allocated.values() for row in rows
        if row["component"] == "premium" and not row["reversal_of_id"] and "reversed_at" not in row
    ]  # fmt: skip
    for row in reversed(standing):
        taken = min(cents, row["amount_cents"])
        if taken:
            till.allocation(row["payment_id"], "premium", -taken, paid, row["id"])
            cents -= taken
