"""The rows that a cancellation leaves, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Max

from openinsure.console.acting import Actor
from openinsure.keyspaces.ids import new_id
from openinsure.policies.cancelling import Preview, Rules
from openinsure.policies.models import (
    Cancellation,
    Policy,
    PolicyTransaction,
)
from openinsure.policies.noticing import Asked
from openinsure.policies.streams import CANCELLATION
from openinsure.tenancy.scope import Scope

PENDING, NOTICE_SENT, EFFECTIVE = "pending", "notice_sent", "effective"


class Cents(NamedTuple):
    """What a movement writes: premium, policy fee, taxes, and the commissions on it."""

    premium: int
    fees: int
    taxes: int
    producer: int
    mga: int


def write_cancellation(
    scope: Scope,
    policy: Policy,
    figures: Preview,
    reason_code: str,
    initiated_by: str,
    rules: Rules,
    now: datetime,
    *,
    notice: Asked | None = None,
) -> Cancellation:
    """The row of `cancellations`; pending unless the policy is cancelled already.

    notice: what the law asks before it may end coverage, None where the insured asked.
    """
    row: Cancellation = Cancellation.objects.within(scope).create(
        id=new_id(),
        policy_id=policy.id,
        policy_number=policy.policy_number,
        cancellation_type=figures.method,
        reason_code=reason_code,
        initiated_by=initiated_by,
        status=EFFECTIVE if policy.status == "cancelled" else PENDING,
        notice_rule_id=notice.rule_id if notice else None,
        notice_days=notice.days if notice else 0,
        effective_date=figures.effective,
        earned_premium_cents=figures.earned_cents,
        unearned_premium_cents=figures.unearned_cents,
        short_rate_factor=rules.short_rate,
        penalty_cents=figures.penalty_cents,
        min_earned_cents=figures.minimum_cents,
        return_premium_cents=figures.refund_cents,
        return_tax_cents=figures.taxes_back_cents,
        return_commission_cents=figures.legs_back.producer_cents,
        currency=policy.currency,
        created_at=now,
        updated_at=now,
    )
    return row


def refigure(row: Cancellation, figures: Preview) -> None:
    """Let the row tell the figures of its day; the caller saves it."""
    row.earned_premium_cents, row.unearned_premium_cents = (
        figures.earned_cents,
        figures.unearned_cents,
    )
    row.penalty_cents, row.return_premium_cents = figures.penalty_cents, figures.refund_cents
    row.return_tax_cents = figures.taxes_back_cents
    row.return_commission_cents = figures.legs_back.producer_cents


def take_effect(
    scope: Scope, policy: Policy, figures: Preview, row: Cancellation, actor: Actor, now: datetime
) -> None:
    """Written premium becomes what is retained; the movement carries the commissions back."""
    policy.cancelled_at = now
    policy.cancellation_effective_date = figures.effective
    policy.written_premium_cents -= figures.refund_cents
    policy.fees_cents -= figures.fees_back_cents
    policy.taxes_cents -= figures.taxes_back_cents
    policy.total_cents -= sum(one.cents for one in figures.back)
    back = figures.legs_back
    write_movement(
        scope, policy, CANCELLATION, ("cancellations", row.id), figures.effective,
        Cents(-figures.refund_cents, -figures.fees_back_cents, -figures.taxes_back_cents,
              -back.producer_cents, -back.mga_cents), actor, now,
    )  # fmt: skip


def facts_of(figures: Preview, row: Cancellation) -> Mapping[str, object]:
    """All that billing needs to post the cancellation."""
    back = figures.legs_back
    return {
        "cancellation_id": row.id,
        "written_cents": figures.written_cents,
        "earned_cents": figures.earned_cents,
        "penalty_cents": figures.penalty_cents,
        "refund_cents": figures.refund_cents,
        "retained_cents": figures.retained_cents,
        "currency": figures.currency,
        "due_cents": {one.component: one.cents for one in figures.due},
        "back_cents": {one.component: one.cents for one in figures.back},
        "legs_back_cents": {
            "producer": back.producer_cents,
            "mga": back.mga_cents,
            "ceded": back.ceded_cents,
            "carrier": back.carrier_cents,
        },
    }


def write_movement(
    scope: Scope,
    policy: Policy,
    kind: str,
    source: tuple[str, str],
    effective: date,
    cents: Cents,
    actor: Actor,
    now: datetime,
) -> str:
    """Append a written movement, its id; the policy is locked. source: the cause's table and id."""
    rows = PolicyTransaction.objects.within(scope)
    newest = rows.filter(policy_id=policy.id).aggregate(newest=Max("transaction_no"))["newest"]
    row = rows.create(
        id=new_id(),
        policy_id=policy.id,
        policy_number=policy.policy_number,
        transaction_no=(newest or 0) + 1,
        transaction_type=kind,
        source_table=source[0],
        source_id=source[1],
        effective_date=effective,
        process_date=now.date(),
        written_premium_cents=cents.premium,
        fees_cents=cents.fees,
        taxes_cents=cents.taxes,
        producer_commission_cents=cents.producer,
        mga_commission_cents=cents.mga,
        currency=policy.currency,
        status="posted",
        created_by_user_id=actor.user_id,
        created_at=now,
    )
    return str(row.id)
