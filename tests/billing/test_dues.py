"""Commissions, taxes, suspense, cessions: what is owed is what the books hold."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from openinsure.billing import models as billing
from openinsure.billing.operations import cessions, recoverables, remittances, suspense
from openinsure.billing.operations.dues import draw_statement
from openinsure.billing.operations.moneyed import end_of
from openinsure.billing.operations.remittances import Due
from openinsure.jobs import relay
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm, Conflict, Forbidden
from openinsure.tenancy.scope import Scope, entered
from tests.billing import carriers, posting
from tests.billing.posting import balances, once
from tests.billing.settlements import in_ledger
from tests.billing.test_payments import World
from tests.conftest import fresh_scope
from tests.factories import made

pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_billing", "ledger_engine"]
)
NOW = posting.NOW
WHOLE = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
RECEIPT_1 = 324_392  # 3,243.92: premium 2,469.13, fee 150.00, tax 617.29, stamping 7.50


@pytest.fixture
def world(acme: Scope) -> World:
    """The golden policy's account."""
    return World(acme)


def state(world: World, upto: date) -> Any:
    """A commission statement of the world's producer."""
    with entered(world.scope):
        return draw_statement(
            world.scope,
            once=once(),
            producer_id=world.account.producer_id,
            period_end=upto,
            now=NOW,
        )


def owed(world: World) -> int:
    """Commission by statements and open accruals: the last closing, and what came since."""
    with entered(world.scope):
        last = billing.CommissionStatement.objects.within(world.scope).order_by(
            "-period_end", "-id"
        )
        closing = last.values_list("closing_cents", flat=True).first() or 0
        rows = billing.CommissionAccrual.objects.within(world.scope).filter(status="open")
        return int(closing) + int(rows.aggregate(cents=Sum("amount_cents"))["cents"] or 0)


def test_a_statement_is_what_was_earned_and_clawed_back(world: World) -> None:
    first = world.pay(RECEIPT_1)
    world.pay(124_257, 4)
    state(world, date(2026, 3, 31))
    world.bounce(first.number, date(2026, 5, 8), fee=0)
    state(world, date(2026, 5, 31))
    with entered(world.scope):
        rows = billing.CommissionStatement.objects.within(world.scope).order_by("period_end", "id")
        told = [(r.opening_cents, r.accrued_cents, r.clawback_cents, r.closing_cents) for r in rows]
    assert told == [(0, 30_864, 0, 30_864), (30_864, 15_432, 30_864, 15_432)]
    assert -balances(world.scope)["2200"] == owed(world) == 15_432


def test_a_statement_follows_the_last_one(world: World) -> None:
    world.pay(RECEIPT_1)
    state(world, date(2026, 3, 31))
    with pytest.raises(BadForm, match="after the last statement"):
        state(world, date(2026, 3, 31))
    with pytest.raises(BadForm, match="over"):
        state(world, NOW.date())


@WHOLE
@given(
    receipts=some.lists(some.integers(1, 400_000), min_size=1, max_size=2),
    returned=some.sets(some.integers(0, 1)),
    stated=some.sampled_from([None, date(2026, 3, 31), date(2026, 4, 30)]),
)
def test_commission_tax_and_suspense_are_what_the_books_hold(
    db: None, receipts: list[int], returned: set[int], stated: date | None
) -> None:
    """Invariants 27 and 34, and the same for taxes."""
    world = World(fresh_scope())
    paid = [world.pay(cents, 3 + place) for place, cents in enumerate(receipts)]
    if stated:
        try:
            state(world, stated)
        except BadForm:  # a receipt of one cent earns nobody anything
            with entered(world.scope):
                earned = billing.CommissionAccrual.objects.within(world.scope)
                assert not earned.filter(created_at__lt=end_of(stated)).exists()
    for place in sorted(returned):
        if place < len(paid):
            world.bounce(paid[place].number, date(2026, 7, 1), fee=0)
    held = balances(world.scope)
    assert owed(world) == -held.get("2200", 0)
    with entered(world.scope):
        assert remittances.held_cents(world.scope) == -held.get("2300", 0)
        rows = billing.SuspenseItem.objects.within(world.scope).filter(status="open")
        waits = int(rows.aggregate(cents=Sum("amount_cents"))["cents"] or 0)
    assert waits == -held.get("2050", 0) == world.fresh().unapplied_cents


def item_of(world: World) -> Any:
    """The item that waits."""
    with entered(world.scope):
        return billing.SuspenseItem.objects.within(world.scope).get(status="open")


def match(world: World, item: Any, invoice: str, form: Any = None) -> Any:
    """Put suspense on an invoice."""
    with entered(world.scope):
        return suspense.match_suspense(
            world.scope, once=form or once(), item_id=item.id, invoice_number=invoice,
            terms=world.terms(), actor_user_id=None, now=NOW,
        )  # fmt: skip


def test_suspense_goes_on_an_invoice_like_a_receipt(world: World) -> None:
    world.pay(RECEIPT_1 + 50_000)
    item = item_of(world)
    world.bill(4)
    with entered(world.scope):
        invoice = billing.Invoice.objects.within(world.scope).get(status="issued")
    form = once()
    done = match(world, item, invoice.invoice_number, form)
    assert (done.applied_cents, done.left_cents) == (50_000, 0)
    assert match(world, item, invoice.invoice_number, form).repeated
    books = balances(world.scope)
    assert "2050" not in books
    # Fee 8.00 and premium 492.00 by the cumulative rule on 2,469.13 before.
    assert (-books["2200"], -books["4200"]) == (30_864 + 6_150, 15_000 + 800)
    with entered(world.scope):
        relay.relay(world.scope, now=NOW)
    assert in_ledger(world.scope)["MGA_FIDUCIARY"] == (RECEIPT_1 + 50_000, 0)
    assert "SUSPENSE" not in in_ledger(world.scope)
    with pytest.raises(Conflict, match="waits no more"):
        match(world, item, invoice.invoice_number)


