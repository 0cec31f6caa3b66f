"""Money of one policy in its order: receipts applied and split, returns taken back.

Legs are differences of cumulative roundings (money.legs), so they depend on what is collected in
all, and a return gives back exactly what stands then.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openinsure.demo.billing_rows import Row, charge, event
from openinsure.demo.book import Book
from openinsure.demo.clock import at, days, office_hours
from openinsure.money.allocation import Component, Due, allocate
from openinsure.money.legs import Legs, receipt_legs
from openinsure.money.rates import Split

METHODS = ("ach", "ach", "check", "card", "wire")
NSF_FEE_CENTS = 2_500
QUOTA_SHARE = "0.300000"
COMPONENTS = {
    "tax": Component.TAX,
    "stamping_fee": Component.TAX,
    "late_fee": Component.NSF_OR_LATE_FEE,
    "nsf_fee": Component.NSF_OR_LATE_FEE,
    "installment_fee": Component.INSTALLMENT_FEE,
    "policy_fee": Component.POLICY_FEE,
    "premium": Component.PREMIUM,
}
NO_LEGS = Legs(0, 0, 0, 0)


def split_of(policy: Row) -> Split:
    """The rates of the policy and its program's quota share."""
    return Split.from_rates(
        producer=policy["producer_commission_rate"],
        mga=policy["mga_commission_rate"],
        quota_share=QUOTA_SHARE,
    )


@dataclass(slots=True)
class Open:
    """One invoiced installment."""

    installment: Row
    invoice: Row
    lines: list[Row]


