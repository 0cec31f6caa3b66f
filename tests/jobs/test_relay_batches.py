"""Batches of the relay: chains whole, the ledger's own times, what a dead worker left behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from openinsure.billing.models import LedgerTransfer
from openinsure.billing.operations import outbox
from openinsure.jobs import relay
from openinsure.jobs.reconciliation import reconcile
from openinsure.ledger import ids
from openinsure.ledger.backends import adapter
from openinsure.ledger.embedded import EmbeddedLedger
from openinsure.ledger.port import LedgerAway
from openinsure.tenancy.scope import Scope, entered
from tests.billing import posting
from tests.jobs.test_relay import NOW, Killed, in_ledger, org, post, rows, run

__all__ = ["org"]
pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_billing", "ledger_engine"]
)


def test_it_keeps_a_chain_whole_that_lies_apart(
    org: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two writers at once: the rows of their chains alternate, and a batch ends among them."""
    for _ in range(3):
        post(org, posting.leg(1, "a"), posting.leg(2, "b"), posting.leg(3, "c"))
    with entered(org):
        kept = LedgerTransfer.objects.within(org)
        for place, row in enumerate(sorted(rows(org), key=lambda one: (one.batch_seq, one.id))):
            kept.filter(id=row.id).update(created_at=NOW + timedelta(milliseconds=place))
    sent: list[list[int]] = []
    whole = EmbeddedLedger.create_transfers

    def told(self: Any, events: Any, **kwargs: Any) -> Any:
        sent.append([one.amount for one in events])
        return whole(self, events, **kwargs)

    monkeypatch.setattr(EmbeddedLedger, "create_transfers", told)
    monkeypatch.setattr(relay, "BATCH_ROWS", 7)
    assert run(org).posted == 9
    assert sent == [[1, 2, 3] * 2, [1, 2, 3]]
    assert in_ledger(org) == {"MGA_FIDUCIARY": 18, "MGA_REVENUE": -18}


def test_it_marks_each_row_with_the_ledgers_own_time(org: Scope) -> None:
    for _ in range(5):
        post(org, posting.leg(1, "a"), posting.leg(2, "b"), posting.leg(3, "c"))
    assert run(org).posted == 15
    held = adapter().lookup_transfers(
        [ids.number(row.tb_transfer_id) for row in rows(org)], deadline_ms=2_000
    )
    assert [one.timestamp for one in held] == [row.tb_timestamp for row in rows(org)]
    assert len({one.timestamp for one in held}) == 15


def test_it_says_which_transfers_nobody_answered(
    org: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(org)
    post(org)

    def away(*args: Any, **kwargs: Any) -> None:
        raise LedgerAway("stopped")

    monkeypatch.setattr(EmbeddedLedger, "create_transfers", away)
    assert run(org).away
    assert {row.status for row in rows(org)} == {"sent"}
    assert {row.next_attempt_at for row in rows(org)} == {NOW + outbox.UNKNOWN_PAUSE}
    assert run(org) == relay.Relayed()  # not due yet


def test_it_lets_the_reconciliation_find_what_a_killed_worker_moved(
    org: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody marked the transfers of that batch: the ledger is asked for all that wait."""
    post(org)
    post(org)

    def killed(*args: Any, **kwargs: Any) -> None:
        raise Killed

    monkeypatch.setattr(outbox, "mark_posted", killed)
    with pytest.raises(Killed):
        run(org)
    assert {row.status for row in rows(org)} == {"queued", "sent"}
    with entered(org):
        found = reconcile(org, NOW.date(), now=NOW + timedelta(minutes=5))
    wrong = [fault for told in found for fault in told.faults]
    assert not wrong
    assert not [one for told in found for one in told.compared if one.status != "matched"]
