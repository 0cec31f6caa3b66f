"""The premium of a term as streams that earn: what a cancellation is computed from.

A cancellation and the reinstatement that undid it without lapse cancel out: the same streams run
again (domain.md 4.5).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from openinsure.money.earning import Stream

CANCELLATION, REINSTATEMENT, ENDORSEMENT = "CANCELLATION", "REINSTATEMENT", "ENDORSEMENT"


@dataclass(frozen=True, slots=True)
class Written:
    """One written premium movement, cents, earned from a day."""

    effective: date
    cents: int
    kind: str


def standing(movements: Iterable[Written]) -> list[Written]:
    """Movements in their order, without cancellations that a reinstatement undid."""
    kept: list[Written] = []
    for movement in movements:
        undone = movement.kind == REINSTATEMENT and next(
            (m for m in reversed(kept) if m.kind == CANCELLATION and m.cents == -movement.cents),
            None,
        )
        if undone:
            kept.remove(undone)
        else:
            kept.append(movement)
    return kept


def streams(movements: Iterable[Written], expires: date) -> list[Stream]:
    """What earns to the end of the term; movements of the last day earn nothing more."""
    return [
        Stream(movement.cents, movement.effective, expires)
        for movement in standing(movements)
        if movement.kind != CANCELLATION and movement.effective < expires
    ]
