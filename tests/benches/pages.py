"""Every page for every sign-in of every organisation, in every form: `make bench-pages`.

Forms: page, htmx fragment, JSON, files, drawer, count; every tab, view and link that a page shows.
ORGS="acme cascade" walks these only. Gates: the status that the matrix foresees, nothing over
300 ms (files 2 s; of CPU while others use the machine) nor 2,100 rows read, at most 6 statements on
tenants' databases, no panel away.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.benches import stack

SHOWN = 25


def main() -> int:
    """0 if no call breaks a gate."""
    stack.ready()
    from tests.benches.visitors import visitors
    from tests.benches.walk import walk

    calls, told = list[Any](), set[tuple[str, str, str]]()
    for visitor in visitors(os.environ.get("ORGS", "").split()):
        began, mine = time.monotonic(), list(walk(visitor))
        broken = [one for one in mine if one.faults]
        print(
            f"{visitor.who} ({visitor.org}): {len(mine)} calls of"
            f" {len({one.name for one in mine})} routes, {len(broken)} break a gate,"
            f" {time.monotonic() - began:.0f} s",
            flush=True,
        )
        complain(broken, told)
        calls += mine
    return report(calls)


def complain(broken: list[Any], told: set[tuple[str, str, str]]) -> None:
    """Say what is wrong, each kind of fault of a page's form once: the heaviest call of it."""
    for one in sorted(broken, key=lambda call: call.cost.wall_ms, reverse=True):
        for fault in one.faults:
            kind = (one.name, one.form, fault.lstrip("0123456789,"))
            if kind in told:
                continue
            told.add(kind)
            print(f"BROKEN {one.name} {one.form}: {fault}; {one.status} {one.target}")
            print(f"       {one.cost.by} {one.cost.slowest[:300]}", flush=True)


def report(calls: list[Any]) -> int:
    """Print what was found; 0 if no call breaks a gate."""
    pages = [one for one in calls if one.form not in ("csv", "xlsx")]
    wrong = sum(bool(one.faults) for one in calls)
    print(f"{len(calls):,} calls, {wrong:,} break a gate; by form:")
    forms = Counter(one.form for one in calls).most_common()
    print("  " + ", ".join(f"{form} {n:,}" for form, n in forms))
    faults = Counter(fault.lstrip("0123456789,") for one in calls for fault in one.faults)
    print("  " + (", ".join(f"{n:,} x{fault}" for fault, n in faults.most_common()) or "no fault"))
    times = [one.cost.wall_ms for one in pages]
    p50, p95 = (stack.percentile(times, share) for share in (0.5, 0.95))
    print(f"  p50 {p50:.0f}, p95 {p95:.0f} ms, load {os.getloadavg()[0]:.1f}; the slowest:")
    show(calls, lambda one: one.cost.wall_ms)
    print("most rows read, but for files:")
    show(pages, lambda one: one.cost.reads)
    hollow(calls)
    missed(calls)
    return 1 if wrong else 0


def hollow(calls: list[Any]) -> None:
    """Panels that no visitor sees filled: perhaps the demo has no such rows, perhaps a mistake."""
    seen: dict[tuple[str, str], set[str]] = {}
    for one in calls:
        if one.form == "html" and not one.faults:
            for panel, state in one.states.items():
                seen.setdefault((one.name, panel), set()).add(state)
    empty = sorted(
        f"{name}/{panel}" for (name, panel), states in seen.items() if states == {"empty"}
    )
    print(f"panels that are empty for everybody: {', '.join(empty) or 'none'}")


def missed(calls: list[Any]) -> None:
    """Routes of which nobody saw a page: the demo has no such object, or nothing leads there."""
    from tests.routes import ROUTES

    reached = {one.name for one in calls if one.status == 200}
    left = [name for name, route in ROUTES.items() if route.verb == "get" and name not in reached]
    print(f"routes that nobody reached: {', '.join(left) or 'none'}")


def show(calls: list[Any], weight: Callable[[Any], float]) -> None:
    """The heaviest pages, each once a form."""
    heaviest: dict[tuple[str, str], Any] = {}
    for one in sorted(calls, key=weight):
        heaviest[one.name, one.form] = one
    for one in sorted(heaviest.values(), key=weight, reverse=True)[:SHOWN]:
        cost = one.cost
        print(
            f"  {one.name:<26} {one.form:<11} {cost.wall_ms:7.0f} ms {cost.cpu_ms:6.0f} CPU"
            f" {cost.statements:3} statements {cost.reads:8,} rows read  {one.target[:60]}"
        )


if __name__ == "__main__":
    sys.exit(main())
