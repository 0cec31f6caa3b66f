"""The demo's book: repeatable, believable, and true to the invariants it can break."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

import pytest

from openinsure.demo import organisations, stories
from openinsure.demo.book import Book
from openinsure.demo.clock import at
from openinsure.demo.generate import claims, policies, statuses
from openinsure.demo.orgs_data import ACME
from openinsure.demo.vehicles import is_valid
from openinsure.keyspaces.sealing import unseal

TODAY = date(2026, 11, 20)
Tables = dict[str, list[dict[str, Any]]]


def made(count: int = 120) -> Tables:
    """A small acme, as a load would make it."""
    book = Book.opened(ACME, 7, TODAY)
    organisations.people(book)
    organisations.producers(book)
    organisations.programs(book, ["carrier-1", "carrier-2"])
    stories.golden(book)
    for chunk in policies(book, count):
        claims(book, chunk, 60)
    return book.basket.tables


@pytest.fixture(scope="module")
def tables() -> Tables:
    """Made once."""
    return made()


def by_policy(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Rows grouped by policy."""
    grouped = defaultdict(list)
    for row in rows:
        grouped[row["policy_id"]].append(row)
    return grouped


def test_it_is_repeatable(tables: Tables) -> None:
    again = made()
    assert again == tables


def test_it_knows_every_status_and_the_count() -> None:
    for count in (160, 480, 1198):
        assert len(statuses(count)) == count
        assert len(set(statuses(count))) == 8


def test_it_numbers_every_policy_term_once(tables: Tables) -> None:
    terms = [(row["policy_number"], row["term_number"]) for row in tables["policies"]]
    assert len(terms) == len(set(terms))


def test_it_makes_valid_vehicle_numbers(tables: Tables) -> None:
    assert len(tables["policy_vehicles"]) > 200
    assert all(is_valid(row["vin"]) for row in tables["policy_vehicles"])


def test_it_shares_the_whole_premium_among_coverages(tables: Tables) -> None:
    coverages = by_policy(tables["policy_coverages"])
    for policy in tables["policies"]:
        total = sum(row["annual_premium_cents"] for row in coverages[policy["id"]])
        assert total == policy["annual_premium_cents"], policy["policy_number"]


def test_it_writes_what_its_transactions_say(tables: Tables) -> None:
    moved = by_policy(tables["policy_transactions"])
    for policy in tables["policies"]:
        rows = moved[policy["id"]]
        total = sum(row["written_premium_cents"] for row in rows)
        assert total == policy["written_premium_cents"], policy["policy_number"]
        assert [row["transaction_no"] for row in rows] == list(range(1, len(rows) + 1))


def test_it_numbers_events_without_gaps_and_ends_in_the_status(tables: Tables) -> None:
    events = by_policy(tables["policy_events"])
    for policy in tables["policies"]:
        rows = events[policy["id"]]
        assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
        assert rows[-1]["to_status"] == policy["status"], policy["policy_number"]


def test_it_bills_no_more_than_the_policy_costs(tables: Tables) -> None:
    for rows in by_policy(tables["invoices"]).values():
        for row in rows:
            parts = row["premium_cents"] + row["fee_cents"] + row["tax_cents"]
            assert parts == row["total_cents"] == row["paid_cents"] + row["balance_cents"]


def test_it_pays_each_paid_invoice_once(tables: Tables) -> None:
    paid = sum(row["paid_cents"] for row in tables["invoices"])
    kept = [row for row in tables["payments"] if row["status"] != "reversed"]
    assert sum(row["amount_cents"] - row["unapplied_cents"] for row in kept) == paid


def test_it_keeps_claims_inside_their_term(tables: Tables) -> None:
    terms = {row["id"]: row for row in tables["policies"]}
    assert tables["claims"]
    for row in tables["claims"]:
        policy = terms[row["policy_id"]]
        assert policy["effective_date"] <= row["date_of_loss"].date() < policy["expiration_date"]
        reserve = row["outstanding_indemnity_cents"] + row["outstanding_expense_cents"]
        paid = row["paid_indemnity_cents"] + row["paid_expense_cents"]
        assert row["incurred_cents"] == reserve + paid - row["recovered_cents"]
        assert row["status"] != "closed" or reserve == 0


def test_it_reproduces_the_golden_policies(tables: Tables) -> None:
    g1, cancelled = tables["policies"][:2]
    assert (g1["written_premium_cents"], g1["total_cents"]) == (1_234_567, 1_312_046)
    assert cancelled["written_premium_cents"] == 936_344
    row = tables["cancellations"][0]
    assert (row["earned_premium_cents"], row["return_premium_cents"]) == (936_344, 408_031)


def test_it_marks_names_with_the_canary(tables: Tables) -> None:
    for table, column in (("insureds", "legal_name"), ("policy_drivers", "full_name")):
        assert all(ACME.canary in row[column] for row in tables[table])


def test_it_seals_protected_columns(tables: Tables) -> None:
    driver = tables["policy_drivers"][0]
    sealed = driver["license_number_enc"]
    assert driver["license_last4"].encode() not in sealed
    opened = unseal(ACME.id, "policy_drivers.license_number", sealed)
    assert opened.endswith(driver["license_last4"])


def test_it_dates_nothing_after_the_load_day(tables: Tables) -> None:
    for table, rows in tables.items():
        for row in rows:
            for column in ("created_at", "updated_at", "occurred_at", "received_at"):
                if row.get(column):
                    assert row[column] <= at(TODAY, 6), (table, column, row[column])
