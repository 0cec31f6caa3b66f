"""All probes side by side: the one entry for the command line, the page and the collector."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from threading import Event
from typing import Any

from dbops.catalog import verdict
from dbops.history.rules import NOTHING, Known, Runs, no_runs
from dbops.inventory import Target
from dbops.probes.sessions import Away, no_answer
from dbops.probes.threads import side_by_side
from dbops.readings import Deadline, Reading, State, silent

# A probe gives up by its own deadline and names what hung; this is its time to say so.
GRACE_S = 0.01
RUN_LOG_S = 0.25  # a slow console database delays nobody longer
PROBES = {
    "vitess": "dbops.probes.vitess",
    "mysql": "dbops.probes.vitess",
    "sqlite": "dbops.probes.d1",
    "postgres": "dbops.probes.postgres",
    "spicedb": "dbops.probes.spicedb",
    "tigerbeetle": "dbops.probes.tigerbeetle",
}
Probe = Callable[[Target, Deadline, Runs], Reading]
Comparisons = Callable[[], Mapping[str, verdict.Stored]]
STORED = "/comparisons"  # beside the slugs, which hold no slash


class Asked:
    """The stored half, asked beside the probes; a probe that needs the run log waits a little:
    all of them together no longer than `RUN_LOG_S`."""

    def __init__(self, ask: Comparisons) -> None:
        self._ask, self._in = ask, Event()
        self._until = time.monotonic() + RUN_LOG_S
        self._found: Mapping[str, verdict.Stored] = {}

    def __call__(self) -> Mapping[str, verdict.Stored]:
        """Ask, once."""
        try:
            self._found = self._ask()
        finally:
            self._in.set()
        return self._found

    def runs(self, target: Target) -> Runs:
        """What the run log says about a schema of a database we manage; nothing when oi_console
        does not say in time."""

        def of(schema: str) -> Known:
            self._in.wait(max(0.0, self._until - time.monotonic()))
            stored = self._found.get(target.slug)
            return stored.runs.get(schema, NOTHING) if stored else NOTHING

        return of if target.database.owner == "we" else no_runs


def look(target: Target, deadline: Deadline, runs: Runs = no_runs) -> Reading:
    """One reading by the engine's probe (imported only now); never raises."""
    started = time.monotonic()
    try:
        probe: Probe = import_module(PROBES[target.database.engine]).probe
        reading = probe(target, deadline, runs)
    except Away as away:
        reading = silent(deadline, away.state, away.reason)
    except Exception as error:  # a probe's own fault must not hide the other five
        kind = type(error).__name__
        reading = silent(deadline, State.UNKNOWN, f"the probe failed ({kind})")
    return reading._replace(latency_ms=round((time.monotonic() - started) * 1000, 1))


def read_all(
    targets: Sequence[Target], deadline: Deadline, compared: Comparisons | None = None
) -> list[Reading]:
    """One reading a target, in order; a hung one is `unknown` by the deadline.

    `compared` gives the stored comparisons, asked side by side with the probes; without it, or
    when it does not answer, nothing is called in sync.
    """
    asked = Asked(compared or dict)
    calls = {target.slug: partial(look, target, deadline, asked.runs(target)) for target in targets}
    here = [target.slug for target in targets if target.at_hand]
    if compared is None:
        asked()
        late = partial(silent_at, deadline)
        return list(side_by_side(calls, deadline.left_s + GRACE_S, late, here).values())
    both: dict[str, Callable[[], Any]] = {STORED: asked, **calls}
    found = side_by_side(both, deadline.left_s + GRACE_S, lambda key: None, here)
    stored, now, age = found.pop(STORED) or {}, deadline.started_at, verdict.max_age()
    return [
        verdict.joined(reading or silent_at(deadline, slug), stored.get(slug), now, age)
        for slug, reading in found.items()
    ]


def silent_at(deadline: Deadline, _slug: str = "") -> Reading:
    """Of a database that had not answered by the deadline."""
    return silent(deadline, State.UNKNOWN, no_answer(deadline.timeout_s).reason)
