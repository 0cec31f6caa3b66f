"""The demo's claims: every header is the sum of its rows, every path is legal."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

import pytest

from openinsure.claims.life import IN_FLIGHT, MACHINE
from openinsure.demo import organisations, stories
from openinsure.demo.book import Book
from openinsure.demo.generate import claims, policies
from openinsure.demo.orgs_data import ACME

TODAY = date(2026, 11, 20)
Tables = dict[str, list[dict[str, Any]]]
FIGURES = (
    "outstanding_indemnity_cents", "outstanding_expense_cents", "paid_indemnity_cents",
    "paid_expense_cents", "recovered_cents",
)  # fmt: skip


@pytest.fixture(scope="module")
def tables() -> Tables:
    """A small acme with many claims, made once."""
    book = Book.opened(ACME, 11, TODAY)
    organisations.people(book)
    organisations.producers(book)
    organisations.programs(book, ["carrier-1", "carrier-2"])
    stories.golden(book)
    for chunk in policies(book, 150):
        claims(book, chunk, 250)
    return book.basket.tables


def of_claim(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    grouped = defaultdict(list)
    for row in rows:
        grouped[row["claim_id"]].append(row)
    return grouped


def test_it_sums_exposures_to_the_header(tables: Tables) -> None:
    exposures = of_claim(tables["claim_exposures"])
    assert len(tables["claims"]) > 150
    for claim in tables["claims"]:
        for name in FIGURES:
            assert sum(row[name] for row in exposures[claim["id"]]) == claim[name], name
        incurred = sum(claim[name] for name in FIGURES[:4]) - claim["recovered_cents"]
        assert claim["incurred_cents"] == incurred


def test_it_explains_every_reserve_by_its_steps(tables: Tables) -> None:
    steps = defaultdict(list)
    for row in tables["claim_reserve_history"]:
        steps[row["exposure_id"], row["cost_type"]].append(row)
    taken: dict[tuple[str, str], int] = defaultdict(int)
    for row in tables["claim_payments"]:
        taken[row["exposure_id"], row["cost_type"]] += row["reserve_takedown_cents"]
    held = {(r["exposure_id"], r["cost_type"]): r["amount_cents"] for r in tables["claim_reserves"]}
    assert held.keys() == steps.keys()
    for key, rows in steps.items():
        assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
        before = 0
        for row in rows:
            assert row["previous_cents"] == before
            before += row["delta_cents"]
            assert row["new_cents"] == before >= 0
        own = sum(row["delta_cents"] for row in rows if row["reason_code"] != "payment")
        assert own - taken[key] == held[key] == before
    for exposure in tables["claim_exposures"]:
        for cost in ("indemnity", "expense"):
            assert held.get((exposure["id"], cost), 0) == exposure[f"outstanding_{cost}_cents"]


def test_it_pays_what_the_exposure_says_within_its_limit(tables: Tables) -> None:
    paid: dict[tuple[str, str], int] = defaultdict(int)
    flying: dict[str, int] = defaultdict(int)
    for row in tables["claim_payments"]:
        if row["status"] == "issued":
            paid[row["exposure_id"], row["cost_type"]] += row["amount_cents"]
        else:
            flying[row["claim_id"]] += row["amount_cents"]
        assert row["amount_cents"] > 0
    for exposure in tables["claim_exposures"]:
        for cost in ("indemnity", "expense"):
            assert paid[exposure["id"], cost] == exposure[f"paid_{cost}_cents"]
        assert exposure["paid_indemnity_cents"] <= exposure["limit_cents"]
    assert flying
    for claim in tables["claims"]:
        if claim["status"] == "closed":
            assert not flying[claim["id"]]
            assert claim["outstanding_indemnity_cents"] == claim["outstanding_expense_cents"] == 0


def test_it_carries_each_payment_by_one_disbursement(tables: Tables) -> None:
    disbursements = {row["id"]: row for row in tables["disbursements"]}
    assert len(disbursements) == len(tables["claim_payments"])
    approvals = defaultdict(list)
    for row in tables["disbursement_approvals"]:
        approvals[row["disbursement_id"]].append(row)
    for payment in tables["claim_payments"]:
        row = disbursements[payment["disbursement_id"]]
        assert (row["source_id"], row["amount_cents"]) == (payment["id"], payment["amount_cents"])
        people = [row["requested_by_user_id"]]
        people += [a["approver_user_id"] for a in approvals[row["id"]] if a["approver_user_id"]]
        assert len(people) == len(set(people))
        assert (row["status"] in IN_FLIGHT) == (payment["status"] in IN_FLIGHT)
        done = [a for a in approvals[row["id"]] if a["decision"]]
        assert len(done) == (0 if row["status"] in IN_FLIGHT else len(approvals[row["id"]]))


def test_it_plants_one_stale_check(tables: Tables) -> None:
    (stale,) = [row for row in tables["disbursements"] if row["status"] == "stale"]
    assert (TODAY - stale["issued_at"].date()).days > 180
    assert stale["check_number"]


def test_it_receives_what_the_header_recovered(tables: Tables) -> None:
    received = of_claim(tables["claim_recoveries"])
    for claim in tables["claims"]:
        total = sum(row["received_cents"] for row in received[claim["id"]])
        assert total == claim["recovered_cents"]


def test_it_tells_a_legal_path_without_gaps(tables: Tables) -> None:
    events = of_claim(tables["claim_events"])
    for claim in tables["claims"]:
        rows = events[claim["id"]]
        assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
        times = [row["occurred_at"] for row in rows]
        assert times == sorted(times)
        at = "open"
        for row in rows:
            if row["event_type"] == "claim.transitioned":
                MACHINE.check(at, row["to_status"])
                assert row["from_status"] == at
                at = row["to_status"]
        assert at == claim["status"], claim["claim_number"]


def test_it_gives_every_adjuster_authority(tables: Tables) -> None:
    limited = {row["adjuster_id"] for row in tables["adjuster_authority_limits"]}
    assert limited == {row["id"] for row in tables["adjusters"]}


def test_it_seals_tax_numbers_and_marks_names(tables: Tables) -> None:
    for row in tables["claimants"]:
        assert row["tin_last4"].encode() not in row["tin_enc"]
        assert ACME.canary in row["full_name"]
