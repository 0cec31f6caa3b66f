"""The demo's journal and transfers: every movement is there, in order, and the books agree."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from openinsure.billing.chart import CHART, LEDGER_TYPES
from openinsure.demo import organisations, stories
from openinsure.demo.accounting import Accounting
from openinsure.demo.book import Book
from openinsure.demo.generate import claims, policies
from openinsure.demo.journal import ENTRIES, LINES, Journal
from openinsure.demo.orgs_data import ACME
from openinsure.ledger.port import AccountFlags

TODAY = date(2026, 11, 20)
LEDGER = 2_840


def made() -> Accounting:
    """A small acme with its books closed; nothing is written."""
    book = Book.opened(ACME, 7, TODAY)
    organisations.people(book)
    organisations.producers(book)
    organisations.programs(book, ["carrier-1", "carrier-2"])
    stories.golden(book)
    for chunk in policies(book, 160):
        claims(book, chunk, 60)
    accounting = Accounting(book, LEDGER)
    accounting.take_up()
    accounting.runs.close(accounting.journal)
    accounting.claims.close()
    accounting.journal.close()
    return accounting


@pytest.fixture(scope="module")
def books() -> Accounting:
    """Made once."""
    return made()


def named(columns: Any, journal: Journal) -> list[dict[str, Any]]:
    """Rows of the bulk with their columns' names."""
    names = columns.names.split()
    return [dict(zip(names, row, strict=True)) for row in journal.rows[columns]]


def test_it_is_repeatable(books: Accounting) -> None:
    again = made()
    assert again.journal.rows == books.journal.rows
    assert [one.row for one in again.journal.queued] == [one.row for one in books.journal.queued]


def test_its_entries_balance_and_are_numbered_without_gaps(books: Accounting) -> None:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for line in named(LINES, books.journal):
        assert (line["debit_cents"] > 0) != (line["credit_cents"] > 0)
        sums[line["journal_entry_id"]][0] += line["debit_cents"]
        sums[line["journal_entry_id"]][1] += line["credit_cents"]
    entries = named(ENTRIES, books.journal)
    assert len(entries) == len(sums) > 1_000
    for entry in entries:
        total = entry["total_debit_cents"]
        assert sums[entry["id"]] == [total, total] == [total, entry["total_credit_cents"]]
    for months in _by(entries, lambda row: row["entry_number"][:10]).values():
        numbers = [int(row["entry_number"][-8:]) for row in months]
        assert numbers == list(range(1, len(numbers) + 1))
        assert {row["period_id"] for row in months} == {months[0]["period_id"]}
    assert len({row["idempotency_key"] for row in entries}) == len(entries)


@pytest.mark.parametrize(
    ("table", "source", "wanted"),
    [
        ("invoices", "invoice", lambda row: True),
        ("fee_charges", "fee_charge", lambda row: True),
        ("payments", "payment", lambda row: True),
        ("refunds", "refund", lambda row: row["status"] == "issued"),
        ("payments", "payment_reversal", lambda row: row["status"] == "reversed"),
        ("claim_payments", "claim_payment", lambda row: row["approved_at"]),
        ("claim_reserve_history", "claim_reserve", lambda row: row["reason_code"] != "payment"),
        ("claim_recoveries", "claim_recovery", lambda row: True),
    ],
)
def test_it_posts_everything_that_moved(
    books: Accounting, table: str, source: str, wanted: Any
) -> None:
    ours = {row["id"] for row in books.book.basket.tables[table] if wanted(row)}
    posted = [
        row["source_id"] for row in named(ENTRIES, books.journal) if row["source_type"] == source
    ]
    assert len(posted) == len(ours) > 0
    assert set(posted) == ours


def test_its_journal_and_its_transfers_agree_by_type(books: Accounting) -> None:
    journal: dict[str, int] = defaultdict(int)
    for line in named(LINES, books.journal):
        if mapped := CHART[line["account_code"]].ledger:
            journal[mapped] += line["debit_cents"] - line["credit_cents"]
    ledger: dict[str, int] = defaultdict(int)
    for one in books.journal.queued:
        ledger[one.debit["account_type"]] += one.leg.cents
        ledger[one.credit["account_type"]] -= one.leg.cents
    assert {k: v for k, v in journal.items() if v} == {k: v for k, v in ledger.items() if v}
    assert set(ledger) == {kind.name for kind in LEDGER_TYPES.values()} - {"EXTERNAL_PAYOUT"}
    owed = sum(cents for name, cents in ledger.items() if name not in ("MGA_FIDUCIARY",))
    assert ledger["MGA_FIDUCIARY"] == -owed


