"""Setting a reserve within authority; steps are only ever added, the header follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openinsure.claims import flags
from openinsure.claims.authority import Authority, Case, authority_for
from openinsure.claims.life import IN_FLIGHT, WORKABLE
from openinsure.claims.models import (
    Adjuster,
    Claim,
    ClaimExposure,
    ClaimPayment,
    ClaimReserve,
    ClaimReserveFlag,
    ClaimReserveHistory,
)
from openinsure.claims.operations.changing import Act, Done, Event, change
from openinsure.console.acting import Actor
from openinsure.console.money import format_cents
from openinsure.console.words import spoken
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm, Forbidden
from openinsure.tenancy.scope import Scope

COST_TYPES = (("indemnity", "Indemnity"), ("expense", "Expense"))
REASONS = (
    ("initial", "First estimate"),
    ("new_information", "New information"),
    ("medical_update", "Medical update"),
    ("legal_update", "Legal update"),
    ("settlement", "Settlement"),
    ("closing", "Closing"),
)
TAKEDOWN = "payment"
RATIONALE_LENGTH_MIN, RATIONALE_LENGTH_MAX = 10, 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A reserve as asked for: the new outstanding amount, not the difference."""

    exposure_id: str
    cost_type: str
    new_cents: int
    reason_code: str
    rationale: str

    def checked(self) -> Wish:
        """Itself. Raises BadForm naming every field that cannot stand."""
        errors = {}
        if self.cost_type not in dict(COST_TYPES):
            errors["cost_type"] = "must be one of " + ", ".join(dict(COST_TYPES))
        if self.reason_code not in dict(REASONS):
            errors["reason_code"] = "must be one of " + ", ".join(dict(REASONS))
        if not RATIONALE_LENGTH_MIN <= len(self.rationale.strip()) <= RATIONALE_LENGTH_MAX:
            span = f"{RATIONALE_LENGTH_MIN} to {RATIONALE_LENGTH_MAX:,}"
            errors["rationale"] = f"must have {span} characters"
        if errors:
            raise BadForm(errors)
        return self


def set_reserve(scope: Scope, claim_id: str, act: Act, wish: Wish) -> Done:
    """Set the outstanding reserve of one exposure and cost type.

    Raises Forbidden for anybody but the assigned adjuster; BadForm for an amount above the
    person's authority (naming it), below what is in flight, or unchanged.
    """
    wish.checked()

    def work(claim: Claim) -> Event:
        require_assigned(scope, claim, act.actor)
        if claim.status not in WORKABLE:
            raise BadForm({"amount": f"cannot change while the claim is {spoken(claim.status)}"})
        exposure = open_exposure(scope, claim, wish.exposure_id)
        reserve = reserve_of(scope, exposure, wish.cost_type)
        before = reserve.amount_cents if reserve else 0
        if wish.new_cents == before:
            raise BadForm({"amount": f"is {format_cents(before, claim.currency)} already"})
        limit = limit_of(scope, claim, exposure, wish.cost_type, act)
        _within_authority(claim, wish.new_cents, before, limit)
        flying = in_flight_cents(scope, exposure.id, wish.cost_type)
        if wish.new_cents < flying:
            told = format_cents(flying, claim.currency)
            raise BadForm({"amount": f"must cover the {told} of disbursements in flight"})
        codes = _raise_flags(scope, claim, exposure, wish, before, act)
        step = move_reserve(
            scope, claim, exposure, wish.cost_type, wish.new_cents - before, act,
            step_id=act.once.id, reason=wish.reason_code, rationale=wish.rationale.strip(),
            authority_id=limit.id,
        )  # fmt: skip
        return Event("reserve.set", _payload(claim, step, codes))

    return change(scope, claim_id, act, action="reserve.set", work=work)


def require_assigned(scope: Scope, claim: Claim, actor: Actor) -> Adjuster:
    """The claim's adjuster, who must be the one acting. Raises Forbidden."""
    found: Adjuster | None = (
        Adjuster.objects.within(scope).filter(id=claim.adjuster_id, status="active").first()
    )
    if found is None or found.user_id != actor.user_id:
        raise Forbidden(
            "Only the adjuster who has this claim may do this. Ask for it to be assigned to you.",
            code="not_assigned",
        )
    return found


def open_exposure(scope: Scope, claim: Claim, exposure_id: str) -> ClaimExposure:
    """An exposure of this claim that is not closed. Raises BadForm."""
    rows = ClaimExposure.objects.within(scope).filter(claim_id=claim.id, id=exposure_id)
    found: ClaimExposure | None = rows.exclude(status="closed").first()
    if found is None:
        raise BadForm({"exposure": "must be an open exposure of this claim"})
    return found


def reserve_of(scope: Scope, exposure: ClaimExposure, cost_type: str) -> ClaimReserve | None:
    """What is outstanding now, None before the first step."""
    rows = ClaimReserve.objects.within(scope).filter(exposure_id=exposure.id, cost_type=cost_type)
    found: ClaimReserve | None = rows.first()
    return found


def limit_of(
    scope: Scope, claim: Claim, exposure: ClaimExposure, cost_type: str, act: Act
) -> Authority:
    """The authority of the claim's adjuster for this exposure and cost type."""
    case = Case(
        adjuster_id=claim.adjuster_id,
        role=act.actor.role,
        line_of_business=claim.line_of_business,
        coverage_code=exposure.coverage_code,
        cost_type=cost_type,
        on=act.now.date(),
    )
    return authority_for(scope, case)


