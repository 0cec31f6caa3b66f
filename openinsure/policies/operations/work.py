"""Working on a term: note, assign an underwriter, request an endorsement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Max

from openinsure.console.acting import Actor
from openinsure.console.forms import Once
from openinsure.console.words import spoken
from openinsure.keyspaces.ids import new_id
from openinsure.policies.cancelling import inside
from openinsure.policies.models import Endorsement, Policy, PolicyEvent, PolicyNote
from openinsure.policies.operations.changes import Done, Move, change
from openinsure.policies.states import RUNNING
from openinsure.problems import BadForm, Conflict
from openinsure.tenancy.scope import Scope

DRAFT, WITHDRAWN = "draft", "withdrawn"
REQUESTED = "endorsement.requested"
# Kinds of endorsement (domain.md part 3).
ENDORSEMENTS = {
    "LIMIT_CHANGE": "Change a limit",
    "DEDUCTIBLE_CHANGE": "Change a deductible",
    "ADD_INSURED": "Add an insured",
    "LOCATION_CHANGE": "Change a location",
    "COVERAGE_ADD": "Add a coverage",
    "COVERAGE_REMOVE": "Remove a coverage",
    "NAME_CHANGE": "Change a name",
    "DRIVER_ADD": "Add a driver",
    "DRIVER_REMOVE": "Remove a driver",
}


def stays(policy: Policy) -> None:
    """A change that leaves the status as it is."""


def add_note(
    scope: Scope, policy_id: str, *, body: str, once: Once, actor: Actor, now: datetime
) -> Done:
    """Write a note; it cannot be changed later. The audit row holds no text of it."""

    def apply(policy: Policy) -> Mapping[str, Any]:
        note = PolicyNote.objects.within(scope).create(
            id=new_id(),
            policy_id=policy.id,
            author_user_id=actor.user_id,
            category="general",
            body=body,
            created_at=now,
        )
        return {"note_id": note.id}

    return change(
        scope, policy_id, Move("policy.note_added", stays, apply), once=once, actor=actor, now=now
    )


def assign_underwriter(
    scope: Scope,
    policy_id: str,
    *,
    underwriter_id: str,
    once: Once,
    actor: Actor,
    version: int,
    now: datetime,
) -> Done:
    """Give the term to an underwriter. Raises BadForm if it is that person's already."""

    def decide(policy: Policy) -> None:
        if policy.underwriter_user_id == underwriter_id:
            raise BadForm({"underwriter": "has this policy already"})

    def apply(policy: Policy) -> Mapping[str, Any]:
        policy.underwriter_user_id = underwriter_id
        return {}

    move = Move("policy.assigned", decide, apply, {"underwriter_id": underwriter_id})
    return change(scope, policy_id, move, once=once, actor=actor, now=now, version=version)


def underwriter_of(scope: Scope, policy_id: str) -> str | None:
    """Whose the term is now; None for nobody's. One statement."""
    rows = Policy.objects.within(scope).filter(id=policy_id)
    found: str | None = rows.values_list("underwriter_user_id", flat=True).first()
    return found


def request_endorsement(
    scope: Scope,
    policy_id: str,
    *,
    kind: str,
    effective: date,
    description: str,
    once: Once,
    actor: Actor,
    version: int,
    now: datetime,
) -> Done:
    """Draft an endorsement of ENDORSEMENTS inside the term; nothing is priced yet."""

    def decide(policy: Policy) -> None:
        if policy.status not in RUNNING:
            raise Conflict(f"This policy is {spoken(policy.status)}; it cannot be endorsed.")
        inside(policy, effective)

    def apply(policy: Policy) -> Mapping[str, Any]:
        rows = Endorsement.objects.within(scope)
        newest = rows.filter(policy_id=policy.id).aggregate(newest=Max("endorsement_no"))["newest"]
        draft = rows.create(
            id=new_id(),
            policy_id=policy.id,
            endorsement_no=(newest or 0) + 1,
            type_code=kind,
            status=DRAFT,
            effective_date=effective,
            requested_at=now,
            requested_by_user_id=actor.user_id,
            description=description,
            prorata_factor=0,
            currency=policy.currency,
            backdated=effective < now.date(),
            created_at=now,
            updated_at=now,
        )
        return {"endorsement_id": draft.id, "endorsement_no": draft.endorsement_no}

    payload = {"type": kind, "effective": effective.isoformat()}
    move = Move(REQUESTED, decide, apply, payload, description[:255], effective)
    return change(scope, policy_id, move, once=once, actor=actor, now=now, version=version)


def withdraw_endorsement(
    scope: Scope, policy_id: str, *, event_id: str, once: Once, actor: Actor, now: datetime
) -> Done:
    """Take back one's own request of an endorsement, told by its event, while it is a draft.

    Raises Conflict once somebody has taken it up.
    """

    def apply(policy: Policy) -> Mapping[str, Any]:
        asked = PolicyEvent.objects.within(scope).filter(id=event_id, event_type=REQUESTED)
        told = asked.filter(policy_id=policy.id).values_list("payload", flat=True).first() or {}
        drafts = Endorsement.objects.within(scope).filter(
            id=told.get("endorsement_id", ""), status=DRAFT, requested_by_user_id=actor.user_id
        )
        if not drafts.update(status=WITHDRAWN, updated_at=now):
            raise Conflict("This request cannot be taken back any more.")
        return {name: told[name] for name in ("endorsement_id", "endorsement_no")}

    move = Move("endorsement.withdrawn", stays, apply, reason="Undo")
    return change(scope, policy_id, move, once=once, actor=actor, now=now)
