"""Every page for every sign-in of every organisation, in every form: `make bench-pages`.

Forms: page, htmx fragment, JSON, files, drawer, count; every tab, view and link that a page shows.
ORGS="acme cascade" walks these only. Gates: the status that the matrix foresees, nothing over
300 ms (files 2 s) nor 2,100 rows read, at most 6 statements on tenants' databases, all panels.
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

    calls = []
    for visitor in visitors(os.environ.get("ORGS", "").split()):
        began, mine = time.monotonic(), list(walk(visitor))
        broken = [one for one in mine if one.faults]
        print(
            f"{visitor.who} ({visitor.org}): {len(mine)} calls of"
            f" {len({one.name for one in mine})} routes, {len(broken)} break a gate,"
            f" {time.monotonic() - began:.0f} s",
            flush=True,
        )
        calls += mine
    return report(calls)


def report(calls: list[Any]) -> int:
    """Print what was found; 0 if no call breaks a gate."""
    broken: dict[tuple[Any, ...], list[Any]] = {}
    for one in calls:
        for fault in one.faults:
            kind = " ".join(word for word in fault.split() if not word[0].isdigit()) or fault
            broken.setdefault((one.name, one.form, kind), []).append((one, fault))
    for (name, form, _), found in sorted(broken.items()):
        one, fault = max(found, key=lambda pair: pair[0].cost.wall_ms)
        who = sorted({f"{call.visitor.who}" for call, _ in found})
        print(f"BROKEN {name} {form}: {fault} ({len(found)} calls of {len(who)}: {who[0]} ...)")
        print(f"       {one.status} {one.target}")
        print(f"       {one.cost.by} {one.cost.slowest[:300]}")
    wrong = sum(bool(one.faults) for one in calls)
    print(f"{len(calls):,} calls, {wrong:,} break a gate; by form:")
    print(
        "  "
        + ", ".join(f"{form} {n:,}" for form, n in Counter(c.form for c in calls).most_common())
    )
    times = sorted(one.cost.wall_ms for one in calls if one.form not in ("csv", "xlsx"))
    print(
        f"  p50 {times[len(times) // 2]:.0f}, p95 {stack.percentile(times, 0.95):.0f} ms; slowest:"
    )
    show(calls, lambda one: one.cost.wall_ms)
    print("most rows read, but for files:")
    show([one for one in calls if one.form not in ("csv", "xlsx")], lambda one: one.cost.reads)
    hollow(calls)
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
