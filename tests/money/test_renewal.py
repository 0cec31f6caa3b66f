"""A renewed term to the cent: the golden figures, and what holds for every premium and plan."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from openinsure.money.plans import PLANS, add_months
from openinsure.money.renewal import Basis, Renewed, months_of, renewed
from openinsure.money.taxes import Tax

TAXES = (
    Tax("tax", Fraction("0.0494"), on_fees=True, refundable=True),
    Tax("stamping_fee", Fraction("0.0006"), on_fees=True, refundable=False),
)
G1 = Basis(
    fee_cents=15_000, taxes=TAXES, producer=Decimal("0.125"), mga=Decimal("0.10"),
    quota_share=Decimal("0.30"),
)  # fmt: skip
BEGAN, ENDS = date(2026, 3, 1), date(2027, 3, 1)

rates = some.decimals(0, "0.5", places=6)
bases = some.builds(
    Basis, fee_cents=some.integers(0, 100_000), taxes=some.sampled_from([(), TAXES[:1], TAXES]),
    producer=rates, mga=rates, quota_share=some.decimals(0, 1, places=6),
)  # fmt: skip
days = some.dates(date(2000, 1, 1), date(2100, 1, 1))


def next_term(basis: Basis = G1, plan: str = "MONTHLY_10", cents: int = 1_234_567) -> Renewed:
    return renewed(basis, effective=BEGAN, expires=ENDS, annual_cents=cents, plan=PLANS[plan])


def test_it_renews_the_golden_policy() -> None:
    found = next_term()
    assert (found.effective, found.expires) == (ENDS, date(2028, 3, 1))
    assert (found.premium_cents, found.fee_cents) == (1_234_567, 15_000)
    assert found.taxes == {"tax": 61_729, "stamping_fee": 750}
    assert found.total_cents == 1_312_046
    legs = found.legs
    assert (legs.producer_cents, legs.mga_cents, legs.ceded_cents, legs.carrier_cents) == (
        154_321, 123_457, 287_037, 669_752,
    )  # fmt: skip
    assert sum(cents for _, cents in found.first_invoice) == 324_392
    assert dict(found.first_invoice)["premium"] == 246_913


@pytest.mark.parametrize(
    ("began", "ends", "months", "then"),
    [
        (date(2026, 3, 1), date(2027, 3, 1), 12, date(2028, 3, 1)),
        (date(2028, 2, 29), date(2029, 2, 28), 12, date(2030, 2, 28)),
        (date(2026, 7, 1), date(2027, 1, 1), 6, date(2027, 7, 1)),
        (date(2026, 7, 1), date(2027, 6, 3), 12, date(2028, 6, 3)),
        (date(2026, 7, 1), date(2026, 7, 9), 12, date(2027, 7, 9)),
    ],
)
def test_a_renewal_is_as_long_as_its_term(began: date, ends: date, months: int, then: date) -> None:
    assert months_of(began, ends) == months
    found = renewed(G1, effective=began, expires=ends, annual_cents=100, plan=PLANS["PIF"])
    assert (found.effective, found.expires) == (ends, then)


def test_half_a_year_costs_half_to_the_even_cent() -> None:
    half = renewed(
        G1, effective=date(2026, 7, 1), expires=date(2027, 1, 1), annual_cents=25,
        plan=PLANS["PIF"],
    )  # fmt: skip
    assert half.premium_cents == 12


@given(bases, some.sampled_from(sorted(PLANS)), some.integers(1, 10**12))
def test_every_cent_is_somebodys_and_is_due(basis: Basis, plan: str, cents: int) -> None:
    found = next_term(basis, plan, cents)
    assert found.legs.total_cents == found.premium_cents == cents
    assert sum(due.premium_cents for due in found.dues) == found.premium_cents
    service = PLANS[plan].fee_cents * (len(found.dues) - 1)
    assert sum(due.total_cents for due in found.dues) == found.total_cents + service
    assert sum(part for _, part in found.first_invoice) == found.dues[0].total_cents
    share = [due.premium_cents for due in found.dues[1:]]
    assert not share or max(share) - min(share) <= 1


@given(days, some.integers(1, 24), some.integers(1, 10**9))
def test_terms_follow_each_other_without_a_day_between(
    began: date, months: int, cents: int
) -> None:
    ends = add_months(began, months)
    first = renewed(G1, effective=began, expires=ends, annual_cents=cents, plan=PLANS["PIF"])
    second = renewed(
        G1, effective=first.effective, expires=first.expires, annual_cents=cents,
        plan=PLANS["PIF"],
    )  # fmt: skip
    assert (first.effective, second.effective) == (ends, first.expires)
    assert first.premium_cents == second.premium_cents
    assert [due.due_date for due in first.dues] == [ends]


@pytest.mark.parametrize(("plan", "months"), [("MONTHLY_12", 12), ("MONTHLY_10", 9), ("PIF", 1)])
def test_a_plan_fits_a_term_that_it_ends_in(plan: str, months: int) -> None:
    assert PLANS[plan].fits(months)
    assert months == 1 or not PLANS[plan].fits(months - 1)
