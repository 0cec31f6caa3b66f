"""A carrier with collected and earned premium, and the steps of settling it, each repeatable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from openinsure.billing import models as billing
from openinsure.billing.bordereau_lines import Paid, Reported, Written, claims_lines, premium_line
from openinsure.billing.operations import authoring, bordereaux, releases, settlements
from openinsure.billing.operations.bordereaux import Wanted
from openinsure.billing.operations.journal import post_entry
from openinsure.billing.postings import LedgerKey, Line, Transfer
from openinsure.console.forms import Once
from openinsure.jobs import relay
from openinsure.keyspaces.ids import new_id
from openinsure.ledger import ids
from openinsure.ledger.backends import adapter
from openinsure.money.rates import Split
from openinsure.tenancy.scope import Scope, entered
from tests.billing import posting
from tests.factories import made

NOW = datetime(2026, 6, 15, 15, tzinfo=UTC)
START, END = date(2026, 5, 1), date(2026, 5, 31)
SPLIT = Split.from_rates(producer="0.125", mga="0.10", quota_share="0.30")
CASH = LedgerKey("MGA_FIDUCIARY", "trust_account", "premium")


@dataclass
class World:
    """One organisation with a carrier, a program and three people. Cents earned and ceded."""

    scope: Scope
    earned: int = 110_096
    unearned: int = 23_855
    ceded: int = 57_407
    carrier: str = field(default_factory=new_id)
    program: str = field(default_factory=new_id)
    author: str = field(default_factory=new_id)
    approver: str = field(default_factory=new_id)
    releaser: str = field(default_factory=new_id)
    bordereau: Once = field(default_factory=posting.once)
    claims: Once = field(default_factory=posting.once)
    settlement: Once = field(default_factory=posting.once)
    transactions: list[str] = field(default_factory=lambda: [new_id(), new_id()])
    claim_payment: str = field(default_factory=new_id)
    source: Once = field(default_factory=posting.once)

    @property
    def tail(self) -> str:
        """What makes the numbers of this world its own."""
        return self.scope.org_id[-6:].upper()

    def lines(self) -> list[Reported]:
        """The new business of the golden policy and its endorsement."""
        row = {"policy_id": new_id(), "policy_number": "TST-2026-000001", "state": "FL",
               "insured_name": "Haulier LLC", "processed": START, "split": SPLIT}  # fmt: skip
        first, second = self.transactions
        return [
            premium_line(Written(transaction_id=first, kind="NEW", premium_cents=1_234_567,
                                 fees_cents=15_000, taxes_cents=62_479, before_cents=0, **row)),
            premium_line(Written(transaction_id=second, kind="ENDORSEMENT", premium_cents=109_808,
                                 fees_cents=0, taxes_cents=0, before_cents=1_234_567, **row)),
        ]  # fmt: skip

    def paid(self) -> list[Reported]:
        """One claim payment of 100.00."""
        return claims_lines(
            [
                Paid(payment_id=self.claim_payment, claim_id=new_id(), claim_number="CLM-1",
                     policy_id=new_id(), policy_number="TST-2026-000001", state="FL",
                     insured_name="Haulier LLC", paid_cents=10_000, outstanding_cents=5_000,
                     recovered_cents=0)
            ]
        )  # fmt: skip


def world(scope: Scope, *, ceded: bool = True, **given: Any) -> World:
    """Collected, earned and ceded as given; everybody who is to be paid has a verified account."""
    posting.organization(scope)
    one = World(scope, **given)
    treaty = made(scope, billing.ReinsuranceTreaty, {
        "id": new_id(), "treaty_code": f"QS-{one.tail}", "treaty_type": "quota_share",
        "program_id": one.program, "effective_date": date(2026, 1, 1),
        "expiration_date": date(2027, 1, 1), "ceded_rate": Decimal("0.3"),
        "ceding_commission_rate": Decimal("0.225"), "currency": "USD", "status": "active",
    })  # fmt: skip
    participant = made(scope, billing.ReinsuranceParticipant, {
        "id": new_id(), "treaty_id": treaty.id, "reinsurer_name": "Re One",
        "share_rate": Decimal(1), "currency": "USD",
    })  # fmt: skip
    for kind, key in (("carrier", one.carrier), ("reinsurer", participant.id)):
        external(scope, kind, key)
    if ceded and one.ceded:
        made(scope, billing.ReinsuranceCession, {
            "id": new_id(), "treaty_id": treaty.id, "participant_id": participant.id,
            "period_start": START, "period_end": END, "ceded_premium_cents": one.ceded,
            "net_cents": one.ceded, "currency": "USD", "status": "agreed",
        })  # fmt: skip
    with entered(scope):
        collect(one)
        relay.relay(scope, now=NOW)
    return one


def external(scope: Scope, kind: str, owner: str, *, verified: bool = True) -> Any:
    """An outside account of a payee."""
    return made(scope, billing.ExternalAccount, {
        "id": new_id(), "owner_type": kind, "owner_id": owner, "display_name": f"A {kind}",
        "token_ref": "tok", "tb_account_id": new_id().replace("-", ""),
        "currency": "USD", "verified_at": NOW if verified else None, "status": "active",
    })  # fmt: skip


def collect(one: World) -> None:
    """Premium collected, part of it earned: cash against fund, carrier and reinsurer."""
    fund = LedgerKey("LOSS_FUND", "program", one.program, "unearned")
    carrier = LedgerKey("CARRIER_PAYABLE", "carrier", one.carrier)
    ceded = LedgerKey("REINSURER_PAYABLE", "treaty_participant", one.program)
    legs = [
        Transfer(leg="carrier", code=1006, debit=CASH, credit=fund,
                 cents=one.earned + one.unearned),
        Transfer(leg="ceded", code=1005, debit=CASH, credit=ceded, cents=one.ceded),
        Transfer(leg="earned", code=1101, debit=fund, credit=carrier, cents=one.earned),
    ]  # fmt: skip
    amounts = (("1010", one.earned + one.unearned + one.ceded), ("2500", -one.unearned),
               ("2100", -one.earned), ("2400", -one.ceded))  # fmt: skip
    post_entry(
        one.scope, once=one.source, entry_date=date(2026, 5, 20), source_type="payment",
        source_id=one.source.id, now=NOW - timedelta(days=20), transfers=legs,
        lines=[Line(account=code, cents=cents, carrier_id=one.carrier)
               for code, cents in amounts if cents],
    )  # fmt: skip


def wanted(one: World, kind: str = "premium") -> Wanted:
    """The bordereau of May."""
    return Wanted(kind=kind, carrier_id=one.carrier, program_id=one.program, period_start=START,
                  period_end=END)  # fmt: skip


def steps(
    one: World, *, offset: bool = False, fails: frozenset[str] = frozenset(), later: int = 0
) -> list[Any]:
    """Every act from the bordereau to the bank, in order; each may run again at any time.

    fails: payee types that the bank does not pay. later: minutes, for the relay of a second run.
    """
    scope, tail = one.scope, one.tail
    told: dict[str, Once] = {f"BDX-{tail}": one.bordereau}
    kinds = {f"BDX-{tail}": "premium"}
    if offset:
        told[f"BDC-{tail}"], kinds[f"BDC-{tail}"] = one.claims, "claims"
    acts: list[Callable[[], Any]] = []
    for number, once in told.items():
        lines = one.lines() if kinds[number] == "premium" else one.paid()
        acts += [
            lambda n=number, o=once, x=lines: bordereaux.generate_bordereau(
                scope, once=o, number=n, wanted=wanted(one, kinds[n]), lines=x,
                actor_user_id=one.author, now=NOW),
            lambda n=number: bordereaux.approve_bordereau(
                scope, number=n, actor_user_id=one.approver, now=NOW),
            lambda n=number: bordereaux.send_bordereau(scope, number=n, now=NOW),
            lambda n=number: bordereaux.acknowledge_bordereau(scope, number=n, now=NOW),
        ]  # fmt: skip
    number = f"SET-{tail}"
    return [
        *acts,
        lambda: authoring.author_settlement(
            scope, once=one.settlement, number=number, actor_user_id=one.author, now=NOW,
            wish=authoring.Wish(carrier_id=one.carrier, period_end=END, offset=offset,
                                  due_date=date(2026, 6, 30))),
        lambda: settlements.approve_settlement(
            scope, number=number, actor_user_id=one.approver, now=NOW),
        lambda: releases.release_settlement(
            scope, number=number, actor_user_id=one.releaser, now=NOW),
        lambda: relay.relay(scope, now=NOW + timedelta(minutes=later + 5)),
        *(lambda place=place: _answer(one, number, place, fails) for place in range(2)),
        lambda: relay.relay(scope, now=NOW + timedelta(minutes=later + 10)),
    ]  # fmt: skip


def _answer(one: World, number: str, place: int, fails: frozenset[str]) -> None:
    payouts = payouts_of(one)
    if place >= len(payouts):
        return
    payout = payouts[place]
    now = NOW + timedelta(minutes=6)
    act: dict[str, Any] = {"number": number, "payout_id": payout.id, "actor_user_id": one.author}
    if payout.payee_type in fails:
        releases.return_payout(one.scope, reason="The bank sent it back", now=now, **act)
    else:
        releases.confirm_payout(one.scope, bank_transaction_id=None, now=now, **act)


def run(one: World, **how: Any) -> None:
    """Everything, inside the organisation."""
    with entered(one.scope):
        for act in steps(one, **how):
            act()


def payouts_of(one: World) -> list[Any]:
    """The payouts of the world's settlement, the carrier's first."""
    with entered(one.scope):
        rows = billing.SettlementPayout.objects.within(one.scope)
        return list(rows.filter(settlement_id=one.settlement.id).order_by("payee_type", "id"))


def settlement_of(one: World) -> Any:
    """The world's settlement."""
    with entered(one.scope):
        return billing.CarrierSettlement.objects.within(one.scope).get(id=one.settlement.id)


def in_ledger(scope: Scope) -> dict[str, tuple[int, int]]:
    """(posted, pending) debits less credits by account type, as the engine has them."""
    with entered(scope):
        kept = list(billing.LedgerAccount.objects.within(scope))
    types = {ids.number(row.tb_account_id): row.account_type for row in kept}
    sums: dict[str, tuple[int, int]] = {}
    for row in adapter().lookup_accounts(list(types), deadline_ms=2_000):
        posted, pending = sums.get(types[row.id], (0, 0))
        sums[types[row.id]] = (
            posted + row.debits_posted - row.credits_posted,
            pending + row.debits_pending - row.credits_pending,
        )
    return {name: both for name, both in sums.items() if both != (0, 0)}
