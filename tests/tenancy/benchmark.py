"""What a cached statement costs in the guard. `make bench-guard` prints it; over 1 us fails.

Runs the real execute wrapper round an empty statement and subtracts nothing but the empty call,
so scope, plan look-up and the comparison of values are all in the figure.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from openinsure.tenancy import guard
from openinsure.tenancy.guard_plan import plan_of
from openinsure.tenancy.scope import OrgScope, entered
from tests.tenancy.world import OURS, Connection, row_id

CALLS, REPEATS = 10_000, 70  # short rounds: the best one is free of other programs
LIMIT_US = 1.0
STATEMENTS = {
    "primary key": (
        "SELECT `policies`.`id`, `policies`.`status` FROM `policies` WHERE"
        " (`policies`.`org_id` = %s AND (`policies`.`org_id`, `policies`.`id`) = (%s, %s))",
        (OURS, OURS, row_id(OURS, 1)),
    ),
    "list of 50": (
        "SELECT id FROM policies FORCE INDEX (policies_org_updated_id) WHERE org_id = %s"
        f" AND id IN ({', '.join(['%s'] * 50)}) ORDER BY updated_at DESC, id DESC LIMIT 51",
        (OURS, *(row_id(OURS, k) for k in range(50))),
    ),
    "insert": (
        f"INSERT INTO policies (org_id, id, {', '.join(f'c{k}' for k in range(40))})"
        f" VALUES ({', '.join(['%s'] * 42)})",
        (OURS, *range(41)),
    ),
}


def microseconds(call: Callable[[], Any]) -> float:
    """The best of many rounds, per call, in CPU time."""
    best = float("inf")
    for _ in range(REPEATS):
        started = time.process_time()
        for _ in range(CALLS):
            call()
        best = min(best, time.process_time() - started)
    return best / CALLS * 1e6


def cost_us(sql: str, params: tuple[Any, ...]) -> float:
    """Of one cached statement, in the wrapper alone."""
    context = {"connection": Connection("oi_policies")}

    def execute(*_: Any) -> None:
        return None

    def empty() -> None:
        execute(sql, params, False, context)

    def guarded() -> None:
        guard.check(execute, sql, params, False, context)

    guarded()
    return microseconds(guarded) - microseconds(empty)


def first_sight_us(sql: str) -> float:
    """Of a template never seen before: parsed, judged, kept."""
    started = time.process_time()
    for k in range(200):
        plan_of("oi_policies", "own", f"{sql} {' ' * k}")  # spaces: no template is seen twice
    return (time.process_time() - started) / 200 * 1e6


def main() -> int:
    """Exit 1 if a cached statement costs more than a microsecond."""
    worst = 0.0
    with entered(OrgScope(OURS, "service:benchmark")):
        for name, (sql, params) in STATEMENTS.items():
            cached, first = cost_us(sql, params), first_sight_us(sql)
            worst = max(worst, cached)
            print(f"guard: {name:12} cached {cached:.2f} us, first sight {first:.0f} us")
    print(f"guard: worst cached {worst:.2f} us, limit {LIMIT_US} us")
    return 0 if worst <= LIMIT_US else 1


if __name__ == "__main__":
    sys.exit(main())
