"""What of the demo's money waits for a second or third person, and what was paid out already."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import pytest

from openinsure.billing.operations.manual import ACCOUNTS, PROPOSAL
from openinsure.billing.postings import LedgerKey
from openinsure.demo import organisations
from openinsure.demo.accounting import Accounting
from openinsure.demo.book import Book
from openinsure.demo.filing_rows import Filings
from openinsure.demo.generate import claims, policies
from openinsure.demo.journal import ENTRIES, LINES
from openinsure.demo.orgs_data import ACME, CASCADE, OrgSpec
from openinsure.keyspaces.ids import fixed_id
from tests.demo.test_accounting import named
from tests.demo.test_generate import Tables

TODAY = date(2026, 11, 20)
LAST = date(2026, 10, 31)
LAW = "Fla. Stat. 627.7281"


def told(spec: OrgSpec, count: int) -> Accounting:
    """An organisation with its books closed and its notices; nothing is written."""
    book = Book.opened(spec, 7, TODAY)
    organisations.people(book)
    organisations.producers(book)
    organisations.programs(book, ["carrier-1", "carrier-2", "carrier-3"])
    accounting, filings = Accounting(book, 2_841), Filings(book)
    for chunk in policies(book, count):
        claims(book, chunk, len(chunk) // 2)
        filings.take_up(chunk)
    accounting.take_up()
    accounting.tell()
    return accounting


@pytest.fixture(scope="module")
def books() -> Accounting:
    """Acme's, made once."""
    return told(ACME, 240)


@pytest.fixture(scope="module")
def tables(books: Accounting) -> Tables:
    """Its rows by table."""
    return books.book.basket.tables


def entries_of(books: Accounting, *sources: str) -> list[dict[str, Any]]:
    """Entries of the bulk by what caused them."""
    return [row for row in named(ENTRIES, books.journal) if row["source_type"] in sources]


def test_it_reports_all_money_of_claims_on_one_bordereau_each(tables: Tables) -> None:
    moved = [
        (row["id"], row["amount_cents"], 0, row["approved_at"].date())
        for row in tables["claim_payments"]
        if row["approved_at"]
    ]
    moved += [
        (row["id"], 0, row["received_cents"], row["received_at"].date())
        for row in tables["claim_recoveries"]
    ]
    over = {key for key, _, _, day in moved if day <= LAST}
    lines = [row for row in tables["bordereau_lines"] if row.get("claim_payment_id")]
    assert len(lines) == len(over) > 20
    assert {row["claim_payment_id"] for row in lines} == over
    claimed = [row for row in tables["bordereaux"] if row["kind"] == "claims"]
    assert sum(row["paid_claims_cents"] for row in claimed) == sum(
        paid for _, paid, _, day in moved if day <= LAST
    )
    assert sum(row["recoveries_cents"] for row in claimed) == sum(
        back for _, _, back, day in moved if day <= LAST
    )
    by = defaultdict(list)
    for row in tables["bordereau_lines"]:
        by[row["bordereau_id"]].append(row)
    for row in claimed:
        assert row["line_count"] == len(by[row["id"]]) > 0
        assert {one["claim_id"] is not None for one in by[row["id"]]} == {True}


def test_it_leaves_one_claims_bordereau_for_its_approval(tables: Tables) -> None:
    waiting = [row for row in tables["bordereaux"] if row["status"] == "generated"]
    (row,) = [row for row in waiting if row["kind"] == "claims"]
    assert (row["period_end"], row.get("approved_by_user_id")) == (LAST, None)
    for other in tables["bordereaux"]:
        if other["status"] != "generated":
            assert other["author_user_id"] != other["approved_by_user_id"]


def test_its_statements_run_on_from_each_other(tables: Tables) -> None:
    last: dict[str, int] = {}
    for row in sorted(tables["commission_statements"], key=lambda row: row["period_end"]):
        assert row["opening_cents"] == last.get(row["producer_id"], 0)
        last[row["producer_id"]] = row["closing_cents"]
        moved = row["accrued_cents"] - row["clawback_cents"] - row["paid_cents"]
        assert row["closing_cents"] == row["opening_cents"] + moved


