"""Taxes and the bank of the demo: accruals by receipt, remittances, months tied out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from openinsure.billing import payouts
from openinsure.billing.payouts import LEG, Payout
from openinsure.billing.postings import LedgerKey
from openinsure.billing.receipts import TAXES
from openinsure.demo.billing_rows import Row
from openinsure.demo.book import Book
from openinsure.demo.clock import at
from openinsure.demo.commission_rows import Commissions, Line
from openinsure.demo.ids import row_id
from openinsure.demo.journal import Entry, Journal
from openinsure.demo.parties import month_ends, trust_account
from openinsure.ledger import ids

IMPORTED_DAYS = 75  # the bank's lines begin so long ago
REMITTING, STATED_MONTHS = 9, 2
BANK_FEE_CENTS = 3_500  # borealis: charged by the bank at the month's end, not booked
WIRE_FEE_CENTS = 2_500  # acme: charged on the load day, waits to be matched


class Dues:
    """What is owed to producers and states, and what the bank says."""

    def __init__(self, book: Book, journal: Journal) -> None:
        self.book, self.journal = book, journal
        self.last = book.today.replace(day=1) - timedelta(days=1)
        self.stated = sorted(month_ends(self.last, STATED_MONTHS))
        self.commissions = Commissions(book, journal, self.stated)
        self.taxes: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self.remittances: dict[tuple[str, str, date], str] = {}
        self.lines: list[Line] = []
        self.transit: dict[date, int] = defaultdict(int)
        self.uncleared: dict[date, int] = defaultdict(int)

    def take_up(self, tables: dict[str, list[Row]]) -> None:
        """The receipts now in the basket."""
        policies = {row["id"]: row for row in tables["policies"]}
        for row in tables["payment_allocations"]:
            policy = policies.get(row["policy_id"])
            if policy is not None:
                self._tax(row, policy)
                self.commissions.accrue(row, policy)
        reversals = {row["payment_id"]: row for row in tables["payment_reversals"]}
        for payment in tables["payments"]:
            self._deposit(payment, reversals.get(payment["id"]))
        for check in tables["disbursements"]:
            self._check(check)

    def close(self, paid: Sequence[Line]) -> None:
        """Statements, remittances and the bank. paid: lines of payouts. Before the journal."""
        self.commissions.close()
        for (state, code), rows in sorted(self.taxes.items()):
            self._remit(state, code, rows)
        self.lines += [*paid, *self.commissions.lines]
        self._bank()

    def _tax(self, row: Row, policy: Row) -> None:
        when = row["allocated_at"]
        if row["component"] not in TAXES:
            return
        made = self.book.basket.add(
            "tax_accruals",
            id=self.book.id(when),
            policy_id=row["policy_id"],
            payment_allocation_id=row["id"],
            state=policy["state"],
            tax_code=row["component"],
            amount_cents=row["amount_cents"],
            currency="USD",
            **self._remitted(policy["state"], row["component"], when.date()),
            created_at=when,
            updated_at=when,
        )
        self.taxes[policy["state"], row["component"]].append(made)

    def _remitted(self, state: str, code: str, day: date) -> Row:
        """Which remittance takes an accrual of a day, and how far that is."""
        before = self.last.replace(day=1) - timedelta(days=1)
        if day > self.last or (day > before and code != "tax"):
            return {"status": "open"}
        end, status = (before, "remitted") if day <= before else (self.last, "remitting")
        key = (state, code, end)
        if key not in self.remittances:
            self.remittances[key] = self.book.id(at(end))
        return {"status": status, "remittance_id": self.remittances[key]}

    def _remit(self, state: str, code: str, rows: list[Row]) -> None:
        """Everything up to the month before last is paid over; the last month waits."""
        before = self.last.replace(day=1) - timedelta(days=1)
        old = [row for row in rows if row["created_at"].date() <= before]
        new = [row for row in rows if before < row["created_at"].date() <= self.last]
        if sum(row["amount_cents"] for row in old) > 0:
            row = self._remittance(state, code, old, before, paid=True)
            self._pay(row)
        if code == "tax" and sum(row["amount_cents"] for row in new) > 0:
            self._remittance(state, code, new, self.last, paid=False)

    def _remittance(self, state: str, code: str, rows: list[Row], end: date, *, paid: bool) -> Row:
        finance = self.book.users["finance_analyst"]
        made = (
            at(end + timedelta(days=10), 14)
            if paid
            else at(self.book.today - timedelta(days=1), 20)
        )
        released = made + timedelta(days=1)
        values: dict[str, Any] = {"status": "ready"}
        if paid:
            values = {
                "status": "remitted",
                "approved_by_user_id": finance[0]["id"],
                "approved_at": released,
                "filed_at": released + timedelta(days=2),
                "confirmation_number": f"{state}{self.book.rng.randint(10**6, 10**7 - 1)}",
            }
        row = self.book.basket.add(
            "tax_remittances",
            id=self.remittances[state, code, end],
            state=state,
            tax_code=code,
            period_start=min(one["created_at"] for one in rows).date(),
            period_end=end,
            due_date=end + timedelta(days=45),
            amount_cents=sum(one["amount_cents"] for one in rows),
            currency="USD",
            author_user_id=finance[1]["id"],
            created_at=made,
            updated_at=values.get("filed_at", made),
            **values,
        )
        return row

    def _pay(self, row: Row) -> None:
        key = f"{row['state']}:{row['tax_code']}"
        payout = Payout(
            account="2300",
            payable=LedgerKey("TAX_AUTHORITY_PAYABLE", "tax", key),
            payee=LedgerKey("EXTERNAL_PAYOUT", "payee", key),
            cents=row["amount_cents"],
            state=row["state"],
        )
        sent = row["approved_at"]
        pending = ids.transfer_id(self.book.spec.id, "tax_remittance", row["id"], LEG, 0, at=sent)
        steps = (
            (sent, "tax_remittance", payouts.authorised(payout)),
            (row["filed_at"], "tax_confirm", payouts.confirmed(payout, pending)),
        )
        for when, source, (lines, transfers) in steps:
            words = f"Tax {row['tax_code']} of {row['state']} to {row['period_end']}"
            self.journal.add(
                Entry(when=when, rank=REMITTING, source_type=source, source_id=row["id"],
                      words=words, lines=lines, transfers=transfers)
            )  # fmt: skip
        day = row["filed_at"].date()
        row["bank_transaction_id"] = self.book.id(at(day))
        line = (day, -row["amount_cents"], "tax_remittance", row["id"])
        self.lines.append((*line, row["bank_transaction_id"]))

    def _deposit(self, payment: Row, back: Row | None) -> None:
        """The bank's line of a payment, and of its return; what a month's end had in transit."""
        day, received = payment["deposit_date"], payment["received_at"].date()
        gone = back["occurred_at"].date() if back else None
        for end in self.stated:
            if received <= end < day and (gone is None or gone > end):
                self.transit[end] += payment["amount_cents"]
        since = self.book.today - timedelta(days=IMPORTED_DAYS)
        if since <= day <= self.book.today:
            payment["bank_transaction_id"] = self.book.id(at(day))
            line = (day, payment["amount_cents"], "payment", payment["id"])
            self.lines.append((*line, payment["bank_transaction_id"]))
        if gone and since <= gone <= self.book.today:
            line = (gone, -payment["amount_cents"], "payment", payment["id"])
            self.lines.append((*line, self.book.id(at(gone))))

    def _check(self, check: Row) -> None:
        issued, cleared = check.get("issued_at"), check.get("cleared_at")
        for end in self.stated:
            if issued and issued.date() <= end and (cleared is None or cleared.date() > end):
                self.uncleared[end] += check["amount_cents"]

    def _bank(self) -> None:
        accounts = {kind: trust_account(self.book, kind) for kind in ("premium", "claims")}
        if self.book.spec.slug == "borealis":
            self.lines.append((self.last, -BANK_FEE_CENTS, "", "", self.book.id(at(self.last))))
        if self.book.spec.slug == "acme":  # after the last month that is tied out
            key = row_id(Random("acme:wire fee"), at(self.book.today))
            self.lines.append((self.book.today, -WIRE_FEE_CENTS, "", "", key))
        for number, (day, cents, what, key, line) in enumerate(sorted(self.lines), 1):
            self.book.basket.add(
                "bank_transactions",
                id=line,
                trust_account_id=accounts["premium"],
                bank_ref=f"{day:%Y%m%d}-{number:05d}",
                posted_on=day,
                amount_cents=abs(cents),
                currency="USD",
                description=_words(what, cents),
                direction="credit" if cents > 0 else "debit",
                match_status="matched" if what else "open",
                matched_type=what or None,
                matched_id=key or None,
                created_at=at(day, 23),
                updated_at=at(day, 23),
            )
        for end in self.stated:
            fee = BANK_FEE_CENTS if self.book.spec.slug == "borealis" and end == self.last else 0
            book = self._cash("1010", end)
            self._tie(accounts["premium"], end, book, 0, self.transit[end], fee)
            self._tie(accounts["claims"], end, self._cash("1020", end), self.uncleared[end], 0, 0)

    def _cash(self, account: str, end: date) -> int:
        return sum(
            line.cents
            for _, entry in self.journal.entries
            if (entry.entry_date or entry.when.date()) <= end
            for line in entry.lines
            if line.account == account
        )

    def _tie(self, trust: str, end: date, book: int, waiting: int, transit: int, fee: int) -> None:
        made = at(end + timedelta(days=4))
        self.book.basket.add(
            "bank_reconciliations",
            id=self.book.id(made),
            trust_account_id=trust,
            statement_date=end,
            statement_balance_cents=book + waiting - transit - fee,
            book_balance_cents=book,
            outstanding_checks_cents=waiting,
            deposits_in_transit_cents=transit,
            difference_cents=-fee,
            currency="USD",
            status="unexplained" if fee else "matched",
            reviewed_by_user_id=self.book.users["finance_analyst"][0]["id"],
            created_at=made,
            updated_at=made,
        )


def _words(what: str, cents: int) -> str:
    if not what:
        return "Wire fee" if cents == -WIRE_FEE_CENTS else "Monthly service charge"
    if what == "payment":
        return "Deposit" if cents > 0 else "Returned item"
    return "Wire out"
