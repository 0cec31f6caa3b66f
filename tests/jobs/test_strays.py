"""A transfer that only the ledger has: taken back or booked, by one person, once."""

from __future__ import annotations

from typing import Any

import pytest

from openinsure.billing.ledger_number import ledger_number
from openinsure.billing.models import LedgerTransfer
from openinsure.billing.operations import strays
from openinsure.billing.operations.resolving import resolve_item
from openinsure.billing.queries import reconciling as reads
from openinsure.billing.queries.origins import origin_of
from openinsure.keyspaces.ids import new_id
from openinsure.ledger.backends import ledger_of
from openinsure.ledger.port import Transfer as Event
from openinsure.problems import BadForm, Conflict
from openinsure.tenancy.scope import Scope, entered
from tests.billing import posting
from tests.jobs.test_differences import faults, runs, transfer
from tests.jobs.test_reconciliation import compare, earned, later, org, receipt, send

__all__ = ["org"]  # fixture
pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_billing", "ledger_engine"]
)


def stray(scope: Scope, debit: str = "MGA_FIDUCIARY", credit: str = "LOSS_FUND") -> str:
    """5 cents that somebody else moved in the ledger; its id there."""
    receipt(scope, 700)
    earned(scope, 100)
    send(scope)
    with entered(scope):
        code = ledger_number(scope)
        rows = {row.account_type: int(row.tb_account_id, 16) for row in reads.accounts(scope)}
        moved = Event(
            id=77, debit_account_id=rows[debit], credit_account_id=rows[credit], amount=5,
            ledger=code, code=1006,
        )  # fmt: skip
        assert ledger_of(scope, code).create_transfers([moved])[0].done
    compare(scope)
    return f"{77:032x}"


def resolve(scope: Scope, item: Any, **how: bool) -> Any:
    values = {"correct": False, "book": False} | how
    with entered(scope):
        return resolve_item(
            scope, item_id=item.id, note="The platform moved it.", actor_user_id=new_id(),
            now=later(), **values,
        )  # fmt: skip


def journal(scope: Scope) -> dict[str, int]:
    return posting.balances(scope)


@pytest.mark.parametrize("how", ["correct", "book"])
def test_what_only_the_ledger_has_is_taken_back_or_booked(org: Scope, how: str) -> None:
    number, before = stray(org), journal(org)
    found = faults(org)
    assert {one.stray_transfer_id for one in found} == {number}
    resolve(org, found[0], **{how: True})
    with pytest.raises(Conflict, match="other side"):
        resolve(org, found[1], correct=True)
    send(org)
    for _ in range(2):
        assert compare(org) == {}
        assert faults(org) == []
    assert runs(org) == ["matched"]
    moved = {code: cents - before.get(code, 0) for code, cents in journal(org).items()}
    booked = {code: cents for code, cents in moved.items() if cents}
    assert booked == ({} if how == "correct" else {"1010": 5, "2500": -5})
    adopted = transfer(org, tb_transfer_id=number)
    with entered(org):
        told = origin_of(org, adopted.source_type, adopted.source_id)
    assert told is not None
    assert found[0].id in told.href


def test_two_people_at_once_correct_a_stray_once(
    org: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    stray(org)
    first, second = faults(org)
    resolve(org, first, correct=True)
    monkeypatch.setattr(strays, "_stands", lambda *_: False)  # as a snapshot taken before sees it
    with pytest.raises(Conflict, match="other side"):
        resolve(org, second, correct=True)
    assert [one.id for one in faults(org)] == [second.id]


def test_a_second_click_is_answered_like_the_first(org: Scope) -> None:
    stray(org)
    how: dict[str, Any] = {
        "item_id": faults(org)[0].id, "note": "The platform moved it.", "correct": True,
        "actor_user_id": new_id(),
    }  # fmt: skip
    with entered(org):
        done, again = (resolve_item(org, **how, now=later()) for _ in range(2))
    assert (done.repeated, again.repeated) == (False, True)
    assert again.correction == done.correction is not None


def test_a_stray_is_not_both_taken_back_and_booked(org: Scope) -> None:
    stray(org)
    first, _ = faults(org)
    with pytest.raises(BadForm):
        resolve(org, first, correct=True, book=True)
    assert len(faults(org)) == 2
    plain = plant_refused(org)
    with pytest.raises(BadForm):
        resolve(org, plain, book=True)


def plant_refused(scope: Scope) -> Any:
    """A fault that is no stray."""
    earned(scope, 50)
    with entered(scope):
        LedgerTransfer.objects.within(scope).filter(status="queued").update(status="refused")
    compare(scope)
    return next(one for one in faults(scope) if one.explanation_code == "MISSING_TB")
