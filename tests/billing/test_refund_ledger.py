"""A refund in the ledger: pending, posted, or let go; journal and ledger agree at every step."""

from __future__ import annotations

import pytest

from openinsure.jobs import relay
from openinsure.tenancy.scope import Scope, entered
from tests.billing.posting import balances
from tests.billing.settlements import in_ledger
from tests.billing.test_commissions import DATABASES, NOW, unexplained
from tests.billing.test_restating import WHOLE
from tests.billing.test_returns import RETAINED, Golden

pytestmark = pytest.mark.django_db(databases=DATABASES)
CASH = "MGA_FIDUCIARY"


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
