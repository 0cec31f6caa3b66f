"""A settlement whose worker is killed before any of its statements is exact once it is rerun.

From the bordereau to the bank's answer, over both databases and the ledger; the rerun sends the
same forms. Requirement 000: one effect per event.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from django.db import connections

from openinsure.billing.models import GlJournalEntry, LedgerTransfer
from openinsure.jobs.models import Lease
from openinsure.tenancy.scope import Scope, entered
from tests.billing import posting
from tests.billing.settlements import World, in_ledger, payouts_of, run, settlement_of, world
from tests.conftest import fresh_scope

pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_billing", "ledger_engine"]
)
ENGINES = ("oi_billing", "ledger_engine")
FRAME = ("SAVEPOINT", "RELEASE", "ROLLBACK")  # of the test's own transaction
EVERY = 2  # statements between two kills
SHARDS = 12


class Killed(BaseException):
    """The worker ends here: nothing of it may be caught."""


class Clock:
    """Counts statements of both engines; at `dies` the worker is killed instead."""

    def __init__(self, dies: int) -> None:
        self.seen, self.dies = 0, dies

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(FRAME):
            self.seen += 1
            if self.seen == self.dies:
                raise Killed
        return execute(sql, params, many, context)


@contextmanager
def watched(dies: int = 0) -> Iterator[Clock]:
    """Inside, every statement is counted."""
    clock = Clock(dies)
    with ExitStack() as stack:
        for alias in ENGINES:
            stack.enter_context(connections[alias].execute_wrapper(clock))
        yield clock


def statements() -> int:
    """How many a whole settlement makes."""
    one = world(fresh_scope())
    with watched() as clock:
        run(one, offset=True)
    return clock.seen


def killed_at(dies: int) -> World:
    """A world whose worker died there, then started again from the first step."""
    one = world(fresh_scope())
    with watched(dies), pytest.raises(Killed):
        run(one, offset=True)
    with entered(one.scope):
        Lease.objects.within(one.scope).delete()  # the dead worker's lease ran out
    run(one, offset=True, later=60)
    return one


def is_exact(one: World) -> None:
    """One effect per event; journal and ledger to the cent; nothing left in transit."""
    assert settlement_of(one).status == "settled"
    assert [payout.status for payout in payouts_of(one)] == ["posted", "posted"]
    left = one.unearned
    assert posting.balances(one.scope) == {
        "1010": left, "1020": 10_000, "2500": -left, "2510": -10_000}  # fmt: skip
    assert in_ledger(one.scope) == {
        "MGA_FIDUCIARY": (left + 10_000, 0), "LOSS_FUND": (-left - 10_000, 0)}  # fmt: skip
    with entered(one.scope):
        entries = GlJournalEntry.objects.within(one.scope).values_list("source_type", flat=True)
        assert sorted(entries) == sorted(
            ["payment", "settlement_offset", *(["settlement_release", "settlement_confirm"] * 2)]
        )
        states = LedgerTransfer.objects.within(one.scope).values_list("status", flat=True)
        assert set(states) == {"posted"}


@pytest.mark.parametrize("shard", range(SHARDS))
def test_it_is_exact_after_a_kill_at_any_statement(db: None, shard: int) -> None:
    whole = statements()
    kills = range(1, whole + 1, EVERY)
    assert len(kills) >= 100
    for dies in kills[shard::SHARDS]:
        is_exact(killed_at(dies))


def test_a_scope_of_another_organization_is_never_touched(db: None, acme: Scope) -> None:
    other = world(acme)
    before = in_ledger(acme), posting.balances(acme)
    is_exact(killed_at(40))
    assert (in_ledger(acme), posting.balances(acme)) == before
    assert payouts_of(other) == []
