"""Rows of billing: account, plan, installments, invoices with lines, fees, reminders, events."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from openinsure.demo.book import Book
from openinsure.demo.clock import at, office_hours
from openinsure.money.plans import PLANS, Installment

Row = dict[str, Any]
DESCRIPTIONS = {
    "tax": "Surplus lines tax",
    "stamping_fee": "Service office fee",
    "policy_fee": "Policy fee",
    "installment_fee": "Installment fee",
    "late_fee": "Late fee",
    "nsf_fee": "Returned payment fee",
}


def account_row(book: Book, policy: Row) -> Row:
    """The receivable account of a policy, owing nothing yet."""
    number = book.next("account")
    return book.basket.add(
        "billing_accounts",
        id=book.id(policy["bound_at"]),
        account_number=f"ACC-{book.spec.prefix}-{number:06d}",
        insured_id=policy["insured_id"],
        insured_name_norm=policy["insured_name_norm"],
        policy_id=policy["id"],
        policy_number=policy["policy_number"],
        bill_type="finance" if policy["billing_plan"] == "PREMIUM_FINANCE" else "direct_bill",
        producer_id=policy["producer_id"],
        payer_name=policy["insured_name"],
        payer_email=f"billing{number}@payer.test",
        plan_code=policy["billing_plan"],
        status="active",
        delinquency_stage="none",
        currency="USD",
        balance_cents=0,
        past_due_cents=0,
        unapplied_cents=0,
        created_at=policy["bound_at"],
        updated_at=policy["bound_at"],
    )


def schedule_row(
    book: Book, policy: Row, account: Row, plan: list[Installment], *, version: int
) -> str:
    """The plan of the term; its id."""
    code = policy["billing_plan"]
    weights = PLANS["PIF" if len(plan) == 1 else code].weights
    row = book.basket.add(
        "billing_schedules",
        id=book.id(policy["bound_at"]),
        billing_account_id=account["id"],
        policy_id=policy["id"],
        plan_code=code,
        version_no=version,
        premium_cents=sum(due.premium_cents for due in plan),
        currency="USD",
        installment_count=len(plan),
        down_rate=f"{weights[0] / sum(weights):.6f}",
        service_fee_cents=plan[-1].fee_cents if len(plan) > 1 else 0,
        status="cancelled" if policy["status"] == "cancelled" else "active",
        created_at=policy["bound_at"],
        updated_at=policy["bound_at"],
    )
    return str(row["id"])


def installment_row(book: Book, account: Row, schedule_id: str, due: Installment) -> Row:
    """One installment, pending."""
    return book.basket.add(
        "installments",
        id=book.id(account["created_at"]),
        billing_account_id=account["id"],
        billing_schedule_id=schedule_id,
        policy_id=account["policy_id"],
        seq=due.seq,
        kind="down_payment" if due.seq == 1 else "installment",
        due_date=due.due_date,
        premium_cents=due.premium_cents,
        fee_cents=due.fee_cents,
        tax_cents=due.tax_cents,
        total_cents=due.total_cents,
        paid_cents=0,
        currency="USD",
        status="pending",
        created_at=account["created_at"],
        updated_at=account["created_at"],
    )


def invoice_row(book: Book, policy: Row, account: Row, due: Installment, issued: date) -> Row:
    """One invoice as issued, nothing paid."""
    when = office_hours(book.rng, issued)
    row = book.basket.add(
        "invoices",
        id=book.id(when),
        invoice_number=f"INV-{book.spec.prefix}-{book.next('invoice'):06d}",
        billing_account_id=account["id"],
        policy_id=policy["id"],
        policy_number=policy["policy_number"],
        producer_id=policy["producer_id"],
        status="issued",
        issue_date=issued,
        due_date=due.due_date,
        premium_cents=due.premium_cents,
        fee_cents=due.fee_cents,
        tax_cents=due.tax_cents,
        total_cents=due.total_cents,
        paid_cents=0,
        balance_cents=due.total_cents,
        currency="USD",
        delivery_method="email",
        sent_at=when,
        created_at=when,
        updated_at=when,
    )
    event(book, row, "invoice.issued", when, "issued", due.total_cents)
    return row


def lines(
    book: Book, policy: Row, invoice: Row, installment: Row, due: Installment, stamping_cents: int
) -> list[Row]:
    """The lines of an invoice, in the order in which money is applied; they sum to its total.

    stamping_cents: the service office's part of the installment's tax.
    """
    parts = (
        ("tax", due.tax_cents - stamping_cents),
        ("stamping_fee", stamping_cents),
        ("policy_fee" if due.seq == 1 else "installment_fee", due.fee_cents),
        ("premium", due.premium_cents),
    )
    made: list[Row] = []
    for component, cents in parts:
        if cents:
            made.append(line(book, invoice, made, component, cents, policy["state"]))
            made[-1]["installment_id"] = installment["id"]
    return made


def line(
    book: Book, invoice: Row, before: list[Row], component: str, cents: int, state: str | None
) -> Row:
    """One more line of an invoice."""
    return book.basket.add(
        "invoice_lines",
        id=book.id(invoice["created_at"]),
        invoice_id=invoice["id"],
        line_no=len(before) + 1,
        component=component,
        description=DESCRIPTIONS.get(component, "Premium"),
        amount_cents=cents,
        paid_cents=0,
        currency="USD",
        state=state,
        created_at=invoice["created_at"],
        updated_at=invoice["created_at"],
    )


def charge(book: Book, invoice: Row, on: list[Row], code: str, cents: int, day: date) -> Row:
    """A late or NSF fee: its charge, and its line on the invoice. Returns the charge."""
    on.append(line(book, invoice, on, f"{code.lower()}_fee", cents, None))
    for column in ("fee_cents", "total_cents", "balance_cents"):
        invoice[column] += cents
    return book.basket.add(
        "fee_charges",
        id=book.id(at(day)),
        billing_account_id=invoice["billing_account_id"],
        policy_id=invoice["policy_id"],
        invoice_id=invoice["id"],
        fee_code=code,
        amount_cents=cents,
        currency="USD",
        charged_on=day,
        created_at=at(day),
        updated_at=at(day),
    )


def remind(book: Book, account: Row, invoice: Row, kind: str, day: date) -> None:
    """A reminder as the 08:00 job sends it."""
    when = at(max(day, invoice["issue_date"]), 8)
    book.basket.add(
        "payment_reminders",
        id=book.id(when),
        invoice_id=invoice["id"],
        billing_account_id=account["id"],
        reminder_kind=kind,
        channel="email",
        sent_at=when,
        status="sent",
        recipient=account["payer_email"],
        created_at=when,
        updated_at=when,
    )
    invoice["last_reminder_at"] = when
    invoice["dunning_stage"] = kind


def event(book: Book, invoice: Row, kind: str, when: datetime, status: str, cents: int = 0) -> None:
    """Append to the invoice's history and move its status and updated_at."""
    seq = book.next(invoice["id"])
    book.basket.add(
        "invoice_events",
        id=book.id(when),
        invoice_id=invoice["id"],
        seq=seq,
        event_type=kind,
        from_status=invoice["status"] if seq > 1 else "draft",
        to_status=status,
        amount_cents=cents,
        currency="USD",
        occurred_at=when,
        created_at=when,
    )
    invoice["status"] = status
    invoice["updated_at"] = max(invoice["updated_at"], when)
