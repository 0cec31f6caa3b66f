"""Cancel a term with a computed refund, rescind a notice, reinstate with a lapse or without."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from openinsure.console.acting import Actor
from openinsure.console.forms import Once
from openinsure.console.states import IllegalTransition
from openinsure.policies.cancelling import Method, Rules, computed, inside
from openinsure.policies.models import Cancellation, Policy
from openinsure.policies.noticing import Asked, earliest_end
from openinsure.policies.operations.cancellation_rows import (
    NOTICE_SENT,
    PENDING,
    facts_of,
    take_effect,
    write_cancellation,
)
from openinsure.policies.operations.changes import Done, Move, change
from openinsure.policies.operations.notice_rows import (
    CANCELLATION,
    ask_for_notice,
    withdraw_notices,
)
from openinsure.policies.operations.reinstatement_rows import reinstate
from openinsure.policies.reinstating import within_term
from openinsure.policies.states import POLICY
from openinsure.problems import BadForm, Conflict, NotFound
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
NO_RULES = Rules(Decimal(1), Decimal(0))
INSURED, COMPANY = "insured", "company"
ASKED_BY = {"INSURED_REQUEST": INSURED, "NONPAY": COMPANY, "MISREPRESENTATION": COMPANY,
            "UNDERWRITING": COMPANY}  # fmt: skip


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
    notice: Asked | None = None,
) -> Done:
    """Cancel from a day; one still to come waits as pending_cancellation.

    A day that has come writes the returned premium at once: the event `policy.cancelled` tells
    billing all of it. Before that day the event is `cancellation.requested` and no money moves.
    notice: what the law asks where the company cancels; then a notice waits to be mailed, and
    coverage ends no earlier than its days after that. Raises BadForm.
    """
    has_come = on <= (today := _today(scope, policy_id, now))
    asked = notice if initiated_by == COMPANY and notice and notice.days else None
    _fits(reason_code, initiated_by)

    def decide(policy: Policy) -> str:
        inside(policy, on)
        if asked and on < (first := earliest_end(today, asked.days)):
            raise BadForm({"effective": f"must be {first} or later: {asked.words}"})
        return "cancelled" if has_come else "pending_cancellation"

    def apply(policy: Policy) -> Mapping[str, Any]:
        figures = computed(scope, policy, on, method, rules)
        row = write_cancellation(
            scope, policy, figures, reason_code, initiated_by, rules, now, notice=asked
        )
        if asked:
            ask_for_notice(
                scope, policy, CANCELLATION, cause_id=row.id, effective=on, asked=asked, now=now
            )
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

    def apply(policy: Policy) -> Mapping[str, Any]:
        waiting = Cancellation.objects.within(scope).filter(
            policy_id=policy.id, rescinded_at=None, status__in=(PENDING, NOTICE_SENT)
        )
        withdraw_notices(scope, list(waiting.values_list("id", flat=True)), now=now)
        waiting.update(status=RESCINDED, rescinded_at=now, rescind_reason=reason, updated_at=now)
        return {}

    move = Move("cancellation.rescinded", _active_from("pending_cancellation"), apply, {}, reason)
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
    on: date | None = None,
    rules: Rules = NO_RULES,
    gap_claims: int = 0,
) -> Done:
    """Coverage back from the day it ended (on: None), without lapse: the same streams run again.

    From a later day, with a lapse: the days between stay without cover and are not charged; what
    is unearned on that day is. rules: whose taxes that premium bears; gap_claims: how many claims
    of those days were looked at. Raises BadForm for a day before coverage ended or after today.
    """

    def apply(policy: Policy) -> Mapping[str, Any]:
        day = on or policy.cancellation_effective_date
        if day is None:
            raise Conflict("This policy does not say when its coverage ended; nothing changed.")
        within_term(policy, day, now)
        return reinstate(scope, policy, actor, now, on=day, rules=rules)

    seen = {"gap_claims": gap_claims} if gap_claims else {}
    move = Move("policy.reinstated", _active_from("cancelled"), apply, seen, reason, on)
    return change(scope, policy_id, move, once=once, actor=actor, now=now, version=version)


def _active_from(status: str) -> Callable[[Policy], str]:
    """The move back to active, from this status only; others that lead there mean another act."""

    def decide(policy: Policy) -> str:
        if policy.status != status:
            raise IllegalTransition(
                "policy", policy.status, "active", POLICY.allowed(policy.status)
            )
        return "active"

    return decide


def _fits(reason_code: str, initiated_by: str) -> None:
    """Raises BadForm for a reason that only the other side can have."""
    if ASKED_BY.get(reason_code, initiated_by) != initiated_by:
        raise BadForm({"initiated_by": f"must fit the reason: {REASONS[reason_code]}"})


def _today(scope: Scope, policy_id: str, now: datetime) -> date:
    """The day in the policy's own time zone. Raises NotFound."""
    zones = Policy.objects.within(scope).filter(id=policy_id).values_list("timezone", flat=True)
    for zone in zones:
        return now.astimezone(ZoneInfo(zone)).date()
    raise NotFound("policy")
