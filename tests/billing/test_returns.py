"""Return premium: the golden cancellation, off open invoices first, then back in cash, once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from openinsure.billing import models as billing
from openinsure.billing.operations.refunds import approve_refund, issue_refund
from openinsure.billing.operations.restating import Cause, restate
from openinsure.billing.queries import accounts
from openinsure.keyspaces.ids import new_id
from openinsure.money.legs import legs_of
from openinsure.problems import Conflict, Forbidden, NotFound
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.billing import making, posting
from tests.billing.posting import balances, ledger_balances, once
from tests.billing.test_payments import LATER, SPLIT, World
from tests.conftest import fresh_scope

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_billing"])
CANCELLED = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
RETAINED = 936_344  # 9,363.44 of domain.md 4.5
# What installments 2 to 9 of 12,345.67 are.
PREMIUMS = (123_457, 123_457, 123_457, 123_456, 123_457, 123_457, 123_456, 123_457)


class Golden(World):
    """G1 paid in full, E1 billed and open."""

    def bill(self, month: int) -> None:
        if month <= 3 or month in self.billed:
            super().bill(month)
            return
        self.billed.add(month)
        self.invoice(month, ("installment_fee", LATER[0][1]), ("premium", PREMIUMS[month - 4]))

    def invoice(self, month: int, *lines: tuple[str, int]) -> None:
        total = sum(cents for _, cents in lines)
        row = making.invoice(
            self.scope, self.account, due_date=date(2026, month, 1), total_cents=total,
            balance_cents=total, premium_cents=lines[-1][1],
        )  # fmt: skip
        for number, (component, cents) in enumerate(lines, 1):
            making.line(self.scope, row, number, component, cents)

    def paid_up(self) -> None:
        self.pay(324_392)
        for month, premium in enumerate(PREMIUMS, 4):
            self.pay(premium + LATER[0][1], month)

    def give_back(
        self, retained: int, form: Any = None, by: str | None = None, **beside: int
    ) -> Any:
        return self.restate("cancellation", {"premium": retained, **beside}, form, by)

    def restate(
        self, kind: Any, due: dict[str, int], form: Any = None, by: str | None = None
    ) -> Any:
        cause = Cause(kind=kind, id=new_id(), on=CANCELLED, words=kind.capitalize())
        with entered(self.scope):
            return restate(
                self.scope, once=form or once(), cause=cause, due=due, terms=self.terms(),
                number=lambda: f"INV-NEW-{new_id()[-12:]}", actor_user_id=by, now=NOW,
            )  # fmt: skip

    def refund(self) -> Any:
        with entered(self.scope):
            return billing.Refund.objects.within(self.scope).get()

    def approve(self, refund_id: str, by: str | None = None) -> Any:
        with entered(self.scope):
            return approve_refund(
                self.scope, refund_id, terms=self.terms(), actor_user_id=by, now=NOW
            )

    def issue(self, refund_id: str, by: str | None = None) -> Any:
        with entered(self.scope):
            waits = billing.Refund.objects.within(self.scope).filter(
                id=refund_id, status="requested"
            )
            if waits.exists():
                self.approve(refund_id, by)
                posting.take_holds(self.scope)
            return issue_refund(
                self.scope, refund_id, once=once(), terms=self.terms(), actor_user_id=by, now=NOW
            )

    def billed_cents(self) -> int:
        """Invoices made by hand, which no entry stands for."""
        with entered(self.scope):
            rows = billing.Invoice.objects.within(self.scope).values_list("total_cents", flat=True)
            return sum(rows)

    def statement(self) -> list[tuple[str, int, int]]:
        with entered(self.scope):
            account = accounts.get_account(self.scope, self.account.account_number)
            lines = list(accounts.list_statement(self.scope, account, upto=date(2026, 12, 31)))
        return [(line.kind, line.cents, line.balance_cents) for line in lines]


@pytest.fixture
def golden(acme: Scope) -> Golden:
    world = Golden(acme)
    world.paid_up()
    world.invoice(12, ("tax", 5_424), ("premium", 109_808))
    return world


def test_it_returns_the_golden_premium(golden: Golden) -> None:
    """4,080.31: 1,098.08 off the unpaid endorsement, 2,982.23 back in cash."""
    done = golden.give_back(RETAINED)
    assert (done.credited_cents, done.refund_cents) == (109_808, 298_223)
    returned = [line for line in golden.statement() if line[0] == "return_premium"]
    assert sum(cents for _, cents, _ in returned) == -408_031
    assert golden.statement()[-1][2] == 5_424 - 298_223
    assert golden.issue(golden.refund().id).repeated is False
    assert golden.statement()[-1] == ("refund", 298_223, 5_424)
    assert golden.fresh().balance_cents == 5_424


def test_it_takes_the_refund_back_from_every_party(golden: Golden) -> None:
    golden.give_back(RETAINED)
    golden.issue(golden.refund().id)
    books, legs = balances(golden.scope), legs_of(SPLIT, RETAINED)
    assert (books["2200"], books["2400"]) == (-legs.producer_cents, -legs.ceded_cents)
    assert books["2500"] == -legs.carrier_cents
    ledger = ledger_balances(golden.scope)
    assert ledger["LOSS_FUND"] == -legs.carrier_cents
    assert ledger["MGA_FIDUCIARY"] == books["1010"]
    assert sum(ledger.values()) == 0
    with entered(golden.scope):
        moved = billing.LedgerTransfer.objects.within(golden.scope).filter(source_type="refund")
        assert {row.transfer_code for row in moved} == {1401}


def test_it_does_either_step_once(golden: Golden) -> None:
    form = once()
    first, second = golden.give_back(RETAINED, form), golden.give_back(RETAINED, form)
    assert (first.repeated, second.repeated) == (False, True)
    refund = golden.refund()
    assert [golden.issue(refund.id).repeated for _ in range(2)] == [False, True]
    with pytest.raises(NotFound):
        golden.issue(new_id())


def test_it_shows_the_return_on_the_page(golden: Golden) -> None:
    golden.give_back(RETAINED)
    page = people.browser(golden.scope.org_id, "support").get(
        f"/billing/accounts/{golden.account.account_number}"
    )
    assert "Return premium" in page.content.decode()


def test_what_was_refunded_cannot_be_returned_by_the_bank_too(golden: Golden) -> None:
    golden.give_back(RETAINED)
    golden.issue(golden.refund().id)
    with entered(golden.scope):
        back = billing.PaymentAllocation.objects.within(golden.scope).filter(invoice_id=None)
        payment = billing.Payment.objects.within(golden.scope).get(id=back[0].payment_id)
    before = balances(golden.scope)
    with pytest.raises(Conflict, match="was refunded"):
        golden.bounce(payment.payment_number, CANCELLED)
    assert balances(golden.scope) == before


def test_it_lets_another_person_issue_it(golden: Golden) -> None:
    ann, bob = new_id(), new_id()
    golden.give_back(RETAINED, by=ann)
    with pytest.raises(Forbidden, match="Another person"):
        golden.issue(golden.refund().id, by=ann)
    assert golden.issue(golden.refund().id, by=bob).status == "issued"


def test_it_gives_nothing_back_of_what_was_never_billed(golden: Golden) -> None:
    done = golden.give_back(2_000_000)
    assert (done.credited_cents, done.refund_cents) == (0, 0)
    with entered(golden.scope):
        assert billing.Refund.objects.within(golden.scope).count() == 0


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(paid=some.integers(0, 300_000), retained=some.integers(0, 500_000))
def test_its_books_hold_for_any_amounts(db: None, paid: int, retained: int) -> None:
    world = Golden(fresh_scope())
    world.bill(3)
    world.bill(4)
    if paid:
        world.pay(paid)
    done = world.give_back(retained)
    billed, refund = 246_913 + 123_457, done.refund_cents
    assert done.credited_cents + refund == max(0, billed - retained)
    if refund:
        world.issue(world.refund().id)
    books = balances(world.scope)
    assert sum(books.values()) == 0
    assert sum(ledger_balances(world.scope).values()) == 0
    assert books.get("1010", 0) == paid - refund
    assert world.statement()[-1][2] == world.fresh().balance_cents - world.fresh().unapplied_cents
