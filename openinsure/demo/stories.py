"""Planted stories: the golden policies of domain.md 4 and the twins of two organisations."""

from __future__ import annotations

from datetime import date
from typing import Any

from openinsure.demo.billing import Receipt, bill
from openinsure.demo.book import Book
from openinsure.demo.charges import given_back
from openinsure.demo.clock import at
from openinsure.demo.endings import cancellation
from openinsure.demo.history import Change, History, opening
from openinsure.demo.policies import Term, insured, policy_row
from openinsure.demo.risks import coverages, driver, segment, vehicle
from openinsure.money.plans import add_months
from openinsure.money.rounding import half_even
from openinsure.money.taxes import TAX

G1_EFFECTIVE = date(2026, 3, 1)
G1_PREMIUM_CENTS, G1_FEE_CENTS, G1_TAX_CENTS = 1_234_567, 15_000, 61_729 + 750
E1_EFFECTIVE, E1_ANNUAL_CENTS, E1_WRITTEN_CENTS, E1_TAX_CENTS = (
    date(2026, 9, 15),
    240_000,
    109_808,
    5_424,
)
CANCELLED_ON = date(2026, 11, 20)
# Days as of which a golden policy's premium is earned in the books (domain.md 4.7 and 5.5).
EARNED_AS_OF = {1: "2026-04-30", 2: "2026-11-20", 3: "2026-05-08", 4: "2026-05-30"}
GOLDEN_FLEET, GOLDEN_DRIVERS = 2, 2


E1_BILL = Change(
    billed=date(2026, 9, 25),
    due=date(2026, 10, 15),
    premium_cents=E1_WRITTEN_CENTS,
    taxes={TAX: E1_TAX_CENTS},
)
# Receipts of golden policies, on their due days (domain.md 4.7 and 5.5).
DUE = {seq: add_months(G1_EFFECTIVE, seq - 1) for seq in range(1, 10)}
PAID = {seq: Receipt(seq, day) for seq, day in DUE.items()}
# All but premium of receipt 1, then 0.27 and 0.01 of premium: the carrier's leg is -0.01.
CENTS_BEFORE_PREMIUM = G1_FEE_CENTS + G1_TAX_CENTS
RETURNED = {
    "a": [PAID[1], PAID[2], Receipt(3, DUE[3], returned=date(2026, 5, 8))],
    "b": [PAID[1], Receipt(2, DUE[2], returned=date(2026, 5, 30))],
    "c": [PAID[1], PAID[2], Receipt(3, DUE[3], returned=date(2026, 6, 5)), PAID[4]],
    "cent": [Receipt(1, DUE[1], CENTS_BEFORE_PREMIUM + 27), Receipt(1, date(2026, 3, 20), 1)],
}


def golden(book: Book) -> list[dict[str, Any]]:
    """G1 (only receipt 1 paid), G1 + E1 cancelled pro rata, the returned payments (a) to (c) and
    the receipt of one cent.
    """
    g1 = golden_policy(book, "ACM-2026-000001")
    bill(book, opening(book, g1), [PAID[1]])
    second = golden_policy(book, "ACM-2026-000002")
    history = opening(book, second)
    endorse_e1(book, history)
    if book.today >= CANCELLED_ON:
        cancel_golden(book, history)
    bill(book, history, [r for r in PAID.values() if r.received < book.today])
    made = [g1, second]
    for number, receipts in enumerate(RETURNED.values(), 3):
        policy = golden_policy(book, f"ACM-2026-{number:06d}")
        bill(book, opening(book, policy), receipts)
        made.append(policy)
    for policy in made:
        hold(book, policy)
    book.counters["policy"] = len(made)
    return made


def golden_policy(book: Book, number: str) -> dict[str, Any]:
    """One policy with G1's figures, its units, drivers and coverages."""
    program = book.programs[0]
    who = insured(book, "FL", date(2026, 2, 2))
    term = Term("active", G1_EFFECTIVE, 1, number, who, program, book.producers[0], None)
    policy = policy_row(book, term, GOLDEN_FLEET, GOLDEN_DRIVERS)
    earned_as_of = EARNED_AS_OF.get(int(number[-6:]))
    policy |= {
        "bound_at": at(date(2026, 2, 18)),
        "issued_at": at(date(2026, 2, 19)),
        "created_at": at(date(2026, 2, 18)),
        "updated_at": at(date(2026, 2, 19)),
        "annual_premium_cents": G1_PREMIUM_CENTS,
        "written_premium_cents": G1_PREMIUM_CENTS,
        "fees_cents": G1_FEE_CENTS,
        "taxes_cents": G1_TAX_CENTS,
        "total_cents": G1_PREMIUM_CENTS + G1_FEE_CENTS + G1_TAX_CENTS,
        "billing_plan": "MONTHLY_10",
        "metadata": {"golden": True, "earned_as_of": [earned_as_of] if earned_as_of else []},
    }
    fleet = [vehicle(book, policy, k + 1) for k in range(GOLDEN_FLEET)]
    for _ in range(GOLDEN_DRIVERS):
        driver(book, policy)
    coverages(book, policy, segment(book, policy), fleet)
    return policy


