"""The premium of a term as streams that earn: what a cancellation is computed from.

A cancellation and the reinstatement that undid it without lapse cancel out: the same streams run
again. After a lapse the cancellation stands: what it retained is earned by its day, and the
reinstatement is a stream of its own from the day coverage came back (domain.md 4.5).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from openinsure.money.earning import Stream

ONE_DAY = timedelta(days=1)
CANCELLATION, REINSTATEMENT, ENDORSEMENT = "CANCELLATION", "REINSTATEMENT", "ENDORSEMENT"


@dataclass(frozen=True, slots=True)
class Written:
    """One written premium movement, cents, earned from a day.

    lapsed: a cancellation after which coverage came back later than it had ended.
    """

    effective: date
    cents: int
    kind: str
    lapsed: bool = False


def standing(movements: Iterable[Written]) -> list[Written]:
    """Movements in their order, without cancellations that a reinstatement undid."""
    kept: list[Written] = []
    for movement in movements:
        ended = movement.kind == REINSTATEMENT and _ended(kept)
        if not ended:
            kept.append(movement)
        elif ended.effective == movement.effective:
            kept.remove(ended)
        else:
            kept[kept.index(ended)] = replace(ended, lapsed=True)
            kept.append(movement)
    return kept


def _ended(kept: list[Written]) -> Written | None:
    """The cancellation that a reinstatement answers: the last one that stands."""
    rows = (one for one in reversed(kept) if one.kind == CANCELLATION and not one.lapsed)
    return next(rows, None)


def streams(movements: Iterable[Written], expires: date) -> list[Stream]:
    """What earns to the end of the term; movements of the last day earn nothing more.

    What was retained before a lapse is one stream that its cancellation ended.
    """
    kept = standing(movements)
    lapses = [place for place, one in enumerate(kept) if one.lapsed]
    after = lapses[-1] + 1 if lapses else 0
    retained, made = sum(one.cents for one in kept[:after]), []
    if retained:
        begun, ended = kept[0].effective, kept[after - 1].effective
        made.append(Stream(retained, begun, max(ended, begun + ONE_DAY)))
    made += (
        Stream(one.cents, one.effective, expires)
        for one in kept[after:]
        if one.kind != CANCELLATION and one.effective < expires
    )
    return made
