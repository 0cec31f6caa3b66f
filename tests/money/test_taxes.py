"""Taxes and the policy fee of a return premium: the golden figures of domain.md 4.5, and limits."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from openinsure.money.taxes import Charged, Fee, Tax, due_by_component, left_after, split_tax

RATE = Tax("tax", Fraction("0.0494"), on_fees=True, refundable=True)
OFFICE = Fraction("0.0006")
KEPT, GIVEN_BACK = Tax("stamping_fee", OFFICE, True, False), Tax("stamping_fee", OFFICE, True, True)
WRITTEN, RETAINED, FEE = 1_344_375, 936_344, 15_000


def charged(office: Tax, taxes: int, fee: Fee | None = None) -> Charged:
    return Charged(
        taxes=(RATE, office), fee=fee or Fee(), fees_cents=FEE, taxes_cents=taxes,
    )  # fmt: skip


def test_it_charges_tax_on_premium_and_fee() -> None:
    due = due_by_component((RATE, KEPT), premium_cents=1_234_567, fees_cents=FEE)
    assert due == {"tax": 61_729, "stamping_fee": 750}
    later = due_by_component((RATE,), premium_cents=WRITTEN, fees_cents=FEE)
    assert later["tax"] - due["tax"] == 5_424


def test_it_returns_the_golden_tax_and_keeps_the_fee() -> None:
    left = left_after(
        charged(KEPT, 67_153 + 816), written_cents=WRITTEN, retained_cents=RETAINED, flat=False
    )
    assert left.back == {"policy_fee": 0, "tax": 20_157}
    assert left.due == {"policy_fee": FEE, "tax": 46_996}


def test_it_returns_the_service_fee_where_the_rule_says_so() -> None:
    left = left_after(
        charged(GIVEN_BACK, 67_153 + 816), written_cents=WRITTEN, retained_cents=RETAINED,
        flat=False,
    )  # fmt: skip
    assert (left.back["tax"], left.back["stamping_fee"]) == (20_157, 245)


@pytest.mark.parametrize(
    ("fee", "flat", "kept"),
    [
        (Fee(), True, FEE),
        (Fee(refundable=True), True, 0),
        (Fee(refundable=True), False, FEE),
        (Fee(refundable=True, fully_earned=False), False, 10_447),
    ],
)
def test_it_keeps_of_the_policy_fee_what_its_rule_says(fee: Fee, flat: bool, kept: int) -> None:
    retained = 0 if flat else RETAINED
    left = left_after(
        charged(KEPT, 67_969, fee), written_cents=WRITTEN, retained_cents=retained, flat=flat
    )
    assert (left.due["policy_fee"], left.back["policy_fee"]) == (kept, FEE - kept)


def test_it_leaves_alone_what_was_never_charged() -> None:
    left = left_after(Charged(taxes=(RATE,)), written_cents=10, retained_cents=0, flat=True)
    assert left.due == left.back == {}


@given(
    written=some.integers(0, 10**9), kept=some.fractions(0, 1), taxes=some.integers(0, 10**8),
    fee=some.integers(0, 10**5),
)  # fmt: skip
def test_it_never_returns_more_than_was_charged(
    written: int, kept: Fraction, taxes: int, fee: int
) -> None:
    retained = int(written * kept)
    left = left_after(
        Charged(taxes=(RATE, GIVEN_BACK), fees_cents=fee, taxes_cents=taxes),
        written_cents=written, retained_cents=retained, flat=False,
    )  # fmt: skip
    back = {name: cents for name, cents in left.back.items() if name != "policy_fee"}
    assert all(cents >= 0 for cents in back.values())
    due = sum(left.due.get(name, 0) for name in back)
    assert sum(back.values()) <= max(0, taxes - due)


def test_it_splits_one_amount_of_tax_by_component() -> None:
    whole = {"premium_cents": 1_234_567, "fees_cents": FEE}
    assert split_tax((RATE, KEPT), tax_cents=62_479, **whole) == [
        ("tax", 61_729), ("stamping_fee", 750),
    ]  # fmt: skip
    assert split_tax((RATE,), tax_cents=62_479, **whole) == [("tax", 62_479)]
    assert split_tax((), tax_cents=500, **whole) == [("tax", 500)]
    assert split_tax((RATE, KEPT), tax_cents=500, **whole) == [("stamping_fee", 500)]
