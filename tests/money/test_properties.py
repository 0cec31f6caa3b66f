"""The invariants of domain.md 7 that concern pure money, over many random cases."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from openinsure.money.allocation import Component, Due, allocate
from openinsure.money.cancellation import cancel, flat
from openinsure.money.earning import Stream, carrier_shares, earned_cents, unearned_cents
from openinsure.money.legs import Legs, legs_of, receipt_legs
from openinsure.money.rates import Split

CENTS = st.integers(-(10**10), 10**10)
PREMIUM = st.integers(1, 10**10)
DAYS = st.dates(date(2000, 1, 1), date(2060, 1, 1))
RATE = st.decimals(Decimal(0), Decimal("0.5"), places=6)
SPLITS = st.builds(lambda p, m, q: Split.from_rates(producer=p, mga=m, quota_share=q), *[RATE] * 3)


@st.composite
def streams(draw: st.DrawFn) -> Stream:
    """A stream of any sign over 1 to 800 days."""
    start = draw(DAYS)
    return Stream(draw(CENTS), start, start + timedelta(draw(st.integers(1, 800))))


@given(SPLITS, CENTS, CENTS)
def test_legs_sum_to_the_receipt(split: Split, before: int, now: int) -> None:
    assert receipt_legs(split, before_cents=before, now_cents=now).total_cents == now


@given(SPLITS, st.permutations([1, 7, 1234, 99_999, -1234]))
def test_legs_depend_on_the_total_and_not_on_the_order(split: Split, receipts: list[int]) -> None:
    upto, total = 0, Legs(0, 0, 0, 0)
    for cents in receipts:
        total = total - (Legs(0, 0, 0, 0) - receipt_legs(split, before_cents=upto, now_cents=cents))
        upto += cents
    assert total == legs_of(split, upto)


@given(SPLITS, CENTS, CENTS)
def test_a_payment_and_its_reversal_leave_nothing(split: Split, before: int, now: int) -> None:
    there = receipt_legs(split, before_cents=before, now_cents=now)
    back = receipt_legs(split, before_cents=before + now, now_cents=-now)
    assert back == Legs(0, 0, 0, 0) - there


@given(PREMIUM, st.lists(st.tuples(st.sampled_from(Component), st.integers(0, 10**7))))
def test_allocations_and_suspense_are_the_receipt(
    receipt: int, dues: list[tuple[Component, int]]
) -> None:
    made, left = allocate(receipt, [Due(str(k), c, n) for k, (c, n) in enumerate(dues)])
    assert sum(a.cents for a in made) + left == receipt
    assert all(a.cents > 0 for a in made)
    assert left == 0 or left == receipt - sum(n for _, n in dues)


@given(streams())
def test_a_stream_earns_nothing_at_first_and_all_at_last(stream: Stream) -> None:
    assert earned_cents(stream, stream.earn_from) == 0
    assert earned_cents(stream, stream.earn_to) == stream.written_cents


@given(streams(), st.integers(0, 900), st.integers(0, 900))
def test_earning_is_monotone_and_written_is_earned_plus_unearned(
    stream: Stream, one: int, other: int
) -> None:
    early, late = (stream.earn_from + timedelta(d) for d in sorted((one, other)))
    first, second = earned_cents(stream, early), earned_cents(stream, late)
    assert abs(first) <= abs(second)
    assert second == 0 or (second > 0) == (stream.written_cents > 0)
    assert second + unearned_cents(stream, late) == stream.written_cents


@given(PREMIUM, DAYS, st.integers(1, 400), st.integers(0, 500))
def test_an_endorsement_and_its_opposite_net_to_nothing(
    cents: int, start: date, term: int, later: int
) -> None:
    end, as_of = start + timedelta(term), start + timedelta(later)
    plus, minus = Stream(cents, start, end), Stream(-cents, start, end)
    assert earned_cents(plus, as_of) + earned_cents(minus, as_of) == 0


@given(
    st.lists(PREMIUM, min_size=1, max_size=4),
    DAYS,
    st.integers(1, 400),
    st.integers(0, 400),
    st.fractions(0, 1),
    st.fractions(0, 1),
)
def test_a_cancellation_accounts_for_every_cent(
    written: list[int], start: date, term: int, later: int, share: Fraction, minimum: Fraction
) -> None:
    made = [Stream(cents, start, start + timedelta(term)) for cents in written]
    on = start + timedelta(later)
    pro_rata = cancel(made, on)
    short = cancel(made, on, refund_share=share, minimum_earned=minimum)
    for done in (pro_rata, short):
        assert done.written_cents == done.earned_cents + done.penalty_cents + done.refund_cents
        assert 0 <= done.refund_cents <= done.unearned_cents
    assert short.refund_cents <= pro_rata.refund_cents
    assert flat(made).refund_cents == sum(written)


@given(SPLITS, st.lists(CENTS, min_size=1, max_size=6))
def test_carrier_shares_sum_to_the_carriers_share(split: Split, written: list[int]) -> None:
    assert sum(carrier_shares(split, written)) == legs_of(split, sum(written)).carrier_cents
