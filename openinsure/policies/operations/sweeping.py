"""Transitions that a date brings: in force, expired, cancelled. Each once, from its own status."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from openinsure.console.acting import Actor
from openinsure.console.forms import Once
from openinsure.keyspaces.ids import fixed_id
from openinsure.policies.cancelling import Rules, computed
from openinsure.policies.models import Cancellation, Nonrenewal, Policy
from openinsure.policies.noticing import was_given
from openinsure.policies.operations.cancellation_rows import (
    EFFECTIVE,
    NOTICE_SENT,
    PENDING,
    facts_of,
    refigure,
    take_effect,
)
from openinsure.policies.operations.changes import Done, Move, change
from openinsure.problems import Conflict
from openinsure.tenancy.scope import Scope

WAITING = (PENDING, NOTICE_SENT)
HELD = "held"  # the day has come, the notice that the law asks was not given


def due_terms(scope: Scope, at: datetime, *, kept_out: Collection[str]) -> list[tuple[Policy, str]]:
    """Terms whose status a date has overtaken and what it must become, the oldest date first.

    HELD where coverage may not end: the non-renewal was not mailed, or too late for the day.
    """
    day = at.date()
    rows = Policy.objects.within(scope)
    begun = rows.filter(status="issued", effective_date__lte=day)
    ended = rows.filter(status__in=("active", "nonrenewal_pending"), expiration_date__lte=day)
    leaving = rows.filter(status="pending_cancellation")
    successors = rows.filter(prior_policy_id__in=ended.values("id")).exclude(status="cancelled")
    followed = set(successors.values_list("prior_policy_id", flat=True))
    refused = _noticed(scope, ended, day)
    found: list[tuple[date, str, Policy, str]] = []
    for row in [*begun, *ended, *leaving]:
        if row.id in kept_out:
            continue
        if row.status == "issued":
            when, to = row.effective_date, "active"
        elif row.status == "pending_cancellation":
            when, to = row.effective_date, "cancelled"
        else:
            when, to = row.expiration_date, "renewed" if row.id in followed else "expired"
            if row.status == "nonrenewal_pending":
                to = "nonrenewed" if row.id in refused else HELD
        if instant(row, when) <= at:
            found.append((when, row.id, row, to))
    return [(row, to) for _, _, row, to in sorted(found, key=lambda one: one[:2])]


def _noticed(scope: Scope, ended: Any, day: date) -> set[str]:
    """Policies that a non-renewal may end by a day: its notice was given in time for it."""
    waiting = {row.id: row for row in ended if row.status == "nonrenewal_pending"}
    rows = Nonrenewal.objects.within(scope).filter(
        policy_id__in=list(waiting), effective_date__lte=day
    )
    return {row.policy_id for row in rows if was_given(waiting[row.policy_id], row)}


def instant(policy: Any, day: date) -> datetime:
    """When a day of the policy begins: its own time of day in its own zone."""
    hour, _, minute = policy.effective_time.partition(":")
    clock = time(int(hour), int(minute or 0))
    return datetime.combine(day, clock, ZoneInfo(policy.timezone))


def age_policy(scope: Scope, policy: Any, to: str, *, actor: Actor, now: datetime) -> Done:
    """active, expired, renewed or nonrenewed. Raises IllegalTransition if it moved meanwhile."""
    action = {"active": "policy.activated"}.get(to, f"policy.{to}")
    on = policy.effective_date if to == "active" else policy.expiration_date
    move = Move(action, lambda _: to, effective=on)
    once = Once(fixed_id(scope.org_id, action, policy.id, on))
    return change(scope, policy.id, move, once=once, actor=actor, now=now)


def waiting_cancellation(scope: Scope, policy_id: str, day: date) -> Cancellation | None:
    """The cancellation of a policy whose day has come, None if there is none."""
    rows = Cancellation.objects.within(scope).filter(
        policy_id=policy_id, status__in=WAITING, rescinded_at=None, effective_date__lte=day
    )
    found: Cancellation | None = rows.order_by("effective_date", "id").first()
    return found


def effect_cancellation(
    scope: Scope, row: Any, rules: Rules, *, actor: Actor, now: datetime
) -> Done:
    """Let a cancellation take effect: figures of its day, returned premium, the event.

    Raises Conflict where the notice that the law asks was not given in time.
    """

    def apply(policy: Policy) -> Mapping[str, Any]:
        if not was_given(policy, row):
            raise Conflict(f"Coverage cannot end on {row.effective_date}: no notice in time.")
        figures = computed(scope, policy, row.effective_date, row.cancellation_type, rules)
        refigure(row, figures)
        row.status, row.updated_at = EFFECTIVE, now
        row.save()
        take_effect(scope, policy, figures, row, actor, now)
        return facts_of(figures, row)

    payload = {"method": row.cancellation_type, "reason_code": row.reason_code}
    move = Move(
        "policy.cancelled", lambda _: "cancelled", apply,
        {**payload, "effective": row.effective_date.isoformat()}, effective=row.effective_date,
    )  # fmt: skip
    once = Once(fixed_id(scope.org_id, "policy.cancelled", row.id))
    return change(scope, row.policy_id, move, once=once, actor=actor, now=now)
