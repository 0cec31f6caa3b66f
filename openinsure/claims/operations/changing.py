"""The frame of every change of a claim: audit intent, lock, repeat check, work, event, audit.

The event row carries the form's id, so a second submit of the same form finds it and changes
nothing. `delivered_at` stays NULL until the relay has posted what the event means for billing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from openinsure.audit.around import recorded
from openinsure.audit.record import REASON_LENGTH_MAX
from openinsure.authz.changing import alongside
from openinsure.authz.duties import changes, claim_tuples
from openinsure.authz.queries import recused_claims, recused_people
from openinsure.authz.relationships import Change
from openinsure.claims.life import WORKABLE
from openinsure.claims.models import Adjuster, Claim, ClaimEvent
from openinsure.console.acting import Actor, audit_event
from openinsure.console.forms import FIELD, Once
from openinsure.problems import BadForm, Conflict, NotFound
from openinsure.tenancy.scope import Scope

KEYSPACE = "oi_claims"


@dataclass(frozen=True, slots=True)
class Act:
    """One submit: who, by which form, when, and why. lock: the version the form was made from."""

    actor: Actor
    once: Once
    now: datetime
    reason: str = ""
    lock: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What the work wants recorded. payload: enough for billing to post without asking
    back. relations: what SpiceDB is to learn, beside whose claim it is.
    """

    type: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    from_status: str | None = None
    to_status: str | None = None
    relations: Sequence[Change] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """The effect of a form, the same for its first submit and every repeat."""

    event_id: str
    claim_id: str
    repeated: bool


def change(
    scope: Scope, claim_id: str, act: Act, *, action: str, work: Callable[[Claim], Event]
) -> Done:
    """Run `work` on the locked claim and record its event, at most once for the act's form.

    Raises NotFound (also for a person recused from the claim), Conflict if the claim changed since
    the form was made, BadForm for a form id that was used for something else, and whatever `work`
    refuses with.
    """
    if done := first_effect(scope, claim_id, act.once):
        return done
    told = audit_event(
        scope,
        act.actor,
        action,
        keyspace=KEYSPACE,
        table="claims",
        entity_id=claim_id,
        object="",
        now=act.now,
        after={"event_id": act.once.id},
        reason=act.reason[:REASON_LENGTH_MAX],
    )
    with recorded(told), alongside(scope) as relate, transaction.atomic(using=KEYSPACE):
        claim = Claim.objects.within(scope).select_for_update().filter(id=claim_id).first()
        if claim is None:
            raise NotFound("claim")
        _refuse_recused(scope, claim, act.actor)
        if done := first_effect(scope, claim_id, act.once):
            return done
        if act.lock is not None and act.lock != claim.lock_version:
            raise Conflict("This claim changed since the form was opened. Check it and send again.")
        holder = _holder(claim)
        event = work(claim)
        claim.lock_version += 1
        claim.updated_at = act.now
        claim.save(force_update=True)
        append_event(scope, claim_id, act, event, event_id=act.once.id)
        relate([*event.relations, *_handed_over(scope, claim, holder)])
    return Done(act.once.id, claim_id, repeated=False)


def append_event(scope: Scope, claim_id: str, act: Act, event: Event, *, event_id: str) -> None:
    """The next event of a claim that the caller holds locked, so `seq` has no gaps."""
    events = ClaimEvent.objects.within(scope).filter(claim_id=claim_id)
    last = events.aggregate(last=Max("seq"))["last"] or 0
    ClaimEvent.objects.within(scope).create(
        id=event_id,
        claim_id=claim_id,
        seq=last + 1,
        event_type=event.type,
        from_status=event.from_status,
        to_status=event.to_status,
        actor_user_id=act.actor.user_id,
        actor_role=act.actor.role,
        occurred_at=act.now,
        payload=dict(event.payload),
        created_at=act.now,
    )


def _refuse_recused(scope: Scope, claim: Claim, actor: Actor) -> None:
    """The person check of the row itself: a recused person's claim is not found."""
    if actor.user_id is not None and recused_claims(scope, actor.user_id, [claim.id]):
        raise NotFound("claim", claim.claim_number)


def _holder(claim: Claim) -> str | None:
    """The adjuster who has the claim while it is worked."""
    return claim.adjuster_id if claim.status in WORKABLE else None


def _handed_over(scope: Scope, claim: Claim, before: str | None) -> list[Change]:
    """What SpiceDB is to learn when another adjuster has the claim, or nobody any more."""
    after = _holder(claim)
    if before == after:
        return []
    rows = Adjuster.objects.within(scope).filter(id__in=[key for key in (before, after) if key])
    users = dict(rows.values_list("id", "user_id"))
    named = bool(recused_people(scope, claim.id))
    old, new = (
        claim_tuples(scope, claim.id, assigned=users.get(key or ""), named=named)
        for key in (before, after)
    )
    return changes(old, new)


def first_effect(scope: Scope, claim_id: str, once: Once) -> Done | None:
    """What the form did before, None if it did nothing yet."""
    owners = ClaimEvent.objects.within(scope).filter(id=once.id).values_list("claim_id", flat=True)
    owner = owners.first()
    if owner is None:
        return None
    if owner != claim_id:
        raise BadForm({FIELD: "was used for another claim; open the form again"})
    return Done(once.id, claim_id, repeated=True)
