"""What reading and comparing the five live keyspaces costs. `make bench-drift` prints it.

Judged by CPU time of this process: wall time says what else the machine does. Exit 1 over a limit.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from dbops import inventory
from dbops.catalog import comparing, replay
from dbops.readings import Deadline

ROUNDS = 40
COMPARE_MS, REPLAY_S = 40.0, 2.0


def spent(call: Callable[[], Any]) -> tuple[float, float]:
    """Wall and CPU time of one call, ms."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


def main() -> int:
    """Exit 1 when the median comparison or the first replay is over its limit."""
    (target,) = (one for one in inventory.contacted() if one.slug == "ai")
    cache = replay.Memory()

    def compare() -> comparing.Comparison:
        return comparing.compare(target, Deadline.after(30, datetime.now(UTC)), cache=cache)

    first_s = spent(compare)[0] / 1000
    found = compare()
    if not found.complete:
        print(f"drift: not compared, {next(one.reason for one in found.schemas if one.reason)}")
        return 1
    rounds = [spent(compare) for _ in range(ROUNDS)]
    wall, cpu = (sorted(times) for times in zip(*rounds, strict=True))
    tables = sum(one.tables for one in found.schemas)
    columns, indexes = (
        sum(getattr(one, what) for one in found.schemas) for what in ("columns", "indexes")
    )
    print(f"drift: {tables} tables, {columns} columns, {indexes} indexes")
    for name, times in (("cpu", cpu), ("wall", wall)):
        middle = statistics.median(times)
        print(f"drift: read and compare, {name:4} best {times[0]:.1f} ms, median {middle:.1f} ms")
    print(f"drift: first look with its replay {first_s:.2f} s")
    print(f"drift: limits {COMPARE_MS:g} ms (median, cpu), {REPLAY_S:g} s")
    return 0 if statistics.median(cpu) <= COMPARE_MS and first_s <= REPLAY_S else 1


if __name__ == "__main__":
    sys.exit(main())
