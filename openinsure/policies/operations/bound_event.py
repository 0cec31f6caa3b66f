"""The event of a bound term, first or renewed: the outbox by which billing opens its account,
bills its first installment and starts the stream of its premium.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from openinsure.keyspaces.ids import fixed_id
from openinsure.policies.models import Policy, PolicyEvent
from openinsure.policies.states import BOUND

EVENT = "policy.bound"


def tell_bound(
    policy: Policy, movement_id: str, *, actor: tuple[str | None, str], now: datetime,
    cause_id: str | None = None, **facts: Any,
) -> None:  # fmt: skip
    """Write it, as the first event of a term whose only movement is this one.

    actor: id and role; cause_id: the event that it follows from; facts: what else it tells.
    """
    user_id, role = actor
    PolicyEvent.objects.create(
        org_id=policy.org_id,
        id=fixed_id(policy.id, EVENT),
        policy_id=policy.id,
        seq=1,
        event_type=EVENT,
        to_status=BOUND,
        actor_user_id=user_id,
        actor_role=role,
        effective_date=policy.effective_date,
        occurred_at=policy.bound_at,
        correlation_id=cause_id,
        payload={
            "policy_number": policy.policy_number,
            "transaction_id": movement_id,
            "transaction_no": 1,
            "insured_id": policy.insured_id,
            "insured_name": policy.insured_name,
            "name_norm": policy.insured_name_norm,
            "plan": policy.billing_plan,
            "effective": policy.effective_date.isoformat(),
            "expires": policy.expiration_date.isoformat(),
            "premium_cents": policy.written_premium_cents,
            "fees_cents": policy.fees_cents,
            "taxes_cents": policy.taxes_cents,
            "currency": policy.currency,
            **facts,
        },
        created_at=now,
    )
