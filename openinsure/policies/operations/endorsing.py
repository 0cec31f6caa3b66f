"""Binding an endorsement: its premium pro rata from its day, a segment and a movement of its own.

Source: domain.md 4.4 (E1: 2,400.00 a year from 2026-09-15 is 167/365 = 1,098.08, tax 54.24).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openinsure.console.acting import Actor
from openinsure.console.forms import Once
from openinsure.console.words import spoken
from openinsure.keyspaces.ids import new_id
from openinsure.money.rates import exact, of
from openinsure.money.rounding import half_even
from openinsure.money.taxes import POLICY_FEE, PREMIUM, STAMPING, TAX, due_by_component
from openinsure.policies.cancelling import Rules, inside
from openinsure.policies.models import Endorsement, Policy, PolicySegment
from openinsure.policies.operations.cancellation_rows import Cents, write_movement
from openinsure.policies.operations.changes import Done, Move, change
from openinsure.policies.panels import WAITING
from openinsure.policies.states import RUNNING
from openinsure.policies.streams import ENDORSEMENT
from openinsure.problems import BadForm, Conflict
from openinsure.tenancy.scope import Scope

TEN_PLACES = Decimal("1.0000000000")


def bind_endorsement(
    scope: Scope, policy_id: str, *, endorsement_id: str, annual_delta_cents: int, rules: Rules,
    once: Once, actor: Actor, version: int, now: datetime,
) -> Done:  # fmt: skip
    """Bind a requested endorsement. annual_delta_cents: the change of a year's premium, signed.

    The event `endorsement.bound` tells billing what is due now. Raises BadForm, Conflict.
    """

    def decide(policy: Policy) -> None:
        if policy.status not in RUNNING:
            raise Conflict(f"This policy is {spoken(policy.status)}; it cannot be endorsed.")
        inside(policy, _draft(scope, policy, endorsement_id).effective_date)

    def apply(policy: Policy) -> Mapping[str, Any]:
        row = _draft(scope, policy, endorsement_id)
        left = (policy.expiration_date - row.effective_date).days
        term = (policy.expiration_date - policy.effective_date).days
        written = half_even(annual_delta_cents * left, term)
        before, after = policy.written_premium_cents, policy.written_premium_cents + written
        if after < 0:
            raise BadForm({"annual_change": "takes back more premium than this term has"})
        taxes = _tax_change(policy, rules, before, after)
        row.annual_delta_cents, row.written_delta_cents = annual_delta_cents, written
        row.tax_delta_cents = taxes
        row.prorata_factor = (Decimal(left) / term).quantize(TEN_PLACES)
        _mark(scope, policy, row, actor, now)
        policy.annual_premium_cents += annual_delta_cents
        policy.written_premium_cents = after
        policy.taxes_cents += taxes
        policy.total_cents += written + taxes
        write_movement(
            scope, policy, ENDORSEMENT, ("endorsements", row.id), row.effective_date,
            _cents(policy, before, after, taxes), actor, now,
        )  # fmt: skip
        return {
            "endorsement_id": row.id,
            "endorsement_no": row.endorsement_no,
            "written_cents": written,
            "taxes_cents": taxes,
            "due_cents": _due(policy, rules),
            "currency": policy.currency,
        }

    row = Endorsement.objects.within(scope).filter(id=endorsement_id, policy_id=policy_id).first()
    if row is None:
        raise BadForm({"bound_endorsement": "must be an endorsement of this policy"})
    payload = {"annual_delta_cents": annual_delta_cents}
    move = Move("endorsement.bound", decide, apply, payload, "", row.effective_date)
    return change(scope, policy_id, move, once=once, actor=actor, now=now, version=version)


def _mark(scope: Scope, policy: Policy, row: Endorsement, actor: Actor, now: datetime) -> None:
    """The endorsement as bound, with the segments it changed."""
    row.status, row.bound_at, row.approved_by_user_id = "bound", now, actor.user_id
    row.from_segment_id, row.to_segment_id = _segments(scope, policy, row, now)
    row.updated_at = now
    row.save()


def _cents(policy: Policy, before: int, after: int, taxes: int) -> Cents:
    """The movement: premium and both commissions as differences of what is cumulative."""
    producer, mga = exact(policy.producer_commission_rate), exact(policy.mga_commission_rate)
    return Cents(
        after - before, 0, taxes, of(producer, after) - of(producer, before),
        of(mga, after) - of(mga, before),
    )  # fmt: skip


def _draft(scope: Scope, policy: Policy, endorsement_id: str) -> Endorsement:
    rows = Endorsement.objects.within(scope).select_for_update()
    row: Endorsement = rows.get(id=endorsement_id, policy_id=policy.id)
    if row.status not in WAITING:
        told = f"Endorsement {row.endorsement_no} is {spoken(row.status)}"
        raise Conflict(f"{told}; it is not bound again.")
    return row


def _tax_change(policy: Policy, rules: Rules, before: int, after: int) -> int:
    """Tax on the cumulative premium, less what it was; none where the term bears none."""
    if not policy.taxes_cents:
        return 0
    old = due_by_component(rules.taxes, premium_cents=before, fees_cents=policy.fees_cents)
    new = due_by_component(rules.taxes, premium_cents=after, fees_cents=policy.fees_cents)
    kept = {tax.component for tax in rules.taxes if not tax.refundable} if after < before else set()
    change: int = sum(new[name] - old[name] for name in new if name not in kept)
    charged: int = policy.taxes_cents
    return max(change, -charged)


def _due(policy: Policy, rules: Rules) -> dict[str, int]:
    """What the term is charged now, by component; of its tax the office's part by its rate."""
    due = {PREMIUM: policy.written_premium_cents}
    if policy.fees_cents:
        due[POLICY_FEE] = policy.fees_cents
    if policy.taxes_cents:
        whole = due_by_component(
            rules.taxes, premium_cents=policy.written_premium_cents, fees_cents=policy.fees_cents
        )
        stamping = min(policy.taxes_cents, whole.get(STAMPING, 0))
        due[TAX] = policy.taxes_cents - stamping
        if stamping:
            due[STAMPING] = stamping
    return due


