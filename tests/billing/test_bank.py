"""The bank against the books: months tied out to the cent, lines matched to their payment."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from openinsure.billing import models as billing
from openinsure.billing.operations import bank
from openinsure.billing.queries.bank_out import OUT
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm
from openinsure.tenancy.scope import Scope, entered
from tests.billing import carriers, making, posting
from tests.billing.posting import once
from tests.billing.test_payments import World
from tests.factories import made

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_billing"])
NOW = posting.NOW
RECEIPT_1 = 324_392


@pytest.fixture
def world(acme: Scope) -> World:
    """The golden policy's account."""
    return World(acme)


def test_a_month_ties_out_to_the_cent(world: World) -> None:
    scope, trust = world.scope, carriers.trust_account(world.scope)
    done = world.pay(RECEIPT_1)
    world.pay(124_257, 4)
    line = carriers.bank_line(
        scope, trust_account_id=trust.id, amount_cents=RECEIPT_1, posted_on=date(2026, 3, 3)
    )

    def tie(on: date, cents: int) -> billing.BankReconciliation:
        with entered(scope):
            bank.tie_out(
                scope, once=once(), trust_account_id=trust.id, on=on, statement_cents=cents,
                checks_cents=0, actor_user_id=new_id(), now=NOW,
            )  # fmt: skip
            return billing.BankReconciliation.objects.within(scope).get(statement_date=on)

    with entered(scope):
        assert not bank.match_line(
            scope, line_id=line.id, payment_number=done.number, now=NOW
        ).repeated
        assert bank.match_line(scope, line_id=line.id, payment_number=done.number, now=NOW).repeated
    assert tie(date(2026, 3, 31), RECEIPT_1).difference_cents == 0
    april = tie(date(2026, 4, 30), RECEIPT_1)
    assert (april.deposits_in_transit_cents, april.difference_cents) == (124_257, 0)
    wrong = tie(date(2026, 4, 30), RECEIPT_1 - 3_500)
    assert (wrong.difference_cents, wrong.status) == (-3_500, "unexplained")


def test_a_line_is_matched_to_its_own_amount_only(world: World) -> None:
    done = world.pay(RECEIPT_1)
    line = carriers.bank_line(world.scope, amount_cents=1)
    with entered(world.scope):
        for number in (done.number, "PAY-TST-NONE"):
            with pytest.raises(BadForm):
                bank.match_line(world.scope, line_id=line.id, payment_number=number, now=NOW)


def refund(scope: Scope, left: datetime) -> Any:
    """A refund of 617.29 that was issued."""
    account = making.account(scope)
    return made(scope, billing.Refund, {
        "id": new_id(), "billing_account_id": account.id, "policy_id": account.policy_id,
        "amount_cents": 61_729, "currency": "USD", "status": "issued", "issued_at": left,
        "due_date": left.date(), **carriers.STAMPS,
    })  # fmt: skip


def settled(scope: Scope, left: datetime) -> Any:
    """A carrier's payout of 617.29 that the bank confirmed."""
    of = carriers.settlement(scope, net_due_cents=61_729)
    return carriers.payout(scope, of, status="posted", confirmed_at=left)


def producer_paid(scope: Scope, left: datetime) -> Any:
    """A commission of 617.29 that was paid."""
    of = carriers.statement(scope, closing_cents=61_729)
    return carriers.commission_payout(scope, of, status="paid", paid_at=left)


def remitted(scope: Scope, left: datetime) -> Any:
    """A state's tax of 617.29 that was paid over."""
    return carriers.remittance(scope, status="remitted", filed_at=left)


LEFT = {
    "settlement_payout": settled,
    "commission_payout": producer_paid,
    "refund": refund,
    "tax_remittance": remitted,
}


@pytest.mark.parametrize("kind", sorted(OUT))
@pytest.mark.parametrize("shown", [4, 1])  # days of June: after the books, and before them
def test_a_payout_waits_for_the_statement(acme: Scope, kind: str, shown: int) -> None:
    row = LEFT[kind](acme, datetime(2026, 6, 2, 15, tzinfo=NOW.tzinfo))

    def waits(day: int) -> int:
        with entered(acme):
            return bank.outstanding_cents(acme, date(2026, 6, day))

    assert [waits(day) for day in (1, 2, 9)] == [0, 61_729, 61_729]
    carriers.bank_line(
        acme, direction="debit", amount_cents=61_729, posted_on=date(2026, 6, shown),
        match_status="matched", matched_type=kind, matched_id=row.id,
    )  # fmt: skip
    expected = [0, 61_729, 0] if shown == 4 else [-61_729, 0, 0]
    assert [waits(day) for day in (1, 2, 9)] == expected


def test_the_day_ends_with_its_last_instant() -> None:
    from openinsure.billing.operations.moneyed import end_of

    assert end_of(date(2026, 2, 28)) == datetime(2026, 3, 1, tzinfo=NOW.tzinfo)
