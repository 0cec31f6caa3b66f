"""The rows that a cancellation and a reinstatement leave, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Max

from openinsure.console.acting import Actor
from openinsure.keyspaces.ids import new_id
from openinsure.policies.cancelling import Preview, Rules
from openinsure.policies.models import Cancellation, Policy, PolicyTransaction, Reinstatement
from openinsure.policies.streams import CANCELLATION, REINSTATEMENT
from openinsure.problems import Conflict
from openinsure.tenancy.scope import Scope

PENDING, EFFECTIVE = "pending", "effective"


def write_cancellation(
    scope: Scope,
    policy: Policy,
    figures: Preview,
    reason_code: str,
    initiated_by: str,
    rules: Rules,
    now: datetime,
) -> Cancellation:
    """The row of `cancellations`; pending unless the policy is cancelled already."""
    row: Cancellation = Cancellation.objects.within(scope).create(
        id=new_id(),
        policy_id=policy.id,
        policy_number=policy.policy_number,
        cancellation_type=figures.method,
        reason_code=reason_code,
        initiated_by=initiated_by,
        status=EFFECTIVE if policy.status == "cancelled" else PENDING,
        notice_days=0,
        effective_date=figures.effective,
        earned_premium_cents=figures.earned_cents,
        unearned_premium_cents=figures.unearned_cents,
        short_rate_factor=rules.short_rate,
        penalty_cents=figures.penalty_cents,
        min_earned_cents=figures.minimum_cents,
        return_premium_cents=figures.refund_cents,
        return_commission_cents=figures.legs_back.producer_cents,
        currency=policy.currency,
        created_at=now,
        updated_at=now,
    )
    return row


def take_effect(
    scope: Scope, policy: Policy, figures: Preview, row: Cancellation, actor: Actor, now: datetime
) -> None:
    """Written premium becomes what is retained; the movement carries the commissions back."""
    policy.cancelled_at = now
    policy.cancellation_effective_date = figures.effective
    policy.written_premium_cents -= figures.refund_cents
    policy.total_cents -= figures.refund_cents
    back = figures.legs_back
    _movement(
        scope, policy, CANCELLATION, ("cancellations", row.id), figures.effective,
        -figures.refund_cents, (-back.producer_cents, -back.mga_cents), actor, now,
    )  # fmt: skip


def reinstate(scope: Scope, policy: Policy, actor: Actor, now: datetime) -> Mapping[str, Any]:
    """Undo the cancellation in effect; facts for the event. Raises Conflict if there is none."""
    rows = Cancellation.objects.within(scope).filter(
        policy_id=policy.id, status=EFFECTIVE, effective_date=policy.cancellation_effective_date
    )
    ended = rows.order_by("-created_at", "-id").first()
    movement = ended and (
        PolicyTransaction.objects.within(scope)
        .filter(policy_id=policy.id, source_id=ended.id, transaction_type=CANCELLATION)
        .first()
    )
    if ended is None or movement is None:
        raise Conflict("The cancellation that ended this policy was not found; nothing changed.")
    cents = -movement.written_premium_cents
    back: Reinstatement = Reinstatement.objects.within(scope).create(
        id=new_id(),
        policy_id=policy.id,
        cancellation_id=ended.id,
        status=EFFECTIVE,
        effective_date=ended.effective_date,
        reinstated_premium_cents=cents,
        currency=policy.currency,
        approved_by_user_id=actor.user_id,
        created_at=now,
        updated_at=now,
    )
    policy.cancelled_at = policy.cancellation_effective_date = None
    policy.written_premium_cents += cents
    policy.total_cents += cents
    commissions = (-movement.producer_commission_cents, -movement.mga_commission_cents)
    _movement(
        scope, policy, REINSTATEMENT, ("reinstatements", back.id), ended.effective_date, cents,
        commissions, actor, now,
    )  # fmt: skip
    return {
        "reinstatement_id": back.id,
        "cancellation_id": ended.id,
        "effective": ended.effective_date.isoformat(),
        "premium_cents": cents,
        "lapse_days": 0,
        "currency": policy.currency,
    }


def facts_of(figures: Preview, row: Cancellation) -> Mapping[str, Any]:
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
        "legs_back_cents": {
            "producer": back.producer_cents,
            "mga": back.mga_cents,
            "ceded": back.ceded_cents,
            "carrier": back.carrier_cents,
        },
    }


def _movement(
    scope: Scope,
    policy: Policy,
    kind: str,
    source: tuple[str, str],
    effective: date,
    cents: int,
    commissions: tuple[int, int],
    actor: Actor,
    now: datetime,
) -> None:
    rows = PolicyTransaction.objects.within(scope)
    newest = rows.filter(policy_id=policy.id).aggregate(newest=Max("transaction_no"))["newest"]
    rows.create(
        id=new_id(),
        policy_id=policy.id,
        policy_number=policy.policy_number,
        transaction_no=(newest or 0) + 1,
        transaction_type=kind,
        source_table=source[0],
        source_id=source[1],
        effective_date=effective,
        process_date=now.date(),
        written_premium_cents=cents,
        producer_commission_cents=commissions[0],
        mga_commission_cents=commissions[1],
        currency=policy.currency,
        status="posted",
        created_by_user_id=actor.user_id,
        created_at=now,
    )
