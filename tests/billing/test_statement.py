"""The statement: a running balance that is the sum of its lines, on any day."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as some

from openinsure.billing.statement import Entry, statement

OPENED = date(2026, 3, 1)
ENTRIES = some.lists(
    some.builds(
        Entry,
        on=some.dates(OPENED, date(2027, 3, 1)),
        kind=some.sampled_from(["invoice", "fee", "waiver", "payment", "reversal"]),
        reference=some.text("ABC", max_size=3),
        words=some.just("x"),
        cents=some.integers(-(10**9), 10**9),
    ),
    max_size=30,
)


@settings(max_examples=200)
@given(entries=ENTRIES, days=some.integers(0, 365))
def test_it_adds_up(entries: list[Entry], days: int) -> None:
    upto = OPENED + timedelta(days=days)
    lines = statement(entries, currency="USD", opened=OPENED, upto=upto)
    assert lines[0].balance_cents == 0
    for before, after in pairwise(lines):
        assert after.balance_cents == before.balance_cents + after.cents
        assert before.on <= after.on
    assert lines[-1].balance_cents == sum(e.cents for e in entries if e.on <= upto)
    assert len({line.id for line in lines}) == len(lines)


def test_it_tells_the_story_of_a_returned_payment() -> None:
    day = date(2026, 5, 1)
    entries = [
        Entry(day, "payment", "PAY-1", "ach", -124_257),
        Entry(date(2026, 4, 11), "invoice", "INV-1", "Due 2026-05-01", 124_257),
        Entry(date(2026, 5, 8), "reversal", "PAY-1", "NSF", 124_257),
        Entry(date(2026, 5, 8), "fee", "INV-1", "Returned payment fee", 2_500),
    ]
    lines = statement(entries, currency="USD", opened=OPENED, upto=date(2026, 12, 31))
    assert [(line.kind, line.balance_cents) for line in lines] == [
        ("opening", 0),
        ("invoice", 124_257),
        ("payment", 0),
        ("fee", 2_500),
        ("reversal", 126_757),
    ]
