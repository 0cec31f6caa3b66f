"""The invariants of domain part 7 that ask for more than one rule of money at a time."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from openinsure.billing.postings import Line, Transfer, balanced, directed
from openinsure.billing.receipts import Part, Terms, lines_of, transfers_of
from openinsure.money.earning import Standing, Stream, earned_cents
from openinsure.money.legs import Legs, legs_of, receipt_legs
from openinsure.money.plans import PLANS, installments
from openinsure.money.rates import Split
from tests.money.test_properties import CENTS, DAYS, PREMIUM, SPLITS, streams

NO_LEGS = Legs(0, 0, 0, 0)
COMPONENTS = ("tax", "stamping_fee", "late_fee", "nsf_fee", "installment_fee", "policy_fee")
UNMAPPED = ("1200", "2900", "1210", "2110")
TYPES = {
    "1010": "MGA_FIDUCIARY", "2050": "SUSPENSE", "2100": "CARRIER_PAYABLE",
    "2200": "PRODUCER_PAYABLE", "2300": "TAX_AUTHORITY_PAYABLE", "2400": "REINSURER_PAYABLE",
    "2500": "LOSS_FUND", "4100": "MGA_REVENUE", "4200": "MGA_REVENUE",
}  # fmt: skip


@given(st.sampled_from(sorted(PLANS)), PREMIUM, DAYS)
def test_installments_sum_to_the_premium_each_within_a_cent(
    code: str, premium: int, effective: date
) -> None:
    plan = PLANS[code]
    made = installments(plan=plan, effective=effective, premium_cents=premium)
    assert sum(one.premium_cents for one in made) == premium
    for one, weight in zip(made, plan.weights, strict=True):
        share = Fraction(premium * weight, sum(plan.weights))
        assert abs(one.premium_cents - share) <= 1
    assert [one.due_date for one in made] == sorted(one.due_date for one in made)


@given(streams(), st.lists(st.integers(0, 900), max_size=8))
def test_any_split_of_the_days_earns_the_same(stream: Stream, runs: list[int]) -> None:
    dates = [stream.earn_from, *(stream.earn_from + timedelta(d) for d in sorted(runs))]
    posted = [earned_cents(stream, b) - earned_cents(stream, a) for a, b in pairwise(dates)]
    assert sum(posted) == earned_cents(stream, dates[-1])
    assert earned_cents(stream, dates[-1]) - earned_cents(stream, dates[-1]) == 0


@given(st.integers(1996, 2056).filter(lambda year: year % 4 == 0), PREMIUM)
def test_a_leap_day_earns_once(year: int, cents: int) -> None:
    """The cumulative amounts of 28 February, the 29th and 1 March rise by one day each."""
    stream = Stream(cents, date(year, 1, 1), date(year + 1, 1, 1))
    assert stream.term_days == 366
    days = [stream.days(date(year, 2, 28) + timedelta(k)) for k in range(3)]
    assert days == [58, 59, 60]
    daily = [
        earned_cents(stream, date(year, 1, 1) + timedelta(k + 1))
        - earned_cents(stream, date(year, 1, 1) + timedelta(k))
        for k in range(366)
    ]
    assert sum(daily) == cents
    assert max(daily) - min(daily) <= 1


@given(streams(), st.integers(0, 800), st.integers(0, 900))
def test_a_reinstatement_without_lapse_restores_the_schedule(
    stream: Stream, stopped: int, later: int
) -> None:
    on = stream.earn_from + timedelta(stopped)
    as_of = stream.earn_from + timedelta(later)
    cut = Stream(stream.written_cents, stream.earn_from, stream.earn_to, on)
    again = Stream(cut.written_cents, cut.earn_from, cut.earn_to)
    assert earned_cents(cut, as_of) == earned_cents(stream, min(as_of, on))
    assert earned_cents(again, as_of) == earned_cents(stream, as_of)


@given(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from(["FL", "GA"]), streams())), DAYS)
def test_written_is_earned_and_unearned_in_every_sum(
    book: list[tuple[str, str, Stream]], as_of: date
) -> None:
    written: dict[tuple[str, ...], int] = defaultdict(int)
    split: dict[tuple[str, ...], int] = defaultdict(int)
    for program, state, stream in book:
        earned = earned_cents(stream, as_of)
        unearned = earned_cents(stream, stream.earn_to) - earned
        for key in ((), (program,), (state,), (program, state)):
            written[key] += stream.written_cents
            split[key] += earned + unearned
    assert written == split


PARTS = st.lists(
    st.tuples(st.sampled_from([*COMPONENTS, "premium", "premium"]), st.integers(1, 10**7)),
    min_size=1, max_size=6,
)  # fmt: skip


def terms(split: Split, earned: int) -> Terms:
    """A policy with so much carrier share earned."""
    return Terms(
        org_id="org", policy_id="policy", split=split, producer_id="producer", carrier_id="carrier",
        program_id="program", state="FL", carrier_earned_cents=earned,
    )  # fmt: skip


def parts_of(split: Split, given_: list[tuple[str, int]], before: int, sign: int) -> list[Part]:
    """Parts with their legs on top of the premium collected before."""
    made = []
    for component, cents in given_:
        legs = NO_LEGS
        if component == "premium":
            legs = receipt_legs(split, before_cents=before, now_cents=sign * cents)
            before += sign * cents
        made.append(Part(component, sign * cents, legs))
    return made


def journal_of(lines: list[Line]) -> dict[str, int]:
    """Debits less credits by ledger type, of the mapped accounts."""
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        if line.account not in UNMAPPED:
            sums[TYPES[line.account]] += line.cents
    return {kind: cents for kind, cents in sums.items() if cents}


def ledger_of(transfers: list[Transfer]) -> dict[str, int]:
    """The same of what the ledger is told."""
    sums: dict[str, int] = defaultdict(int)
    for leg in directed(transfers):
        assert leg.cents > 0
        sums[leg.debit.account_type] += leg.cents
        sums[leg.credit.account_type] -= leg.cents
    return {kind: cents for kind, cents in sums.items() if cents}


UPTO = st.integers(0, 10**8)


@given(SPLITS, PARTS, st.integers(0, 10**6), UPTO, UPTO)
def test_a_receipt_is_the_same_in_journal_and_ledger(
    split: Split, given_: list[tuple[str, int]], left: int, before: int, earned: int
) -> None:
    parts = parts_of(split, given_, before, 1)
    amounts = {
        "unapplied_cents": left, "collected_cents": legs_of(split, before).carrier_cents,
    }  # fmt: skip
    lines = lines_of(terms(split, earned), parts, **amounts)
    balanced(lines)
    ledger = ledger_of(transfers_of(terms(split, earned), parts, **amounts))
    assert journal_of(lines) == ledger
    assert ledger["MGA_FIDUCIARY"] == sum(cents for _, cents in given_) + left
    assert sum(ledger.values()) == 0
    assert ledger.get("SUSPENSE", 0) == -left


@given(SPLITS, PARTS, st.integers(0, 10**6), UPTO, UPTO)
def test_a_receipt_and_its_whole_return_leave_every_account_as_it_was(
    split: Split, given_: list[tuple[str, int]], left: int, before: int, earned: int
) -> None:
    premium = sum(cents for component, cents in given_ if component == "premium")
    there = parts_of(split, given_, before, 1)
    back = parts_of(split, given_, before + premium, -1)
    sums: dict[str, int] = defaultdict(int)
    upto, moves = before, ((there, left, 0), (back, -left, premium))
    for parts, unapplied, more in moves:
        collected = legs_of(split, upto + more).carrier_cents
        amounts = {"unapplied_cents": unapplied, "collected_cents": collected}
        lines = lines_of(terms(split, earned), parts, **amounts)
        balanced(lines)
        assert journal_of(lines) == ledger_of(transfers_of(terms(split, earned), parts, **amounts))
        for line in lines:
            sums[line.account] += line.cents
    assert not any(sums.values())


@given(SPLITS, st.lists(st.integers(1, 10**6), max_size=6), st.integers(0, 10**7))
def test_the_carrier_has_what_is_earned_as_far_as_collected(
    split: Split, receipts: list[int], earned: int
) -> None:
    """After any receipts the ledger owes min(E, C) and the fund holds the rest."""
    upto, owed, fund = 0, 0, 0
    for cents in receipts:
        collected = legs_of(split, upto).carrier_cents
        parts = parts_of(split, [("premium", cents)], upto, 1)
        legs = transfers_of(
            terms(split, earned), parts, unapplied_cents=0, collected_cents=collected
        )
        moved = ledger_of(legs)
        owed -= moved.get("CARRIER_PAYABLE", 0)
        fund -= moved.get("LOSS_FUND", 0)
        upto += cents
    total = legs_of(split, upto).carrier_cents
    standing = Standing.of(carrier_earned_cents=earned, carrier_collected_cents=total)
    started = Standing.of(carrier_earned_cents=earned, carrier_collected_cents=0)
    assert owed == standing.ledger_earned_cents - started.ledger_earned_cents
    assert owed + fund == total


@given(CENTS, CENTS)
def test_earned_and_uncollected_are_all_that_is_earned(earned: int, collected: int) -> None:
    standing = Standing.of(carrier_earned_cents=earned, carrier_collected_cents=collected)
    assert standing.ledger_earned_cents + standing.uncollected_cents == earned
