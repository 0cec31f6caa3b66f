"""Every page for every role that may, as HTML, JSON and CSV: `make bench-pages`.

Gates: status 200 (a long CSV is refused with 409), nothing over a second, and as HTML at most 6
statements on tenants' databases (JSON holds every tab of an object, CSV every page of a list).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.benches import stack

LIMIT_MS, STATEMENTS_MAX, SHOWN = 1_000.0, 6, 25
TIMES = 3
FORMS = (("html", "text/html", ""), ("json", "application/json", ""), ("csv", "text/html", "csv"))
PERSONAL = {"exports.file", "exports.manifest", "find.recents"}  # of what somebody did before
ORG = "0190a000-0000-7000-8000-00000000000a"


@dataclass(frozen=True, slots=True)
class Call:
    """One request and what came of it."""

    name: str
    role: str
    form: str
    status: int
    cost: stack.Cost

    def faults(self, audited: int) -> list[str]:
        """What is wrong with it, in words."""
        fine = {200, 302, 303, 409} if self.form == "csv" else {200, 302, 303}
        found = [] if self.status in fine else [f"status {self.status}"]
        if self.form == "html" and self.cost.statements > STATEMENTS_MAX + audited:
            found.append(f"{self.cost.statements} statements")
        if self.cost.wall_ms > LIMIT_MS:
            found.append(f"{self.cost.wall_ms:.0f} ms")
        return found


def main() -> int:
    """0 if no page breaks a gate."""
    stack.ready()
    from openinsure.authz.decorators import ANYONE
    from tests.benches.objects import numbers_of, roles_of
    from tests.test_query_counts import AUDITED, PAGES
    from tests.test_routes import allowed, asked_of

    numbers = numbers_of(ORG)
    calls = []
    for role, client in roles_of(ORG):
        for name in PAGES:
            if not allowed(role, name) or asked_of(name) == ANYONE or name in PERSONAL:
                continue
            calls += [
                called for form in FORMS if (called := call(client, name, role, form, numbers))
            ]
    broken = [(one, faults) for one in calls if (faults := one.faults(AUDITED.get(one.name, 0)))]
    for one, faults in broken:
        print(f"BROKEN {one.name} {one.role} {one.form}: {', '.join(faults)}")
        print(f"       {one.cost.slowest[:300]}")
    print(f"{len(calls)} requests, {len(broken)} break a gate; the slowest:")
    show(calls, lambda one: one.cost.wall_ms)
    print("most rows read, but for CSV:")
    show([one for one in calls if one.form != "csv"], lambda one: one.cost.reads)
    return 1 if broken else 0


def show(calls: list[Call], weight: Callable[[Call], float]) -> None:
    """The heaviest pages, each once."""
    heaviest: dict[tuple[str, str], Call] = {}
    for one in sorted(calls, key=weight):
        heaviest[one.name, one.form] = one
    for one in sorted(heaviest.values(), key=weight, reverse=True)[:SHOWN]:
        cost = one.cost
        print(
            f"  {one.name:<26} {one.form:<5} {cost.wall_ms:7.0f} ms {cost.cpu_ms:6.0f} CPU"
            f" {cost.statements:3} statements {cost.reads:8,} rows read"
        )


def call(
    client: Any, name: str, role: str, form: tuple[str, str, str], numbers: dict[str, str]
) -> Call | None:
    """The cheaper of two requests after a first; None without such an object or such a form.

    Now and then one more statement renews the copy of the account.
    """
    from tests.routes import ROUTES

    kind, accept, wanted = form
    try:
        path = ROUTES[name].path.format_map(numbers)
    except KeyError:
        return None
    query = f"?format={wanted}" if wanted else ""
    costs = []
    for _ in range(TIMES):
        with stack.costing() as cost:
            answer = client.get(path + query, headers={"accept": accept})
            if answer.streaming:
                list(answer.streaming_content)
        costs.append(cost)
    if kind == "csv" and answer.status_code in {400, 403}:
        return None  # no list, or a role without exports
    least = min(costs[1:], key=lambda cost: (cost.statements, cost.wall_ms))
    return Call(name, role, kind, answer.status_code, least)


if __name__ == "__main__":
    sys.exit(main())