def test_what_an_invoice_does_not_owe_waits_on(world: World) -> None:
    world.pay(RECEIPT_1 + 200_000)
    item = item_of(world)
    world.bill(4)
    with entered(world.scope):
        invoice = billing.Invoice.objects.within(world.scope).get(status="issued")
    assert match(world, item, invoice.invoice_number).left_cents == 200_000 - 124_257
    assert item_of(world).amount_cents == -balances(world.scope)["2050"] == 75_743
    with pytest.raises(BadForm, match="nothing open"):
        match(world, item_of(world), invoice.invoice_number)


def test_suspense_stays_on_its_account(world: World) -> None:
    from tests.billing import making

    world.pay(RECEIPT_1 + 50_000)
    other = making.invoice(world.scope, making.account(world.scope))
    with pytest.raises(BadForm, match="another account"):
        match(world, item_of(world), other.invoice_number)


def draw(world: World, author: str, form: Any = None, **given: Any) -> Any:
    """A remittance of Florida's tax of March."""
    due = {"state": "FL", "tax_code": "tax", "period_end": date(2026, 3, 31),
           "due_date": date(2026, 5, 15)} | given  # fmt: skip
    with entered(world.scope):
        return remittances.draw_remittance(
            world.scope, once=form or once(), due=Due(**due), actor_user_id=author, now=NOW
        )


def test_a_tax_is_remitted_by_two_people_and_the_bank(world: World) -> None:
    world.pay(RECEIPT_1)
    author, other, scope = new_id(), new_id(), world.scope
    form = once()
    row = draw(world, author, form)
    assert draw(world, author, form).repeated
    key = {"remittance_id": row.remittance_id, "now": NOW}
    with entered(scope):
        with pytest.raises(Conflict, match="wait for the ledger"):
            remittances.release_remittance(scope, actor_user_id=other, **key)
        relay.relay(scope, now=NOW)
        with pytest.raises(Forbidden):
            remittances.release_remittance(scope, actor_user_id=author, **key)
        remittances.release_remittance(scope, actor_user_id=other, **key)
        with pytest.raises(Conflict, match="not taken"):
            remittances.confirm_remittance(scope, confirmation="FL123", actor_user_id=author, **key)
        relay.relay(scope, now=NOW)
        assert in_ledger(scope)["EXTERNAL_PAYOUT"] == (0, -61_729)
        for _ in range(2):
            remittances.confirm_remittance(scope, confirmation="FL123", actor_user_id=author, **key)
        relay.relay(scope, now=NOW)
    assert balances(scope)["2300"] == -750
    assert in_ledger(scope)["TAX_AUTHORITY_PAYABLE"] == (-750, 0)
    assert in_ledger(scope)["MGA_FIDUCIARY"] == (RECEIPT_1 - 61_729, 0)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"period_end": NOW.date(), "due_date": NOW.date()}, "period_end"),
        ({"due_date": date(2026, 3, 1)}, "due_date"),
        ({"state": "GA"}, "period_end"),
    ],
)
def test_a_remittance_names_what_cannot_stand(world: World, given: Any, field: str) -> None:
    world.pay(RECEIPT_1)
    with pytest.raises(BadForm) as refused:
        draw(world, new_id(), **given)
    assert set(refused.value.errors) == {field}


def test_a_cession_is_the_ceded_share_of_what_was_collected(world: World) -> None:
    scope = world.scope
    world.pay(RECEIPT_1)
    program = new_id()
    treaty = carriers.treaty(scope, program_id=program)
    made(scope, billing.PremiumTransaction, {
        "id": new_id(), "policy_id": world.account.policy_id, "policy_transaction_id": new_id(),
        "policy_number": "TST-1", "program_id": program, "carrier_id": new_id(), "state": "FL",
        "written_cents": 1_234_567, "currency": "USD", "earn_from": date(2026, 3, 1),
        "earn_to": date(2027, 3, 1), "status": "open"})  # fmt: skip
    form, end = once(), date(2026, 3, 31)

    def cede(upto: date, form: Any) -> Any:
        with entered(scope):
            return cessions.draw_cessions(
                scope, once=form, treaty_id=treaty.id, period_end=upto, now=NOW
            )

    assert cede(end, form).net_cents == 57_407 == -balances(scope)["2400"]
    assert cede(end, form).repeated
    for upto in (end, end + timedelta(days=30), NOW.date()):
        with pytest.raises(BadForm):
            cede(upto, once())
    with entered(scope):
        row = billing.ReinsuranceCession.objects.within(scope).get()
    assert row.ceded_premium_cents - row.ceding_commission_cents == row.net_cents
    assert row.ceded_premium_cents == 74_074


@WHOLE
@given(
    cents=some.integers(-(10**9), 10**9),
    tenths=some.lists(some.integers(1, 9), min_size=1, max_size=6),
)
def test_shares_of_a_cession_make_the_whole(cents: int, tenths: list[int]) -> None:
    from decimal import Decimal

    parts = recoverables.shares(cents, [Decimal(one) / 10 for one in tenths])
    assert sum(parts) == cents
    assert len(parts) == len(tenths)
    exact = [cents * one / sum(tenths) for one in tenths]
    assert all(abs(part - wanted) <= 1 for part, wanted in zip(parts, exact, strict=True))
