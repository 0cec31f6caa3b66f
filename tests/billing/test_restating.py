"""Billing follows what is due: taxes, set-off, refunds in two steps, reinstatement."""

from __future__ import annotations

import pytest

from openinsure.billing import models as billing
from openinsure.money.legs import legs_of
from openinsure.problems import Conflict
from openinsure.tenancy.scope import Scope, entered
from tests.billing import making, posting
from tests.billing.posting import balances, ledger_balances, once
from tests.billing.test_payments import SPLIT
from tests.billing.test_returns import PREMIUMS, RETAINED, Golden

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_billing"])


@pytest.fixture
def golden(acme: Scope) -> Golden:
    """G1 paid up, E1 billed and open."""
    world = Golden(acme)
    world.paid_up()
    world.invoice(12, ("tax", 5_424), ("premium", 109_808))
    return world


def test_it_returns_tax_too_and_keeps_the_policy_fee(golden: Golden) -> None:
    """671.53 due becomes 469.96: 54.24 was never paid, 147.33 comes back in cash."""
    billed = golden.billed_cents()
    done = golden.give_back(RETAINED, tax=46_996, policy_fee=15_000)
    assert done.credited_cents == 109_808 + 5_424
    assert done.refund_cents == 298_223 + 14_733
    assert golden.refund().parts == {"premium": 298_223, "tax": 14_733}
    assert golden.fresh().balance_cents == 0
    golden.issue(golden.refund().id)
    books = balances(golden.scope)
    assert books["2300"] == -(46_996 + 750)
    assert books["4200"] == -(15_000 + 8 * 800)
    assert books["1200"] == -billed
    assert ledger_balances(golden.scope)["TAX_AUTHORITY_PAYABLE"] == -(46_996 + 750)
    with entered(golden.scope):
        taxes = billing.TaxAccrual.objects.within(golden.scope).filter(tax_code="tax")
        assert sum(row.amount_cents for row in taxes) == 46_996


def test_it_sets_tax_off_against_premium_that_is_owed(acme: Scope) -> None:
    """One installment paid, the next billed: what comes back of the tax pays for premium."""
    world = Golden(acme)
    world.pay(324_392)
    world.bill(4)
    done = world.give_back(300_000, tax=16_000, stamping_fee=750, policy_fee=15_000)
    surplus, owed = 61_729 - 16_000, 300_000 - 246_913
    assert (done.applied_cents, done.refund_cents) == (surplus, 0)
    assert done.credited_cents == 123_457 - owed
    assert world.fresh().balance_cents == owed - surplus + 800
    books, legs = balances(acme), legs_of(SPLIT, 246_913 + surplus)
    assert (books["1010"], books["2300"]) == (324_392, -16_750)
    assert (books["2200"], books["2500"]) == (-legs.producer_cents, -legs.carrier_cents)


def test_a_refund_is_pending_in_the_ledger_until_it_is_issued(golden: Golden) -> None:
    golden.give_back(RETAINED)
    before, ledger = balances(golden.scope), ledger_balances(golden.scope)
    refund = golden.refund()
    assert [golden.approve(refund.id).repeated for _ in range(2)] == [False, True]
    assert (balances(golden.scope), ledger_balances(golden.scope)) == (before, ledger)
    with entered(golden.scope):
        held = billing.LedgerTransfer.objects.within(golden.scope).filter(source_type="refund_hold")
        assert sum(row.amount_cents for row in held) == 298_223
        assert {row.gl_entry_id for row in held} == {None}
    with pytest.raises(Conflict, match="not taken"):
        golden.issue(refund.id)
    posting.take_holds(golden.scope)
    golden.issue(refund.id)
    with entered(golden.scope):
        posted = billing.LedgerTransfer.objects.within(golden.scope).filter(source_type="refund")
        assert {row.tb_flags & 4 for row in posted} == {4}
        assert {row.pending_transfer_id for row in posted} == {
            row.tb_transfer_id for row in held
        }  # fmt: skip


def test_it_lets_go_of_what_is_held_when_the_parts_are_others_now(golden: Golden) -> None:
    """A receipt between approval and payout moves the odd cent: posted anew, never off by it."""
    golden.give_back(RETAINED - 1)
    golden.approve(golden.refund().id)
    posting.take_holds(golden.scope)
    golden.invoice(12, ("premium", 3))
    golden.billed.add(12)
    golden.pay(5_424 + 3, 12)
    golden.issue(golden.refund().id)
    books = balances(golden.scope)
    legs = legs_of(SPLIT, RETAINED - 1 + 3)
    assert (books["2200"], books["2400"]) == (-legs.producer_cents, -legs.ceded_cents)
    ledger = ledger_balances(golden.scope)
    assert ledger["LOSS_FUND"] == books["2500"] == -legs.carrier_cents


WHOLE = {"premium": 1_344_375, "tax": 67_153, "policy_fee": 15_000}


def test_a_reinstatement_keeps_a_refund_that_was_not_paid(golden: Golden) -> None:
    before = balances(golden.scope)
    golden.give_back(RETAINED, tax=46_996, policy_fee=15_000)
    golden.approve(golden.refund().id)
    with pytest.raises(Conflict, match="not taken"):
        golden.restate("reinstatement", WHOLE)
    posting.take_holds(golden.scope)
    form = once()
    done = golden.restate("reinstatement", WHOLE, form)
    assert golden.restate("reinstatement", WHOLE, form).repeated
    assert (golden.refund().status, done.billed_cents) == ("voided", 109_808 + 5_424)
    assert golden.fresh().balance_cents == 109_808 + 5_424
    after = balances(golden.scope)
    assert {code: after[code] for code in after if code not in ("1200", "2900")} == {
        code: before[code] for code in before if code not in ("1200", "2900")
    }
    assert golden.statement()[-1][2] == 109_808 + 5_424


def test_a_reinstatement_bills_again_what_was_paid_back(golden: Golden) -> None:
    billed = golden.billed_cents()
    golden.give_back(RETAINED, tax=46_996, policy_fee=15_000)
    golden.issue(golden.refund().id)
    done = golden.restate("reinstatement", WHOLE)
    assert done.billed_cents == 408_031 + 20_157
    assert golden.fresh().balance_cents == golden.statement()[-1][2] == 428_188
    assert balances(golden.scope)["1200"] == 428_188 - billed
    with entered(golden.scope):
        made = billing.Invoice.objects.within(golden.scope).order_by("-created_at")[0]
        lines = billing.InvoiceLine.objects.within(golden.scope).filter(invoice_id=made.id)
        assert {row.component: row.amount_cents for row in lines} == {
            "tax": 20_157, "premium": 408_031,
        }  # fmt: skip


def test_it_waives_what_was_planned_and_plans_it_again(acme: Scope) -> None:
    world = Golden(acme)
    world.pay(324_392)
    for seq, premium in enumerate(PREMIUMS, 2):
        making.installment(acme, world.account, seq=seq, premium_cents=premium, fee_cents=800)
    world.give_back(246_913)
    assert making.planned(acme, world.account) == []
    done = world.restate("reinstatement", {"premium": 1_234_567})
    assert done.billed_cents == 0
    assert sum(making.planned(acme, world.account)) == 1_234_567 - 246_913
    world.restate("endorsement", {"premium": 1_234_567 - 130_000})
    assert sum(making.planned(acme, world.account)) == 1_234_567 - 246_913 - 130_000
    more = world.restate("endorsement", {"premium": 1_234_567})
    assert (more.billed_cents, world.fresh().balance_cents) == (130_000, 130_000)
