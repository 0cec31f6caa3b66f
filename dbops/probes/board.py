"""All probes side by side: the one entry for the command line, the page and the collector."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module

from dbops.inventory import Target
from dbops.probes.sessions import Away, no_answer
from dbops.probes.threads import side_by_side
from dbops.readings import Deadline, Reading, State, silent

DEADLINE_S = 2.0
# A probe gives up by its own deadline and names what hung; this is its time to say so.
GRACE_S = 0.01
PROBES = {
    "vitess": "dbops.probes.vitess",
    "mysql": "dbops.probes.vitess",
    "sqlite": "dbops.probes.d1",
    "postgres": "dbops.probes.postgres",
    "spicedb": "dbops.probes.spicedb",
    "tigerbeetle": "dbops.probes.tigerbeetle",
}
Probe = Callable[[Target, Deadline], Reading]


def look(target: Target, deadline: Deadline) -> Reading:
    """One reading by the engine's probe (imported only now); never raises."""
    started = time.monotonic()
    try:
        probe: Probe = import_module(PROBES[target.database.engine]).probe
        reading = probe(target, deadline)
    except Away as away:
        reading = silent(deadline, away.state, away.reason)
    except Exception as error:  # a probe's own fault must not hide the other five
        kind = type(error).__name__
        reading = silent(deadline, State.UNKNOWN, f"the probe failed ({kind})")
    return replace(reading, latency_ms=round((time.monotonic() - started) * 1000, 1))


def read_all(targets: Sequence[Target], deadline: Deadline) -> list[Reading]:
    """One reading a target, in order; a hung one is `unknown` by the deadline."""

    def late(slug: str) -> Reading:
        return silent(deadline, State.UNKNOWN, no_answer(deadline.timeout_s).reason)

    calls = {target.slug: _call(target, deadline) for target in targets}
    return list(side_by_side(calls, deadline.left_s + GRACE_S, late).values())


def _call(target: Target, deadline: Deadline) -> Callable[[], Reading]:
    return lambda: look(target, deadline)
