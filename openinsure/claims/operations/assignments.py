"""Giving a claim to an adjuster."""

from __future__ import annotations

from openinsure.authz.queries import recused_people
from openinsure.claims.filters import OPEN
from openinsure.claims.models import Adjuster, Claim, ClaimAssignment
from openinsure.claims.operations.changing import Act, Done, Event, change
from openinsure.console.money import format_cents
from openinsure.plurals import many
from openinsure.problems import BadForm
from openinsure.tenancy.scope import Scope

# Claims of more than this go to a senior adjuster (published threshold).
SENIOR_ABOVE_CENTS = 10_000_000
REASON_LENGTH_MAX = 128


def count_open(scope: Scope, adjuster_id: str) -> int:
    """Claims the adjuster has open now. One statement."""
    mine = Claim.objects.within(scope).filter(adjuster_id=adjuster_id, status__in=OPEN)
    return int(mine.count())


def assign_claim(scope: Scope, claim_id: str, act: Act, *, adjuster_id: str) -> Done:
    """Give the claim to an adjuster. Raises BadForm for one who is unknown, inactive or not senior
    enough; beyond the adjuster's limit of open claims a reason is asked for.
    """

    if len(act.reason.strip()) > REASON_LENGTH_MAX:
        raise BadForm({"reason": f"must be at most {REASON_LENGTH_MAX} characters"})

    def work(claim: Claim) -> Event:
        adjuster = Adjuster.objects.within(scope).filter(id=adjuster_id, status="active").first()
        if adjuster is None:
            raise BadForm({"adjuster": "must be an active adjuster of this organization"})
        if adjuster.user_id in recused_people(scope, claim.id):
            raise BadForm({"adjuster": "is recused from this claim"})
        if claim.adjuster_id == adjuster_id:
            raise BadForm({"adjuster": "has this claim already"})
        if claim.incurred_cents > SENIOR_ABOVE_CENTS and adjuster.level != "senior":
            most = format_cents(SENIOR_ABOVE_CENTS, claim.currency)
            raise BadForm({"adjuster": f"must be a senior: more than {most} is incurred"})
        held = count_open(scope, adjuster_id)
        if held >= adjuster.max_open_claims and not act.reason.strip():
            limit = adjuster.max_open_claims
            has = f"{adjuster.full_name} has {many(held, 'open claim')}"
            rule = f"is needed: {has}, the limit is {limit}"
            raise BadForm({"reason": rule})
        return _assign(scope, claim, adjuster, act, held)

    return change(scope, claim_id, act, action="claim.assigned", work=work)


def _assign(scope: Scope, claim: Claim, adjuster: Adjuster, act: Act, held: int) -> Event:
    before = claim.adjuster_id
    rows = ClaimAssignment.objects.within(scope)
    rows.filter(claim_id=claim.id, ended_at=None).update(ended_at=act.now, updated_at=act.now)
    rows.create(
        id=act.once.id,
        claim_id=claim.id,
        adjuster_id=adjuster.id,
        assigned_by_user_id=act.actor.user_id,
        assigned_at=act.now,
        reason=act.reason.strip() or None,
        created_at=act.now,
        updated_at=act.now,
    )
    claim.adjuster_id, claim.assigned_at = adjuster.id, act.now
    payload = {"adjuster_id": adjuster.id, "before": before, "open_claims": held + 1}
    return Event("claim.assigned", payload)
