"""100,000 random statements in the suite (a million by `make fuzz`), and proof that it bites."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlglot import exp

from openinsure.tenancy import guard, guard_bind, guard_facts, guard_plan
from openinsure.tenancy.guard_facts import Facts, Frame, Source
from tests.tenancy import fuzz
from tests.tenancy.world import World, made_world

STATEMENTS_PER_SEED = 25_000
BROKEN_STATEMENTS = 6_000


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with made_world("guard_fuzz") as made:
        yield made


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_it_lets_no_foreign_row_through(seed: int, world: World) -> None:
    tally = fuzz.run(world, seed=seed, statements=STATEMENTS_PER_SEED)
    print(f"\nseed {seed}: {tally.line(0)}")
    assert tally.foreign == []
    assert tally.accepted > STATEMENTS_PER_SEED // 5, "the fuzz must exercise what passes"
    assert tally.ran > tally.accepted * 0.8, "accepted statements must really run"


def _or_as_and(branches: Iterator[exp.Expr], frame: Frame) -> Facts:
    facts = Facts()
    for branch in branches:
        facts |= guard_facts.facts_of(branch, frame)
    return facts


def _left_binds_both(self: Facts, into: Source | None = None) -> frozenset[Source]:
    return _closed(self, None)


def _demands_nothing(self: guard_bind.Binder, frame: Frame) -> None:
    return None


def _blind_to_values(*_: object) -> None:
    return None


_closed = Facts.closed
MUTANTS: dict[str, tuple[object, str, Callable[..., object]]] = {
    "or binds like and": (guard_facts, "_either", _or_as_and),
    "a left join binds both sides": (Facts, "closed", _left_binds_both),
    "nothing is demanded": (guard_bind.Binder, "demand", _demands_nothing),
    "values are not compared": (guard, "_verify", _blind_to_values),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_it_finds_a_broken_guard(name: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, attribute, broken = MUTANTS[name]
    monkeypatch.setattr(owner, attribute, broken)
    guard.plan_for.cache_clear()
    guard_plan._analysed.cache_clear()
    try:
        assert fuzz.run(world, seed=11, statements=BROKEN_STATEMENTS).foreign
    finally:
        guard.plan_for.cache_clear()
        guard_plan._analysed.cache_clear()
