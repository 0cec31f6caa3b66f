"""Two batches under way: one with the ledger, the one before it being stored; exact at any kill."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from openinsure.billing.ledger_number import ledger_number
from openinsure.billing.models import LedgerTransfer
from openinsure.billing.operations import outbox
from openinsure.billing.operations.outbox import Stood
from openinsure.billing.operations.outbox_sql import Queued
from openinsure.jobs import leases, relay
from openinsure.jobs.leases import leased
from openinsure.jobs.models import Lease
from openinsure.ledger import rules
from openinsure.ledger.books import Books
from openinsure.ledger.embedded import EmbeddedLedger
from openinsure.ledger.port import Account, LedgerAway, OrgLedger, Result, Transfer
from openinsure.tenancy.scope import Scope, entered
from tests.jobs.test_relay import NOW, WHOLE, Killed, in_ledger, org, post, rows, run

__all__ = ["org"]
pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_billing", "ledger_engine"]
)
BATCHES = 3
THRICE = {kind: BATCHES * cents for kind, cents in WHOLE.items()}


@pytest.fixture
def queued(org: Scope, monkeypatch: pytest.MonkeyPatch) -> Scope:
    """So many batches of one chain of two."""
    for _ in range(BATCHES):
        post(org)
    monkeypatch.setattr(relay, "BATCH_ROWS", 2)
    return org


def statuses(scope: Scope) -> dict[str, int]:
    """How many rows have each."""
    return dict(Counter(row.status for row in rows(scope)))


def before(
    monkeypatch: pytest.MonkeyPatch, where: Any, step: str, act: Callable[[int], object]
) -> None:
    """Call `act` with the number of the call, before each call of a step."""
    whole, calls = getattr(where, step), [0]

    def acted(*args: Any, **kwargs: Any) -> Any:
        calls[0] += 1
        act(calls[0])
        return whole(*args, **kwargs)

    monkeypatch.setattr(where, step, acted)


def test_it_sends_the_next_batch_before_it_stores_the_last(
    queued: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    before(monkeypatch, EmbeddedLedger, "create_transfers", lambda n: said.append(f"send {n}"))
    before(monkeypatch, outbox, "mark_posted", lambda n: said.append(f"store {n}"))
    assert run(queued).posted == 2 * BATCHES
    assert said == ["send 1", "send 2", "store 1", "send 3", "store 2", "store 3"]
    assert in_ledger(queued) == THRICE


STEPS = [
    (outbox, "mark_sent"),
    (EmbeddedLedger, "create_transfers"),
    (EmbeddedLedger, "lookup_accounts"),
    (outbox, "mark_posted"),
    (outbox, "store_balances"),
]


@pytest.mark.parametrize("place", range(1, BATCHES + 1))
@pytest.mark.parametrize(("where", "step"), STEPS)
def test_it_is_exact_after_a_kill_with_two_under_way(
    queued: Scope, monkeypatch: pytest.MonkeyPatch, where: Any, step: str, place: int
) -> None:
    def killed(number: int) -> None:
        if number == place:
            raise Killed

    with monkeypatch.context() as patch:
        before(patch, where, step, killed)
        with pytest.raises(Killed):
            run(queued)
    left = sum(row.status != "posted" for row in rows(queued))
    assert run(queued, minutes=5).posted == left > 0
    assert {row.status for row in rows(queued)} == {"posted"}
    assert in_ledger(queued) == THRICE


def test_it_stores_what_was_answered_before_the_ledger_went(
    queued: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(number: int) -> None:
        if number == 2:
            raise LedgerAway("stopped")

    with monkeypatch.context() as patch:
        before(patch, EmbeddedLedger, "create_transfers", gone)
        done = run(queued)
    assert (done.posted, done.away) == (2, True)
    assert statuses(queued) == {"posted": 2, "sent": 2, "queued": 2}
    assert run(queued, minutes=1).posted == 4
    assert in_ledger(queued) == THRICE


class Elsewhere:
    """A ledger in memory that may be called from any thread."""

    name, batch_max, any_thread = "memory", 10, True

    def __init__(self, sent: Callable[[int], object]) -> None:
        self.books, self.sent, self.threads = Books(clock=1_000), sent, list[str]()

    def create_accounts(self, events: Sequence[Account], **kwargs: Any) -> list[Result]:
        return rules.create_accounts(self.books, events)

    def create_transfers(self, events: Sequence[Transfer], **kwargs: Any) -> list[Result]:
        self.threads.append(threading.current_thread().name)
        self.sent(len(self.threads))
        return rules.create_transfers(self.books, events)

    def lookup_accounts(self, ids: Sequence[int], **kwargs: Any) -> list[Account]:
        return [self.books.accounts[one] for one in ids if one in self.books.accounts]


def test_it_stores_while_the_ledger_works(queued: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    stored, met = [threading.Event() for _ in range(BATCHES)], list[bool]()

    def wait_for_the_store_before(number: int) -> None:
        if number > 1:
            met.append(stored[number - 2].wait(10))

    ledger = Elsewhere(wait_for_the_store_before)
    before(monkeypatch, outbox, "mark_posted", lambda number: stored[number - 1].set())
    with entered(queued):
        number = ledger_number(queued)
        given: Any = ledger
        done = relay.relay(queued, now=NOW, ledger=OrgLedger(queued, number, given))
    assert met == [True] * (BATCHES - 1)
    assert done.posted == 2 * BATCHES
    assert {name.rpartition("_")[0] for name in ledger.threads} == {"ledger-sender"}
    assert [row.tb_timestamp for row in rows(queued)] == [
        ledger.books.transfers[int(row.tb_transfer_id, 16)].timestamp for row in rows(queued)
    ]


def test_it_keeps_its_turn_however_long_it_takes(
    queued: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each batch takes a hundred seconds: the reconciliation would compare a ledger that moves."""
    passed = [0.0]
    taken: list[bool] = []
    monkeypatch.setattr(leases, "time", SimpleNamespace(monotonic=lambda: passed[0]))

    def slow(number: int) -> None:
        passed[0] += 100
        at = NOW + timedelta(seconds=passed[0])
        with leased(queued, relay.LEASE, now=at, lasts=timedelta(minutes=2)) as other:
            taken.append(other is not None)

    before(monkeypatch, EmbeddedLedger, "create_transfers", slow)
    assert run(queued).posted == 2 * BATCHES
    assert taken == [False] * BATCHES


