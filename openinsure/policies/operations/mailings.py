"""Recording that a notice was mailed: only then may coverage end, on a lawful day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from openinsure.console.acting import Actor
from openinsure.console.dates import format_day
from openinsure.console.forms import Once
from openinsure.console.states import IllegalTransition
from openinsure.policies.cancelling import Preview, Rules, computed
from openinsure.policies.models import Cancellation, Nonrenewal, Policy, PolicyNotice
from openinsure.policies.noticing import Asked, day_of, lawful_end, mailed_instant
from openinsure.policies.operations.cancellation_rows import (
    NOTICE_SENT,
    PENDING,
    facts_of,
    refigure,
    write_cancellation,
)
from openinsure.policies.operations.changes import Done, Move, change
from openinsure.policies.operations.notice_rows import MAILED, NONPAY, NONRENEWAL, TO_MAIL
from openinsure.policies.operations.notices import UNDELIVERED
from openinsure.policies.states import POLICY
from openinsure.problems import BadForm, Conflict, NotFound
from openinsure.tenancy.scope import Scope

ACTION, ACTION_NONRENEWAL = "cancellation.notice_mailed", "nonrenewal.notice_mailed"


def record_mailing(
    scope: Scope,
    notice_id: str,
    *,
    mailed_on: date,
    proof: str,
    rules: Rules,
    once: Once,
    actor: Actor,
    version: int,
    now: datetime,
) -> Done:
    """The notice went on a day; coverage ends as planned, or later if the rule's days say so.

    proof: the number of the certificate of mailing. Raises NotFound, BadForm, Conflict.
    """
    notice, policy = _found(scope, notice_id)
    _check(policy, notice, mailed_on, proof, now)
    ends = lawful_end(notice.effective_date, mailed_on=mailed_on, days=notice.rule_days)

    payload = {"notice_id": notice_id, "mailed_on": mailed_on.isoformat(),
               "effective": ends.isoformat(), "citation": notice.citation or ""}  # fmt: skip
    refused = notice.notice_kind == NONRENEWAL
    move = Move(
        ACTION_NONRENEWAL if refused else ACTION,
        lambda policy: _leads_to(scope, policy, notice, ends),
        lambda policy: _record(scope, policy, notice, ends, mailed_on, proof, rules, now),
        payload,
        effective=ends,
    )
    return change(scope, policy.id, move, once=once, actor=actor, now=now, version=version)


def _found(scope: Scope, notice_id: str) -> tuple[Any, Any]:
    """A notice and its policy. Raises NotFound."""
    notice = PolicyNotice.objects.within(scope).filter(id=notice_id).first()
    policy = notice and Policy.objects.within(scope).filter(id=notice.policy_id).first()
    if notice is None or policy is None:
        raise NotFound("notice")
    return notice, policy


def _check(policy: Any, notice: Any, mailed_on: date, proof: str, now: datetime) -> None:
    """Raises BadForm for a day before the notice was asked for or to come, for a missing proof."""
    errors = {}
    asked_on, today = day_of(policy, notice.created_at), day_of(policy, now)
    if not asked_on <= mailed_on <= today:
        first = f"{format_day(asked_on)}, when it was asked for,"
        errors["mailed_on"] = f"must be from {first} to {format_day(today)}"
    if notice.proof_required and not proof:
        law = notice.citation or "the rule"
        errors["proof"] = f"is required: {law} asks for proof of mailing"
    if errors:
        raise BadForm(errors)


def _leads_to(scope: Scope, policy: Policy, notice: Any, ends: date) -> str | None:
    """The status that a mailing leads to, None to stay. Raises BadForm, Conflict."""
    refused = notice.notice_kind == NONRENEWAL
    if ends >= policy.expiration_date and not refused:
        last = format_day(policy.expiration_date)
        raise BadForm({"mailed_on": f"is too late: the term ends on {last}"})
    rows = PolicyNotice.objects.within(scope).select_for_update()
    if rows.values_list("status", flat=True).get(id=notice.id) != TO_MAIL:
        raise Conflict("This notice does not wait to be mailed any more. Look at it again.")
    if notice.notice_kind == NONPAY:
        return "pending_cancellation"
    to = "nonrenewal_pending" if refused else "pending_cancellation"
    if policy.status == to:
        return None
    if refused and policy.status == "active":
        return to
    raise IllegalTransition("policy", policy.status, to, POLICY.allowed(policy.status))


def _record(
    scope: Scope, policy: Policy, notice: Any, ends: date, mailed_on: date, proof: str,
    rules: Rules, now: datetime,
) -> Mapping[str, Any]:  # fmt: skip
    """The mailing on the notice and on what it is of; facts for the event."""
    at = mailed_instant(policy, mailed_on)
    facts: Mapping[str, Any] = {}
    if notice.notice_kind == NONRENEWAL:
        _refuse(scope, notice, ends, at, now)
    else:
        figures, row = _cancellation(scope, policy, notice, ends, rules, now)
        row.status, row.notice_mailed_at, row.notice_tracking = NOTICE_SENT, at, proof or None
        row.updated_at = now
        row.save()
        facts = facts_of(figures, row)
    rows = PolicyNotice.objects.within(scope).filter(id=notice.id)
    rows.update(
        status=MAILED, mailed_at=at, tracking_number=proof or None, effective_date=ends,
        updated_at=now,
    )  # fmt: skip
    return facts


def _refuse(scope: Scope, notice: Any, ends: date, at: datetime, now: datetime) -> None:
    """The decision not to renew takes effect on a day; one that is over raises Conflict."""
    rows = Nonrenewal.objects.within(scope).filter(id=notice.cause_id, notice_mailed_at=None)
    if not rows.filter(status__in=UNDELIVERED).update(
        status="mailed", notice_mailed_at=at, notice_days=notice.rule_days, effective_date=ends,
        updated_at=now,
    ):  # fmt: skip
        raise Conflict("The decision of this notice is over. Look at it again.")


def _cancellation(
    scope: Scope, policy: Policy, notice: Any, ends: date, rules: Rules, now: datetime
) -> tuple[Preview, Cancellation]:
    """The row that the notice is of, with the figures of the day on which coverage ends."""
    if notice.notice_kind == NONPAY:
        figures = computed(scope, policy, ends, "pro_rata", rules)
        asked = Asked(None, notice.rule_days, notice.citation or "", notice.proof_required)
        return figures, write_cancellation(
            scope, policy, figures, "NONPAY", "company", rules, now, notice=asked
        )
    rows = Cancellation.objects.within(scope).select_for_update()
    row = rows.filter(id=notice.cause_id, status=PENDING, rescinded_at=None).first()
    if row is None:
        raise Conflict("The cancellation of this notice is over. Look at it again.")
    method: Any = row.cancellation_type
    figures = computed(scope, policy, ends, method, rules)
    row.effective_date = ends
    refigure(row, figures)
    return figures, row
