"""In force on a date, and earned by a date: pure rules over dates, never over a status.

Source: domain.md parts 3 and 4.4. Coverage begins and ends at 12:01 a.m. in the policy's time
zone, so a date is in force from its own first minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from openinsure.console.dates import format_day
from openinsure.money.rounding import half_even
from openinsure.policies.rows import Earned, InForce

Interval = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Ending:
    """A cancellation that was not rescinded. reinstated: the day coverage came back, if it did.

    pending: its notice is out but it has not taken effect.
    """

    effective: date
    pending: bool = False
    reinstated: date | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """One written premium movement: cents earned evenly from `effective` to the term's end.

    returns: a cancellation's; lapsed: coverage came back later than it ended.
    """

    effective: date
    written_cents: int
    returns: bool = False
    lapsed: bool = False


def in_force(
    *, on: date, effective: date, expires: date, bound: bool, endings: Sequence[Ending]
) -> InForce:
    """Whether `on` is covered: bound, effective <= on < end, and not between a cancellation and
    its reinstatement."""
    covered = _covered(effective, expires, endings)
    gaps = _gaps(effective, expires, covered)
    answer = bound and any(start <= on < end for start, end in covered)
    reason = _reason(on, effective, expires, bound, endings, answer)
    return InForce(on, answer, reason, gaps)


def earned(
    *, on: date, expires: date, movements: Iterable[Movement], cancelled: date | None
) -> Earned:
    """Daily pro rata per movement, rounded half to even on the cumulative amount.

    From a cancellation on, written is what is retained and all of it is earned; after a lapse the
    premium of the reinstatement earns beside it.
    """
    known = [m for m in movements if m.effective <= on]
    if cancelled is not None and on >= cancelled:
        retained = sum(m.written_cents for m in known)
        return Earned(on, retained, retained)
    after = max((place for place, m in enumerate(known, 1) if m.lapsed), default=0)
    retained = sum(m.written_cents for m in known[:after])
    streams = [m for m in known[after:] if not m.returns]
    written = sum(m.written_cents for m in streams)
    gone = sum(_stream(m, on, expires) for m in streams)
    return Earned(on, retained + written, retained + gone)


def _stream(movement: Movement, on: date, expires: date) -> int:
    length = (expires - movement.effective).days
    if length <= 0:
        return movement.written_cents
    gone = min((on - movement.effective).days, length)
    return half_even(movement.written_cents * gone, length)


def _covered(effective: date, expires: date, endings: Sequence[Ending]) -> list[Interval]:
    covered: list[Interval] = [(effective, expires)]
    for ending in sorted(endings, key=lambda e: e.effective):
        kept = [(start, min(end, ending.effective)) for start, end in covered]
        if ending.reinstated is not None:
            kept += [(max(start, ending.reinstated), end) for start, end in covered]
        covered = [(start, end) for start, end in kept if start < end]
    return sorted(covered)


def _gaps(effective: date, expires: date, covered: list[Interval]) -> tuple[Interval, ...]:
    gaps, reached = [], effective
    for start, end in covered:
        if start > reached:
            gaps.append((reached, start))
        reached = max(reached, end)
    if reached < expires:
        gaps.append((reached, expires))
    return tuple(gaps)


def _reason(
    on: date, effective: date, expires: date, bound: bool, endings: Sequence[Ending], answer: bool
) -> str:
    if not bound:
        return "The term was never bound."
    if on < effective:
        return f"Coverage begins {format_day(effective)}, 12:01 a.m."
    standing = [e for e in endings if e.reinstated is None and not e.pending]
    if on >= expires and not standing:
        return f"The term ended {format_day(expires)}, 12:01 a.m."
    last = max((e for e in endings if e.effective <= on), key=lambda e: e.effective, default=None)
    if answer and last is not None:
        return f"Reinstated {format_day(last.reinstated)}."
    if answer:
        return f"Covered to {format_day(_end(expires, endings))}, 12:01 a.m."
    if last is not None and last.pending:
        return f"Cancellation takes effect {format_day(last.effective)} unless it is rescinded."
    return f"Cancelled from {format_day(last.effective if last else None)}, 12:01 a.m."


def _end(expires: date, endings: Sequence[Ending]) -> date:
    return min([expires, *(ending.effective for ending in endings)])
