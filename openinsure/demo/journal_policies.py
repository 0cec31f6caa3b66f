"""Journal entries of a policy's money: billed, charged, received, returned, earned.

What carries the premium over to the carrier depends on both what is earned and what is collected,
so a policy is told in the order of its days (domain.md 4.7).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openinsure.billing.operations.restating import RETURNED as RETURN_PREMIUM
from openinsure.billing.postings import Line
from openinsure.billing.receipts import REFUNDED as PAID_BACK
from openinsure.billing.receipts import Part, Terms, lines_of, transfers_of
from openinsure.demo.billing_rows import Row
from openinsure.demo.clock import at
from openinsure.demo.earning_runs import EarningRuns, PolicyEarning
from openinsure.demo.journal import Entry, Journal
from openinsure.demo.till import split_of
from openinsure.money.legs import Legs

EARNED, BILLED, CHARGED, RETURNED, RECEIVED, LESS, REFUNDED = range(7)  # the order on one day
TABLES = (
    "invoices", "fee_charges", "payments", "payment_allocations", "premium_transactions", "refunds",
)  # fmt: skip
NO_LEGS = Legs(0, 0, 0, 0)


def take_up(journal: Journal, runs: EarningRuns, tables: dict[str, list[Row]]) -> None:
    """The entries of every policy in the basket."""
    by = {name: _grouped(tables[name]) for name in TABLES}
    aside = Aside(
        {row["payment_id"]: row for row in tables["payment_reversals"]},
        {row["invoice_id"]: row for row in tables["invoice_events"]
         if row["event_type"] == RETURN_PREMIUM},
        {row["policy_id"]: row["id"] for row in tables["cancellations"]},
    )  # fmt: skip
    for policy in tables["policies"]:
        rows = {name: by[name][policy["id"]] for name in TABLES}
        PolicyMoney(journal, runs, policy, rows, aside).tell()


@dataclass(frozen=True, slots=True)
class Aside:
    """What is found by another key: returns by payment, credits by invoice, ends by policy."""

    reversals: dict[str, Row]
    credits: dict[str, Row]
    cancellations: dict[str, str]


def _grouped(rows: Iterable[Row]) -> dict[str, list[Row]]:
    made: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        made[row["policy_id"]].append(row)
    return made


class PolicyMoney:
    """One policy told in order. collected: its carrier legs so far, cents."""

    def __init__(
        self, journal: Journal, runs: EarningRuns, policy: Row, rows: dict[str, list[Row]],
        aside: Aside,
    ) -> None:  # fmt: skip
        self.journal, self.policy, self.rows, self.aside = journal, policy, rows, aside
        self.org_id = journal.book.spec.id
        self.split = split_of(policy)
        self.earning = PolicyEarning(runs, policy, rows["premium_transactions"])
        self.collected = 0

    def tell(self) -> None:
        """Add every entry of the policy to the journal."""
        self._bill()
        moments: list[tuple[date, int, Any]] = [
            (day, EARNED, day) for day in self.earning.as_of_dates()
        ]
        for payment in self.rows["payments"]:
            moments.append((payment["received_at"].date(), RECEIVED, payment))
            if back := self.aside.reversals.get(payment["id"]):
                moments.append((back["occurred_at"].date(), RETURNED, payment))
        for refund in self.rows["refunds"]:
            if refund["status"] == "issued":
                moments.append((refund["updated_at"].date(), REFUNDED, refund))
        for _, kind, what in sorted(moments, key=lambda m: m[:2]):
            if kind == EARNED:
                self.earning.earn(what, collected_cents=self.collected)
            elif kind == REFUNDED:
                self._refund(what)
            else:
                self._move(what, kind)

    def _bill(self) -> None:
        charged: dict[str, int] = defaultdict(int)
        for fee in self.rows["fee_charges"]:
            charged[fee["invoice_id"]] += fee["amount_cents"]
            when = at(fee["charged_on"], 8)
            words = "Returned payment fee" if fee["fee_code"] == "NSF" else "Late fee"
            self._receivable("fee_charge", fee["id"], fee["amount_cents"], when, CHARGED, words)
        for invoice in self.rows["invoices"]:
            cents = invoice["total_cents"] - charged[invoice["id"]]
            if less := self.aside.credits.get(invoice["id"]):
                cents -= less["amount_cents"]
            words = f"Invoice {invoice['invoice_number']}"
            self._receivable("invoice", invoice["id"], cents, invoice["sent_at"], BILLED, words)
        self._return_premium()

    def _return_premium(self) -> None:
        """What a cancellation gives back, credited and refunded together."""
        less = [self.aside.credits.get(invoice["id"]) for invoice in self.rows["invoices"]]
        moved = [(row["occurred_at"], -row["amount_cents"]) for row in less if row]
        moved += [(row["created_at"], row["amount_cents"]) for row in self.rows["refunds"]]
        if moved:
            source = self.aside.cancellations[self.policy["id"]]
            cents = -sum(part for _, part in moved)
            when = moved[0][0]
            self._receivable("return_premium", source, cents, when, LESS, "Return premium")

    def _receivable(
        self, source: str, source_id: str, cents: int, when: datetime, rank: int, words: str
    ) -> None:
        policy = self.policy["id"]
        lines = [
            Line(account="1200", cents=cents, policy_id=policy),
            Line(account="2900", cents=-cents, policy_id=policy),
        ]
        self.journal.add(
            Entry(when=when, rank=rank, source_type=source, source_id=source_id, words=words,
                  lines=lines, transfers=())
        )  # fmt: skip

    def _move(self, payment: Row, kind: int) -> None:
        """Money received, or the whole of it returned."""
        back = self.aside.reversals[payment["id"]] if kind == RETURNED else None
        parts = [
            Part(row["component"], row["amount_cents"], _legs(row))
            for row in self.rows["payment_allocations"]
            if row["payment_id"] == payment["id"]
            and bool(row["reversal_of_id"]) == bool(back)
            and "invoice_id" in row  # else it is a refund's
        ]
        left = -payment["unapplied_cents"] if back else payment["unapplied_cents"]
        amounts = {"unapplied_cents": left, "collected_cents": self.collected}
        terms = self._terms()
        words = f"Payment {payment['payment_number']}"
        self.journal.add(
            Entry(
                when=back["occurred_at"] if back else payment["received_at"],
                rank=kind,
                key=f"payment_reversal:{back['id']}" if back else "",
                source_type="payment_reversal" if back else "payment",
                source_id=payment["id"],
                words=f"NSF: {words.lower()} returned" if back else words,
                lines=lines_of(terms, parts, **amounts),
                transfers=transfers_of(terms, parts, **amounts),
            )
        )  # fmt: skip
        self.collected += sum(part.legs.carrier_cents for part in parts)

    def _refund(self, refund: Row) -> None:
        """Return premium paid out: taken back from every party."""
        parts = [
            Part(row["component"], row["amount_cents"], _legs(row))
            for row in self.rows["payment_allocations"]
            if "invoice_id" not in row
        ]
        amounts = {"unapplied_cents": 0, "collected_cents": self.collected}
        terms = self._terms()
        self.journal.add(
            Entry(
                when=refund["updated_at"],
                rank=REFUNDED,
                source_type="refund",
                source_id=refund["id"],
                words="Refund of return premium",
                lines=lines_of(terms, parts, **amounts),
                transfers=transfers_of(terms, parts, **amounts, returned_as=PAID_BACK),
            )
        )
        self.collected += sum(part.legs.carrier_cents for part in parts)

    def _terms(self) -> Terms:
        policy = self.policy
        return Terms(
            org_id=self.org_id,
            policy_id=policy["id"],
            split=self.split,
            producer_id=policy["producer_id"],
            carrier_id=policy["carrier_id"],
            program_id=policy["program_id"],
            state=policy["state"],
            carrier_earned_cents=self.earning.carrier_earned,
        )


def _legs(row: Row) -> Legs:
    """The premium legs of an allocation; a fee's revenue is no leg."""
    if row["component"] != "premium":
        return NO_LEGS
    return Legs(
        row["producer_commission_cents"], row["mga_revenue_cents"], row["reinsurer_cents"],
        row["carrier_cents"],
    )  # fmt: skip