def endorse_e1(book: Book, history: History) -> None:
    """E1: 2,400.00 a year from 2026-09-15, 167 of 365 days = 1,098.08."""
    policy, when = history.policy, at(date(2026, 9, 14))
    row = book.basket.add(
        "endorsements",
        id=book.id(when),
        policy_id=policy["id"],
        endorsement_no=1,
        type_code="COVERAGE_ADD",
        status="bound",
        effective_date=E1_EFFECTIVE,
        requested_at=when,
        bound_at=when,
        description=book.named("Unit added"),
        annual_delta_cents=E1_ANNUAL_CENTS,
        prorata_factor="0.4575342466",
        written_delta_cents=E1_WRITTEN_CENTS,
        tax_delta_cents=E1_TAX_CENTS,
        currency="USD",
        created_at=when,
        updated_at=when,
    )
    policy["written_premium_cents"] += E1_WRITTEN_CENTS
    policy["taxes_cents"] += E1_TAX_CENTS
    policy["total_cents"] += E1_WRITTEN_CENTS + E1_TAX_CENTS
    history.event("endorsement.bound", when, None, E1_EFFECTIVE, endorsement_no=1)
    source = ("endorsements", str(row["id"]))
    history.transaction(
        "ENDORSEMENT", when, E1_EFFECTIVE, E1_WRITTEN_CENTS, source, tax_cents=E1_TAX_CENTS
    )
    history.changes.append(E1_BILL)


def cancel_golden(book: Book, history: History) -> None:
    """Cancelled pro rata: 264 of 365 days of G1 and 66 of 167 of E1 are earned."""
    policy = history.policy
    earned = half_even(G1_PREMIUM_CENTS * 264, 365) + half_even(E1_WRITTEN_CENTS * 66, 167)
    unearned = policy["written_premium_cents"] - earned
    mailed = at(date(2026, 11, 5))
    tax = given_back(policy, retained_cents=earned)
    row = cancellation(book, policy, "effective", mailed, CANCELLED_ON, earned, unearned)
    row["return_tax_cents"] = history.tax_back = tax
    history.event("policy.cancelled", at(CANCELLED_ON, 5), "cancelled", CANCELLED_ON)
    source = ("cancellations", str(row["id"]))
    when = at(CANCELLED_ON, 6)
    history.transaction("CANCELLATION", when, CANCELLED_ON, -unearned, source, tax_cents=-tax)
    policy |= {
        "status": "cancelled",
        "cancelled_at": at(CANCELLED_ON, 5),
        "cancellation_effective_date": CANCELLED_ON,
        "written_premium_cents": earned,
        "taxes_cents": policy["taxes_cents"] - tax,
        "total_cents": policy["total_cents"] - unearned - tax,
    }


def hold(book: Book, policy: dict[str, Any]) -> None:
    """The open billing hold that keeps jobs away from a golden policy (decisions.md 39)."""
    when = at(date(2026, 2, 20))
    book.basket.add(
        "billing_holds",
        id=book.id(when),
        billing_account_id=policy["billing_account_id"],
        scope="account",
        reason="golden",
        starts_on=G1_EFFECTIVE,
        placed_by_user_id=book.a_user("finance_analyst"),
        created_at=when,
        updated_at=when,
    )


def twins(book: Book, number: str, vin: str) -> None:
    """A policy number and a VIN that another organisation has too: look-ups must not mix them."""
    policies = book.basket.tables["policies"]
    policies[len(policies) // 2]["policy_number"] = number
    tables = (
        "policy_events", "policy_transactions", "invoices", "payments", "claims",
        "billing_accounts", "premium_transactions",
    )  # fmt: skip
    for table in tables:
        for row in book.basket.tables[table]:
            if row["policy_id"] == policies[len(policies) // 2]["id"] and "policy_number" in row:
                row["policy_number"] = number
    unit = book.basket.tables["policy_vehicles"][7]
    unit |= {"vin": vin, "vin_last6": vin[-6:]}