class Till:
    """What a policy's payer paid so far. collected: premium cents, net of returns."""

    def __init__(self, book: Book, policy: Row, account: Row) -> None:
        self.book, self.policy, self.account = book, policy, account
        self.split, self.collected = split_of(policy), 0
        self.entries: dict[int, Open] = {}
        self.returns: list[tuple[date, Open, Row]] = []
        self.allocated: dict[str, list[Row]] = defaultdict(list)  # by payment

    def open(self, seq: int, installment: Row, invoice: Row, lines: list[Row]) -> None:
        """Take an issued invoice in."""
        self.entries[seq] = Open(installment, invoice, lines)

    def receive(self, to: Open, cents: int, received: date) -> Row:
        """One payment, applied to the lines of an invoice; the rest waits in suspense."""
        when = office_hours(self.book.rng, received)
        dues = [
            Due(
                line["id"], COMPONENTS[line["component"]], line["amount_cents"] - line["paid_cents"]
            )
            for line in to.lines
        ]
        applied, left = allocate(cents, dues)
        payment = self._payment(cents, left, received, when)
        lines = {line["id"]: line for line in to.lines}
        for part in applied:
            self._allocate(payment, to, lines[part.key], part.cents, when)
        self._paid(to, cents - left, when, "invoice.payment")
        self.account["last_payment_at"], self.account["last_payment_cents"] = when, cents
        if left:
            self._suspend(payment, left, when)
        return payment

    def return_until(self, day: date) -> None:
        """Take back what the bank returned up to and including a day."""
        for due in sorted(self.returns, key=lambda entry: entry[0]):
            if due[0] <= day:
                self.returns.remove(due)
                self._return(due[1], due[2], at(due[0], 17))

    def _return(self, to: Open, payment: Row, when: datetime) -> None:
        lines = {line["id"]: line for line in to.lines}
        for row in list(self.allocated[payment["id"]]):
            row["reversed_at"] = when
            line = lines[row["invoice_line_id"]]
            self._allocate(payment, to, line, -row["amount_cents"], when, reverses=row["id"])
        cents = payment["amount_cents"] - payment["unapplied_cents"]
        self._paid(to, -cents, when, "invoice.reversal")
        fee = charge(self.book, to.invoice, to.lines, "NSF", NSF_FEE_CENTS, when.date())
        payment |= {
            "status": "reversed",
            "split_status": "reversed",
            "reversed_at": when,
            "reversal_reason": "NSF",
            "nsf_count": 1,
            "updated_at": when,
        }
        self.book.basket.add(
            "payment_reversals",
            id=self.book.id(when),
            payment_id=payment["id"],
            reversal_type="nsf",
            amount_cents=payment["amount_cents"],
            currency="USD",
            fee_charge_id=fee["id"],
            occurred_at=when,
            resolved_at=when,
            status="posted",
            created_at=when,
            updated_at=when,
        )

    def _allocate(
        self, payment: Row, to: Open, line: Row, cents: int, when: datetime, reverses: str = ""
    ) -> None:
        line["paid_cents"] += cents
        place = {
            "invoice_id": to.invoice["id"],
            "invoice_line_id": line["id"],
            "installment_id": to.installment["id"],
        }
        self.allocation(payment["id"], line["component"], cents, when, reverses, **place)

    def allocation(
        self, payment_id: str, component: str, cents: int, when: datetime, reverses: str = "",
        **place: str,
    ) -> None:  # fmt: skip
        """One allocation with its legs; place: the invoice line, none for a refund."""
        legs = NO_LEGS
        if component == "premium":
            legs = receipt_legs(self.split, before_cents=self.collected, now_cents=cents)
            self.collected += cents
        taxed = cents if COMPONENTS[component] == Component.TAX else 0
        fee = 0 if taxed or component == "premium" else cents
        row = self.book.basket.add(
            "payment_allocations",
            id=self.book.id(when),
            payment_id=payment_id,
            **place,
            policy_id=self.policy["id"],
            component=component,
            amount_cents=cents,
            currency="USD",
            producer_commission_cents=legs.producer_cents,
            mga_revenue_cents=legs.mga_cents + fee,
            tax_cents=taxed,
            reinsurer_cents=legs.ceded_cents,
            carrier_cents=legs.carrier_cents,
            producer_id=self.policy["producer_id"],
            carrier_id=self.policy["carrier_id"],
            allocated_at=when,
            reversal_of_id=reverses or None,
            created_at=when,
        )
        self.allocated[payment_id].append(row)

    def _paid(self, to: Open, cents: int, when: datetime, kind: str) -> None:
        invoice = to.invoice
        invoice["paid_cents"] += cents
        invoice["balance_cents"] -= cents
        if invoice["balance_cents"] == 0:
            status = "paid"
        elif kind == "invoice.reversal" and invoice["due_date"] < when.date():
            status = "overdue"
        else:
            status = "partially_paid" if invoice["paid_cents"] else "issued"
        event(self.book, invoice, kind, when, status, cents)

    def overdue(self, invoice: Row) -> None:
        """An open invoice past its due date."""
        if invoice["status"] != "overdue":
            when = at(invoice["due_date"] + days(1), 8)
            event(self.book, invoice, "invoice.overdue", when, "overdue")

    def _suspend(self, payment: Row, cents: int, when: datetime) -> None:
        self.account["unapplied_cents"] += cents
        self.book.basket.add(
            "suspense_items",
            id=self.book.id(when),
            payment_id=payment["id"],
            amount_cents=cents,
            currency="USD",
            reason="Overpaid",
            status="open",
            reference_text=self.book.named(payment["payment_number"]),
            created_at=when,
            updated_at=when,
        )

    def _payment(self, cents: int, left: int, received: date, when: datetime) -> Row:
        rng, number = self.book.rng, self.book.next("payment")
        method = rng.choice(METHODS)
        return self.book.basket.add(
            "payments",
            id=self.book.id(when),
            payment_number=f"PAY-{self.book.spec.prefix}-{number:06d}",
            billing_account_id=self.account["id"],
            policy_id=self.policy["id"],
            policy_number=self.policy["policy_number"],
            payer_name=self.account["payer_name"],
            payer_name_norm=self.account["insured_name_norm"],
            method=method,
            processor="lockbox" if method == "check" else "stripe",
            processor_ref=f"{rng.getrandbits(64):016x}",
            status="split" if not left else "allocated",
            amount_cents=cents,
            unapplied_cents=left,
            currency="USD",
            received_at=when,
            posted_at=when,
            deposit_date=received + days(1),
            check_number=str(rng.randint(1000, 99999)) if method == "check" else None,
            split_status="complete",
            idempotency_key=f"demo:{self.book.spec.slug}:{number}",
            created_at=when,
            updated_at=when,
        )

    def close(self) -> None:
        """The standing of the account and of its installments, from its invoices."""
        account: dict[str, Any] = self.account
        for entry in self.entries.values():
            invoice, row = entry.invoice, entry.installment
            self.book.counters.pop(invoice["id"], None)  # its events are numbered
            own = [line for line in entry.lines if line.get("installment_id")]
            row["paid_cents"] = sum(line["paid_cents"] for line in own)
            row["status"] = {"paid": "paid", "overdue": "overdue"}.get(
                invoice["status"], "invoiced"
            )
            row["updated_at"] = invoice["updated_at"]
            if row["status"] == "paid":
                row["paid_at"] = invoice["updated_at"]
            account["balance_cents"] += invoice["balance_cents"]
            if invoice["status"] == "overdue":
                account["past_due_cents"] += invoice["balance_cents"]
                account["delinquency_stage"] = "overdue"
            elif invoice["balance_cents"] and "next_due_date" not in account:
                account["next_due_date"] = invoice["due_date"]
                account["next_due_cents"] = invoice["balance_cents"]
