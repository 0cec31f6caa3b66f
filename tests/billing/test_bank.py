"""The bank against the books: months tied out to the cent, lines matched to their payment."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from openinsure.billing import models as billing
from openinsure.billing.operations import bank
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm
from openinsure.tenancy.scope import Scope, entered
from tests.billing import carriers, posting
from tests.billing.posting import once
from tests.billing.test_payments import World

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


def test_the_day_ends_with_its_last_instant() -> None:
    from openinsure.billing.operations.moneyed import end_of

    assert end_of(date(2026, 2, 28)) == datetime(2026, 3, 1, tzinfo=NOW.tzinfo)
