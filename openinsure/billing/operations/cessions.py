"""Statements to reinsurers: the ceded share of what was collected, by treaty and participant.

What is ceded of a receipt is posted with the receipt; a statement only adds up a period. Losses are
told and billed apart (reinsurance_recoverables), so net is what REINSURER_PAYABLE holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Sum

from openinsure.billing.models import (
    GlJournalLine,
    PaymentAllocation,
    PremiumTransaction,
    ReinsuranceCession,
    ReinsuranceParticipant,
    ReinsuranceTreaty,
)
from openinsure.billing.operations.moneyed import end_of, in_transaction
from openinsure.billing.operations.recoverables import REINSURED, bill_losses, shares
from openinsure.console.dates import format_day
from openinsure.console.forms import Once
from openinsure.keyspaces.ids import new_id
from openinsure.money.rates import exact, of
from openinsure.problems import BadForm, NotFound
from openinsure.tenancy.scope import Scope


@dataclass(frozen=True, slots=True)
class Ceded:
    """The statements of a treaty's period. repeated: the form had drawn them before."""

    number: str
    status: str
    net_cents: int
    repeated: bool


def draw_cessions(
    scope: Scope, *, once: Once, treaty_id: str, period_end: date, now: datetime
) -> Ceded:
    """One statement a participant, from the day after the last one to `period_end`.

    Shares add up to the treaty's amount to the cent. Raises NotFound; BadForm for a period that is
    not over, not after the last, or without anything ceded.
    """
    if period_end >= now.date():
        raise BadForm({"period_end": "must be over: before today"})

    def work() -> Ceded:
        treaty = ReinsuranceTreaty.objects.within(scope).select_for_update()
        row = treaty.filter(id=treaty_id).first()
        if row is None:
            raise NotFound("treaty", treaty_id[:40])
        rows = ReinsuranceCession.objects.within(scope).filter(treaty_id=row.id)
        if rows.filter(id=once.id).exists():
            return Ceded(row.treaty_code, "agreed", 0, True)
        last = rows.order_by("-period_end", "-id").first()
        first = last.period_end + timedelta(days=1) if last else row.effective_date
        if period_end < first:
            since = f"{format_day(first)}, where the last ended"
            raise BadForm({"period_end": f"must be on or after {since}"})
        premium, net, paid = _amounts(scope, row.program_id, first, period_end)
        if not net and not paid:
            raise BadForm({"period_end": "leaves nothing ceded in this period"})
        gross = of(exact(row.ceded_rate), premium)
        loss = of(exact(row.ceded_rate), sum(paid.values()))
        people = _insert(scope, once, row, (first, period_end), (gross, gross - net, loss), now)
        bill_losses(scope, row, people, paid, now)
        return Ceded(row.treaty_code, "agreed", net, False)

    return in_transaction(work)


def _amounts(
    scope: Scope, program_id: str | None, first: date, last: date
) -> tuple[int, int, dict[str, int]]:
    """Of a program in a period: premium collected, ceded net of commission, paid by claim. Cents.

    Nothing is paid for no claim: account 5100 is kept by claim. What reinsurers paid is left out.
    """
    low, below = datetime.combine(first, time(), UTC), end_of(last)
    rows = PaymentAllocation.objects.within(scope).filter(
        component="premium", allocated_at__gte=low, allocated_at__lt=below
    )
    by_policy = rows.values_list("policy_id").annotate(
        premium=Sum("amount_cents"), net=Sum("reinsurer_cents")
    )
    collected = {key: (int(premium), int(net)) for key, premium, net in by_policy.order_by()}
    lines = GlJournalLine.objects.within(scope).filter(
        account_code="5100", entry_date__gte=first, entry_date__lte=last
    )
    spent = (
        lines.exclude(policy_id=None)
        .exclude(claim_id=None)
        .exclude(source_type=REINSURED)
        .values_list("policy_id", "claim_id")
        .annotate(debit=Sum("debit_cents"), credit=Sum("credit_cents"))
    )
    ours = PremiumTransaction.objects.within(scope).filter(program_id=program_id)
    mine = set(ours.values_list("policy_id", flat=True))
    return (
        sum(cents for key, (cents, _) in collected.items() if key in mine),
        sum(cents for key, (_, cents) in collected.items() if key in mine),
        {
            claim: int(debit) - int(credit)
            for policy, claim, debit, credit in spent.order_by()
            if policy in mine and debit != credit
        },
    )


def _insert(
    scope: Scope, once: Once, treaty: Any, period: tuple[date, date],
    amounts: tuple[int, int, int], now: datetime,
) -> list[Any]:  # fmt: skip
    """The statements, one a participant; the participants in that order."""
    people = list(
        ReinsuranceParticipant.objects.within(scope).filter(treaty_id=treaty.id).order_by("id")
    )
    if not people:
        raise BadForm({"treaty": "has no participant to cede to"})
    rates = [one.share_rate for one in people]
    gross, commission, loss = (shares(cents, rates) for cents in amounts)
    ReinsuranceCession.objects.bulk_create(
        ReinsuranceCession(
            org_id=scope.org_id,
            id=once.id if place == 0 else new_id(),
            treaty_id=treaty.id,
            participant_id=one.id,
            period_start=period[0],
            period_end=period[1],
            ceded_premium_cents=gross[place],
            ceding_commission_cents=commission[place],
            ceded_loss_cents=loss[place],
            net_cents=gross[place] - commission[place],
            currency=treaty.currency,
            status="agreed",
            created_at=now,
            updated_at=now,
        )
        for place, one in enumerate(people)
    )
    return people