def test_it_owes_producers_what_was_accrued_and_not_paid(books: Accounting) -> None:
    owed: dict[str, int] = defaultdict(int)
    for row in books.book.basket.tables["commission_accruals"]:
        owed[row["producer_id"]] += row["amount_cents"]
    for row in books.book.basket.tables["commission_payouts"]:
        owed[row["producer_id"]] -= row["amount_cents"] if row["status"] == "paid" else 0
    journal: dict[str, int] = defaultdict(int)
    for row in named(LINES, books.journal):
        if row["account_code"] == "2200":
            journal[row["producer_id"]] += row["credit_cents"] - row["debit_cents"]
    assert dict(journal) == {key: cents for key, cents in owed.items() if key in journal}
    ledger: dict[str, int] = defaultdict(int)
    for one in books.journal.queued:
        for key, sign in ((one.leg.debit, -1), (one.leg.credit, 1)):
            if isinstance(key, LedgerKey) and key.account_type == "PRODUCER_PAYABLE":
                ledger[key.entity_id] += 0 if one.flags & 4 else sign * one.leg.cents
    assert {key: ledger[key] for key in journal} == dict(journal)


def test_it_has_paid_one_statement_and_holds_one_for_its_third_person(books: Accounting) -> None:
    tables = books.book.basket.tables
    by = {row["status"]: row for row in tables["commission_payouts"]}
    assert by.keys() == {"paid", "approved"}
    waiting, paid = by["approved"], by["paid"]
    assert waiting["author_user_id"] != waiting["approved_by_user_id"]
    assert "released_by_user_id" not in waiting
    people = {paid[f"{who}_user_id"] for who in ("author", "approved_by", "released_by")}
    assert len(people) == 3
    statements = {row["id"]: row for row in tables["commission_statements"]}
    assert statements[paid["statement_id"]]["status"] == "paid"
    assert statements[paid["statement_id"]]["closing_cents"] == paid["amount_cents"]
    assert statements[waiting["statement_id"]]["closing_cents"] == waiting["amount_cents"] > 0
    assert statements[waiting["statement_id"]]["period_end"] == LAST
    verified = {row["id"] for row in tables["external_accounts"] if row["verified_at"]}
    assert {waiting["external_account_id"], paid["external_account_id"]} <= verified
    sources = [row["source_id"] for row in entries_of(books, "commission_release")]
    assert sources == [paid["id"]]
    assert [row["source_id"] for row in entries_of(books, "commission_confirm")] == sources
    (line,) = [row for row in tables["bank_transactions"] if row["matched_id"] == paid["id"]]
    assert (line["direction"], line["amount_cents"]) == ("debit", paid["amount_cents"])


def test_its_manual_entries_net_to_nothing_and_one_waits(books: Accounting) -> None:
    posted, mirror = entries_of(books, "manual"), entries_of(books, "reversal")
    assert len(posted) == len(mirror) == 1
    assert posted[0]["reversed_by_id"] == mirror[0]["id"]
    assert mirror[0]["reversal_of_id"] == posted[0]["id"]
    assert mirror[0]["description"] == f"Reversal of {posted[0]['entry_number']}"
    both = {posted[0]["id"], mirror[0]["id"]}
    sums: dict[str, int] = defaultdict(int)
    for row in named(LINES, books.journal):
        if row["journal_entry_id"] in both:
            sums[row["account_code"]] += row["debit_cents"] - row["credit_cents"]
    assert set(sums) <= set(ACCOUNTS)
    assert set(sums.values()) == {0}
    periods = {row["id"]: row for row in books.book.basket.tables["gl_periods"]}
    rows = entries_of(books, PROPOSAL)
    assert sorted(row["status"] for row in rows) == ["approved", "approved", "proposed"]
    for row in rows:
        assert periods[row["period_id"]]["status"] == "open"
        assert row["proposed_by_user_id"] != row["decided_by_user_id"]
        assert len(row["reason"]) >= 10
    assert {row["id"] for row in rows if row["status"] == "approved"} >= {posted[0]["source_id"]}


