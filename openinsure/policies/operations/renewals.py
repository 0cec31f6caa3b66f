"""Renewing a term: the next one is bound, under the same number, from the day this one ends.

One transaction of oi_policies: the new term with all that it covers, its written movement, its
event `policy.bound` (billing opens the account and bills from it) and the old term's event
`policy.renewal_bound`, under the form's id. The old term runs on; at its end the sweep makes it
renewed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openinsure.console.acting import Actor
from openinsure.console.forms import Once
from openinsure.keyspaces.ids import fixed_id
from openinsure.money.renewal import Basis, Renewed
from openinsure.policies.models import Nonrenewal, Policy, Renewal
from openinsure.policies.noticing import day_of
from openinsure.policies.operations.bound_event import tell_bound
from openinsure.policies.operations.cancellation_rows import Cents, write_movement
from openinsure.policies.operations.changes import Done, Move, change
from openinsure.policies.operations.notices import UNDELIVERED
from openinsure.policies.operations.renewal_rows import next_term
from openinsure.policies.renewing import hindrance, renewal_of
from openinsure.policies.states import POLICY
from openinsure.problems import Conflict, NotFound
from openinsure.tenancy.scope import Scope

ACTION, KIND, ACCEPTED = "policy.renewal_bound", "RENEWAL", "accepted"
REFUSED = (*UNDELIVERED, "mailed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What is bound. annual_cents: a year's premium; compared: the authority it was held against.

    unmet: what of that does not hold, in words; nothing is bound then.
    """

    annual_cents: int
    plan: str
    basis: Basis
    admitted: bool
    compared: Sequence[Mapping[str, Any]] = ()
    unmet: Sequence[str] = ()


def renew_policy(
    scope: Scope, policy_id: str, offer: Offer, *, once: Once, actor: Actor, version: int,
    now: datetime,
) -> Done:  # fmt: skip
    """Bind the next term. Raises IllegalTransition unless the term is active; Conflict while it
    cannot be renewed, or `unmet` names anything; BadForm.
    """

    def decide(policy: Policy) -> None:
        POLICY.check(policy.status, "renewed")
        words = hindrance(
            expires=policy.expiration_date, today=day_of(policy, now),
            followed=_followed(scope, policy), refused=_refused(scope, policy),
        )  # fmt: skip
        if words:
            raise Conflict(words)
        if offer.unmet:
            raise Conflict(f"This does not hold yet: {', '.join(offer.unmet)}.")

    def apply(policy: Policy) -> Mapping[str, Any]:
        figures = renewal_of(
            offer.basis, effective=policy.effective_date, expires=policy.expiration_date,
            annual_cents=offer.annual_cents, plan=offer.plan,
        )  # fmt: skip
        return _bind(scope, policy, offer, figures, once, actor, now)

    begins = _begins(scope, policy_id)
    move = Move(ACTION, decide, apply, {"plan": offer.plan}, effective=begins)
    return change(scope, policy_id, move, once=once, actor=actor, now=now, version=version)


def _bind(
    scope: Scope, prior: Policy, offer: Offer, figures: Renewed, once: Once, actor: Actor,
    now: datetime,
) -> Mapping[str, Any]:  # fmt: skip
    """The next term with its movement and event, the work item done; facts for the old term."""
    policy = next_term(
        scope, prior, figures, offer.basis, policy_id=fixed_id(scope.org_id, "policy", once.id),
        admitted=offer.admitted, plan=offer.plan, now=now,
    )  # fmt: skip
    cents = Cents(
        figures.premium_cents, figures.fee_cents, figures.taxes_cents,
        figures.legs.producer_cents, figures.legs.mga_cents,
    )  # fmt: skip
    source = ("policies", policy.id)
    movement = write_movement(scope, policy, KIND, source, figures.effective, cents, actor, now)
    tell_bound(
        policy, movement, actor=(actor.user_id, actor.role), now=now, cause_id=once.id,
        prior_policy_id=prior.id, prior_term=prior.term_number, compared=list(offer.compared),
    )  # fmt: skip
    _accept(scope, prior, policy, now)
    return {
        "renewed_policy_id": policy.id,
        "renewed_term": policy.term_number,
        "premium_cents": figures.premium_cents,
        "total_cents": figures.total_cents,
        "currency": policy.currency,
    }


def _accept(scope: Scope, prior: Policy, policy: Policy, now: datetime) -> None:
    """The work item of the renewal, opened now if the job has not opened it yet."""
    done = {
        "status": ACCEPTED,
        "offer_premium_cents": policy.written_premium_cents,
        "accepted_at": now,
        "renewed_policy_id": policy.id,
        "updated_at": now,
    }
    rows = Renewal.objects.within(scope).filter(policy_id=prior.id)
    if not rows.update(**done):
        Renewal.objects.within(scope).create(
            id=fixed_id(scope.org_id, "renewal", prior.id),
            policy_id=prior.id,
            expiration_date=prior.expiration_date,
            currency=prior.currency,
            notice_due_date=prior.expiration_date,
            created_at=now,
            **done,
        )


def _begins(scope: Scope, policy_id: str) -> date:
    """The day a term ends and the next begins. Raises NotFound."""
    rows = Policy.objects.within(scope).filter(id=policy_id)
    found: date | None = rows.values_list("expiration_date", flat=True).first()
    if found is None:
        raise NotFound("policy")
    return found


def _followed(scope: Scope, policy: Policy) -> bool:
    terms = Policy.objects.within(scope).filter(policy_number=policy.policy_number)
    return bool(terms.filter(term_number__gt=policy.term_number).exists())


def _refused(scope: Scope, policy: Policy) -> bool:
    rows = Nonrenewal.objects.within(scope).filter(policy_id=policy.id, status__in=REFUSED)
    return bool(rows.exists())