def _segments(
    scope: Scope, policy: Policy, row: Endorsement, now: datetime
) -> tuple[str | None, str]:
    """Cut the segment of the day and carry the change into it and every later one.

    The segment before the day and the one from it on.
    """
    rows = PolicySegment.objects.within(scope).filter(policy_id=policy.id)
    standing = list(rows.order_by("start_date", "segment_no"))
    number = max((one.segment_no for one in standing), default=0)
    before, first = None, ""
    spans: list[tuple[Any, Any, int, PolicySegment | None]] = []
    for one in standing:
        if one.status != "active" or one.end_date <= row.effective_date:
            continue
        spans.append((max(one.start_date, row.effective_date), one.end_date,
                      one.annual_rate_cents, one))  # fmt: skip
    if not spans:
        spans.append((row.effective_date, policy.expiration_date,
                      policy.annual_premium_cents, None))  # fmt: skip
    term = (policy.expiration_date - policy.effective_date).days
    for start, end, rate, old in spans:
        number += 1
        annual = rate + row.annual_delta_cents
        made = _segment(scope, policy, row, number, (start, end), annual, now)
        first = first or made.id
        if old is not None and old.start_date < start:
            before = old.id
            old.end_date = start
            old.segment_premium_cents = half_even(rate * (start - old.start_date).days, term)
        elif old is not None:
            before = before or old.id
            old.status, old.superseded_by_id = "superseded", made.id
        if old is not None:
            old.updated_at = now
            old.save()
    return before, first


def _segment(
    scope: Scope, policy: Policy, row: Endorsement, number: int, span: tuple[date, date],
    annual: int, now: datetime,
) -> PolicySegment:  # fmt: skip
    term = (policy.expiration_date - policy.effective_date).days
    made: PolicySegment = PolicySegment.objects.within(scope).create(
        id=new_id(),
        policy_id=policy.id,
        segment_no=number,
        source_type="endorsement",
        endorsement_id=row.id,
        start_date=span[0],
        end_date=span[1],
        annual_rate_cents=annual,
        segment_premium_cents=half_even(annual * (span[1] - span[0]).days, term),
        currency=policy.currency,
        status="active",
        created_at=now,
        updated_at=now,
    )
    return made
