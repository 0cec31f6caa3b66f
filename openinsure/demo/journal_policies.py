"""Journal entries of a policy's money: billed, charged, received, returned, earned.

What carries the premium over to the carrier depends on both what is earned and what is collected,
so a policy is told in the order of its days (domain.md 4.7).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from openinsure.billing.postings import Line
from openinsure.billing.receipts import Part, Terms, lines_of, transfers_of
from openinsure.demo.billing_rows import Row
from openinsure.demo.clock import at
from openinsure.demo.earning_runs import EarningRuns, PolicyEarning
from openinsure.demo.journal import Entry, Journal
from openinsure.demo.till import split_of
from openinsure.money.legs import Legs

EARNED, BILLED, CHARGED, RETURNED, RECEIVED = range(5)  # the order on one day
TABLES = (
    "invoices", "fee_charges", "payments", "payment_allocations", "premium_transactions",
)  # fmt: skip
NO_LEGS = Legs(0, 0, 0, 0)


def take_up(journal: Journal, runs: EarningRuns, tables: dict[str, list[Row]]) -> None:
    """The entries of every policy in the basket."""
    by = {name: _grouped(tables[name]) for name in TABLES}
    reversals = {row["payment_id"]: row for row in tables["payment_reversals"]}
    for policy in tables["policies"]:
        rows = {name: by[name][policy["id"]] for name in TABLES}
        PolicyMoney(journal, runs, policy, rows, reversals).tell()


def _grouped(rows: Iterable[Row]) -> dict[str, list[Row]]:
    made: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        made[row["policy_id"]].append(row)
    return made


class PolicyMoney:
    """One policy told in order. collected: its carrier legs so far, cents."""

    def __init__(
        self, journal: Journal, runs: EarningRuns, policy: Row, rows: dict[str, list[Row]],
        reversals: dict[str, Row],
    ) -> None:  # fmt: skip
        self.journal, self.policy, self.rows, self.reversals = journal, policy, rows, reversals
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
            if back := self.reversals.get(payment["id"]):
                moments.append((back["occurred_at"].date(), RETURNED, payment))
        for _, kind, what in sorted(moments, key=lambda m: m[:2]):
            if kind == EARNED:
                self.earning.earn(what, collected_cents=self.collected)
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
            words = f"Invoice {invoice['invoice_number']}"
            self._receivable("invoice", invoice["id"], cents, invoice["sent_at"], BILLED, words)

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
        back = self.reversals[payment["id"]] if kind == RETURNED else None
        parts = [
            Part(row["component"], row["amount_cents"], _legs(row))
            for row in self.rows["payment_allocations"]
            if row["payment_id"] == payment["id"] and bool(row["reversal_of_id"]) == bool(back)
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
