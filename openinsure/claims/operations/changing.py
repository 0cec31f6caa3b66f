"""The frame of every change of a claim: audit intent, lock, repeat check, work, event, audit.

The event row carries the form's id, so a second submit of the same form finds it and changes
nothing. `delivered_at` stays NULL until the relay has posted what the event means for billing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from openinsure.audit.around import recorded
from openinsure.audit.record import REASON_LENGTH_MAX
from openinsure.claims.models import Claim, ClaimEvent
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
    """What the work wants recorded. payload: enough for billing to post without asking back."""

    type: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    from_status: str | None = None
    to_status: str | None = None


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

    Raises NotFound, Conflict if the claim changed since the form was made, BadForm for a form id
    that was used for something else, and whatever `work` refuses with.
    """
    if done := _first(scope, claim_id, act.once):
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
    with recorded(told), transaction.atomic(using=KEYSPACE):
        claim = Claim.objects.within(scope).select_for_update().filter(id=claim_id).first()
        if claim is None:
            raise NotFound("claim")
        if done := _first(scope, claim_id, act.once):
            return done
        if act.lock is not None and act.lock != claim.lock_version:
            raise Conflict("This claim changed since the form was opened. Check it and send again.")
        event = work(claim)
        claim.lock_version += 1
        claim.updated_at = act.now
        claim.save(force_update=True)
        append_event(scope, claim_id, act, event, event_id=act.once.id)
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


def _first(scope: Scope, claim_id: str, once: Once) -> Done | None:
    """What the form did before, None if it did nothing yet."""
    owners = ClaimEvent.objects.within(scope).filter(id=once.id).values_list("claim_id", flat=True)
    owner = owners.first()
    if owner is None:
        return None
    if owner != claim_id:
        raise BadForm({FIELD: "was used for another claim; open the form again"})
    return Done(once.id, claim_id, repeated=True)
