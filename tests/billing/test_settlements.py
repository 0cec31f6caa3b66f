"""Settling with a carrier: three people, pending until the bank pays, one effect per step."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from openinsure.billing.models import (
    BankTransaction,
    Bordereau,
    ExternalAccount,
    GlJournalEntry,
    LedgerTransfer,
    ReinsuranceCession,
    TrustAccount,
)
from openinsure.billing.operations import authoring, bordereaux, releases, settlements
from openinsure.console.states import IllegalTransition
from openinsure.jobs import relay
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm, Conflict, Forbidden, NotFound
from openinsure.tenancy.scope import Scope, entered
from tests.billing import posting
from tests.billing.settlements import (
    END,
    NOW,
    START,
    World,
    external,
    in_ledger,
    payouts_of,
    run,
    settlement_of,
    steps,
    world,
)
from tests.factories import made

pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_billing", "ledger_engine"]
)
LEFT = 23_855  # the unearned share of receipt 1 (domain.md 5.5)


@pytest.fixture
def one(acme: Scope) -> World:
    """A carrier that is owed 1,100.96 and a reinsurer that is owed 574.07."""
    return world(acme)


def until(one: World, last: int, **how: Any) -> None:
    """The first `last` steps."""
    with entered(one.scope):
        for act in steps(one, **how)[:last]:
            act()


def act(one: World, place: int) -> Any:
    """One step alone."""
    with entered(one.scope):
        return steps(one)[place]()


AUTHORED, APPROVED, RELEASED, PENDING = 5, 6, 7, 8


def test_it_pays_everybody_what_the_books_say(one: World) -> None:
    run(one)
    row = settlement_of(one)
    assert (row.status, row.premium_due_cents, row.net_due_cents) == ("settled", 110_096, 110_096)
    assert [(p.payee_type, p.amount_cents, p.status) for p in payouts_of(one)] == [
        ("carrier", 110_096, "posted"),
        ("reinsurer", 57_407, "posted"),
    ]
    assert in_ledger(one.scope) == {"MGA_FIDUCIARY": (LEFT, 0), "LOSS_FUND": (-LEFT, 0)}
    assert posting.balances(one.scope) == {"1010": LEFT, "2500": -LEFT}
    with entered(one.scope):
        assert Bordereau.objects.within(one.scope).get().status == "settled"
        assert ReinsuranceCession.objects.within(one.scope).get().status == "settled"


def test_it_holds_the_money_between_release_and_the_bank(one: World) -> None:
    until(one, PENDING)
    posted = in_ledger(one.scope)
    assert posted["CARRIER_PAYABLE"] == (-110_096, 110_096)
    assert posted["EXTERNAL_PAYOUT"] == (0, -167_503)
    assert posting.balances(one.scope)["2090"] == -167_503
    assert "2100" not in posting.balances(one.scope)
    assert [p.tb_pending_transfer_id is not None for p in payouts_of(one)] == [True, True]


def test_it_keeps_claims_from_the_premium(one: World) -> None:
    run(one, offset=True)
    row = settlement_of(one)
    assert (row.status, row.claims_offset_cents, row.net_due_cents) == ("settled", 10_000, 100_096)
    books = posting.balances(one.scope)
    assert books == {"1010": LEFT, "1020": 10_000, "2500": -LEFT, "2510": -10_000}
    assert in_ledger(one.scope)["MGA_FIDUCIARY"] == (LEFT + 10_000, 0)


def test_it_owes_again_what_the_bank_returned(one: World) -> None:
    run(one, fails=frozenset({"carrier"}))
    assert settlement_of(one).status == "partially_settled"
    assert posting.balances(one.scope)["2100"] == -110_096
    assert in_ledger(one.scope)["CARRIER_PAYABLE"] == (-110_096, 0)
    with entered(one.scope):
        told = Bordereau.objects.within(one.scope).get()
        assert (told.status, told.settlement_id) == ("acknowledged", None)
        assert settlements.payable_cents(one.scope, one.carrier, END) == 110_096
    again = World(**{**one.__dict__, "settlement": posting.once()})
    with entered(one.scope):
        with pytest.raises(BadForm):  # a fresh number is needed only by its unique key
            authoring.author_settlement(
                one.scope, once=again.settlement, number="SET-X", actor_user_id=None, now=NOW,
                wish=authoring.Wish(carrier_id=new_id(), period_end=END, due_date=END),
            )  # fmt: skip
        done = authoring.author_settlement(
            one.scope, once=again.settlement, number=f"SET2-{one.tail}", actor_user_id=None,
            now=NOW + timedelta(hours=1),
            wish=authoring.Wish(carrier_id=one.carrier, period_end=END, due_date=END),
        )  # fmt: skip
    assert done.status == "ready"
    assert [p.payee_type for p in payouts_of(again)] == ["carrier"]


def test_it_ends_void_when_the_bank_pays_nobody(one: World) -> None:
    run(one, fails=frozenset({"carrier", "reinsurer"}))
    assert settlement_of(one).status == "voided"
    assert posting.balances(one.scope)["2400"] == -57_407
    assert {pending for _, pending in in_ledger(one.scope).values()} == {0}


@pytest.mark.parametrize(
    ("place", "who"),
    [(APPROVED - 1, "author"), (RELEASED - 1, "author"), (RELEASED - 1, "approver")],
)
def test_it_takes_three_people(one: World, place: int, who: str) -> None:
    until(one, place)
    role = "approver" if place == APPROVED - 1 else "releaser"
    setattr(one, role, getattr(one, who))
    with pytest.raises(Forbidden):
        act(one, place)
    assert settlement_of(one).status == ("ready" if place == APPROVED - 1 else "approved")


def test_its_bordereau_takes_two_people(one: World) -> None:
    until(one, 1)
    one.approver = one.author
    with pytest.raises(Forbidden):
        act(one, 1)


def test_it_takes_no_shortcut(one: World) -> None:
    until(one, AUTHORED)
    with pytest.raises(IllegalTransition) as refused:
        act(one, RELEASED - 1)
    assert refused.value.allowed == ("approved", "rejected")


def test_it_refuses_payouts_while_the_ledger_is_behind(one: World) -> None:
    until(one, APPROVED)
    with entered(one.scope):
        LedgerTransfer.objects.within(one.scope).update(status="queued")
    with pytest.raises(Conflict, match="wait for the ledger"):
        act(one, RELEASED - 1)
    assert settlement_of(one).status == "approved"


def test_it_waits_for_the_ledger_before_the_bank_confirms(one: World) -> None:
    until(one, RELEASED)
    with pytest.raises(Conflict, match="not taken"):
        act(one, PENDING)
    assert payouts_of(one)[0].status == "pending"


def test_it_pays_verified_accounts_only(acme: Scope) -> None:
    one = world(acme)
    with entered(acme):
        ExternalAccount.objects.within(acme).filter(owner_type="carrier").update(verified_at=None)
    until(one, AUTHORED - 1)
    with pytest.raises(BadForm, match="verified"):
        act(one, AUTHORED - 1)
    external(acme, "carrier", one.carrier)
    assert act(one, AUTHORED - 1).status == "ready"


def test_one_settlement_of_a_carrier_is_under_way(one: World) -> None:
    until(one, AUTHORED)
    one.settlement = posting.once()
    with pytest.raises(Conflict, match="under way"):
        act(one, AUTHORED - 1)


def test_a_rejection_frees_what_it_held(one: World) -> None:
    until(one, AUTHORED)
    number = settlement_of(one).settlement_number
    told: dict[str, Any] = {"number": number, "reason": "The claims are not agreed", "now": NOW}
    with entered(one.scope):
        with pytest.raises(Forbidden):
            settlements.reject_settlement(one.scope, actor_user_id=one.author, **told)
        settlements.reject_settlement(one.scope, actor_user_id=one.approver, **told)
        assert Bordereau.objects.within(one.scope).get().settlement_id is None
        assert ReinsuranceCession.objects.within(one.scope).get().settlement_id is None
    assert {p.status for p in payouts_of(one)} == {"voided"}
    assert posting.balances(one.scope)["2100"] == -110_096


def test_a_line_is_in_one_bordereau_only(one: World) -> None:
    until(one, 1)
    with entered(one.scope), pytest.raises(BadForm, match="nothing to report"):
        bordereaux.generate_bordereau(
            one.scope, once=posting.once(), number="BDX-2", lines=one.lines(),
            wanted=bordereaux.Wanted(kind="premium", carrier_id=one.carrier,
                                     program_id=one.program, period_start=START, period_end=END),
            actor_user_id=one.author, now=NOW,
        )  # fmt: skip


def test_a_reopened_bordereau_keeps_its_number(one: World) -> None:
    until(one, 1)
    number = f"BDX-{one.tail}"
    with entered(one.scope):
        assert bordereaux.reopen_bordereau(one.scope, number=number, now=NOW).status == "open"
        one.bordereau = posting.once()
    assert act(one, 0).number == number
    with entered(one.scope):
        row = Bordereau.objects.within(one.scope).get()
        assert (row.line_count, row.net_to_carrier_cents) == (2, 669_752 + 59_571)


def test_it_matches_the_line_of_the_bank(one: World) -> None:
    until(one, PENDING)
    payout = payouts_of(one)[0]
    values = {"id": new_id(), "account_kind": "premium", "currency": "USD", "status": "active"}
    trust = made(one.scope, TrustAccount, values)
    kept = {
        "trust_account_id": trust.id,
        "posted_on": END,
        "currency": "USD",
        "direction": "debit",
        "match_status": "open",
    }
    wrong, right = (
        made(
            one.scope, BankTransaction, {"id": new_id(), "bank_ref": ref, "amount_cents": n} | kept
        )
        for ref, n in (("1", 1), ("2", 110_096))
    )
    number = settlement_of(one).settlement_number
    told: dict[str, Any] = {"number": number, "payout_id": payout.id, "actor_user_id": one.author}
    with entered(one.scope):
        for line in (new_id(), wrong.id):
            with pytest.raises(BadForm):
                releases.confirm_payout(one.scope, bank_transaction_id=line, now=NOW, **told)
        releases.confirm_payout(one.scope, bank_transaction_id=right.id, now=NOW, **told)
        held = BankTransaction.objects.within(one.scope).get(id=right.id)
    assert (held.match_status, held.matched_id) == ("matched", payout.id)


def test_another_organization_sees_nothing_of_it(one: World, borealis: Scope) -> None:
    until(one, AUTHORED)
    number = settlement_of(one).settlement_number
    with entered(borealis), pytest.raises(NotFound):
        settlements.approve_settlement(borealis, number=number, actor_user_id=new_id(), now=NOW)


def keys_of(one: World) -> list[str]:
    """The keys of every journal entry."""
    with entered(one.scope):
        rows = GlJournalEntry.objects.within(one.scope).order_by("entry_number", "id")
        return list(rows.values_list("idempotency_key", flat=True))


def test_it_posts_each_step_once_however_often_it_is_repeated(one: World) -> None:
    run(one)
    before = keys_of(one)
    for _ in range(3):
        run(one)
    with entered(one.scope):
        relay.relay(one.scope, now=NOW + timedelta(hours=1))
    assert keys_of(one) == before
    assert in_ledger(one.scope) == {"MGA_FIDUCIARY": (LEFT, 0), "LOSS_FUND": (-LEFT, 0)}
