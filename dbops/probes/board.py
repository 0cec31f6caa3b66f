"""All probes side by side: the one entry for the command line, the page and the collector."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from importlib import import_module
from os import getpid
from threading import Event, active_count
from typing import Any

from dbops.catalog import verdict
from dbops.history.rules import NOTHING, Known, Runs, no_runs
from dbops.inventory import Target
from dbops.probes.apart import started
from dbops.probes.sessions import Away, no_answer
from dbops.probes.threads import side_by_side
from dbops.readings import Deadline, Reading, State, silent

DEADLINE_S = 2.0
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
        self._ask, self._in, self._process = ask, Event(), getpid()
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
            if getpid() != self._process and not self._in.is_set():
                self()  # the thread that asks is the parent's
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


def read_all(
    targets: Sequence[Target],
    deadline: Deadline,
    compared: Comparisons | None = None,
    apart: Collection[str] = (),
) -> list[Reading]:
    """One reading a target, in order; a hung one is `unknown` by the deadline.

    `apart` names engines whose probes get a process of their own: for the command line only.
    `compared` gives the stored comparisons, asked side by side with the probes; without it, or
    when it does not answer, nothing is called in sync.
    """

    def late(slug: str) -> Reading:
        return silent(deadline, State.UNKNOWN, no_answer(deadline.timeout_s).reason)

    asked = Asked(compared or dict)
    calls = {target.slug: _call(target, deadline, asked) for target in targets}
    for target in targets:
        if target.database.engine in apart and active_count() == 1:  # else a fork could hang
            calls[target.slug] = _apart(calls[target.slug], deadline)
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


def _call(target: Target, deadline: Deadline, asked: Asked) -> Callable[[], Reading]:
    return lambda: look(target, deadline, asked.runs(target))


def _apart(call: Callable[[], Reading], deadline: Deadline) -> Callable[[], Reading]:
    answer = started(call, deadline.left_s)

    def waited() -> Reading:
        try:
            return answer()
        except EOFError:
            return silent(deadline, State.UNKNOWN, "the probe ended without an answer")

    return waited
