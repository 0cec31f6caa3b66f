"""Rates as exact fractions: what `decimal(9,6)` columns hold, never a float."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from openinsure.money.rounding import half_even


class RateOutOfRange(ValueError):
    """A rate that is not between 0 and 1, or shares that exceed the whole."""


def exact(rate: Decimal | str | Fraction) -> Fraction:
    """A rate 0 to 1 as a fraction. Raises RateOutOfRange; TypeError for a float."""
    if not isinstance(rate, Decimal | str | Fraction):
        raise TypeError("a rate is a Decimal, its text or a Fraction")
    value = Fraction(rate)
    if not 0 <= value <= 1:
        raise RateOutOfRange(f"{rate} is not between 0 and 1")
    return value


def of(rate: Fraction, cents: int) -> int:
    """rate x cents, rounded half to even; cents may be negative."""
    return half_even(cents * rate.numerator, rate.denominator)


@dataclass(frozen=True, slots=True)
class Split:
    """How a premium is shared, frozen on the policy and its treaty (domain.md 4.3).

    The quota share is of what remains after both commissions; the carrier takes the residual.
    """

    producer: Fraction
    mga: Fraction
    quota_share: Fraction

    def __post_init__(self) -> None:
        for rate in (self.producer, self.mga, self.quota_share):
            exact(rate)
        if self.producer + self.mga > 1:
            raise RateOutOfRange("commissions exceed the premium")

    @classmethod
    def from_rates(
        cls, *, producer: Decimal | str, mga: Decimal | str, quota_share: Decimal | str
    ) -> Split:
        """From the columns' values. Raises RateOutOfRange."""
        return cls(exact(producer), exact(mga), exact(quota_share))

    @property
    def ceded(self) -> Fraction:
        """The reinsurers' share of the premium."""
        return self.quota_share * (1 - self.producer - self.mga)
