"""Rounding and installment plans: the golden figures of the domain and their properties."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinsure.money.plans import PLANS, add_months, installments
from openinsure.money.rounding import half_even, split

GOLDEN = {
    "PIF": [1234567],
    "TWO_PAY": [617284, 617283],
    "QUARTERLY": [308642, 308642, 308641, 308642],
    "MONTHLY_10": [246913, 123457, 123457, 123457, 123456, 123457, 123457, 123456, 123457],
    "MONTHLY_12": [102881, 102880, 102881, 102880, 102881, 102881]
    + [102880, 102881, 102880, 102881, 102880, 102881],
}


@pytest.mark.parametrize(
    ("n", "d", "rounded"),
    [(25, 2, 12), (75, 2, 38), (9, 2, 4), (-5, 2, -2), (-7, 2, -4), (1, 3, 0), (2, 3, 1)],
)
def test_it_rounds_halves_to_even(n: int, d: int, rounded: int) -> None:
    assert half_even(n, d) == rounded


def test_it_refuses_floats() -> None:
    with pytest.raises(TypeError):
        half_even(0.5, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", GOLDEN)
def test_it_reproduces_the_golden_plan(code: str) -> None:
    dues = installments(plan=PLANS[code], effective=date(2026, 3, 1), premium_cents=1234567)
    assert [due.premium_cents for due in dues] == GOLDEN[code]


def test_it_puts_fee_and_taxes_on_the_down_payment() -> None:
    first, second, *_ = installments(
        plan=PLANS["MONTHLY_10"],
        effective=date(2026, 3, 1),
        premium_cents=1234567,
        fee_cents=15000,
        tax_cents=62479,
    )
    assert first.total_cents == 324392
    assert (second.due_date, second.total_cents) == (date(2026, 4, 1), 124257)


def test_it_clamps_to_the_end_of_the_month() -> None:
    assert add_months(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert add_months(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert add_months(date(2026, 12, 31), 2) == date(2027, 2, 28)


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 1000), min_size=1).filter(any))
def test_it_splits_without_losing_a_cent(total: int, weights: list[int]) -> None:
    shares = split(total, weights)
    assert sum(shares) == total
    whole = sum(weights)
    assert all(abs(s * whole - total * w) <= whole for s, w in zip(shares, weights, strict=True))
