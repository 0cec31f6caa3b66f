"""The demo's money: plans, lines, allocations, legs and streams hold the invariants of domain 7."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from openinsure.billing.operations.restating import RETURNED
from openinsure.demo.till import split_of
from openinsure.money.earning import Stream, earned_cents
from openinsure.money.legs import legs_of
from openinsure.money.rounding import half_even
from tests.demo.test_generate import Tables, made

LEGS = (
    "producer_commission_cents",
    "mga_revenue_cents",
    "tax_cents",
    "reinsurer_cents",
    "carrier_cents",
)


@pytest.fixture(scope="module")
def tables() -> Tables:
    """Made once."""
    return made(160)


def grouped(rows: list[dict[str, Any]], column: str) -> dict[str, list[dict[str, Any]]]:
    by: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by[row[column]].append(row)
    return by


def test_its_installments_make_the_premium(tables: Tables) -> None:
    by = grouped(tables["installments"], "billing_schedule_id")
    for plan in tables["billing_schedules"]:
        rows = by[plan["id"]]
        assert sum(row["premium_cents"] for row in rows) == plan["premium_cents"]
        weights = [
            2 if plan["plan_code"] == "MONTHLY_10" and row["seq"] == 1 else 1 for row in rows
        ]
        for row, weight in zip(rows, weights, strict=True):
            share = plan["premium_cents"] * weight / sum(weights)
            assert abs(row["premium_cents"] - share) <= 1


def test_its_lines_make_their_invoice(tables: Tables) -> None:
    by = grouped(tables["invoice_lines"], "invoice_id")
    for invoice in tables["invoices"]:
        rows = by[invoice["id"]]
        assert sum(row["amount_cents"] for row in rows) == invoice["total_cents"]
        assert sum(row["paid_cents"] for row in rows) == invoice["paid_cents"]
        assert [row["line_no"] for row in rows] == list(range(1, len(rows) + 1))


def test_it_allocates_payments_whole(tables: Tables) -> None:
    by = grouped(tables["payment_allocations"], "payment_id")
    for payment in tables["payments"]:
        rows = [row for row in by[payment["id"]] if not row["reversal_of_id"]]
        applied = sum(row["amount_cents"] for row in rows)
        assert applied + payment["unapplied_cents"] == payment["amount_cents"]
        if payment["status"] == "reversed":
            assert sum(row["amount_cents"] for row in by[payment["id"]]) == 0


def test_its_legs_make_their_allocation(tables: Tables) -> None:
    for row in tables["payment_allocations"]:
        assert sum(row[leg] for leg in LEGS) == row["amount_cents"]


def test_its_legs_depend_on_the_net_total_only(tables: Tables) -> None:
    by = grouped(tables["payment_allocations"], "policy_id")
    for policy in tables["policies"]:
        rows = [row for row in by[policy["id"]] if row["component"] == "premium"]
        legs = legs_of(split_of(policy), sum(row["amount_cents"] for row in rows))
        told = [sum(row[leg] for row in rows) for leg in LEGS]
        assert told == [
            legs.producer_cents,
            legs.mga_cents,
            0,
            legs.ceded_cents,
            legs.carrier_cents,
        ]


def test_it_ends_every_return_where_it_began(tables: Tables) -> None:
    returned = [row for row in tables["payments"] if row["status"] == "reversed"]
    assert len(returned) >= 3
    assert len(tables["payment_reversals"]) == len(returned)
    fees = [row for row in tables["fee_charges"] if row["fee_code"] == "NSF"]
    assert len(fees) == len(returned)


def test_its_written_premium_is_earned_and_unearned(tables: Tables) -> None:
    by = grouped(tables["premium_transactions"], "policy_id")
    for policy in tables["policies"]:
        streams = [
            Stream(row["written_cents"], row["earn_from"], row["earn_to"], row["stopped_on"])
            for row in by[policy["id"]]
        ]
        stopped = policy.get("cancellation_effective_date")
        if stopped:
            retained = sum(earned_cents(stream, stopped) for stream in streams)
        else:
            retained = sum(stream.written_cents for stream in streams)
        assert retained == policy["written_premium_cents"], policy["policy_number"]
        carrier = sum(row["carrier_written_cents"] for row in by[policy["id"]])
        total = sum(stream.written_cents for stream in streams)
        assert carrier == legs_of(split_of(policy), total).carrier_cents


def test_its_accounts_stand_as_their_invoices(tables: Tables) -> None:
    invoices = grouped(tables["invoices"], "billing_account_id")
    payments = grouped(tables["payments"], "billing_account_id")
    for account in tables["billing_accounts"]:
        rows = invoices[account["id"]]
        assert account["balance_cents"] == sum(row["balance_cents"] for row in rows)
        waiting = sum(
            row["unapplied_cents"] for row in payments[account["id"]] if row["status"] != "reversed"
        )
        assert account["unapplied_cents"] == waiting
    suspended = sum(row["amount_cents"] for row in tables["suspense_items"])
    assert suspended == sum(row["unapplied_cents"] for row in tables["billing_accounts"])


def golden(tables: Tables, number: int) -> list[tuple[int, ...]]:
    """Premium allocations of a golden policy: amount and the four legs, in order."""
    policy = next(
        row for row in tables["policies"] if row["policy_number"] == f"ACM-2026-{number:06d}"
    )
    rows = grouped(tables["payment_allocations"], "policy_id")[policy["id"]]
    names = ("amount_cents", LEGS[0], LEGS[1], LEGS[3], LEGS[4])
    premium = [row for row in rows if row["component"] == "premium" and "invoice_id" in row]
    return [tuple(row[n] for n in names) for row in premium]  # without refunds


def test_it_reproduces_the_first_receipt(tables: Tables) -> None:
    assert golden(tables, 1) == [(246_913, 30_864, 24_691, 57_407, 133_951)]
    (payment,) = [row for row in tables["payments"] if row["policy_number"] == "ACM-2026-000001"]
    assert payment["amount_cents"] == 324_392
    due = [row for row in tables["invoices"] if row["policy_number"] == "ACM-2026-000001"]
    assert [row["total_cents"] for row in due][:3] == [324_392, 124_257, 124_257]


def test_it_reproduces_the_endorsed_policy(tables: Tables) -> None:
    received = golden(tables, 2)
    assert [sum(column) for column in zip(*received, strict=True)] == [
        1_234_567, 154_321, 123_457, 287_037, 669_752,
    ]  # fmt: skip
    ours = [row for row in tables["invoices"] if row["policy_number"] == "ACM-2026-000002"]
    assert [row["balance_cents"] for row in ours if row["balance_cents"]] == []
    policy = next(row for row in tables["policies"] if row["policy_number"] == "ACM-2026-000002")
    (refund,) = [row for row in tables["refunds"] if row["policy_id"] == policy["id"]]
    assert (refund["parts"], refund["status"]) == ({"premium": 298_223, "tax": 14_733}, "requested")
    assert refund["amount_cents"] == 298_223 + 14_733
    keys = {row["id"] for row in ours}
    (credit,) = [
        row for row in tables["invoice_events"]
        if row["event_type"] == RETURNED and row["invoice_id"] in keys
    ]  # fmt: skip
    assert credit["amount_cents"] == -(109_808 + 5_424)
    assert 298_223 + 109_808 == 408_031  # 4,080.31 of domain.md 4.5
    assert 14_733 + 5_424 == 67_153 - 46_996  # and its tax, 201.57


def test_it_gives_back_what_is_collected_beyond_what_is_earned(tables: Tables) -> None:
    refunds = {row["policy_id"]: row for row in tables["refunds"]}
    assert len(refunds) == len(tables["refunds"]) > 5
    by = grouped(tables["payment_allocations"], "policy_id")
    for policy in tables["policies"]:
        collected = sum(
            row["amount_cents"] for row in by[policy["id"]] if row["component"] == "premium"
        )
        refund = refunds.get(policy["id"])
        premium = refund["parts"].get("premium", 0) if refund else 0
        if refund and refund["status"] == "issued" and premium:
            assert collected == policy["written_premium_cents"]
        elif refund and premium:
            assert collected - premium == policy["written_premium_cents"]
        elif policy["status"] == "cancelled":
            assert collected <= policy["written_premium_cents"]


def test_it_gives_back_the_tax_on_what_it_gives_back(tables: Tables) -> None:
    refunds = {row["policy_id"]: row for row in tables["refunds"]}
    lines = grouped(tables["invoice_lines"], "invoice_id")
    allocations = grouped(tables["payment_allocations"], "policy_id")
    ended = [row for row in tables["policies"] if row["status"] == "cancelled"]
    taxed = [row for row in ended if row["taxes_cents"]]
    assert len(taxed) >= 3
    for policy in taxed:
        base = policy["written_premium_cents"] + policy["fees_cents"]
        due = half_even(base * 494, 10_000)
        rows = [row for row in allocations[policy["id"]] if row["component"] == "tax"]
        collected = sum(row["amount_cents"] for row in rows)
        refund = refunds.get(policy["id"])
        if refund and refund["status"] == "requested":
            collected -= refund["parts"].get("tax", 0)
        assert collected == due, policy["policy_number"]
        own = [row["id"] for row in tables["invoices"] if row["policy_id"] == policy["id"]]
        billed = [line for key in own for line in lines[key] if line["component"] == "tax"]
        assert all(line["amount_cents"] == line["paid_cents"] for line in billed)
    told = grouped(tables["policy_transactions"], "policy_id")
    for policy in tables["policies"]:
        sums = sum(row["taxes_cents"] for row in told[policy["id"]])
        assert sums == policy["taxes_cents"], policy["policy_number"]


def test_it_bills_every_premium_that_is_written(tables: Tables) -> None:
    plans = grouped(tables["billing_schedules"], "policy_id")
    streams = grouped(tables["premium_transactions"], "policy_id")
    changed = 0
    for policy in tables["policies"]:
        written = [row["written_cents"] for row in streams[policy["id"]]]
        assert sum(row["premium_cents"] for row in plans[policy["id"]]) == sum(written)
        changed += len(written) > 1
    assert changed > 10
    later = [row for row in tables["billing_schedules"] if row["version_no"] > 1]
    invoiced = {
        row["billing_schedule_id"] for row in tables["installments"] if row.get("invoice_id")
    }
    assert {row["id"] for row in later} <= invoiced


def test_it_says_who_asked_for_a_refund_and_who_paid_it(tables: Tables) -> None:
    asked: dict[str, set[Any]] = {row["status"]: set() for row in tables["refunds"]}
    for row in tables["refunds"]:
        asked[row["status"]].add(row["asked_by_user_id"])
        assert row["cancellation_id"]
        assert sum(row["parts"].values()) == row["amount_cents"] > 0
        if row["status"] == "issued":
            people = (row["asked_by_user_id"], row["approved_by_user_id"], row["issued_by_user_id"])
            assert len(set(people)) == 3
            assert row["approved_at"] < row["issued_at"]
    assert asked.keys() == {"requested", "issued"}
    assert len(asked["issued"]) > 1


def test_it_reproduces_the_returned_payments(tables: Tables) -> None:
    assert golden(tables, 3)[-1] == (-123_457, -15_432, -12_346, -28_704, -66_975)
    assert golden(tables, 4)[-1] == (-123_457, -15_432, -12_346, -28_704, -66_975)
    assert golden(tables, 5)[-1] == (-123_457, -15_432, -12_345, -28_704, -66_976)


def test_it_has_a_cent_whose_carrier_leg_is_negative(tables: Tables) -> None:
    assert golden(tables, 6)[-1] == (1, 1, 0, 1, -1)