def test_its_limits_hold_after_every_chain(books: Accounting) -> None:
    balance: dict[str, int] = defaultdict(int)
    for one in books.journal.queued:
        assert one.leg.cents > 0
        balance[one.debit["id"]] += one.leg.cents
        balance[one.credit["id"]] -= one.leg.cents
        for account, sign in ((one.debit, -1), (one.credit, 1)):
            if account["tb_flags"] & AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS:
                assert balance[account["id"]] <= 0
            if account["tb_flags"] & AccountFlags.CREDITS_MUST_NOT_EXCEED_DEBITS:
                assert balance[account["id"]] >= 0, sign


def test_its_suspense_is_the_open_items(books: Accounting) -> None:
    items = sum(row["amount_cents"] for row in books.book.basket.tables["suspense_items"])
    lines = [row for row in named(LINES, books.journal) if row["account_code"] == "2050"]
    assert sum(row["credit_cents"] - row["debit_cents"] for row in lines) == items > 0


def test_its_receivables_are_the_open_invoices(books: Accounting) -> None:
    tables = books.book.basket.tables
    open_cents = sum(row["balance_cents"] for row in tables["invoices"])
    open_cents -= sum(row["amount_cents"] for row in tables["refunds"] if row["status"] != "issued")
    lines = [row for row in named(LINES, books.journal) if row["account_code"] == "1200"]
    assert sum(row["debit_cents"] - row["credit_cents"] for row in lines) == open_cents > 0


def test_it_earns_every_stream_up_to_the_load_day(books: Accounting) -> None:
    posted = _by(books.runs.postings, lambda row: row["premium_transaction_id"])
    held = {
        row["id"] for row in books.book.basket.tables["policies"] if row["metadata"].get("golden")
    }
    for stream in books.book.basket.tables["premium_transactions"]:
        if stream["policy_id"] in held:
            continue
        rows = posted.get(stream["id"], [])
        elapsed = min(TODAY, stream["earn_to"], stream["stopped_on"] or TODAY)
        wanted = max(0, (elapsed - stream["earn_from"]).days) if stream["id"] in posted else 0
        assert sum(row["earned_cents"] for row in rows) == (
            rows[-1]["cumulative_cents"] if rows else 0
        )
        assert (rows[-1]["days_elapsed"] if rows else 0) == wanted
        for one, following in pairwise(rows):
            assert following["previous_cumulative_cents"] == one["cumulative_cents"]


def test_its_earned_share_reaches_the_carrier_as_far_as_collected(books: Accounting) -> None:
    lines = _by(named(LINES, books.journal), lambda row: row["account_code"])
    sums = {
        code: sum(row["credit_cents"] - row["debit_cents"] for row in rows)
        for code, rows in lines.items()
    }
    earned = sum(row["carrier_earned_cents"] for row in books.runs.postings)
    assert sums["2100"] + sums["2110"] == earned
    assert sums["2110"] == -sums["1210"]


def test_it_tells_the_golden_stories(books: Accounting) -> None:
    """G1 earned 60 days; the second receipt of (b) is taken back after a pull-back."""
    rows = {row["policy_number"]: row["id"] for row in books.book.basket.tables["policies"]}
    moves = _by(books.journal.queued, lambda one: one.leg.policy_id)
    (earned,) = [one for one in moves[rows["ACM-2026-000001"]] if one.leg.code == 1101]
    assert earned.leg.cents == 110_096
    (back,) = [one for one in moves[rows["ACM-2026-000004"]] if one.leg.code == 1102]
    assert back.leg.cents == 31_193
    retained = [row for row in books.runs.postings if row["policy_id"] == rows["ACM-2026-000002"]]
    assert sum(row["carrier_earned_cents"] for row in retained) == 507_967


def _by(rows: list[Any], key: Any) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found
