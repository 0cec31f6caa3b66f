"""Moving a claim to its next status, with what each step asks for."""

from __future__ import annotations

from openinsure.claims.life import CLOSE_REASONS, IN_FLIGHT, MACHINE, WITHOUT_PAYMENT
from openinsure.claims.models import (
    Claim,
    ClaimCoverageDetermination,
    ClaimExposure,
    ClaimPayment,
)
from openinsure.claims.operations.changing import Act, Done, Event, change
from openinsure.console.money import format_cents
from openinsure.problems import BadForm
from openinsure.tenancy.scope import Scope

OPINION_LENGTH_MIN, OPINION_LENGTH_MAX = 20, 5_000
PAID_COLUMNS = ("paid_indemnity_cents", "paid_expense_cents")


def move_claim(
    scope: Scope, claim_id: str, act: Act, *, to: str, close_reason: str = "", opinion: str = ""
) -> Done:
    """Move the claim to `to`. Raises IllegalTransition naming the legal ones; BadForm for what
    the step asks for: a written opinion to deny, a reason, no reserve and nothing in flight to
    close. Closing closes the exposures too.
    """

    def work(claim: Claim) -> Event:
        at = claim.status
        MACHINE.check(at, to)
        payload: dict[str, object] = {"from": at, "to": to}
        if to == "reserved" and outstanding(claim) <= 0:
            raise BadForm({"to": "needs a reserve first"})
        if to == "denied":
            payload |= _deny(scope, claim, act, opinion)
        if to == "closed":
            payload |= _close(scope, claim, act, close_reason)
        if to == "litigated":
            claim.litigated = True
        if to == "reopened":
            claim.reopened_at, claim.closed_at, claim.close_reason = act.now, None, None
        claim.status = to
        return Event("claim.transitioned", payload, from_status=at, to_status=to)

    return change(scope, claim_id, act, action="claim.transitioned", work=work)


def outstanding(claim: Claim) -> int:
    """Open reserves of the claim's header, cents."""
    return int(claim.outstanding_indemnity_cents + claim.outstanding_expense_cents)


def _deny(scope: Scope, claim: Claim, act: Act, opinion: str) -> dict[str, object]:
    if not OPINION_LENGTH_MIN <= len(opinion.strip()) <= OPINION_LENGTH_MAX:
        rule = f"must be written: {OPINION_LENGTH_MIN} to {OPINION_LENGTH_MAX:,} characters"
        raise BadForm({"opinion": rule})
    ClaimCoverageDetermination.objects.within(scope).create(
        id=act.once.id,
        claim_id=claim.id,
        determination="denied",
        opinion=opinion.strip(),
        decided_by_user_id=act.actor.user_id,
        decided_at=act.now,
        created_at=act.now,
    )
    claim.coverage_determination = "denied"
    return {"determination_id": act.once.id}


def _close(scope: Scope, claim: Claim, act: Act, reason: str) -> dict[str, object]:
    if reason not in dict(CLOSE_REASONS):
        raise BadForm({"close_reason": "must be one of " + ", ".join(dict(CLOSE_REASONS))})
    left = outstanding(claim)
    if left:
        rule = f"is not possible with {format_cents(left, claim.currency)} of reserve"
        raise BadForm({"to": rule})
    if claim.status in WITHOUT_PAYMENT and any(getattr(claim, name) for name in PAID_COLUMNS):
        raise BadForm({"to": "is not possible from here once something was paid; settle it first"})
    payments = ClaimPayment.objects.within(scope).filter(claim_id=claim.id, status__in=IN_FLIGHT)
    if payments.exists():
        raise BadForm({"to": "is not possible while a disbursement is in flight"})
    exposures = ClaimExposure.objects.within(scope).filter(claim_id=claim.id, closed_at=None)
    outcome = reason if reason in ("denied", "duplicate") else "completed"
    closed = exposures.update(
        status="closed", closed_at=act.now, close_outcome=outcome, updated_at=act.now
    )
    claim.closed_at, claim.close_reason = act.now, reason
    return {"close_reason": reason, "exposures_closed": closed}
