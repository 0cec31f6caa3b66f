"""The worked figures of policy G1 and endorsement E1 (domain.md 4), to the cent."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from openinsure.money.allocation import Component, Due, allocate
from openinsure.money.cancellation import cancel, cash_refund_cents
from openinsure.money.earning import Standing, Stream, carrier_shares, earned_cents, unearned_cents
from openinsure.money.legs import Legs, legs_of, receipt_legs
from openinsure.money.plans import PLANS, installments
from openinsure.money.rates import Split, exact, of

SPLIT = Split.from_rates(producer="0.125", mga="0.10", quota_share="0.30")
G1 = Stream(1_234_567, date(2026, 3, 1), date(2027, 3, 1))
E1 = Stream(109_808, date(2026, 9, 15), date(2027, 3, 1))
CARRIER_G1 = Stream(669_752, G1.earn_from, G1.earn_to)
ON = date(2026, 11, 20)

RECEIPT_LEGS = {
    1: (30_864, 24_691, 57_407, 133_951),
    2: (15_432, 12_346, 28_704, 66_975),
    3: (15_432, 12_346, 28_704, 66_975),
    4: (15_432, 12_345, 28_704, 66_976),
    5: (15_432, 12_346, 28_703, 66_975),
    6: (15_433, 12_346, 28_704, 66_974),
    7: (15_432, 12_345, 28_704, 66_976),
    8: (15_432, 12_346, 28_703, 66_975),
    9: (15_432, 12_346, 28_704, 66_975),
}


def test_it_shares_each_receipt_of_g1() -> None:
    before = 0
    dues = installments(plan=PLANS["MONTHLY_10"], effective=G1.earn_from, premium_cents=1_234_567)
    for due in dues:
        legs = receipt_legs(SPLIT, before_cents=before, now_cents=due.premium_cents)
        assert legs == Legs(*RECEIPT_LEGS[due.seq]), due.seq
        before += due.premium_cents
    assert legs_of(SPLIT, before) == Legs(154_321, 123_457, 287_037, 669_752)


@pytest.mark.parametrize(
    ("before", "now", "legs"), [(27, 1, (1, 0, 1, -1)), (74, 2, (1, 1, 1, -1))]
)
def test_it_lets_the_residual_be_minus_one_cent(
    before: int, now: int, legs: tuple[int, int, int, int]
) -> None:
    assert receipt_legs(SPLIT, before_cents=before, now_cents=now) == Legs(*legs)


@pytest.mark.parametrize(("cents", "times"), [(1, 250), (2, 50), (3, 0), (5, 0)])
def test_it_counts_the_negative_residuals(cents: int, times: int) -> None:
    found = sum(
        receipt_legs(SPLIT, before_cents=before, now_cents=cents).carrier_cents < 0
        for before in range(5000)
    )
    assert found == times


def test_it_reverses_by_the_total_and_not_by_the_receipts_own_legs() -> None:
    paid = 246_913 + 3 * 123_457
    back = receipt_legs(SPLIT, before_cents=paid, now_cents=-123_457)
    assert back == Legs(-15_432, -12_345, -28_704, -66_976)


def test_it_applies_a_receipt_in_order() -> None:
    dues = [
        Due("premium", Component.PREMIUM, 123_457),
        Due("service", Component.INSTALLMENT_FEE, 800),
        Due("late", Component.NSF_OR_LATE_FEE, 1_000),
    ]
    made, left = allocate(50_000, dues)
    assert [(a.key, a.cents) for a in made] == [
        ("late", 1_000),
        ("service", 800),
        ("premium", 48_200),
    ]
    assert left == 0
    legs = receipt_legs(SPLIT, before_cents=370_370, now_cents=48_200)
    assert legs == Legs(6_025, 4_820, 11_207, 26_148)


@pytest.mark.parametrize(
    ("as_of", "earned"),
    [
        (date(2026, 4, 1), 104_854),
        (date(2026, 5, 1), 206_325),
        (date(2026, 10, 1), 723_828),
        (date(2027, 1, 1), 1_035_007),
        (date(2027, 2, 1), 1_139_860),
        (date(2027, 3, 1), 1_234_567),
    ],
)
def test_it_earns_g1_day_by_day(as_of: date, earned: int) -> None:
    assert earned_cents(G1, as_of) == earned


def test_it_earns_the_endorsement_on_its_own_stream() -> None:
    as_of = date(2027, 1, 1)
    assert earned_cents(E1, as_of) == 71_014
    assert (unearned_cents(G1, as_of), unearned_cents(E1, as_of)) == (199_560, 38_794)


def test_it_counts_a_leap_day_once() -> None:
    assert Stream(1, date(2028, 2, 29), date(2029, 2, 28)).term_days == 365
    assert Stream(1, date(2027, 7, 1), date(2028, 7, 1)).term_days == 366


@pytest.mark.parametrize(
    ("as_of", "gross", "carrier"),
    [(date(2026, 4, 30), 202_943, 110_096), (date(2026, 5, 30), 304_414, 165_144)],
)
def test_it_earns_the_carriers_share(as_of: date, gross: int, carrier: int) -> None:
    assert (earned_cents(G1, as_of), earned_cents(CARRIER_G1, as_of)) == (gross, carrier)


def test_it_gives_each_stream_its_carrier_share() -> None:
    assert carrier_shares(SPLIT, [1_234_567, 109_808]) == [669_752, 59_571]
    assert receipt_legs(SPLIT, before_cents=1_234_567, now_cents=109_808) == Legs(
        13_726, 10_981, 25_530, 59_571
    )


def test_it_keeps_uncollected_premium_out_of_the_ledger() -> None:
    assert Standing.of(carrier_earned_cents=165_144, carrier_collected_cents=133_951) == Standing(
        133_951, 31_193
    )


def test_it_taxes_the_cumulative_base() -> None:
    tax = exact("0.0494")
    assert of(tax, 1_249_567) == 61_729
    assert of(tax, 1_359_375) - of(tax, 1_249_567) == 5_424


def test_it_cancels_pro_rata() -> None:
    done = cancel([G1, E1], ON)
    assert (done.written_cents, done.earned_cents) == (1_344_375, 936_344)
    assert (done.refund_cents, done.penalty_cents) == (408_031, 0)
    back = legs_of(SPLIT, done.written_cents) - legs_of(SPLIT, done.retained_cents)
    assert back == Legs(51_004, 40_804, 94_867, 221_356)


def test_it_returns_tax_and_service_fee_on_the_cumulative_base() -> None:
    tax, service = exact("0.0494"), exact("0.0006")
    full, kept = 1_344_375 + 15_000, 936_344 + 15_000
    assert of(tax, full) - of(tax, kept) == 20_157
    assert of(service, full) - of(service, kept) == 245


def test_it_cancels_short_rate() -> None:
    done = cancel([G1, E1], ON, refund_share=exact("0.9"))
    assert (done.refund_cents, done.penalty_cents, done.retained_cents) == (
        367_228,
        40_803,
        977_147,
    )
    back = legs_of(SPLIT, done.written_cents) - legs_of(SPLIT, done.retained_cents)
    assert back == Legs(45_904, 36_723, 85_380, 199_221)


def test_it_keeps_the_minimum_earned_premium() -> None:
    done = cancel([G1], date(2026, 4, 1), minimum_earned=Fraction(1, 4))
    assert (done.earned_cents, done.retained_cents, done.refund_cents) == (
        104_854,
        308_642,
        925_925,
    )
    assert cancel([G1], date(2026, 4, 1)).refund_cents == 1_129_713


@pytest.mark.parametrize(("collected", "cash"), [(1_344_375, 408_031), (1_234_567, 298_223)])
def test_it_refunds_only_what_was_collected(collected: int, cash: int) -> None:
    done = cancel([G1, E1], ON)
    assert cash == cash_refund_cents(
        collected_cents=collected,
        earned_cents=done.earned_cents,
        penalty_cents=done.penalty_cents,
    )
