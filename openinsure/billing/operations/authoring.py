"""Drawing up a settlement: what is due to a carrier, and who is paid of it.

What is due is the carrier's payable in the journal at the end of the period, less what later
settlements took; it is only read while no transfer waits for the ledger. Source: domain.md 5.4,
decisions 35 and 36.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openinsure.authz.changing import alongside
from openinsure.authz.duties import changes
from openinsure.billing.models import (
    Bordereau,
    CarrierSettlement,
    LedgerAccount,
    ReinsuranceCession,
    SettlementPayout,
)
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.operations.settlements import (
    Settled,
    claims_kept,
    nothing_waits,
    payable_cents,
    people,
    verified_account,
)
from openinsure.billing.settling import PREMIUM, UNDER_WAY
from openinsure.console.forms import Once
from openinsure.console.money import format_cents
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm, Conflict
from openinsure.tenancy.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be settled. offset: keep the claims of its bordereaux from the premium."""

    carrier_id: str
    period_end: date
    due_date: date
    offset: bool = False
    currency: str = "USD"

    def checked(self, now: datetime) -> Wish:
        """Itself. Raises BadForm naming every field that cannot stand."""
        errors = {}
        if self.period_end >= now.date():
            errors["period_end"] = "must be over: before today"
        if self.due_date < self.period_end:
            errors["due_date"] = "must not be before the end of the period"
        if errors:
            raise BadForm(errors)
        return self


def author_settlement(
    scope: Scope, *, once: Once, number: str, wish: Wish, actor_user_id: str | None, now: datetime
) -> Settled:
    """Draw up a settlement with its payouts, waiting for approval. actor_user_id: None for a job.

    Raises BadForm when nothing is due or a payee has no verified account; Conflict while another
    settlement of the carrier is under way or transfers wait for the ledger.
    """
    wish.checked(now)

    def work() -> Settled:
        owed = LedgerAccount.objects.within(scope).select_for_update()
        list(owed.filter(account_type="CARRIER_PAYABLE", entity_id=wish.carrier_id))
        row = CarrierSettlement.objects.within(scope).filter(id=once.id).first()
        if row is not None:
            return Settled(row.id, row.settlement_number, row.status, True)
        _nothing_under_way(scope, wish)
        nothing_waits(scope)
        told = _acknowledged(scope, wish)
        due = payable_cents(scope, wish.carrier_id, wish.period_end)
        offset = sum(claims_kept(told).values()) if wish.offset else 0
        if due <= 0:
            raise BadForm({"period_end": "leaves nothing due to this carrier"})
        if offset > due:
            kept, owing = (format_cents(cents, wish.currency) for cents in (offset, due))
            raise BadForm({"offset": f"would keep {kept} of the {owing} due"})
        row = _insert(scope, once, number, wish, (due, offset), actor_user_id, now)
        _take_bordereaux(scope, row, told, now)
        _plan_payouts(scope, row, now)
        relate(changes((), people(scope, row)))
        return Settled(row.id, number, row.status, False)

    with alongside(scope) as relate:
        return in_transaction(work)


def _nothing_under_way(scope: Scope, wish: Wish) -> None:
    rows = CarrierSettlement.objects.within(scope).filter(
        carrier_id=wish.carrier_id, status__in=UNDER_WAY
    )
    other = rows.values_list("settlement_number", flat=True).first()
    if other is not None:
        raise Conflict(f"Settlement {other} of this carrier is under way. Finish or reject it.")


def _acknowledged(scope: Scope, wish: Wish) -> list[Any]:
    """The carrier's bordereaux that it took and nobody settled, locked."""
    rows = list(
        Bordereau.objects.within(scope)
        .select_for_update()
        .filter(
            carrier_id=wish.carrier_id,
            status="acknowledged",
            settlement_id=None,
            period_end__lte=wish.period_end,
        )
        .order_by("period_end", "id")
    )
    if not any(row.kind == PREMIUM for row in rows):
        raise BadForm({"period_end": "has no acknowledged premium bordereau to settle"})
    return rows


def _insert(
    scope: Scope, once: Once, number: str, wish: Wish, amounts: tuple[int, int],
    actor: str | None, now: datetime,
) -> Any:  # fmt: skip
    due, offset = amounts
    row = CarrierSettlement(
        org_id=scope.org_id,
        id=once.id,
        settlement_number=number,
        carrier_id=wish.carrier_id,
        period_end=wish.period_end,
        premium_due_cents=due,
        claims_offset_cents=offset,
        net_due_cents=due - offset,
        currency=wish.currency,
        status="ready",
        due_date=wish.due_date,
        author_user_id=actor,
        created_at=now,
        updated_at=now,
    )
    row.save(force_insert=True)
    return row


def _take_bordereaux(scope: Scope, row: Any, told: Sequence[Any], now: datetime) -> None:
    ids = [one.id for one in told if one.kind == PREMIUM or row.claims_offset_cents]
    rows = Bordereau.objects.within(scope).filter(id__in=ids)
    rows.update(settlement_id=row.id, updated_at=now)


def _plan_payouts(scope: Scope, row: Any, now: datetime) -> None:
    """One for the carrier, one for each reinsurer with agreed cessions of the period."""
    if row.net_due_cents:
        _plan(scope, row, "carrier", row.carrier_id, "CARRIER_PAYABLE", row.net_due_cents, now)
    programs = Bordereau.objects.within(scope).filter(settlement_id=row.id, kind=PREMIUM)
    ceded = ReinsuranceCession.objects.within(scope).select_for_update()
    ceded = ceded.filter(
        treaty__program_id__in=sorted(set(programs.values_list("program_id", flat=True))),
        status="agreed",
        settlement_id=None,
        period_end__lte=row.period_end,
    )
    sums: dict[str, int] = {}
    for cession in ceded.order_by("participant_id", "id"):
        sums[cession.participant_id] = sums.get(cession.participant_id, 0) + cession.net_cents
    payable = {key: cents for key, cents in sums.items() if cents > 0}
    for participant_id, cents in payable.items():
        _plan(scope, row, "reinsurer", participant_id, "REINSURER_PAYABLE", cents, now)
    taken = ReinsuranceCession.objects.within(scope).filter(
        id__in=[one.id for one in ceded if one.participant_id in payable]
    )
    taken.update(settlement_id=row.id, updated_at=now)


def _plan(
    scope: Scope, row: Any, payee_type: str, payee_id: str, account_type: str, cents: int,
    now: datetime,
) -> None:  # fmt: skip
    account = verified_account(scope, payee_type, payee_id)
    SettlementPayout.objects.create(
        org_id=scope.org_id,
        id=new_id(),
        settlement_id=row.id,
        payee_type=payee_type,
        payee_id=payee_id,
        account_type=account_type,
        amount_cents=cents,
        currency=row.currency,
        external_account_id=account.id,
        status="scheduled",
        created_at=now,
        updated_at=now,
    )
