"""Losses billed to reinsurers with their statement, and what they pay of them.

A statement tells a period's ceded loss; these rows are what is asked for of it, claim by claim and
participant by participant. A claim that gave money back in the period is billed back: its row is
negative. What a reinsurer pays is no such money: it takes nothing off the next ceded loss.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from openinsure.billing.models import ReinsuranceRecoverable
from openinsure.keyspaces.ids import new_id
from openinsure.money.rates import exact, of
from openinsure.money.rounding import split
from openinsure.problems import NotFound
from openinsure.tenancy.scope import Scope

REINSURED = "claim_reinsurance"  # kind of the entry of a reinsurer's payment
WEIGHT = 10**6  # share_rate has six places
DUE_DAYS = 60


def shares(cents: int, rates: Sequence[Decimal]) -> list[int]:
    """An amount by participants' shares; they sum to it. A negative one is shared alike."""
    made = split(abs(cents), [int(rate * WEIGHT) for rate in rates])
    return made if cents >= 0 else [-one for one in made]


def by_claim(
    paid: Mapping[str, int], ceded: Fraction, rates: Sequence[Decimal]
) -> Iterator[tuple[str, int, int]]:
    """Claim, place of the participant, cents; nothing for zero. paid: cents by claim.

    Cumulative, so the rows of a participant sum to its share of the whole to the cent.
    """
    whole, told = 0, [0] * len(rates)
    for claim in sorted(paid):
        whole += paid[claim]
        upto = shares(of(ceded, whole), rates)
        for place, cents in enumerate(upto):
            if cents != told[place]:
                yield claim, place, cents - told[place]
        told = upto


def bill_losses(
    scope: Scope, treaty: Any, participants: Sequence[Any], paid: Mapping[str, int], now: datetime
) -> int:
    """Insert what each participant owes of each claim; how many rows. Inside the caller's work."""
    rates = [one.share_rate for one in participants]
    rows = [
        ReinsuranceRecoverable(
            org_id=scope.org_id,
            id=new_id(),
            treaty_id=treaty.id,
            participant_id=participants[place].id,
            claim_id=claim,
            billed_cents=cents,
            collected_cents=0,
            currency=treaty.currency,
            billed_on=now.date(),
            due_date=now.date() + timedelta(days=DUE_DAYS),
            status="billed",
            created_at=now,
            updated_at=now,
        )
        for claim, place, cents in by_claim(paid, exact(treaty.ceded_rate), rates)
    ]
    ReinsuranceRecoverable.objects.bulk_create(rows)
    return len(rows)


def collect(scope: Scope, recoverable_id: str, *, claim_id: str, cents: int, now: datetime) -> None:
    """A reinsurer paid cents of an item of the claim; negative ones are taken back. Inside the
    caller's transaction.

    Raises NotFound. More than is open stands as collected too: it was received.
    """
    rows = ReinsuranceRecoverable.objects.within(scope).select_for_update()
    row = rows.filter(id=recoverable_id, claim_id=claim_id).first()
    if row is None:
        raise NotFound("recoverable", recoverable_id[:40])
    row.collected_cents += cents
    row.status = "collected" if row.collected_cents >= row.billed_cents else "billed"
    row.updated_at = now
    row.save(force_update=True)
