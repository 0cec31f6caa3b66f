"""What a cancellation returns: flat, pro rata, short rate, minimum earned (domain.md 4.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from openinsure.money.earning import Stream, earned_cents
from openinsure.money.rates import of


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Cents. written = earned + penalty + refund, always; refund <= unearned."""

    written_cents: int
    earned_cents: int
    penalty_cents: int
    refund_cents: int

    @property
    def unearned_cents(self) -> int:
        """Written less earned on the day."""
        return self.written_cents - self.earned_cents

    @property
    def retained_cents(self) -> int:
        """What written premium becomes."""
        return self.written_cents - self.refund_cents


def flat(streams: Sequence[Stream]) -> Cancellation:
    """Cancelled as of inception: everything goes back."""
    written = sum(stream.written_cents for stream in streams)
    return Cancellation(written, 0, 0, written)


def cancel(
    streams: Sequence[Stream],
    on: date,
    *,
    refund_share: Fraction = Fraction(1),
    minimum_earned: Fraction = Fraction(0),
) -> Cancellation:
    """Cancelled on a date: pro rata with refund_share 1, short rate below it (0.9 = 90 %).

    With a minimum m the insurer retains at least round(m * written). The penalty is what is kept
    beyond the earned premium, from either rule.
    """
    written = sum(stream.written_cents for stream in streams)
    earned = sum(earned_cents(stream, on) for stream in streams)
    refund = of(refund_share, written - earned)
    if minimum_earned:
        refund = min(refund, written - max(written - refund, of(minimum_earned, written)))
    return Cancellation(written, earned, written - earned - refund, refund)


def cash_refund_cents(
    *, collected_cents: int, earned_cents: int, penalty_cents: int, fees_kept_cents: int = 0
) -> int:
    """What is paid back in cash, cents, >= 0; a shortfall is a balance due instead."""
    return max(0, collected_cents - earned_cents - penalty_cents - fees_kept_cents)