def in_flight_cents(scope: Scope, exposure_id: str, cost_type: str) -> int:
    """Requested or approved and not yet issued, of one exposure and cost type."""
    rows = ClaimPayment.objects.within(scope).filter(
        exposure_id=exposure_id, cost_type=cost_type, status__in=IN_FLIGHT
    )
    return sum(rows.values_list("amount_cents", flat=True))


def move_reserve(
    scope: Scope,
    claim: Claim,
    exposure: ClaimExposure,
    cost_type: str,
    delta_cents: int,
    act: Act,
    *,
    step_id: str,
    reason: str,
    rationale: str | None = None,
    authority_id: str | None = None,
) -> ClaimReserveHistory:
    """Append the next step and let reserve, exposure and claim follow. The claim is locked."""
    history = ClaimReserveHistory.objects.within(scope)
    steps = history.filter(exposure_id=exposure.id, cost_type=cost_type)
    last = steps.order_by("-seq").first()
    before = last.new_cents if last else 0
    step: ClaimReserveHistory = history.create(
        id=step_id,
        claim_id=claim.id,
        exposure_id=exposure.id,
        cost_type=cost_type,
        seq=(last.seq if last else 0) + 1,
        previous_cents=before,
        delta_cents=delta_cents,
        new_cents=before + delta_cents,
        currency=claim.currency,
        reason_code=reason,
        rationale=rationale,
        changed_by_user_id=act.actor.user_id,
        authority_limit_id=authority_id,
        approval_status="not_required",
        changed_at=act.now,
        created_at=act.now,
    )
    _keep(scope, exposure, step, act)
    column = f"outstanding_{cost_type}_cents"
    for row in (exposure, claim):
        setattr(row, column, getattr(row, column) + delta_cents)
    claim.incurred_cents += delta_cents
    exposure.updated_at = act.now
    exposure.lock_version += 1
    exposure.save(force_update=True)
    return step


def _keep(scope: Scope, exposure: ClaimExposure, step: ClaimReserveHistory, act: Act) -> None:
    reserve = reserve_of(scope, exposure, step.cost_type)
    if reserve is None:
        reserve = ClaimReserve(
            org_id=scope.org_id,
            id=new_id(),
            claim_id=step.claim_id,
            exposure_id=exposure.id,
            cost_type=step.cost_type,
            currency=step.currency,
            created_at=act.now,
            lock_version=-1,
        )
    reserve.amount_cents = step.new_cents
    reserve.last_history_id = step.id
    reserve.lock_version += 1
    reserve.updated_at = act.now
    reserve.save()


def _within_authority(claim: Claim, new_cents: int, before: int, limit: Authority) -> None:
    """Raising is limited; lowering never needs authority."""
    asked = new_cents
    if limit.per_claim:
        held = claim.outstanding_indemnity_cents + claim.outstanding_expense_cents
        asked = held - before + new_cents
    if new_cents > before and asked > limit.reserve_cents:
        told = format_cents(limit.reserve_cents, claim.currency)
        raise BadForm({"amount": f"is above your reserve authority of {told}; ask a supervisor"})


def _raise_flags(
    scope: Scope, claim: Claim, exposure: ClaimExposure, wish: Wish, before: int, act: Act
) -> list[str]:
    """Insert the flags that the new amount raises and that are not up yet; their codes."""
    steps = ClaimReserveHistory.objects.within(scope).filter(
        exposure_id=exposure.id, cost_type=wish.cost_type
    )
    earlier = steps.order_by("seq").values_list("changed_at", "new_cents")
    held = claim.outstanding_indemnity_cents + claim.outstanding_expense_cents
    paid = claim.paid_indemnity_cents + claim.paid_expense_cents
    position = flags.Position(
        new_cents=wish.new_cents,
        paid_cents=getattr(exposure, f"paid_{wish.cost_type}_cents"),
        claim_cents=held - before + wish.new_cents + paid,
        policy_limit_cents=claim.policy_limit_cents,
        earlier=[flags.Step(at, cents) for at, cents in earlier],
        currency=claim.currency,
    )
    rows = ClaimReserveFlag.objects.within(scope)
    up = rows.filter(claim_id=claim.id, exposure_id=exposure.id, cleared_at=None)
    known = set(up.values_list("flag_code", flat=True))
    fresh = [pair for pair in flags.raised(position, now=act.now) if pair[0] not in known]
    for code, text in fresh:
        rows.create(
            id=new_id(),
            claim_id=claim.id,
            exposure_id=exposure.id,
            flag_code=code,
            raised_at=act.now,
            detail={"text": text, "history_id": act.once.id},
            created_at=act.now,
            updated_at=act.now,
        )
    return [code for code, _ in fresh]


def _payload(claim: Claim, step: ClaimReserveHistory, codes: list[str]) -> dict[str, Any]:
    """What billing needs to post: direction, amount, account key, policy, program."""
    return {
        "history_id": step.id,
        "policy_id": claim.policy_id,
        "program_id": claim.program_id,
        "carrier_id": claim.carrier_id,
        "exposure_id": step.exposure_id,
        "cost_type": step.cost_type,
        "previous_cents": step.previous_cents,
        "delta_cents": step.delta_cents,
        "new_cents": step.new_cents,
        "currency": step.currency,
        "direction": "up" if step.delta_cents > 0 else "down",
        "flags": codes,
    }
