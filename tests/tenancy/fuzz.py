"""Differential fuzz: random statements, two organisations, one promise.

What the guard accepts must, on MariaDB, return no value and change no row of the other
organisation, and answer as in a database that never knew it. `make fuzz` runs a million:
    python -m tests.tenancy.fuzz --statements 1000000 --seed 7
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from openinsure.tenancy.scope import OrgScope, TenantLeak
from tests.tenancy.grammar import Fuzzer
from tests.tenancy.world import OURS, World, judged, made_world

FAILURES_SHOWN = 10


@dataclass
class Tally:
    """What a run saw. `foreign` must stay empty."""

    statements: int = 0
    accepted: int = 0
    ran: int = 0
    foreign: list[str] = field(default_factory=list)

    def line(self, seconds: float) -> str:
        """One line for people."""
        return (
            f"fuzz: {self.statements} statements, {self.accepted} accepted, {self.ran} ran on"
            f" MariaDB, {len(self.foreign)} foreign rows, {seconds:.1f} s"
        )


def run(world: World, *, seed: int, statements: int) -> Tally:
    """Judge and try so many statements of one seed."""
    fuzzer, tally, scope = Fuzzer(seed), Tally(), OrgScope(OURS, "service:fuzz")
    logging.disable(logging.ERROR)  # tens of thousands of refusals are meant
    try:
        while tally.statements < statements and len(tally.foreign) < FAILURES_SHOWN:
            sql, params = fuzzer.statement()
            tally.statements += 1
            try:
                judged(scope, "oi_policies", sql, params)
            except TenantLeak:
                continue
            tally.accepted += 1
            try_one(world, sql, params, tally)
    finally:
        logging.disable(logging.NOTSET)
    return tally


def try_one(world: World, sql: str, params: list[object], tally: Tally) -> None:
    """Run an accepted statement in both schemas and compare."""
    answer = world.ask(world.both, sql, params)
    alone = world.ask(world.alone, sql, params)
    tally.ran += answer.error == 0
    same = Counter(answer.rows) == Counter(alone.rows) and answer.error == alone.error
    if answer.leaks or not same:
        tally.foreign.append(f"{sql}\n    {params}\n    {answer}\n    alone: {alone}")


def main() -> int:
    """Exit 0 if nothing leaked, else 1 with the statements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    wanted = parser.parse_args()
    started = time.perf_counter()
    with made_world("guard_fuzz") as world:
        tally = run(world, seed=wanted.seed, statements=wanted.statements)
    print(tally.line(time.perf_counter() - started))
    print("\n".join(tally.foreign), file=sys.stderr)
    return 1 if tally.foreign else 0


if __name__ == "__main__":
    sys.exit(main())
