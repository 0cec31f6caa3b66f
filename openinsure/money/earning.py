"""Earned premium, daily pro rata on cumulative days. Source: domain.md 4.4 (SSAP 53).

A stream is one written premium movement that earns from a date to a date. "As of 1 May" means
through the end of 30 April. Rounding is on the cumulative amount, so any split of the days into
runs gives one total.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from openinsure.money.legs import legs_of
from openinsure.money.rates import Split
from openinsure.money.rounding import half_even


@dataclass(frozen=True, slots=True)
class Stream:
    """Written cents that earn evenly over [earn_from, earn_to); stopped early by `stopped_on`."""

    written_cents: int
    earn_from: date
    earn_to: date
    stopped_on: date | None = None

    def __post_init__(self) -> None:
        if self.earn_to <= self.earn_from:
            raise ValueError("a stream earns over at least one day")

    @property
    def term_days(self) -> int:
        """Calendar days of the whole stream."""
        return (self.earn_to - self.earn_from).days

    def days(self, as_of: date) -> int:
        """Days earned as of a date, 0 to term_days."""
        end = min(as_of, self.earn_to, self.stopped_on or self.earn_to)
        return max(0, (end - self.earn_from).days)


def earned_cents(stream: Stream, as_of: date) -> int:
    """Cumulative earned premium as of a date, cents."""
    return half_even(stream.written_cents * stream.days(as_of), stream.term_days)


def unearned_cents(stream: Stream, as_of: date) -> int:
    """Written less earned, cents."""
    return stream.written_cents - earned_cents(stream, as_of)


def carrier_shares(split: Split, written: Sequence[int]) -> list[int]:
    """The carrier's share of each stream, in the order of their transaction numbers.

    S_i = carrier(W_1 + .. + W_i) - carrier(W_1 + .. + W_(i-1)); they sum to the carrier's share
    of the whole.
    """
    shares, upto, before = [], 0, 0
    for cents in written:
        upto += cents
        now = legs_of(split, upto).carrier_cents
        shares.append(now - before)
        before = now
    return shares


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a policy's earned carrier share is covered by money collected (domain.md 4.7)."""

    ledger_earned_cents: int  # min(E, C): moved from the fund to the carrier's payable
    uncollected_cents: int  # max(0, E - C): in the journal only

    @classmethod
    def of(cls, *, carrier_earned_cents: int, carrier_collected_cents: int) -> Standing:
        """From E (carrier share earned) and C (carrier leg of premium collected), cents."""
        return cls(
            min(carrier_earned_cents, carrier_collected_cents),
            max(0, carrier_earned_cents - carrier_collected_cents),
        )
