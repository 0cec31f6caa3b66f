"""Cancel a term with a computed refund, rescind a notice, reinstate without lapse."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from openinsure.console.acting import Actor
from openinsure.console.forms import Once
from openinsure.console.states import IllegalTransition
from openinsure.policies.cancelling import Method, Rules, computed, inside
from openinsure.policies.models import Cancellation, Policy
from openinsure.policies.operations.cancellation_rows import (
    PENDING,
    facts_of,
    reinstate,
    take_effect,
    write_cancellation,
)
from openinsure.policies.operations.changes import Done, Move, change
from openinsure.policies.states import POLICY
from openinsure.problems import NotFound
from openinsure.tenancy.scope import Scope

REASONS = {
    "INSURED_REQUEST": "Insured's request",
    "NONPAY": "Non-payment of premium",
    "SOLD": "Business sold or closed",
    "REWRITTEN": "Rewritten elsewhere",
    "MISREPRESENTATION": "Material misrepresentation",
    "UNDERWRITING": "Underwriting",
}
RESCINDED = "rescinded"


def cancel_policy(
    scope: Scope,
    policy_id: str,
    *,
    on: date,
    method: Method,
    reason_code: str,
    initiated_by: str,
    rules: Rules,
    once: Once,
    actor: Actor,
    version: int,
    now: datetime,
) -> Done:
    """Cancel from a day; one still to come waits as pending_cancellation.

    A day that has come writes the returned premium at once: the event `policy.cancelled` tells
    billing all of it. Before that day the event is `cancellation.requested` and no money moves.
    """
    has_come = on <= _today(scope, policy_id, now)

    def decide(policy: Policy) -> str:
        inside(policy, on)
        return "cancelled" if has_come else "pending_cancellation"

    def apply(policy: Policy) -> Mapping[str, Any]:
        figures = computed(scope, policy, on, method, rules)
        row = write_cancellation(scope, policy, figures, reason_code, initiated_by, rules, now)
        if policy.status == "cancelled":
            take_effect(scope, policy, figures, row, actor, now)
        return facts_of(figures, row)

    payload = {"method": method, "reason_code": reason_code, "effective": on.isoformat()}
    reason = REASONS[reason_code]
    action = "policy.cancelled" if has_come else "cancellation.requested"
    move = Move(action, decide, apply, payload, reason, on)
    return change(scope, policy_id, move, once=once, actor=actor, now=now, version=version)


def rescind_cancellation(
    scope: Scope,
    policy_id: str,
    *,
    reason: str,
    once: Once,
    actor: Actor,
    version: int,
    now: datetime,
) -> Done:
    """Take back a cancellation that has not taken effect. Raises IllegalTransition otherwise."""

    def decide(policy: Policy) -> str:
        if policy.status != "pending_cancellation":
            raise IllegalTransition(
                "policy", policy.status, "active", POLICY.allowed(policy.status)
            )
        return "active"

    def apply(policy: Policy) -> Mapping[str, Any]:
        waiting = Cancellation.objects.within(scope).filter(
            policy_id=policy.id, rescinded_at=None, status__in=(PENDING, "notice_sent")
        )
        waiting.update(status=RESCINDED, rescinded_at=now, rescind_reason=reason, updated_at=now)
        return {}

    move = Move("cancellation.rescinded", decide, apply, {}, reason)
    return change(scope, policy_id, move, once=once, actor=actor, now=now, version=version)


def reinstate_policy(
    scope: Scope,
    policy_id: str,
    *,
    reason: str,
    once: Once,
    actor: Actor,
    version: int,
    now: datetime,
) -> Done:
    """Coverage back from the day it ended, without lapse: the same streams run again."""

    def decide(policy: Policy) -> str:
        if policy.status != "cancelled":
            raise IllegalTransition(
                "policy", policy.status, "active", POLICY.allowed(policy.status)
            )
        return "active"

    def apply(policy: Policy) -> Mapping[str, Any]:
        return reinstate(scope, policy, actor, now)

    move = Move("policy.reinstated", decide, apply, {}, reason)
    return change(scope, policy_id, move, once=once, actor=actor, now=now, version=version)


def _today(scope: Scope, policy_id: str, now: datetime) -> date:
    """The day in the policy's own time zone. Raises NotFound."""
    zones = Policy.objects.within(scope).filter(id=policy_id).values_list("timezone", flat=True)
    for zone in zones:
        return now.astimezone(ZoneInfo(zone)).date()
    raise NotFound("policy")