def test_it_stops_when_another_worker_took_over(
    queued: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    def take_over(number: int) -> None:
        Lease.objects.within(queued).filter(name=relay.LEASE).update(holder="another")

    with monkeypatch.context() as patch:
        before(patch, EmbeddedLedger, "create_transfers", take_over)
        done = run(queued)
    assert (done.posted, done.busy) == (2, True)
    assert statuses(queued) == {"posted": 2, "queued": 4}
    assert run(queued).busy  # the other one still has it


def test_two_at_once_move_nothing_twice(queued: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first is held up until its lease is another's, who sends all of it."""

    def other(number: int) -> None:
        if number == 1:
            later = NOW + timedelta(minutes=10)
            assert relay.relay(queued, now=later).posted == 2 * BATCHES

    before(monkeypatch, EmbeddedLedger, "create_transfers", other)
    with entered(queued):
        relay.relay(queued, now=NOW)
    assert {row.status for row in rows(queued)} == {"posted"}
    assert in_ledger(queued) == THRICE


def test_it_marks_times_that_do_not_count_up(queued: Scope) -> None:
    with entered(queued):
        kept = LedgerTransfer.objects.within(queued).order_by("batch_id", "batch_seq")
        chain = [Queued._make(told) for told in kept.values_list(*Queued._fields)[:2]]
        outbox.mark_posted(queued, [Stood.of(chain, [70, 90])], now=NOW)
        assert list(kept.values_list("tb_timestamp", flat=True)) == [70, 90, *[None] * 4]
