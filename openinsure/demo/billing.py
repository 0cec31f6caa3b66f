"""Billing of a policy: account, plan, invoices, and the money received for them until today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from openinsure.demo.billing_rows import (
    account_row,
    charge,
    installment_row,
    invoice_row,
    lines,
    remind,
    schedule_row,
)
from openinsure.demo.book import Book
from openinsure.demo.clock import days
from openinsure.demo.earning_rows import streams
from openinsure.demo.refunds import give_back
from openinsure.demo.till import Till
from openinsure.money.plans import PLANS, Installment, installments

INVOICE_LEAD_DAYS = 20  # an installment is invoiced this many days before it is due
LATE_DAYS, GRACE_DAYS = 45, 5
NSF_RATE, LATE_RATE, OVERPAID_RATE = 0.018, 0.05, 0.002
LATE_FEE_CENTS, OVERPAID_CENTS = 1_000, 5_000


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money for one installment. cents: None for the whole invoice. returned: NSF on that day.

    over_cents: paid beyond it.
    """

    seq: int
    received: date
    cents: int | None = None
    returned: date | None = None
    over_cents: int = 0


def bill(
    book: Book,
    policy: dict[str, Any],
    receipts: list[Receipt] | None = None,
    change: Installment | None = None,
) -> dict[str, Any]:
    """The billing account of a policy with everything until today. Returns the account's row.

    receipts: what was received, in its order (the stories); by default as most payers pay.
    change: what an endorsement of a story added, due at once.
    """
    account = account_row(book, policy)
    policy["billing_account_id"] = account["id"]
    streams(book, policy)
    plan = schedule(policy, later_taxes_cents=change.tax_cents if change else 0)
    schedule_id = schedule_row(book, policy, account, plan, version=1)
    till = Till(book, policy, account)
    for due in plan:
        issued = issue_date(book, policy, due)
        row = installment_row(book, account, schedule_id, due)
        if issued is None:
            stopped = policy.get("cancellation_effective_date")
            if stopped and due.due_date >= stopped:
                row |= {"status": "waived", "waive_reason": "Policy cancelled"}
            continue
        invoice = invoice_row(book, policy, account, due, issued)
        row |= {
            "status": "invoiced",
            "invoice_id": invoice["id"],
            "invoiced_at": invoice["sent_at"],
        }
        till.open(due.seq, row, invoice, lines(book, policy, invoice, row, due))
    if change is not None:
        bill_change(book, till, change)
    for receipt in usual(book, policy, till) if receipts is None else receipts:
        take(till, receipt)
    till.return_until(book.today)
    give_back(book, till)
    for entry in till.entries.values():
        dun(book, till, entry.invoice, entry.lines)
    till.close()
    return account


def bill_change(book: Book, till: Till, change: Installment) -> None:
    """The plan and the invoice of an endorsement's premium."""
    policy, account = till.policy, till.account
    schedule_id = schedule_row(book, policy, account, [change], version=2)
    row = installment_row(book, account, schedule_id, change)
    invoice = invoice_row(book, policy, account, change, change.due_date - days(INVOICE_LEAD_DAYS))
    row |= {"status": "invoiced", "invoice_id": invoice["id"], "invoiced_at": invoice["sent_at"]}
    till.open(change.seq, row, invoice, lines(book, policy, invoice, row, change))


def schedule(policy: dict[str, Any], *, later_taxes_cents: int = 0) -> list[Installment]:
    """The installments of the term's annual premium; financed policies pay at once."""
    code = policy["billing_plan"]
    return installments(
        plan=PLANS["PIF" if code == "PREMIUM_FINANCE" else code],
        effective=policy["effective_date"],
        premium_cents=policy["annual_premium_cents"],
        fee_cents=policy["fees_cents"],
        tax_cents=policy["taxes_cents"] - later_taxes_cents,
    )


def issue_date(book: Book, policy: dict[str, Any], due: Installment) -> date | None:
    """The day an installment is invoiced, None if it is not yet or never will be."""
    issued: date = max(policy["bound_at"].date(), due.due_date - days(INVOICE_LEAD_DAYS))
    stopped = policy.get("cancellation_effective_date")
    if issued >= book.today or (stopped and due.due_date >= stopped):
        return None
    return issued


def usual(book: Book, policy: dict[str, Any], till: Till) -> list[Receipt]:
    """What most payers do: pay within the week before; some are late now, some bounce once."""
    late = policy["status"] == "pending_cancellation" or (
        policy["status"] == "active" and book.rng.random() < LATE_RATE
    )
    made = []
    for seq, entry in till.entries.items():
        due, issued = entry.invoice["due_date"], entry.invoice["issue_date"]
        if due >= book.today or (late and due > book.today - days(LATE_DAYS)):
            continue
        received = max(issued, due - days(book.rng.randint(0, 6)))
        if book.rng.random() < NSF_RATE and received + days(4) < book.today:
            made.append(Receipt(seq, received, returned=received + days(2)))
            received += days(4)
        over = OVERPAID_CENTS if book.rng.random() < OVERPAID_RATE else 0
        made.append(Receipt(seq, received, over_cents=over))
    return made


def take(till: Till, receipt: Receipt) -> None:
    """One receipt; what the bank returned by then comes first."""
    till.return_until(receipt.received)
    entry = till.entries[receipt.seq]
    cents = entry.invoice["balance_cents"] if receipt.cents is None else receipt.cents
    payment = till.receive(entry, cents + receipt.over_cents, receipt.received)
    if receipt.returned:
        till.returns.append((receipt.returned, entry, payment))


def dun(book: Book, till: Till, invoice: dict[str, Any], on: list[dict[str, Any]]) -> None:
    """What happens to an invoice that is open past its due date: overdue, late fee, reminders."""
    if not invoice["balance_cents"]:
        return
    due = invoice["due_date"]
    if due - days(7) < book.today:
        remind(book, till.account, invoice, "due_soon", due - days(7))
    if due + days(1) >= book.today:  # the 08:00 job of that day makes it overdue
        return
    till.overdue(invoice)
    if due + days(GRACE_DAYS + 1) < book.today and not till.policy["metadata"].get("golden"):
        charge(book, invoice, on, "LATE", LATE_FEE_CENTS, due + days(GRACE_DAYS + 1))
        remind(book, till.account, invoice, "past_due", due + days(GRACE_DAYS))
