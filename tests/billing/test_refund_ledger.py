"""A refund in the ledger: pending, posted, or let go; journal and ledger agree at every step."""

from __future__ import annotations

from typing import Any

import pytest

from openinsure.billing.models import Refund
from openinsure.billing.operations.refunds import reject_refund
from openinsure.console.states import IllegalTransition
from openinsure.jobs import relay
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm, Forbidden
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.billing.posting import balances
from tests.billing.settlements import in_ledger
from tests.billing.test_commissions import DATABASES, NOW, unexplained
from tests.billing.test_restating import WHOLE
from tests.billing.test_returns import RETAINED, Golden

pytestmark = pytest.mark.django_db(databases=DATABASES)
CASH = "MGA_FIDUCIARY"
ANN, BOB = new_id(), new_id()


@pytest.fixture
def golden(acme: Scope) -> Golden:
    """G1 paid up, E1 billed, cancelled; the ledger has all of it."""
    world = Golden(acme)
    world.paid_up()
    world.invoice(12, ("tax", 5_424), ("premium", 109_808))
    world.give_back(RETAINED, tax=46_996, policy_fee=15_000)
    assert set(unexplained(acme)) == {0}
    return world


def test_it_is_pending_then_posted(golden: Golden) -> None:
    scope, cents = golden.scope, 298_223 + 14_733
    before = in_ledger(scope)[CASH][0]
    golden.approve(golden.refund().id)
    assert set(unexplained(scope)) == {0}
    assert in_ledger(scope)[CASH] == (before, -cents)
    golden.issue(golden.refund().id)
    assert set(unexplained(scope)) == {0}
    assert in_ledger(scope)[CASH] == (before - cents, 0)
    assert balances(scope)["1010"] == before - cents


def test_it_is_let_go_by_a_reinstatement(golden: Golden) -> None:
    scope, before = golden.scope, in_ledger(golden.scope)
    golden.approve(golden.refund().id)
    with entered(scope):
        relay.relay(scope, now=NOW)
    golden.restate("reinstatement", WHOLE)
    assert set(unexplained(scope)) == {0}
    assert in_ledger(scope) == before
    assert golden.refund().status == "voided"


@pytest.mark.parametrize("approved", [False, True])
def test_it_stays_where_it_was_when_rejected(golden: Golden, approved: bool) -> None:
    scope, before, books = golden.scope, in_ledger(golden.scope), balances(golden.scope)
    owed = golden.statement()[-1][2]
    refund = golden.refund()
    if approved:
        golden.approve(refund.id)
        with entered(scope):
            relay.relay(scope, now=NOW)
    done = [reject(golden, "Paid by the agency already") for _ in range(2)]
    assert [one.repeated for one in done] == [False, True]
    assert set(unexplained(scope)) == {0}
    assert in_ledger(scope) == before
    after = balances(scope)
    moved = {code: after.get(code, 0) - books.get(code, 0) for code in after.keys() | books.keys()}
    assert {code: cents for code, cents in moved.items() if cents} == {
        "1200": refund.amount_cents, "2900": -refund.amount_cents,
    }  # fmt: skip
    assert golden.statement()[-1][2] == owed + refund.amount_cents
    with pytest.raises(IllegalTransition):
        golden.approve(refund.id)


def test_it_is_rejected_by_another_person_with_a_reason(golden: Golden) -> None:
    with pytest.raises(BadForm):
        reject(golden, "no")
    with entered(golden.scope):
        Refund.objects.within(golden.scope).update(asked_by_user_id=ANN)
    with pytest.raises(Forbidden):
        reject(golden, "Paid by the agency already", by=ANN)
    reject(golden, "Paid by the agency already", by=BOB)
    assert golden.refund().reason == "Paid by the agency already"


def test_the_next_change_asks_for_a_rejected_refund_again(golden: Golden) -> None:
    cents, before = golden.refund().amount_cents, balances(golden.scope)
    reject(golden, "Wrong payee on the account")
    golden.give_back(RETAINED, tax=46_996, policy_fee=15_000)
    with entered(golden.scope):
        waits = Refund.objects.within(golden.scope).get(status="requested")
    assert waits.amount_cents == cents
    assert balances(golden.scope) == before
    golden.approve(waits.id)
    assert set(unexplained(golden.scope)) == {0}


def test_its_page_rejects_it(golden: Golden) -> None:
    refund, scope = golden.refund(), golden.scope
    page = people.browser(scope.org_id, "finance_analyst")
    holds = f"/billing/accounts/{golden.account.account_number}"
    path = f"{holds}/refunds/{refund.id}/rejections"
    assert path in page.get(f"{holds}?tab=holds").content.decode()
    form_id = page.get(path, headers={"accept": "application/json"}).json()["row"]["form_id"]
    assert page.post(path, {"form_id": form_id, "reason": "short"}).status_code == 422
    sent = {"form_id": form_id, "reason": "Paid by the agency already"}
    assert page.post(path, sent)["location"] == f"{holds}?tab=holds"
    html = page.get(f"{holds}?tab=holds").content.decode()
    assert "Paid by the agency already" in html
    assert path not in html
    support = people.browser(scope.org_id, "support")
    assert support.post(path, sent).status_code == 403


def reject(golden: Golden, reason: str, by: str | None = None) -> Any:
    """One submit of the form."""
    with entered(golden.scope):
        return reject_refund(
            golden.scope, golden.refund().id, policy_id=golden.account.policy_id, reason=reason,
            actor_user_id=by, now=NOW,
        )  # fmt: skip