def test_it_has_notices_to_mail_each_with_its_timeline(tables: Tables) -> None:
    waiting = [row for row in tables["policy_notices"] if row["status"] == "to_mail"]
    flows = {row["id"]: row for row in tables["nonpay_workflows"]}
    policies = {row["id"]: row for row in tables["policies"]}
    for row in waiting:
        policy = policies[row["policy_id"]]
        assert row["address_snapshot"]["postal_code"]
        assert row.get("mailed_at") is None
        if row["notice_kind"] == "cancellation_nonpay":
            flow = flows[row["cause_id"]]
            assert (flow["stage"], policy["status"]) == ("notice_due", "active")
            assert flow["cancel_effective_date"] == row["effective_date"]
            law = policy["state"] == "FL" and policy["line_of_business"] == "commercial_auto"
            assert (row["rule_days"], row["proof_required"]) == ((10, True) if law else (0, False))
            assert row["effective_date"] - timedelta(days=row["rule_days"]) >= TODAY
    kinds = [row["notice_kind"] for row in waiting]
    assert kinds.count("cancellation_nonpay") >= 3
    assert kinds.count("cancellation") == 1
    for row in tables["nonpay_workflows"]:
        invoice = next(one for one in tables["invoices"] if one["id"] == row["invoice_id"])
        assert (invoice["status"], invoice["balance_cents"]) == ("overdue", row["past_due_cents"])
        assert row["id"] == fixed_id(row["org_id"], "nonpay", invoice["id"], invoice["due_date"])
        mailed = row["stage"] == "notice_mailed"
        assert not mailed or policies[row["policy_id"]]["status"] == "pending_cancellation"


def test_its_notices_ask_for_proof_where_the_law_does(tables: Tables) -> None:
    """A non-renewal goes by the general rule of cancellations: no other is sourced."""
    policies = {row["id"]: row for row in tables["policies"]}
    seen = set()
    for row in tables["policy_notices"]:
        if row["notice_kind"] not in ("cancellation", "cancellation_nonpay", "nonrenewal"):
            continue
        policy = policies[row["policy_id"]]
        law = policy["state"] == "FL" and policy["line_of_business"] == "commercial_auto"
        assert (row["proof_required"], row["citation"]) == (law, LAW if law else None)
        seen.add((row["notice_kind"], law))
    assert {("nonrenewal", True), ("nonrenewal", False), ("cancellation_nonpay", True)} <= seen


def test_its_trust_holds_what_is_owed_with_payouts(books: Accounting) -> None:
    ledger: dict[str, int] = defaultdict(int)
    for one in books.journal.queued:
        if not one.flags & 4:  # a pending leg counts once, as it was made
            ledger[one.debit["account_type"]] += one.leg.cents
            ledger[one.credit["account_type"]] -= one.leg.cents
    assert ledger["EXTERNAL_PAYOUT"] == 0
    assert ledger["MGA_FIDUCIARY"] == -sum(
        cents for name, cents in ledger.items() if name != "MGA_FIDUCIARY"
    )


def test_it_is_so_in_a_small_organization_too() -> None:
    books = told(CASCADE, 60)
    tables = books.book.basket.tables
    assert {row["status"] for row in tables["commission_payouts"]} == {"paid", "approved"}
    assert any(row["kind"] == "claims" for row in tables["bordereaux"])
    assert any(row["status"] == "proposed" for row in entries_of(books, PROPOSAL))


def test_one_bank_line_waits_to_be_matched_and_every_month_is_tied_out(books: Accounting) -> None:
    tables = books.book.basket.tables
    (line,) = [row for row in tables["bank_transactions"] if row["match_status"] == "open"]
    assert (line["direction"], line["amount_cents"]) == ("debit", 2_500)
    assert (line["matched_type"], line["matched_id"]) == (None, None)
    tied = tables["bank_reconciliations"]
    assert {row["status"] for row in tied} == {"matched"}
    assert {row["difference_cents"] for row in tied} == {0}
    assert max(row["statement_date"] for row in tied) == LAST < line["posted_on"]
