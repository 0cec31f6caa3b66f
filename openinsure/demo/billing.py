"""Billing headers of a policy: account, invoices by its plan, payments received."""

from __future__ import annotations

from datetime import date
from typing import Any

from openinsure.demo.book import Book
from openinsure.demo.clock import days, office_hours
from openinsure.money.plans import PLANS, Installment, installments

INVOICE_LEAD_DAYS = 20  # an installment is invoiced this many days before it is due
NSF_RATE = 0.018
LATE_RATE = 0.05
METHODS = ("ach", "ach", "check", "card", "wire")


def bill(book: Book, policy: dict[str, Any]) -> dict[str, Any]:
    """The billing account of a policy with what is owed today. Returns the account's row."""
    number = book.next("account")
    account = book.basket.add(
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
        plan_code=policy["billing_plan"],
        status="active",
        delinquency_stage="none",
        currency="USD",
        balance_cents=0,
        past_due_cents=0,
        created_at=policy["bound_at"],
        updated_at=policy["bound_at"],
    )
    policy["billing_account_id"] = account["id"]
    late = policy["status"] == "pending_cancellation" or (
        policy["status"] == "active" and book.rng.random() < LATE_RATE
    )
    for due in schedule(policy):
        invoice(book, policy, account, due, late)
    return account


def schedule(policy: dict[str, Any]) -> list[Installment]:
    """The installments of the term's annual premium; financed policies pay at once."""
    code = policy["billing_plan"]
    return installments(
        plan=PLANS["PIF" if code == "PREMIUM_FINANCE" else code],
        effective=policy["effective_date"],
        premium_cents=policy["annual_premium_cents"],
        fee_cents=policy["fees_cents"],
        tax_cents=policy["taxes_cents"],
    )


def invoice(
    book: Book, policy: dict[str, Any], account: dict[str, Any], due: Installment, late: bool
) -> None:
    """One invoice if it has been issued by today, with its payment if it was paid."""
    issued = max(policy["bound_at"].date(), due.due_date - days(INVOICE_LEAD_DAYS))
    stopped = policy.get("cancellation_effective_date")
    if issued >= book.today or (stopped and due.due_date >= stopped):
        return
    owed_late = late and due.due_date > book.today - days(45)
    paid = due.due_date < book.today and not owed_late
    status = "paid" if paid else "overdue" if due.due_date < book.today else "issued"
    when = office_hours(book.rng, issued)
    row = book.basket.add(
        "invoices",
        id=book.id(when),
        invoice_number=f"INV-{book.spec.prefix}-{book.next('invoice'):06d}",
        billing_account_id=account["id"],
        policy_id=policy["id"],
        policy_number=policy["policy_number"],
        producer_id=policy["producer_id"],
        status=status,
        issue_date=issued,
        due_date=due.due_date,
        premium_cents=due.premium_cents,
        fee_cents=due.fee_cents,
        tax_cents=due.tax_cents,
        total_cents=due.total_cents,
        paid_cents=due.total_cents if paid else 0,
        balance_cents=0 if paid else due.total_cents,
        currency="USD",
        delivery_method="email",
        sent_at=when,
        created_at=when,
        updated_at=when,
    )
    if paid:
        received = max(issued, due.due_date - days(book.rng.randint(0, 6)))
        settle(book, account, row, received)
    else:
        owe(account, row, status)


def owe(account: dict[str, Any], invoice_row: dict[str, Any], status: str) -> None:
    """Add an open invoice to the account's standing."""
    account["balance_cents"] += invoice_row["total_cents"]
    if status == "overdue":
        account["past_due_cents"] += invoice_row["total_cents"]
        account["delinquency_stage"] = "overdue"
    elif "next_due_date" not in account:
        account["next_due_date"] = invoice_row["due_date"]
        account["next_due_cents"] = invoice_row["total_cents"]


def settle(
    book: Book, account: dict[str, Any], invoice_row: dict[str, Any], received: date
) -> None:
    """The payment of an invoice; now and then the first attempt comes back unpaid (NSF)."""
    if book.rng.random() < NSF_RATE and received + days(4) < book.today:
        bounced = payment(book, account, invoice_row, received, "reversed")
        bounced["reversed_at"] = office_hours(book.rng, received + days(2))
        bounced["reversal_reason"] = "NSF"
        bounced["nsf_count"] = 1
        received += days(4)
    payment(book, account, invoice_row, received, "split")


def payment(
    book: Book, account: dict[str, Any], invoice_row: dict[str, Any], received: date, status: str
) -> dict[str, Any]:
    """One row of `payments`, for exactly the invoice's total."""
    rng, when = book.rng, office_hours(book.rng, received)
    method = rng.choice(METHODS)
    number = book.next("payment")
    account["last_payment_at"] = when
    account["last_payment_cents"] = invoice_row["total_cents"]
    return book.basket.add(
        "payments",
        id=book.id(when),
        payment_number=f"PAY-{book.spec.prefix}-{number:06d}",
        billing_account_id=account["id"],
        policy_id=invoice_row["policy_id"],
        policy_number=invoice_row["policy_number"],
        payer_name=account["payer_name"],
        payer_name_norm=account["insured_name_norm"],
        method=method,
        processor="lockbox" if method == "check" else "stripe",
        processor_ref=f"{rng.getrandbits(64):016x}",
        status=status,
        amount_cents=invoice_row["total_cents"],
        currency="USD",
        received_at=when,
        posted_at=when,
        deposit_date=received + days(1),
        check_number=str(rng.randint(1000, 99999)) if method == "check" else None,
        split_status="reversed" if status == "reversed" else "complete",
        idempotency_key=f"demo:{book.spec.slug}:{number}",
        created_at=when,
        updated_at=when,
    )
