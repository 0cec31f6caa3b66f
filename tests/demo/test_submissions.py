"""The demo's submissions: counted, numbered, legal, true to their policies."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

import pytest

from openinsure.demo import authority_rows, organisations
from openinsure.demo.book import Book
from openinsure.demo.generate import policies
from openinsure.demo.orgs_data import ACME
from openinsure.demo.submission_rows import COUNTS, SMALL_POLICIES, Desk
from openinsure.submissions.checklist import Licence, bind_checklist
from openinsure.submissions.report_rows import QuoteRow
from openinsure.submissions.states import SUBMISSION

TODAY = date(2026, 11, 20)
POLICIES = 240
Tables = dict[str, list[dict[str, Any]]]


def made() -> Tables:
    """A fifth of acme, as a load would make it."""
    book = Book.opened(ACME, 7, TODAY)
    organisations.people(book)
    organisations.producers(book)
    organisations.programs(book, ["carrier-1", "carrier-2"])
    authority_rows.authority(book)
    desk = Desk(book)
    for chunk in policies(book, POLICIES):
        desk.file(chunk)
    return book.basket.tables


@pytest.fixture(scope="module")
def tables() -> Tables:
    """Made once."""
    return made()


def grouped(rows: list[dict[str, Any]], column: str) -> dict[str, list[dict[str, Any]]]:
    found = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found


def test_it_is_repeatable(tables: Tables) -> None:
    assert made() == tables


def test_it_keeps_the_ratio_and_numbers_without_gaps(tables: Tables) -> None:
    numbers = [row["submission_number"] for row in tables["submissions"]]
    wanted = COUNTS["acme"] * POLICIES // SMALL_POLICIES["acme"]
    assert numbers == [f"SUB-ACM-{n:06d}" for n in range(1, wanted + 1)]


def test_it_walks_only_legal_paths(tables: Tables) -> None:
    events = grouped(tables["submission_events"], "submission_id")
    assert len({row["status"] for row in tables["submissions"]}) == 11
    for row in tables["submissions"]:
        path = events[row["id"]]
        assert [event["seq"] for event in path] == list(range(1, len(path) + 1))
        for event in path:
            SUBMISSION.check(event["from_status"], event["to_status"])
        assert row["status"] == (path[-1]["to_status"] if path else "draft")
        assert row["lock_version"] == len(path)
        waits = row["status"] in ("draft", "received")
        assert (row["assigned_underwriter_id"] is None) is waits


def test_it_binds_each_first_term_from_one_submission(tables: Tables) -> None:
    terms = {row["id"]: row for row in tables["policies"] if row["term_number"] == 1}
    bound = [row for row in tables["submissions"] if row.get("bound_policy_id")]
    assert {row["bound_policy_id"] for row in bound} == set(terms)
    assert len(bound) == len(terms)
    quotes = grouped([row for row in tables["quotes"] if row["status"] == "bound"], "submission_id")
    for row in bound:
        policy, (quote,) = terms[row["bound_policy_id"]], quotes[row["id"]]
        assert quote["bound_policy_id"] == policy["id"]
        assert quote["annual_premium_cents"] == policy["annual_premium_cents"]
        assert quote["valid_until"] >= policy["bound_at"].date()


def test_it_adds_up_quotes_and_loss_runs(tables: Tables) -> None:
    coverages = grouped(tables["quote_coverages"], "quote_id")
    steps = grouped(tables["quote_rating_steps"], "quote_id")
    for quote in tables["quotes"]:
        total = sum(row["annual_premium_cents"] for row in coverages[quote["id"]])
        assert total == quote["annual_premium_cents"]
        assert steps[quote["id"]][-1]["amount_after_cents"] == quote["annual_premium_cents"]
    claims = grouped(tables["loss_run_claims"], "loss_run_id")
    for run in tables["loss_runs"]:
        listed = sum(row["paid_cents"] + row["reserved_cents"] for row in claims[run["id"]])
        assert (listed, len(claims[run["id"]])) == (run["total_incurred_cents"], run["claim_count"])


def test_it_passes_the_authority_points_of_what_was_bound(tables: Tables) -> None:
    for row in [row for row in tables["quotes"] if row["status"] == "bound"][:40]:
        quote = QuoteRow(
            id=row["id"], number=row["quote_number"], version=row["version_no"], status="bound",
            plan=row["plan_code"], carrier_id="", program_id="", producer_id=row["producer_id"],
            effective=row["effective_date"], expires=row["expiration_date"],
            annual_premium_cents=row["annual_premium_cents"], fees_cents=0, taxes_cents=0,
            total_cents=0, currency="USD", producer_commission_rate=row["producer_commission_rate"],
            mga_commission_rate=row["mga_commission_rate"], valid_until=row["valid_until"],
            rated_at=None, released_at=None, accepted_at=None, bound_at=row["bound_at"],
            bound_policy_id=None, authority_status=None, authority_detail=row["da_check_detail"],
            decline_reason=None,
        )  # fmt: skip
        checks = bind_checklist(
            status="bound",
            state="FL",
            quotes=[quote],
            licence=Licence("FL1", TODAY),
            today=TODAY,
        )
        assert {check.state for check in checks} == {"passed"}, checks


def test_it_plants_duplicates_and_names_with_the_canary(tables: Tables) -> None:
    waiting = [row for row in tables["submissions"] if row.get("closed_at") is None]
    assert any(len(rows) > 1 for rows in grouped(waiting, "usdot_number").values())
    for table, column in (
        ("submissions", "insured_name"),
        ("motor_carriers", "legal_name"),
        ("mvr_orders", "driver_name"),
        ("rules", "name"),
    ):
        assert tables[table]
        assert all(ACME.canary in row[column] for row in tables[table])
