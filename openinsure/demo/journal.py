"""The demo's journal: entries in the order of time, numbered by month, with their transfers.

Entries are collected while the book is made and written at its end, because their numbers and the
ledger's limits follow the calendar and not the order in which policies were invented.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from typing import Any

from openinsure.billing.chart import CHART, LEDGER_TYPES
from openinsure.billing.postings import LedgerKey, Line, Transfer, balanced, directed
from openinsure.demo.book import Book
from openinsure.demo.clock import at, days
from openinsure.demo.ids import in_series
from openinsure.demo.reference import LOADED
from openinsure.demo.writer import Columns, instant
from openinsure.ledger import ids

LINKED = 1
CLOSED_AFTER_DAYS = 5  # into the next month
OPEN_MONTHS = 2  # the current one and the one before
ENTRIES = Columns(
    "gl_journal_entries",
    "org_id id entry_number period_id entry_date effective_date source_type source_id description"
    " status total_debit_cents total_credit_cents currency posted_at reversal_of_id batch_id"
    " idempotency_key created_at updated_at posted_by_user_id reversed_by_id"
    " proposal proposed_by_user_id decided_by_user_id reason",
)
LINES = Columns(
    "gl_journal_lines",
    "org_id id journal_entry_id line_no gl_account_id account_code debit_cents credit_cents"
    " currency entry_date policy_id claim_id producer_id carrier_id state created_at"
    " source_type",
)
TRANSFERS = Columns(
    "ledger_transfers",
    "org_id id tb_transfer_id batch_id batch_seq linked debit_account_id credit_account_id"
    " amount_cents currency transfer_code tb_flags pending_transfer_id source_type source_id"
    " policy_id claim_id gl_entry_id created_at updated_at status result_code tb_timestamp"
    " posted_at",
)


@dataclass(slots=True, kw_only=True)
class Entry:
    """What will be posted. rank: the order on one day. entry_date: the day of `when` by default.

    postings: rows of earned premium that point to the entry and its first transfer.
    id: given where another row names it. mirrors, mirrored_by: ids of what it reverses (which
    gives it its words) and of its reversal.
    """

    when: datetime
    rank: int
    source_type: str
    source_id: str
    words: str
    lines: Sequence[Line]
    transfers: Sequence[Transfer]
    entry_date: date | None = None
    key: str = ""  # of a repeat; by default the source
    postings: list[dict[str, Any]] = field(default_factory=list)
    id: str = ""
    posted_by: str | None = None
    mirrors: str | None = None
    mirrored_by: str | None = None


@dataclass(slots=True)
class Queued:
    """A transfer on its way: its row but for what the engine says, its leg and two accounts."""

    row: tuple[Any, ...]
    tb_transfer_id: str
    leg: Transfer
    flags: int
    at: str
    debit: dict[str, Any]
    credit: dict[str, Any]


class Journal:
    """Entries of one organisation. ledger_code: the number of its ledger."""

    def __init__(self, book: Book, ledger_code: int) -> None:
        self.book, self.ledger_code = book, ledger_code
        self.entries: list[tuple[tuple[date, int, int], Entry]] = []
        self.accounts: dict[LedgerKey, dict[str, Any]] = {}
        self.queued: list[Queued] = []
        self.periods: dict[str, dict[str, Any]] = {}
        self.numbers: dict[str, str] = {}  # of entries whose id was given
        self.rows: dict[Columns, list[tuple[Any, ...]]] = {ENTRIES: [], LINES: []}
        self._count = count()

    def add(self, entry: Entry) -> None:
        """Take an entry in; an empty one (nothing changed) is none."""
        if entry.lines:
            order = (entry.when.date(), entry.rank, next(self._count))
            self.entries.append((order, entry))

    def close(self) -> None:
        """Number everything and make its rows: periods and accounts into the basket, the many
        into `rows` and `queued`. Raises UnbalancedEntry.
        """
        self.entries.sort(key=lambda pair: pair[0])
        periods = self.periods = self._periods()
        gl = {code: self._gl_account(code) for code in CHART}
        sums = Balances(self.book, gl, periods)
        numbers: dict[str, int] = defaultdict(int)
        for _, entry in self.entries:
            day = entry.entry_date or entry.when.date()
            period = periods[f"{day:%Y-%m}"]
            numbers[period["period_code"]] += 1
            number = f"JE-{period['period_code']}-{numbers[period['period_code']]:08d}"
            self._post(entry, day, period["id"], number, gl)
            sums.add(period["period_code"], entry.lines)
        sums.write()

    def _post(self, entry: Entry, day: date, period: str, number: str, gl: dict[str, str]) -> None:
        org, book, when = self.book.spec.id, self.book, instant(entry.when)
        totals = balanced(entry.lines)
        legs = directed(entry.transfers)
        key = entry.id or book.id(entry.when)
        batch = book.id(entry.when) if legs else None
        self.numbers |= {key: number} if entry.id else {}
        words = f"Reversal of {self.numbers[entry.mirrors]}" if entry.mirrors else entry.words
        self.rows[ENTRIES].append(
            (org, key, number, period, day, day, entry.source_type, entry.source_id, words,
             "posted", totals["USD"], totals["USD"], "USD", when, entry.mirrors, batch,
             entry.key or f"{entry.source_type}:{entry.source_id}", when, when,
             entry.posted_by, entry.mirrored_by, None, None, None, None)
        )  # fmt: skip
        self.rows[LINES] += [
            (org, in_series(key, place), key, place, gl[line.account], line.account,
             max(line.cents, 0), max(-line.cents, 0), "USD", day, line.policy_id, line.claim_id,
             line.producer_id, line.carrier_id, line.state, when, entry.source_type)
            for place, line in enumerate(entry.lines, 1)
        ]  # fmt: skip
        last = len(legs) - 1
        for place, leg in enumerate(legs):
            self._queue(entry, leg, key, batch, place, place < last)
        for row in entry.postings:
            row["gl_entry_id"] = key
            row["ledger_transfer_id"] = self.queued[-1].row[1] if legs else None

    def _queue(
        self, entry: Entry, leg: Transfer, key: str, batch: str | None, place: int, linked: bool
    ) -> None:
        org, when = self.book.spec.id, instant(entry.when)
        debit, credit = self._account(leg.debit), self._account(leg.credit)
        number = ids.transfer_id(org, entry.source_type, entry.source_id, leg.leg, 0, at=entry.when)
        flags = leg.flags | (LINKED if linked else 0)
        row = (
            org, in_series(key, place), number, batch, place, int(linked), debit["id"],
            credit["id"], leg.cents, "USD", leg.code, flags, leg.pending_transfer_id,
            entry.source_type, entry.source_id, leg.policy_id, leg.claim_id, key, when, when,
        )  # fmt: skip
        self.queued.append(Queued(row, number, leg, flags, when, debit, credit))

    def _account(self, key: LedgerKey) -> dict[str, Any]:
        """The row of a ledger account, opened when it is first needed."""
        if key not in self.accounts:
            kind = LEDGER_TYPES[key.account_type, key.sub_purpose]
            names = (key.account_type, key.entity_type, key.entity_id, key.sub_purpose)
            opened = LOADED
            self.accounts[key] = {
                "id": self.book.id(opened),
                "tb_account_id": ids.account_id(self.book.spec.id, *names, "USD"),
                "account_type": key.account_type,
                "entity_type": key.entity_type,
                "entity_id": key.entity_id,
                "sub_purpose": key.sub_purpose,
                "ledger_code": self.ledger_code,
                "tb_code": kind.code,
                "tb_flags": int(kind.flags),
                "normal_side": kind.side,
                "currency": "USD",
                "name": f"{key.entity_type}:{key.entity_id}:{key.account_type}",
                "status": "active",
                "created_at": opened,
                "updated_at": opened,
            }
        return self.accounts[key]

    def _gl_account(self, code: str) -> str:
        row, opened = CHART[code], LOADED
        made = self.book.basket.add(
            "gl_accounts",
            id=self.book.id(opened),
            account_code=code,
            name=row.name,
            account_class=row.account_class,
            normal_side=row.side,
            fiduciary=row.fiduciary,
            tb_account_type=row.ledger or None,
            currency="USD",
            status="active",
            sort_order=int(code),
            created_at=opened,
            updated_at=opened,
        )
        return str(made["id"])

    def _periods(self) -> dict[str, dict[str, Any]]:
        """The months from the first entry to the load day, by code; old ones are closed."""
        dates = [entry.entry_date or entry.when.date() for _, entry in self.entries]
        first, made = min(dates, default=self.book.today).replace(day=1), {}
        while first <= self.book.today:
            made[f"{first:%Y-%m}"] = self._period(first)
            first = (first + days(31)).replace(day=1)
        return made

    def _period(self, first: date) -> dict[str, Any]:
        today = self.book.today
        months = (today.year - first.year) * 12 + today.month - first.month
        closed = at((first + days(31)).replace(day=1) + days(CLOSED_AFTER_DAYS))
        over = {
            "closed_by_user_id": self.book.a_user("finance_analyst"),
            "closed_at": closed,
            "updated_at": closed,
        }
        return self.book.basket.add(
            "gl_periods",
            id=self.book.id(at(first, 0)),
            period_code=f"{first:%Y-%m}",
            start_date=first,
            end_date=first.replace(day=calendar.monthrange(first.year, first.month)[1]),
            **{
                "status": "open",
                "created_at": at(first, 0),
                "updated_at": at(first, 0),
                **({"status": "closed", **over} if months >= OPEN_MONTHS else {}),
            },
        )


class Balances:
    """Running balance of each account by period, for the closed ones."""

    def __init__(self, book: Book, gl: dict[str, str], periods: dict[str, dict[str, Any]]) -> None:
        self.book, self.gl, self.periods = book, gl, periods
        self.moved: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])

    def add(self, period: str, lines: Sequence[Line]) -> None:
        """Count the lines of an entry into its period."""
        for line in lines:
            self.moved[period, line.account][line.cents < 0] += abs(line.cents)

    def write(self) -> None:
        """A row per account and closed period; opening is the closing of the one before."""
        standing = dict.fromkeys(self.gl, 0)
        for code, period in self.periods.items():
            for account, key in self.gl.items():
                debit, credit = self.moved[code, account]
                opening = standing[account]
                standing[account] = opening + debit - credit
                if period["status"] != "closed":
                    continue
                self.book.basket.add(
                    "gl_account_balances",
                    id=self.book.id(period["closed_at"]),
                    gl_account_id=key,
                    period_id=period["id"],
                    opening_cents=opening,
                    debit_cents=debit,
                    credit_cents=credit,
                    closing_cents=standing[account],
                    currency="USD",
                    created_at=period["closed_at"],
                    updated_at=period["closed_at"],
                )
