"""Recording payments and taking them back: golden figures, once, and the sums that must hold."""

from __future__ import annotations

from datetime import UTC, date, datetime
from threading import Thread
from typing import Any

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from openinsure.billing import models as billing
from openinsure.billing.operations.fees import waive_fee
from openinsure.billing.operations.holds import lift_hold, place_hold
from openinsure.billing.operations.payments import Received, Recorded, record_payment
from openinsure.billing.operations.reversals import reverse_payment
from openinsure.billing.receipts import Terms
from openinsure.console.states import IllegalTransition
from openinsure.keyspaces.ids import new_id
from openinsure.money.rates import Split
from openinsure.problems import BadForm, Conflict, NotFound
from openinsure.tenancy.scope import Scope, entered
from tests.billing import making, posting
from tests.billing.posting import balances, ledger_balances, once
from tests.conftest import fresh_scope

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_billing"])
SPLIT = Split.from_rates(producer="0.125", mga="0.1", quota_share="0.3")
FIRST = (("tax", 61_729), ("stamping_fee", 750), ("policy_fee", 15_000), ("premium", 246_913))
LATER = (("installment_fee", 800), ("premium", 123_457))


class World:
    """The golden policy's account; an invoice is there from the first payment of its month."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        posting.organization(scope)
        self.account = making.account(scope)
        self.billed: set[int] = set()

    def bill(self, month: int) -> None:
        """The invoice due on the first of a month, once."""
        if month in self.billed:
            return
        self.billed.add(month)
        lines = FIRST if month == 3 else LATER
        total = sum(cents for _, cents in lines)
        invoice = making.invoice(
            self.scope, self.account, due_date=date(2026, month, 1), total_cents=total,
            balance_cents=total, premium_cents=lines[-1][1],
        )  # fmt: skip
        for number, (component, cents) in enumerate(lines, 1):
            making.line(self.scope, invoice, number, component, cents)

    def terms(self, earned: int = 0) -> Terms:
        return Terms(
            org_id=self.scope.org_id, policy_id=self.account.policy_id, split=SPLIT,
            producer_id=self.account.producer_id, carrier_id=new_id(), program_id="p" * 36,
            state="FL", carrier_earned_cents=earned,
        )  # fmt: skip

    def pay(self, cents: int, month: int = 3, earned: int = 0, form: Any = None) -> Recorded:
        at = datetime(2026, month, 1, 15, tzinfo=UTC)
        self.bill(month)
        with entered(self.scope):
            return record_payment(
                self.scope, once=form or once(), account_number=self.account.account_number,
                number=f"PAY-TST-{new_id()[-12:].upper()}", terms=self.terms(earned), now=at,
                received=Received(method="ach", amount_cents=cents, received_at=at),
                actor_user_id=None,
            )  # fmt: skip

    def bounce(
        self, number: str, on: date, earned: int = 0, fee: int = 2_500, form: Any = None
    ) -> Any:
        with entered(self.scope):
            return reverse_payment(
                self.scope, once=form or once(), number=number, kind="nsf", fee_cents=fee,
                terms=self.terms(earned), actor_user_id=None,
                now=datetime(on.year, on.month, on.day, 15, tzinfo=UTC),
            )  # fmt: skip

    def fresh(self) -> Any:
        with entered(self.scope):
            return billing.BillingAccount.objects.within(self.scope).get(id=self.account.id)


@pytest.fixture
def world(acme: Scope) -> World:
    return World(acme)


def test_it_splits_the_first_receipt_as_the_worked_example(world: World) -> None:
    done = world.pay(324_392)
    assert (done.applied_cents, done.unapplied_cents) == (324_392, 0)
    assert balances(world.scope) == {
        "1010": 324_392, "2200": -30_864, "4100": -24_691, "2400": -57_407, "2500": -133_951,
        "4200": -15_000, "2300": -62_479, "2900": 324_392, "1200": -324_392,
    }  # fmt: skip
    assert ledger_balances(world.scope) == {
        "MGA_FIDUCIARY": 324_392, "PRODUCER_PAYABLE": -30_864, "MGA_REVENUE": -39_691,
        "REINSURER_PAYABLE": -57_407, "LOSS_FUND": -133_951, "TAX_AUTHORITY_PAYABLE": -62_479,
    }  # fmt: skip


def test_it_returns_receipt_three_without_pull_back(world: World) -> None:
    """Story (a): E 1,247.76 < C 2,009.26."""
    world.pay(324_392)
    world.pay(124_257, 4)
    before = ledger_balances(world.scope)
    third = world.pay(124_257, 5, earned=124_776)
    world.bounce(third.number, date(2026, 5, 8), earned=124_776)
    assert ledger_balances(world.scope) == before
    assert world.fresh().past_due_cents == 124_257 + 2_500


def test_it_pulls_back_what_the_carrier_had_too_early(world: World) -> None:
    """Story (b): at 90 days E 1,651.44; receipt 2 moves 311.93 at once and gives it back."""
    world.pay(324_392, earned=0)
    second = world.pay(124_257, 4, earned=165_144)
    held = ledger_balances(world.scope)
    assert held["CARRIER_PAYABLE"] == -(165_144 - 133_951)
    assert balances(world.scope)["2500"] == -(133_951 + 66_975 - 31_193)
    world.bounce(second.number, date(2026, 5, 30), earned=165_144)
    assert "CARRIER_PAYABLE" not in ledger_balances(world.scope)
    assert ledger_balances(world.scope)["LOSS_FUND"] == -133_951
    with entered(world.scope):
        codes = billing.LedgerTransfer.objects.within(world.scope).filter(
            source_type="payment_reversal"
        )
        assert next(iter(codes.order_by("batch_seq"))).transfer_code == 1102


def test_it_returns_by_the_cumulative_rule_not_by_its_own_legs(world: World) -> None:
    """Story (c): receipt 3 comes back after receipt 4."""
    world.pay(324_392)
    world.pay(124_257, 4)
    third = world.pay(124_257, 5)
    world.pay(124_257, 6)
    world.bounce(third.number, date(2026, 6, 5))
    with entered(world.scope):
        rows = billing.PaymentAllocation.objects.within(world.scope).filter(
            component="premium", amount_cents__lt=0
        )
        (row,) = rows
    assert (row.producer_commission_cents, row.mga_revenue_cents) == (-15_432, -12_345)
    assert (row.reinsurer_cents, row.carrier_cents) == (-28_704, -66_976)


def test_it_puts_what_is_left_into_suspense(world: World) -> None:
    for month in (3, 4, 5, 6):
        world.bill(month)
    done = world.pay(324_392 + 3 * 124_257 + 5_000)
    assert done.unapplied_cents == 5_000
    assert balances(world.scope)["2050"] == -5_000
    assert ledger_balances(world.scope)["SUSPENSE"] == -5_000
    account = world.fresh()
    assert (account.balance_cents, account.unapplied_cents) == (0, 5_000)
    world.bounce(done.number, date(2026, 6, 2), fee=0)
    assert balances(world.scope) == ledger_balances(world.scope) == {}


def test_it_does_a_repeated_form_once(world: World) -> None:
    form = once()
    first, second = world.pay(324_392, form=form), world.pay(324_392, form=form)
    assert (first.number, second.repeated) == (second.number, True)
    back = once()
    world.bounce(first.number, date(2026, 3, 9), form=back)
    assert world.bounce(first.number, date(2026, 3, 9), form=back).repeated
    with pytest.raises(IllegalTransition):
        world.bounce(first.number, date(2026, 3, 10))


def test_ten_parallel_submits_have_one_effect(acme: Scope) -> None:
    form = once()
    worlds: list[World] = []
    made: list[Recorded] = []
    failures: list[BaseException] = []
    seen: list[dict[str, int]] = []

    def set_up() -> None:
        worlds.append(World(acme))
        worlds[0].bill(3)
        closed()

    def look() -> None:
        seen.append(balances(acme))
        closed()

    def closed() -> None:
        for alias in ("default", "oi_global", "oi_billing"):
            connections[alias].close()

    def submit() -> None:
        try:
            made.append(worlds[0].pay(324_392, form=form))
        except BaseException as error:
            failures.append(error)
        finally:
            closed()

    together([Thread(target=set_up)])
    together([Thread(target=submit) for _ in range(10)])
    assert failures == []
    assert len({done.number for done in made}) == 1
    assert [done.repeated for done in made].count(False) == 1
    together([Thread(target=look)])
    assert seen[0]["1010"] == 324_392


def together(threads: list[Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(amounts=some.lists(some.integers(1, 400_000), min_size=1, max_size=3), data=some.data())
def test_its_books_hold_whatever_comes_and_goes(db: None, amounts: list[int], data: Any) -> None:
    world = World(fresh_scope())
    paid = [world.pay(cents, 3 + k) for k, cents in enumerate(amounts)]
    for done, cents in zip(paid, amounts, strict=True):
        assert done.applied_cents + done.unapplied_cents == cents
    assert sum(balances(world.scope).values()) == 0
    assert balances(world.scope)["1010"] == sum(amounts)
    for done in data.draw(some.permutations(paid)):
        world.bounce(done.number, date(2026, 7, 1), fee=0)
    assert balances(world.scope) == ledger_balances(world.scope) == {}
    assert world.fresh().unapplied_cents == 0


def test_it_names_what_cannot_stand(world: World) -> None:
    with pytest.raises(BadForm) as refused:
        world.pay(0)
    assert set(refused.value.errors) == {"amount"}
    with pytest.raises(NotFound):
        world.bounce("PAY-TST-NONE", date(2026, 5, 1))


def test_it_waives_a_fee_once_and_not_a_paid_one(world: World) -> None:
    done = world.pay(324_392)
    world.bounce(done.number, date(2026, 3, 9))
    with entered(world.scope):
        fee = billing.FeeCharge.objects.within(world.scope).get()

    def waive() -> Any:
        with entered(world.scope):
            return waive_fee(
                world.scope, once=once(), account_number=world.account.account_number,
                fee_id=fee.id, reason="Bank made the error", actor_user_id=None,
                now=posting.NOW,
            )  # fmt: skip

    owed = world.fresh().balance_cents
    assert waive().cents == 2_500
    assert waive().repeated
    assert world.fresh().balance_cents == owed - 2_500
    assert "1200" not in balances(world.scope)


def test_it_places_and_lifts_a_hold(world: World) -> None:
    number, form = world.account.account_number, once()
    told: dict[str, Any] = {
        "account_number": number, "what": "account", "reason": "Hurricane moratorium",
        "starts_on": date(2026, 11, 20), "ends_on": None, "actor_user_id": new_id(),
        "now": posting.NOW,
    }  # fmt: skip
    with entered(world.scope):
        assert not place_hold(world.scope, once=form, **told).repeated
        assert place_hold(world.scope, once=form, **told).repeated
        assert not lift_hold(
            world.scope, account_number=number, hold_id=form.id, now=posting.NOW
        ).repeated
        assert lift_hold(
            world.scope, account_number=number, hold_id=form.id, now=posting.NOW
        ).repeated
        golden = place_hold(world.scope, once=once(), **told)
        billing.BillingHold.objects.within(world.scope).filter(id=golden.hold_id).update(
            reason="golden"
        )
        with pytest.raises(Conflict):
            lift_hold(world.scope, account_number=number, hold_id=golden.hold_id, now=posting.NOW)
        with pytest.raises(BadForm) as refused:
            place_hold(world.scope, once=once(), **(told | {"what": "x", "reason": "short"}))
    assert set(refused.value.errors) == {"scope", "reason"}
