"""In force and earned, from dates alone (domain.md 3 and 4.4)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openinsure.policies.in_force import Ending, Movement, earned, in_force

START, END = date(2026, 3, 1), date(2027, 3, 1)
JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)


def on(day: date, *endings: Ending, bound: bool = True) -> bool:
    answer = in_force(on=day, effective=START, expires=END, bound=bound, endings=endings)
    assert answer.reason
    return answer.answer


@pytest.mark.parametrize(
    ("day", "covered"),
    [
        (START - timedelta(days=1), False),
        (START, True),
        (END - timedelta(days=1), True),
        (END, False),
    ],
)
def test_it_begins_and_ends_at_the_first_minute_of_a_day(day: date, covered: bool) -> None:
    assert on(day) is covered


def test_it_covers_nothing_that_was_never_bound() -> None:
    assert on(JUNE, bound=False) is False


def test_it_ends_with_a_cancellation_and_starts_again_when_reinstated() -> None:
    lapse = Ending(JUNE, reinstated=JULY)
    assert [on(day, lapse) for day in (JUNE - timedelta(days=1), JUNE, JULY)] == [True, False, True]
    assert on(JULY, Ending(JUNE)) is False


def test_it_is_flat_when_cancelled_from_the_start() -> None:
    assert not any(on(START + timedelta(days=n), Ending(START)) for n in range(366))


def test_it_has_no_gap_without_a_lapse() -> None:
    same_day = Ending(JUNE, reinstated=JUNE)
    answer = in_force(on=JUNE, effective=START, expires=END, bound=True, endings=[same_day])
    assert (answer.answer, answer.gaps) == (True, ())


def test_it_says_that_a_notice_may_still_be_cured() -> None:
    answer = in_force(
        on=JULY, effective=START, expires=END, bound=True, endings=[Ending(JUNE, pending=True)]
    )
    assert answer.reason == "Cancellation takes effect 1 Jun 2026 unless it is rescinded."


days = st.integers(0, 364).map(lambda n: START + timedelta(days=n))


@settings(max_examples=200, deadline=None)
@given(day=days, cut=days, back=st.none() | days)
def test_it_agrees_with_its_gaps(day: date, cut: date, back: date | None) -> None:
    """A day inside the term is covered exactly if it lies in no gap."""
    back = max(cut, back) if back else None
    answer = in_force(
        on=day, effective=START, expires=END, bound=True, endings=[Ending(cut, reinstated=back)]
    )
    in_gap = any(first <= day < last for first, last in answer.gaps)
    assert answer.answer is not in_gap


def test_it_retains_what_was_earned_at_a_cancellation() -> None:
    movements = [Movement(START, 1_234_567), Movement(JUNE, -923_388, returns=True)]
    for day in (JUNE, END):
        figure = earned(on=day, expires=END, movements=movements, cancelled=JUNE)
        assert (figure.written_cents, figure.earned_cents) == (311_179, 311_179)
        assert figure.share_bp == 10_000
    before = earned(on=JUNE - timedelta(days=31), expires=END, movements=movements, cancelled=JUNE)
    assert (before.written_cents, before.earned_cents) == (1_234_567, 206_325)


def test_it_has_no_share_of_nothing() -> None:
    assert earned(on=JUNE, expires=END, movements=[], cancelled=None).share_bp is None


@settings(max_examples=200, deadline=None)
@given(cents=st.integers(-(10**12), 10**12), length=st.integers(1, 800))
def test_it_sums_by_days_to_the_written_premium(cents: int, length: int) -> None:
    expires = START + timedelta(days=length)
    movement = [Movement(START, cents)]

    def upto(day: int) -> int:
        on = START + timedelta(days=day)
        return earned(on=on, expires=expires, movements=movement, cancelled=None).earned_cents

    daily = [upto(day + 1) - upto(day) for day in range(length)]
    assert sum(daily) == cents
    assert all((step >= 0) == (cents >= 0) or step == 0 for step in daily)
