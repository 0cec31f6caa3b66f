"""Premium streams: what earns of a policy, kept in step with its written movements (domain.md 4.4).

A stream is one written movement that earns. A cancellation stops them all; what is kept beyond
the premium earned by then (penalty, minimum, the carrier's odd cent) is a last stream of one day,
so that earned equals retained (4.5). A reinstatement without lapse lets the same streams run on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from openinsure.billing.models import PremiumTransaction
from openinsure.billing.receipts import Terms
from openinsure.keyspaces.ids import new_id
from openinsure.money.earning import Stream, carrier_shares, earned_cents
from openinsure.money.legs import legs_of
from openinsure.tenancy.scope import Scope

ONE_DAY = timedelta(days=1)
OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A written premium movement that earns evenly from a day to the end of its term, cents."""

    id: str
    number: int
    cents: int
    earn_from: date
    earn_to: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A cancellation as streams need it. movement_id, number: of its own written movement."""

    movement_id: str
    number: int
    on: date
    retained_cents: int


def open_streams(
    scope: Scope, terms: Terms, policy_number: str, movements: Sequence[Movement], *,
    currency: str, now: datetime,
) -> int:  # fmt: skip
    """A stream for every movement that has none yet; how many were opened.

    movements: all of the policy in the order of their numbers, cancellations left out: the
    carrier's share of each follows from those before it. Inside the caller's transaction.
    """
    rows = PremiumTransaction.objects.within(scope).filter(policy_id=terms.policy_id)
    standing = set(rows.values_list("policy_transaction_id", flat=True))
    shares = carrier_shares(terms.split, [one.cents for one in movements])
    made = [
        _row(scope, terms, policy_number, one, share, currency, now)
        for one, share in zip(movements, shares, strict=True)
        if one.cents and one.earn_from < one.earn_to and one.id not in standing
    ]
    PremiumTransaction.objects.bulk_create(made)
    return len(made)


def stop_streams(scope: Scope, terms: Terms, ended: Ended, *, now: datetime) -> None:
    """Stop every stream of the policy on a day, and earn what is retained beyond them.

    Once per cancellation. Inside the caller's transaction.
    """
    rows = PremiumTransaction.objects.within(scope).filter(policy_id=terms.policy_id)
    if rows.filter(policy_transaction_id=ended.movement_id).exists():
        return
    rows.filter(stopped_on=None).update(stopped_on=ended.on, fully_earned=False, updated_at=now)
    found = list(rows.order_by("transaction_no", "id"))
    if not found:
        return
    earned = sum(_earned(row, row.written_cents, ended.on) for row in found)
    share = sum(_earned(row, row.carrier_written_cents, ended.on) for row in found)
    whole = legs_of(terms.split, ended.retained_cents).carrier_cents
    left, owed = ended.retained_cents - earned, whole - share
    if left or owed:
        last = Movement(
            id=ended.movement_id, number=ended.number, cents=left, earn_from=ended.on - ONE_DAY,
            earn_to=ended.on,
        )  # fmt: skip
        one = found[0]
        _row(scope, terms, one.policy_number, last, owed, one.currency, now).save(force_insert=True)


def resume_streams(
    scope: Scope, policy_id: str, *, ended: str, earning: Collection[str], on: date, now: datetime
) -> None:
    """Undo a cancellation of a day without lapse: its last stream earns nothing, the others run.

    ended: its movement; earning: the movements that earn. Inside the caller's transaction.
    """
    rows = PremiumTransaction.objects.within(scope).filter(policy_id=policy_id)
    again = {"fully_earned": False, "status": OPEN, "updated_at": now}
    for row in rows.filter(policy_transaction_id=ended, stopped_on=None):
        rows.filter(id=row.id).update(stopped_on=row.earn_from, **again)
    running = rows.filter(policy_transaction_id__in=sorted(earning), stopped_on=on)
    running.update(stopped_on=None, **again)


def _earned(row: PremiumTransaction, cents: int, on: date) -> int:
    return earned_cents(Stream(cents, row.earn_from, row.earn_to, row.stopped_on), on)


def _row(
    scope: Scope, terms: Terms, policy_number: str, of: Movement, share: int, currency: str,
    now: datetime,
) -> PremiumTransaction:  # fmt: skip
    return PremiumTransaction(
        org_id=scope.org_id,
        id=new_id(),
        policy_id=terms.policy_id,
        policy_number=policy_number,
        policy_transaction_id=of.id,
        program_id=terms.program_id,
        carrier_id=terms.carrier_id,
        state=terms.state,
        transaction_no=of.number,
        written_cents=of.cents,
        carrier_written_cents=share,
        currency=currency,
        earn_from=of.earn_from,
        earn_to=of.earn_to,
        status=OPEN,
        created_at=now,
        updated_at=now,
    )
