"""All probes side by side: the one entry for the command line, the page and the collector."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from threading import Event
from typing import Any

from dbops.catalog import verdict
from dbops.history.rules import NOTHING, Known, Runs, no_runs
from dbops.inventory import EMPTY, Target
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
    """The stored half, asked beside the probes; a probe that needs the run log waits a little."""

    def __init__(self, ask: Comparisons) -> None:
        self._ask, self._in = ask, Event()
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
            self._in.wait(RUN_LOG_S)
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


def alone(target: Target, deadline: Deadline, compared: Comparisons) -> Reading:
    """One reading in a process of its own; its run log is asked only where the probe needs it."""
    asked = Asked(compared)

    def runs(schema: str) -> Known:
        asked()
        return asked.runs(target)(schema)

    return look(target, deadline, runs if target.database.owner == "we" else no_runs)


def read_all(
    targets: Sequence[Target],
    deadline: Deadline,
    compared: Comparisons | None = None,
    beside: Mapping[str, Callable[[], Reading]] = EMPTY,
) -> list[Reading]:
    """One reading a target, in order; a hung one is `unknown` by the deadline.

    `beside`: readings that another process is at, by slug; their calls wait for the answer.
    `compared` gives the stored comparisons, asked side by side with the probes; without it, or
    when it does not answer, nothing is called in sync.
    """

    def late(slug: str) -> Reading:
        return silent(deadline, State.UNKNOWN, no_answer(deadline.timeout_s).reason)

    asked = Asked(compared or dict)
    calls = {target.slug: _call(target, deadline, asked, beside) for target in targets}
    if compared is None:
        asked()
        return list(side_by_side(calls, deadline.left_s + GRACE_S, late).values())
    both: dict[str, Callable[[], Any]] = {STORED: asked, **calls}
    found = side_by_side(both, deadline.left_s + GRACE_S, lambda key: None)
    stored, now, age = found.pop(STORED) or {}, deadline.started_at, verdict.max_age()
    return [
        verdict.joined(reading or late(slug), stored.get(slug), now, age)
        for slug, reading in found.items()
    ]


def _call(
    target: Target, deadline: Deadline, asked: Asked, beside: Mapping[str, Callable[[], Reading]]
) -> Callable[[], Reading]:
    if target.slug not in beside:
        return lambda: look(target, deadline, asked.runs(target))

    def waited() -> Reading:
        try:
            return beside[target.slug]()
        except EOFError:
            return silent(deadline, State.UNKNOWN, "the probe ended without an answer")

    return waited
