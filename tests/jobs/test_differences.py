"""What the comparison cannot explain: found by transfer, resolved once, and honest afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from openinsure.billing.models import (
    GlJournalEntry,
    GlJournalLine,
    LedgerReconciliationItem,
    LedgerReconciliationRun,
    LedgerTransfer,
)
from openinsure.billing.operations.mirrors import reverse_entry
from openinsure.billing.operations.resolving import resolve_item
from openinsure.jobs import comparing
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import Scope, entered
from tests.billing import posting
from tests.jobs.test_reconciliation import NOW, compare, earned, later, org, receipt, send

__all__ = ["org"]  # the fixture
pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_billing", "ledger_engine"]
)


def after_the_reading(monkeypatch: pytest.MonkeyPatch, then: Callable[[], Any]) -> None:
    """Do something between the ledger's answer and the journal's reading, once."""
    asked, left = comparing.Asker.ask, [then]

    def ask(self: comparing.Asker, since: Any) -> Any:
        said = asked(self, since)
        if left:
            left.pop()()
        return said

    monkeypatch.setattr(comparing.Asker, "ask", ask)


def faults(scope: Scope, *, status: str = "unexplained") -> list[Any]:
    """What stands below the lines of the newest comparison."""
    with entered(scope):
        rows = LedgerReconciliationItem.objects.within(scope).filter(status=status)
        found = rows.exclude(parent_item_id=None).exclude(explanation_code=None)
        return list(found.order_by("account_type"))


def transfer(scope: Scope, **given: Any) -> LedgerTransfer:
    with entered(scope):
        row: LedgerTransfer = LedgerTransfer.objects.within(scope).get(**given)
    return row


def runs(scope: Scope) -> list[str]:
    with entered(scope):
        return list(LedgerReconciliationRun.objects.within(scope).values_list("status", flat=True))


def test_it_cuts_off_what_is_booked_after_the_reading(
    org: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt(org)
    send(org)
    receipt(org, 200)  # waits when the ledger is read
    after_the_reading(monkeypatch, lambda: earned(org, 700))
    assert compare(org) == {
        "MGA_FIDUCIARY": (-200, 0, {"OUTBOX_PENDING": -200}),
        "CARRIER_PAYABLE": (-700, 0, {"CUTOFF": -700}),
        "LOSS_FUND unearned": (500, 0, {"OUTBOX_PENDING": -200, "CUTOFF": 700}),
    }
    assert runs(org) == ["explained"]
    send(org)
    assert compare(org) == {}


def test_it_cuts_off_an_entry_reversed_after_the_reading(
    org: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt(org, 900)
    send(org)

    def take_back() -> None:
        entry = GlJournalEntry.objects.within(org).get().id
        once = posting.once()
        reverse_entry(org, entry_id=entry, once=once, entry_date=NOW.date(), now=NOW)

    after_the_reading(monkeypatch, take_back)
    told = compare(org)
    assert told["MGA_FIDUCIARY"] == (900, 0, {"CUTOFF": 900})
    assert {unexplained for _, unexplained, _ in told.values()} == {0}
    send(org)
    assert compare(org) == {}


def test_it_cuts_off_what_the_ledger_took_after_the_reading(
    org: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt(org, 300)

    def taken() -> None:
        LedgerTransfer.objects.within(org).update(status="posted")

    after_the_reading(monkeypatch, taken)
    assert compare(org)["MGA_FIDUCIARY"] == (-300, 0, {"CUTOFF": -300})


def plant(scope: Scope) -> LedgerTransfer:
    """A receipt compared before; then its row and its journal lines say 12.34 more."""
    receipt(scope, 5_000)
    receipt(scope, 800)
    send(scope)
    assert compare(scope) == {}
    with entered(scope):
        LedgerTransfer.objects.within(scope).filter(amount_cents=5_000).update(amount_cents=6_234)
        lines = GlJournalLine.objects.within(scope)
        lines.filter(debit_cents=5_000).update(debit_cents=6_234)
        lines.filter(credit_cents=5_000).update(credit_cents=6_234)
    return transfer(scope, amount_cents=6_234)


@pytest.mark.parametrize("days", [1, 3])
def test_it_finds_an_old_amount_by_its_transfer(org: Scope, days: int) -> None:
    wrong = plant(org)
    for _ in range(days):  # and again every morning until somebody mends it
        told = compare(org)
    assert told["MGA_FIDUCIARY"] == (-1_234, -1_234, {})
    found = faults(org)
    assert [(one.explanation_code, one.unexplained_cents) for one in found] == [
        ("AMOUNT", -1_234), ("AMOUNT", -1_234),
    ]  # fmt: skip
    assert {one.ledger_transfer_id for one in found} == {wrong.id}
    assert {one.gl_entry_id for one in found} == {wrong.gl_entry_id}


def test_it_finds_a_lost_transfer_by_its_id(org: Scope) -> None:
    receipt(org, 5_000)
    send(org)
    assert compare(org) == {}
    with entered(org):  # the ledger never had this id
        LedgerTransfer.objects.within(org).update(tb_transfer_id="0" * 31 + "9")
    compare(org)
    found = {(one.account_type, one.explanation_code, one.unexplained_cents) for one in faults(org)}
    assert ("MGA_FIDUCIARY", "MISSING_TB", -5_000) in found
    assert ("MGA_FIDUCIARY", "MISSING_GL", 5_000) in found


def test_it_finds_the_transfer_behind_a_wrong_entry(org: Scope) -> None:
    receipt(org, 5_000)
    receipt(org, 70)
    send(org)
    with entered(org):
        lines = GlJournalLine.objects.within(org)
        lines.filter(debit_cents=5_000).update(debit_cents=6_234)
        lines.filter(credit_cents=5_000).update(credit_cents=6_234)
    compare(org)
    wrong = transfer(org, amount_cents=5_000)
    assert {one.ledger_transfer_id for one in faults(org)} == {wrong.id}


def correct(scope: Scope, item: Any) -> None:
    with entered(scope):
        resolve_item(
            scope, item_id=item.id, note="Moved by hand at the bank.", correct=True,
            actor_user_id=new_id(), now=later(),
        )  # fmt: skip
    send(scope)


@pytest.mark.parametrize("mirror_too", [True, False])
def test_it_is_matched_after_a_correction(org: Scope, *, mirror_too: bool) -> None:
    """The ledger was wrong, or it moved what the entry does not say: one transfer mends both."""
    wrong = plant(org)
    if not mirror_too:
        with entered(org):
            LedgerTransfer.objects.within(org).filter(id=wrong.id).update(amount_cents=5_000)
    compare(org)
    first, _ = faults(org)
    correct(org, first)
    assert transfer(org, transfer_code=1901).amount_cents == 1_234
    for _ in range(2):
        assert compare(org) == {}
        assert faults(org) == []
    kept = faults(org, status="resolved")
    assert [one.id for one in kept] == [first.id]  # the correction still says what it was for
    assert runs(org) == ["matched"]


def test_it_stays_unexplained_until_the_last_fault_is_resolved(org: Scope) -> None:
    plant(org)
    compare(org)
    assert runs(org) == ["unexplained"]
    for item, left in zip(faults(org), ("unexplained", "resolved"), strict=True):
        with entered(org):
            resolve_item(
                org, item_id=item.id, note="The bank has it in writing.", correct=False,
                actor_user_id=new_id(), now=later(),
            )  # fmt: skip
        assert runs(org) == [left]
    with entered(org):
        run = LedgerReconciliationRun.objects.within(org).get()
    assert run.unexplained_drift_cents == 2_468  # the figure stays
    compare(org)
    assert runs(org) == ["resolved"]
    assert faults(org) == []
