"""Commissions of the demo: an accrual by receipt, two statements a producer, two of them paid out.

The older statement of one producer is paid; the newer of another waits for its third person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from openinsure.billing import payouts
from openinsure.billing.operations.commissions import APPROVED, PAID, RELEASE
from openinsure.billing.payouts import LEG, Payout
from openinsure.billing.postings import LedgerKey
from openinsure.demo import parties
from openinsure.demo.billing_rows import Row
from openinsure.demo.book import Book
from openinsure.demo.clock import at, days
from openinsure.demo.journal import Entry, Journal
from openinsure.ledger import ids

PAYING = 9  # the order on one day, after receipts
DRAWN_AFTER_DAYS, PAID_AFTER_DAYS = 5, 8  # the statement's month
Line = tuple[date, int, str, str, str]  # day, cents in, what, its id, id of the line


class Commissions:
    """What is owed to producers. stated: the ends of the months that have statements."""

    def __init__(self, book: Book, journal: Journal, stated: Sequence[date]) -> None:
        self.book, self.journal, self.stated = book, journal, stated
        self.earned: dict[tuple[str, date], list[int]] = defaultdict(lambda: [0, 0])
        self.statements: dict[tuple[str, date], str] = {}
        self.lines: list[Line] = []

    def accrue(self, row: Row, policy: Row) -> None:
        """The producer's share of a premium allocation."""
        when, cents = row["allocated_at"], row["producer_commission_cents"]
        if row["component"] != "premium" or not cents:
            return
        end = next((one for one in self.stated if when.date() <= one), None)
        if end:
            self.earned[row["producer_id"], end][cents < 0] += abs(cents)
        self.book.basket.add(
            "commission_accruals",
            id=self.book.id(when),
            policy_id=row["policy_id"],
            payment_allocation_id=row["id"],
            producer_id=row["producer_id"],
            kind="clawback" if row["reversal_of_id"] else "collected",
            basis_cents=row["amount_cents"],
            rate=policy["producer_commission_rate"],
            amount_cents=cents,
            currency="USD",
            status="stated" if end else "open",
            statement_id=self._statement(row["producer_id"], end) if end else None,
            created_at=when,
            updated_at=when,
        )

    def close(self) -> None:
        """Statements of every producer, and the two payouts. Before the journal is closed."""
        first, last = self.stated[0], self.stated[-1]
        owed = {producer: earned - clawed for (producer, end), (earned, clawed)
                in sorted(self.earned.items()) if end == first}  # fmt: skip
        ranked = sorted((p for p in owed if owed[p] > 0), key=lambda p: (-owed[p], p))
        paid = ranked[0] if ranked else None
        closing: dict[str, int] = {}
        for producer in sorted({key for key, _ in self.earned}):
            closing[producer] = self._state(producer, owed[paid] if producer == paid else 0)
        if paid is not None:
            self._pay(paid, first, owed[paid])
        for producer in ranked[1:2]:
            self._wait(producer, last, closing[producer])

    def _statement(self, producer: str, end: date) -> str:
        key = (producer, end)
        if key not in self.statements:
            self.statements[key] = self.book.id(at(end + timedelta(days=2)))
        return self.statements[key]

    def _state(self, producer: str, paid_cents: int) -> int:
        """A producer's statements, the first taking all that was earned before; what is owed.

        paid_cents: of the first, in the period of the next.
        """
        start = self.book.today.replace(year=self.book.today.year - 2, day=1)
        closing = 0
        for place, end in enumerate(self.stated):
            earned, clawed = self.earned[producer, end]
            opening, paid = closing, paid_cents if place == 1 else 0
            closing = opening + earned - clawed - paid
            made = at(end + timedelta(days=2))
            self.book.basket.add(
                "commission_statements",
                id=self._statement(producer, end),
                producer_id=producer,
                period_start=start,
                period_end=end,
                opening_cents=opening,
                accrued_cents=earned,
                clawback_cents=clawed,
                paid_cents=paid,
                closing_cents=closing,
                currency="USD",
                status=PAID if paid_cents and place == 0 else "issued",
                issued_at=made,
                created_at=made,
                updated_at=made,
            )
            start = end + timedelta(days=1)
        return closing

    def _payout(self, producer: str, end: date, cents: int, drawn: Any, **more: Any) -> Row:
        finance = self.book.users["finance_analyst"]
        name = next(one["agency_name"] for one in self.book.producers if one["id"] == producer)
        account = parties.account(self.book, "producer", producer, name)
        return self.book.basket.add(
            "commission_payouts",
            id=self.book.id(drawn),
            producer_id=producer,
            statement_id=self._statement(producer, end),
            amount_cents=cents,
            currency="USD",
            external_account_id=account,
            author_user_id=finance[1]["id"],
            approved_by_user_id=finance[0]["id"],
            approved_at=drawn + timedelta(hours=3),
            created_at=drawn,
            **more,
        )

    def _wait(self, producer: str, end: date, cents: int) -> None:
        """Drawn up and approved yesterday; its release is another person's."""
        drawn = at(self.book.today - days(1), 14)
        moved = drawn + timedelta(hours=3)
        self._payout(producer, end, cents, drawn, status=APPROVED, updated_at=moved)

    def _pay(self, producer: str, end: date, cents: int) -> None:
        """The entries of release and of the bank's answer, with the bank's line."""
        drawn, paid = at(end + days(DRAWN_AFTER_DAYS), 14), at(end + days(PAID_AFTER_DAYS), 15)
        released = drawn + timedelta(days=1)
        row = self._payout(
            producer, end, cents, drawn, status=PAID, released_at=released, paid_at=paid,
            released_by_user_id=self.book.users["org_admin"][0]["id"], updated_at=paid,
        )  # fmt: skip
        payout = Payout(
            account="2200",
            payable=LedgerKey("PRODUCER_PAYABLE", "producer", producer),
            payee=LedgerKey("EXTERNAL_PAYOUT", "payee", row["external_account_id"]),
            cents=cents,
            producer_id=producer,
        )
        pending = ids.transfer_id(self.book.spec.id, RELEASE, row["id"], LEG, 0, at=released)
        steps = (
            (released, RELEASE, payouts.authorised(payout)),
            (paid, "commission_confirm", payouts.confirmed(payout, pending)),
        )
        for when, source, (lines, transfers) in steps:
            self.journal.add(
                Entry(when=when, rank=PAYING, source_type=source, source_id=row["id"],
                      words="Commission paid out", lines=lines, transfers=transfers)
            )  # fmt: skip
        day = paid.date() + days(1)
        self.lines.append((day, -cents, "commission_payout", row["id"], self.book.id(at(day))))
