"""The strip of states: what a database was over a span of time, drawn as bars. Pure.

Worse is taller, so the shape tells what the colour tells; time without a reading stays empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dbops.readings import State
from dbops.rows import HEALTHY, Period

WIDTH, HEIGHT = 1000, 48  # of the drawing's box; CSS stretches it
LOW, MIDDLE, HIGH = 12, 26, 44
WORK = (
    *(State.UNVERIFIED, State.PENDING, State.BEHIND, State.REVERT_WINDOW, State.AHEAD),
    *(State.ORPHANED, State.SKIPPED),
)
NARROWEST = 2  # a moment is still seen


@dataclass(frozen=True, slots=True)
class Stretch:
    """One bar: place and size in the box, and what it stands for."""

    x: int
    width: int
    y: int
    height: int
    state: str
    first_at: datetime
    read_at: datetime


def bars(periods: Iterable[Period], since: datetime, now: datetime) -> list[Stretch]:
    """The stretches between two moments, oldest first; what lies outside is cut."""
    span = (now - since).total_seconds()
    found = []
    for one in sorted(periods, key=lambda period: period.first_at):
        start, end = max(one.first_at, since), min(one.read_at, now)
        if end < start:
            continue
        x = round((start - since).total_seconds() / span * WIDTH)
        width = max(NARROWEST, round((end - since).total_seconds() / span * WIDTH) - x)
        height = _height(one.state)
        x = min(x, WIDTH - width)
        found.append(
            Stretch(x, width, HEIGHT - height, height, one.state, one.first_at, one.read_at)
        )
    return found


def _height(state: str) -> int:
    if state in HEALTHY:
        return LOW
    return MIDDLE if state in WORK else HIGH
