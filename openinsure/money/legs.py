"""A premium receipt taken apart: producer, MGA, reinsurer, carrier. Source: domain.md 4.1, 4.3.

Each leg is the difference of two rounded cumulative amounts, so legs depend on the net total
collected and not on how it came in, and a reversal gives back exactly what stands. The carrier's
leg is the residual and can be -1 cent on a tiny receipt: it is then posted in reverse.
"""

from __future__ import annotations

from dataclasses import dataclass

from openinsure.money.rates import Split, of


@dataclass(frozen=True, slots=True)
class Legs:
    """Cents to each party; they sum to the premium. May be negative in a reversal."""

    producer_cents: int
    mga_cents: int
    ceded_cents: int
    carrier_cents: int

    @property
    def total_cents(self) -> int:
        """The premium that was shared."""
        return self.producer_cents + self.mga_cents + self.ceded_cents + self.carrier_cents

    def __sub__(self, other: Legs) -> Legs:
        return Legs(
            self.producer_cents - other.producer_cents,
            self.mga_cents - other.mga_cents,
            self.ceded_cents - other.ceded_cents,
            self.carrier_cents - other.carrier_cents,
        )


def legs_of(split: Split, collected_cents: int) -> Legs:
    """The legs of everything collected so far."""
    producer = of(split.producer, collected_cents)
    mga = of(split.mga, collected_cents)
    ceded = of(split.ceded, collected_cents)
    return Legs(producer, mga, ceded, collected_cents - producer - mga - ceded)


def receipt_legs(split: Split, *, before_cents: int, now_cents: int) -> Legs:
    """The legs of one receipt on top of `before_cents`; negative `now_cents` reverses."""
    return legs_of(split, before_cents + now_cents) - legs_of(split, before_cents)
