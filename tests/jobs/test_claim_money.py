"""A claim's money told to billing: reserve, held check, issued check; once, whatever is killed."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from openinsure.billing.models import GlJournalEntry, GlJournalLine, LedgerTransfer
from openinsure.billing.payouts import PENDING, POST_PENDING, VOID_PENDING
from openinsure.claims.models import Claim, ClaimEvent, ClaimReserve
from openinsure.jobs import claim_money
from openinsure.tenancy.scope import Scope, entered
from tests.billing import posting
from tests.claims.desk import Desk, signed_in
from tests.claims.test_money_acts import decide, number_of

pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_claims", "oi_billing", "oi_policies"]
)
SET, PAID = 500_000, 120_000


@pytest.fixture
def desk(acme: Scope) -> Desk:
    posting.organization(acme)
    return Desk(acme)


def deliver(scope: Scope) -> int:
    """One round."""
    with entered(scope):
        return claim_money.deliver(scope, now=timezone.now())


def approved(desk: Desk) -> str:
    """The number of a disbursement that was asked for and approved by another person."""
    assert desk.reserve("5,000.00").status_code == 201
    assert desk.ask("1,200.00").status_code == 201
    number = number_of(desk)
    assert (
        decide(signed_in(desk.scope, "finance_analyst")[0], number, "approved").status_code == 201
    )
    return number


def issue(desk: Desk, number: str) -> None:
    """A third person sends the check."""
    client, _ = signed_in(desk.scope, "finance_analyst")
    path = f"/claims/disbursements/{number}/issues"
    form = {"form_id": client.get(path).json()["row"]["form_id"], "check_number": "1042"}
    assert client.post(path, form).status_code == 201


def transfers(scope: Scope, source: str) -> list[tuple[int, int, int]]:
    """Code, cents and the pending flags of a source's transfers."""
    kinds = PENDING | POST_PENDING | VOID_PENDING
    with entered(scope):
        rows = LedgerTransfer.objects.within(scope).filter(source_type=source)
        found = rows.order_by("batch_seq", "id")
        return [(row.transfer_code, row.amount_cents, row.tb_flags & kinds) for row in found]


def test_it_books_a_reserve_up_and_down_once(desk: Desk) -> None:
    desk.reserve("5,000.00")
    desk.reserve("3,000.00", reason_code="new_information")
    assert [deliver(desk.scope), deliver(desk.scope)] == [2, 0]
    assert posting.balances(desk.scope) == {"2510": 300_000, "2600": -300_000}
    assert transfers(desk.scope, "claim_reserve") in (
        [(1201, 500_000, 0), (1202, 200_000, 0)],
        [(1202, 200_000, 0), (1201, 500_000, 0)],
    )


def test_it_holds_an_approved_check_and_posts_it_when_issued(desk: Desk) -> None:
    number = approved(desk)
    assert deliver(desk.scope) == 2
    assert transfers(desk.scope, "claim_payment_hold") == [
        (1203, PAID, PENDING),
        (1202, PAID, PENDING),
    ]
    assert posting.balances(desk.scope) == {"2510": SET, "2600": -SET}
    posting.take_holds(desk.scope)
    issue(desk, number)
    assert deliver(desk.scope) == 1
    assert transfers(desk.scope, "claim_payment") == [
        (1203, PAID, POST_PENDING),
        (1202, PAID, POST_PENDING),
    ]
    left = SET - PAID
    assert posting.balances(desk.scope) == {
        "5100": PAID, "1020": -PAID, "2510": left, "2600": -left,
    }  # fmt: skip
    assert posting.ledger_balances(desk.scope) == {
        "CLAIMS_PAID": PAID, "MGA_FIDUCIARY": -PAID, "LOSS_FUND": left, "RESERVES": -left,
    }  # fmt: skip
    standing(desk)


def standing(desk: Desk) -> None:
    """The claim says what the journal says."""
    with entered(desk.scope):
        claim = Claim.objects.within(desk.scope).get(id=desk.claim.id)
        reserve = ClaimReserve.objects.within(desk.scope).get(claim_id=desk.claim.id)
        lines = GlJournalLine.objects.within(desk.scope).filter(claim_id=desk.claim.id)
        paid = sum(
            one.debit_cents - one.credit_cents for one in lines if one.account_code == "5100"
        )
        held = sum(
            one.credit_cents - one.debit_cents for one in lines if one.account_code == "2600"
        )
    assert (claim.paid_indemnity_cents, reserve.amount_cents) == (paid, held) == (PAID, SET - PAID)


def test_an_issued_check_waits_until_the_ledger_took_what_is_held(desk: Desk) -> None:
    number = approved(desk)
    deliver(desk.scope)
    issue(desk, number)
    assert deliver(desk.scope) == 0
    posting.take_holds(desk.scope)
    assert deliver(desk.scope) == 1


@pytest.mark.parametrize("step", ["approved", "issued"])
def test_it_is_exact_when_killed_before_the_mark(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def killed(*args: Any, **kwargs: Any) -> None:
        raise SystemExit

    def round_killed() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(claim_money, "mark_delivered", killed)
            with pytest.raises(SystemExit):
                deliver(desk.scope)

    number = approved(desk)
    if step == "issued":
        deliver(desk.scope)
        posting.take_holds(desk.scope)
        issue(desk, number)
    round_killed()
    round_killed()
    while deliver(desk.scope):
        posting.take_holds(desk.scope)
    with entered(desk.scope):
        entries = GlJournalEntry.objects.within(desk.scope).count()
    assert len(transfers(desk.scope, "claim_payment_hold")) == 2
    assert entries == (2 if step == "issued" else 1)


def test_one_that_cannot_be_booked_stops_only_its_claim(desk: Desk) -> None:
    other = Desk(desk.scope)
    desk.reserve("5,000.00")
    other.reserve("70.00")
    with entered(desk.scope):
        rows = ClaimEvent.objects.within(desk.scope).filter(claim_id=desk.claim.id)
        rows.update(payload={"history_id": "unfinished"})
    assert deliver(desk.scope) == 1
    assert posting.balances(desk.scope) == {"2510": 7_000, "2600": -7_000}


def test_a_read_full_of_events_that_wait_hides_none_behind(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim_money, "EVENTS_MAX", 1)
    stuck, later = Desk(desk.scope), Desk(desk.scope)
    for one, sum_ in ((desk, "1.00"), (stuck, "2.00"), (later, "70.00")):
        one.reserve(sum_)
    with entered(desk.scope):
        rows = ClaimEvent.objects.within(desk.scope)
        rows.filter(claim_id__in=[desk.claim.id, stuck.claim.id]).update(payload={})
    assert deliver(desk.scope) == 1
    assert posting.balances(desk.scope) == {"2510": 7_000, "2600": -7_000}


def test_it_books_nothing_of_another_organization(desk: Desk, borealis: Scope) -> None:
    desk.reserve("5,000.00")
    assert deliver(borealis) == 0
    assert posting.balances(borealis) == {}
