"""The rows that a reinstatement leaves inside the caller's transaction, lapse or not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from openinsure.console.acting import Actor
from openinsure.keyspaces.ids import new_id
from openinsure.money.legs import legs_of
from openinsure.money.rates import Split
from openinsure.money.taxes import POLICY_FEE, PREMIUM, Charged, left_after
from openinsure.policies.cancelling import Rules
from openinsure.policies.models import (
    Cancellation,
    Policy,
    PolicyEvent,
    PolicyTransaction,
    Reinstatement,
)
from openinsure.policies.operations.cancellation_rows import EFFECTIVE, Cents, write_movement
from openinsure.policies.reinstating import Back, back_on
from openinsure.policies.streams import CANCELLATION, REINSTATEMENT
from openinsure.problems import Conflict
from openinsure.tenancy.scope import Scope

Due = Mapping[str, int]


def reinstate(
    scope: Scope, policy: Policy, actor: Actor, now: datetime, *, on: date, rules: Rules
) -> Mapping[str, object]:
    """Coverage back from a day; facts for the event. Raises Conflict if no cancellation stands."""
    rows = Cancellation.objects.within(scope).filter(
        policy_id=policy.id, status=EFFECTIVE, effective_date=policy.cancellation_effective_date
    )
    ended = rows.order_by("-created_at", "-id").first()
    moved = PolicyTransaction.objects.within(scope).filter(policy_id=policy.id)
    every = list(moved.order_by("transaction_no", "id"))
    movement = ended and next(
        (m for m in every if m.source_id == ended.id and m.transaction_type == CANCELLATION), None
    )
    if ended is None or movement is None:
        raise Conflict("The cancellation that ended this policy was not found; nothing changed.")
    back = back_on(policy, every, movement, on)
    cents, due = _undone(movement), _due_again(scope, policy, ended, movement)
    if back.lapse_days:
        cents, due = _charged(policy, movement, back, rules)
    row = _insert(scope, policy, ended, back, actor, now)
    policy.cancelled_at = policy.cancellation_effective_date = None
    policy.written_premium_cents += cents.premium
    policy.fees_cents += cents.fees
    policy.taxes_cents += cents.taxes
    policy.total_cents += cents.premium + cents.fees + cents.taxes
    source = ("reinstatements", row.id)
    write_movement(scope, policy, REINSTATEMENT, source, on, cents, actor, now)
    return {
        "reinstatement_id": row.id,
        "cancellation_id": ended.id,
        "effective": on.isoformat(),
        "premium_cents": cents.premium,
        "due_cents": due,
        "lapse_days": back.lapse_days,
        "currency": policy.currency,
    }


def _insert(
    scope: Scope, policy: Policy, ended: Cancellation, back: Back, actor: Actor, now: datetime
) -> Reinstatement:
    row: Reinstatement = Reinstatement.objects.within(scope).create(
        id=new_id(),
        policy_id=policy.id,
        cancellation_id=ended.id,
        status=EFFECTIVE,
        effective_date=back.on,
        lapse_days=back.lapse_days,
        reinstated_premium_cents=back.premium_cents,
        currency=policy.currency,
        approved_by_user_id=actor.user_id,
        created_at=now,
        updated_at=now,
    )
    return row


def _undone(movement: PolicyTransaction) -> Cents:
    """All that the cancellation wrote, the other way."""
    return Cents(
        -movement.written_premium_cents, -movement.fees_cents, -movement.taxes_cents,
        -movement.producer_commission_cents, -movement.mga_commission_cents,
    )  # fmt: skip


def _charged(
    policy: Policy, movement: PolicyTransaction, back: Back, rules: Rules
) -> tuple[Cents, Due]:
    """What a lapse writes, and what the term is charged then: tax follows the premium it keeps."""
    retained = policy.written_premium_cents
    written, kept = retained - movement.written_premium_cents, retained + back.premium_cents
    fees, taxes = policy.fees_cents - movement.fees_cents, policy.taxes_cents - movement.taxes_cents
    left = left_after(
        Charged(taxes=rules.taxes, fee=rules.fee, fees_cents=fees, taxes_cents=taxes),
        written_cents=written, retained_cents=kept, flat=False,
    )  # fmt: skip
    fee_back = left.back.get(POLICY_FEE, 0)
    tax_back = sum(left.back.values()) - fee_back
    split = Split.from_rates(
        producer=policy.producer_commission_rate,
        mga=policy.mga_commission_rate,
        quota_share=rules.quota_share,
    )
    legs = legs_of(split, kept) - legs_of(split, retained)
    cents = Cents(
        back.premium_cents, fees - fee_back - policy.fees_cents,
        taxes - tax_back - policy.taxes_cents, legs.producer_cents, legs.mga_cents,
    )  # fmt: skip
    return cents, {PREMIUM: kept, **left.due}


def _due_again(
    scope: Scope, policy: Policy, ended: Cancellation, movement: PolicyTransaction
) -> Due:
    """What the term is charged again, by component: what its cancellation left plus gave back."""
    told = PolicyEvent.objects.within(scope).filter(
        policy_id=policy.id, event_type="policy.cancelled"
    )
    due = {PREMIUM: policy.written_premium_cents - movement.written_premium_cents}
    for payload in told.order_by("-seq", "-id").values_list("payload", flat=True):
        if payload and payload.get("cancellation_id") == ended.id and "due_cents" in payload:
            left, back = payload["due_cents"], payload["back_cents"]
            return {name: cents + back.get(name, 0) for name, cents in left.items()} | due
    return due
