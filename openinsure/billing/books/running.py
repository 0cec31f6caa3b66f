"""Running sums by day: what stands, and what is added to days of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypeVar

K = TypeVar("K")
Cents = tuple[int, ...]  # one sum a column; a difference of two days is what moved between


def added(one: Mapping[K, Cents], other: Mapping[K, Cents], sign: int = 1) -> dict[K, Cents]:
    """The sums of both by key; sign -1 takes the other off."""
    sums = dict(one)
    for key, cents in other.items():
        own = sums.get(key) or (0,) * len(cents)
        sums[key] = tuple(a + sign * b for a, b in zip(own, cents, strict=True))
    return sums


def carried(
    before: Mapping[K, Cents],
    standing: Mapping[date, Mapping[K, Cents]],
    moved: Mapping[date, Mapping[K, Cents]],
) -> dict[date, dict[K, Cents]]:
    """The running sums of every day that stands or moved, with what moved carried on.

    before: as of the day before all of these. A day holds every key known by then.
    """
    made: dict[date, dict[K, Cents]] = {}
    last, more = dict(before), dict[K, Cents]()
    for day in sorted(standing.keys() | moved.keys()):
        last = dict(standing.get(day, last))
        more = added(more, moved.get(day, {}))
        made[day] = added(last, more)
    return made
