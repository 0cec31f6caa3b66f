"""Looks at the databases and stores what was seen: all of them each minute, one on request."""

from __future__ import annotations

from datetime import datetime

from dbops import comparisons, folders, inventory, store
from dbops.inventory import Target
from dbops.probes import board
from dbops.readings import DEADLINE_S, Deadline, Reading
from openinsure.problems import NotFound


def collect(*, now: datetime, taken_by: store.TakenBy = "beat") -> int:
    """Read every database side by side under one deadline and store it; how many answered."""
    targets = inventory.contacted()
    readings = _read(targets, now)
    for target, reading in zip(targets, readings, strict=True):
        store.save(target.slug, reading, taken_by=taken_by, folders=folders.of(target))
    return sum(reading.error is None for reading in readings)


def check_now(slug: str, *, now: datetime) -> Reading:
    """Read one database under its own deadline and store it. Raises NotFound."""
    target = find(slug)
    (reading,) = _read([target], now)
    store.save(slug, reading, taken_by="button", folders=folders.of(target))
    return reading


def _read(targets: list[Target], now: datetime) -> list[Reading]:
    known = comparisons.newest()  # before the threads: the ORM's connection is this one's
    return board.read_all(targets, Deadline.after(DEADLINE_S, now), lambda: known)


def find(slug: str) -> Target:
    """The contacted database of this name. Raises NotFound."""
    for target in inventory.contacted():
        if target.slug == slug:
            return target
    raise NotFound("database", message=f"No database {slug} in the inventory.")
