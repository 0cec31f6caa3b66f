"""A settlement with a carrier: approved or rejected by another person than drew it up.

A third releases it (releases.py). Source: domain.md 5.4, decisions 35 and 36.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Sum

from openinsure.audit import reasons
from openinsure.authz.changing import alongside
from openinsure.authz.duties import changes, settlement_tuples
from openinsure.authz.relationships import Tuple
from openinsure.billing.models import (
    Bordereau,
    CarrierSettlement,
    ExternalAccount,
    GlJournalLine,
    LedgerTransfer,
    ReinsuranceCession,
    SettlementPayout,
)
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.operations.outbox import OPEN
from openinsure.billing.settling import CLAIMS, SETTLEMENT
from openinsure.problems import BadForm, Conflict, Forbidden, NotFound
from openinsure.tenancy.scope import Scope

SETTLING = ("settlement_release", "settlement_return", "settlement_offset")


@dataclass(frozen=True, slots=True)
class Settled:
    """A settlement after a step. repeated: the step had been done before."""

    settlement_id: str
    number: str
    status: str
    repeated: bool


def approve_settlement(scope: Scope, *, number: str, actor_user_id: str, now: datetime) -> Settled:
    """By another person than the author. Raises Forbidden, NotFound, IllegalTransition."""

    def work() -> Settled:
        row = locked_settlement(scope, number)
        if row.approved_by_user_id == actor_user_id:
            return Settled(row.id, number, row.status, True)
        SETTLEMENT.check(row.status, "approved")
        if actor_user_id == row.author_user_id:
            raise Forbidden("Who drew up a settlement cannot approve it.", code="own_request")
        before = list(people(scope, row))
        row.status, row.approved_by_user_id, row.approved_at = "approved", actor_user_id, now
        touch(row, now)
        relate(changes(before, people(scope, row)))
        return Settled(row.id, number, row.status, False)

    with alongside(scope) as relate:
        return in_transaction(work)


def reject_settlement(
    scope: Scope, *, number: str, reason: str, actor_user_id: str, now: datetime
) -> Settled:
    """Nothing is paid; its bordereaux and cessions are free again. Never by the author.

    Raises BadForm for a reason too short or long; Forbidden, NotFound, IllegalTransition.
    """
    said = reasons.stated(reason)

    def work() -> Settled:
        row = locked_settlement(scope, number)
        if row.status == "rejected":
            return Settled(row.id, number, row.status, True)
        SETTLEMENT.check(row.status, "rejected")
        if actor_user_id == row.author_user_id:
            raise Forbidden("Who drew up a settlement cannot decide it.", code="own_request")
        relate(changes(people(scope, row), ()))
        row.status, row.reason = "rejected", said
        touch(row, now)
        payouts = SettlementPayout.objects.within(scope).filter(settlement_id=row.id)
        payouts.update(status="voided", updated_at=now)
        free(scope, row, now)
        return Settled(row.id, number, row.status, False)

    with alongside(scope) as relate:
        return in_transaction(work)


def payable_cents(scope: Scope, carrier_id: str, cutoff: date) -> int:
    """What a carrier is owed for all up to a day, net of settlements booked since. Cents."""
    lines = GlJournalLine.objects.within(scope).filter(account_code="2100", carrier_id=carrier_id)
    upto = lines.filter(entry_date__lte=cutoff)
    since = lines.filter(entry_date__gt=cutoff, journal_entry__source_type__in=SETTLING)
    return _credit(upto) + _credit(since)


def nothing_waits(scope: Scope) -> None:
    """Raises Conflict while transfers wait for the ledger: payouts are refused then."""
    waiting = LedgerTransfer.objects.within(scope).filter(status__in=(*OPEN, "needs_review"))
    if waiting.exists():
        raise Conflict(
            "Transfers still wait for the ledger, so balances are not certain. "
            "Payouts are possible again once the ledger has caught up."
        )


def locked_settlement(scope: Scope, number: str) -> Any:
    """A settlement, locked until the transaction ends. Raises NotFound."""
    rows = CarrierSettlement.objects.within(scope).select_for_update()
    row = rows.filter(settlement_number=number).first()
    if row is None:
        raise NotFound("settlement", number)
    return row


def people(scope: Scope, row: Any) -> Iterator[Tuple]:
    """Who is kept from what on a settlement that waits for approval or release."""
    author, approver = row.author_user_id, row.approved_by_user_id
    return settlement_tuples(scope, row.id, author=author, approver=approver)


def touch(row: Any, now: datetime) -> None:
    """Save a changed row."""
    row.updated_at = now
    row.save(force_update=True)


def free(scope: Scope, row: Any, now: datetime) -> None:
    """Bordereaux and cessions that were not settled wait for the next settlement."""
    told = Bordereau.objects.within(scope).filter(settlement_id=row.id, status="acknowledged")
    told.update(settlement_id=None, updated_at=now)
    ceded = ReinsuranceCession.objects.within(scope).filter(settlement_id=row.id, status="agreed")
    ceded.update(settlement_id=None, updated_at=now)


def kept_by_program(scope: Scope, row: Any) -> dict[str, int]:
    """The agreed offset of a settlement by program, cents."""
    if not row.claims_offset_cents:
        return {}
    return claims_kept(Bordereau.objects.within(scope).filter(settlement_id=row.id))


def _credit(lines: Any) -> int:
    sums = lines.aggregate(debit=Sum("debit_cents"), credit=Sum("credit_cents"))
    return int(sums["credit"] or 0) - int(sums["debit"] or 0)


def claims_kept(told: Iterable[Any]) -> dict[str, int]:
    """What claims bordereaux ask to be kept, cents by program: paid less recovered."""
    sums: dict[str, int] = {}
    for row in told:
        if row.kind == CLAIMS:
            cents = max(0, row.paid_claims_cents - row.recoveries_cents)
            sums[row.program_id] = sums.get(row.program_id, 0) + cents
    return {program: cents for program, cents in sums.items() if cents}


def verified_account(scope: Scope, payee_type: str, payee_id: str) -> Any:
    """The payee's verified outside account. Raises BadForm: nothing is paid to another."""
    rows = ExternalAccount.objects.within(scope).filter(
        owner_type=payee_type, owner_id=payee_id, status="active", verified_at__isnull=False
    )
    account = rows.order_by("verified_at", "id").first()
    if account is None:
        raise BadForm({"carrier": f"has a {payee_type} without a verified outside account"})
    return account
