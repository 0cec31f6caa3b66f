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
from openinsure.demo.charges import charged
from openinsure.demo.clock import days
from openinsure.demo.dunning_rows import timelines
from openinsure.demo.earning_rows import streams
from openinsure.demo.history import Change, History
from openinsure.demo.refunds import give_back
from openinsure.demo.till import Till
from openinsure.money.plans import PLANS, Installment, installments
from openinsure.money.taxes import STAMPING

INVOICE_LEAD_DAYS = 20  # an installment is invoiced this many days before it is due
LATE_DAYS, GRACE_DAYS = {"active": 14, "pending_cancellation": 45}, 5
NSF_RATE, LATE_RATE, OVERPAID_RATE = 0.018, 0.05, 0.002
UNPAID = 3  # payers of an organization, at least, whose notice waits to be mailed
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


def bill(book: Book, history: History, receipts: list[Receipt] | None = None) -> dict[str, Any]:
    """The billing account of a policy with everything until today. Returns the account's row.

    receipts: what was received, in its order (the stories); by default as most payers pay.
    """
    policy = history.policy
    account = account_row(book, policy)
    policy["billing_account_id"] = account["id"]
    streams(book, policy)
    plan = schedule(policy, taxes_cents=history.opening_taxes_cents)
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
        stamping = opening_stamping_cents(policy) if due.tax_cents else 0
        till.open(due.seq, row, invoice, lines(book, policy, invoice, row, due, stamping))
    for place, change in enumerate(history.changes, 1):
        bill_change(book, till, change, seq=len(plan) + place, version=1 + place)
    for receipt in usual(book, policy, till) if receipts is None else receipts:
        take(till, receipt)
    till.return_until(book.today)
    give_back(book, till, tax_cents=history.tax_back)
    for entry in till.entries.values():
        dun(book, till, entry.invoice, entry.lines)
    timelines(book, till, grace_days=GRACE_DAYS)
    till.close()
    return account


def bill_change(book: Book, till: Till, change: Change, *, seq: int, version: int) -> None:
    """The plan and the invoice of an endorsement's premium, billed at once."""
    policy, account = till.policy, till.account
    due = Installment(seq, change.due, change.premium_cents, 0, change.tax_cents)
    schedule_id = schedule_row(book, policy, account, [due], version=version)
    row = installment_row(book, account, schedule_id, due)
    invoice = invoice_row(book, policy, account, due, change.billed)
    row |= {"status": "invoiced", "invoice_id": invoice["id"], "invoiced_at": invoice["sent_at"]}
    stamping = change.taxes.get(STAMPING, 0)
    till.open(seq, row, invoice, lines(book, policy, invoice, row, due, stamping))


def opening_stamping_cents(policy: dict[str, Any]) -> int:
    """The service office's part of the tax that the first installment asks for."""
    return charged(policy["annual_premium_cents"], policy["fees_cents"])[STAMPING]


def schedule(policy: dict[str, Any], *, taxes_cents: int) -> list[Installment]:
    """The installments of the term's annual premium; financed policies pay at once.

    taxes_cents: as the term began, before anything changed it.
    """
    code = policy["billing_plan"]
    return installments(
        plan=PLANS["PIF" if code == "PREMIUM_FINANCE" else code],
        effective=policy["effective_date"],
        premium_cents=policy["annual_premium_cents"],
        fee_cents=policy["fees_cents"],
        tax_cents=taxes_cents,
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
        policy["status"] == "active" and (book.rng.random() < LATE_RATE or unpaid(book, till))
    )
    last = book.today - days(LATE_DAYS[policy["status"]] if late else 1)
    made = []
    for seq, entry in till.entries.items():
        due, issued = entry.invoice["due_date"], entry.invoice["issue_date"]
        if due > last:
            continue
        received = max(issued, due - days(book.rng.randint(0, 6)))
        if book.rng.random() < NSF_RATE and received + days(4) < book.today:
            made.append(Receipt(seq, received, returned=received + days(2)))
            received += days(4)
        made.append(Receipt(seq, received, over_cents=overpaid_cents(book)))
    return sorted(made, key=lambda receipt: receipt.received)


def unpaid(book: Book, till: Till) -> bool:
    """Whether it is one of the first few payers whose notice is due these days."""
    ages = [(book.today - entry.invoice["due_date"]).days for entry in till.entries.values()]
    if book.counters.get("unpaid", 0) >= UNPAID or not any(11 <= age <= 13 for age in ages):
        return False
    return bool(book.next("unpaid"))


def overpaid_cents(book: Book) -> int:
    """What a payer sends too much: the first one does, others seldom."""
    if book.rng.random() >= OVERPAID_RATE and book.counters.get("overpaid"):
        return 0
    book.next("overpaid")
    return OVERPAID_CENTS


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
