"""The one way a policy term changes: locked, checked, recorded, once.

In one transaction of oi_policies: lock the row, answer a repeat like the first time, compare
lock_version, check the machine, write, append the event under the form's id. The event is the
outbox for billing: its payload suffices. The audit intent commits before the first write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from openinsure.console.acting import Actor, Trail, audit_event
from openinsure.console.dates import format_instant
from openinsure.console.forms import FIELD, Once
from openinsure.policies.models import Policy, PolicyEvent
from openinsure.policies.states import POLICY
from openinsure.problems import BadForm, Conflict, NotFound
from openinsure.tenancy.scope import Scope

KEYSPACE = "oi_policies"


def unchanged(policy: Policy) -> Mapping[str, Any]:
    """Writes nothing beside the event."""
    return {}


@dataclass(frozen=True, slots=True)
class Move:
    """One kind of change. decide: the status it leads to, None to stay; raises what forbids it.

    apply: what else to write; may set columns of the policy; gives facts for the event's payload.
    """

    action: str
    decide: Callable[[Policy], str | None]
    apply: Callable[[Policy], Mapping[str, Any]] = unchanged
    payload: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    effective: date | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What a change did. repeated: the form was sent before; nothing happened this time."""

    number: str
    term: int
    status: str
    event_id: str
    repeated: bool


def change(
    scope: Scope,
    policy_id: str,
    move: Move,
    *,
    once: Once,
    actor: Actor,
    now: datetime,
    version: int | None = None,
) -> Done:
    """Make the move. version: the lock_version that the person saw, None to not compare.

    Raises NotFound, Conflict, IllegalTransition, BadForm, Unavailable (audit).
    """
    trail = Trail()
    try:
        with transaction.atomic(using=KEYSPACE):
            policy = _locked(scope, policy_id)
            repeated = _repeated(scope, policy, move, once)
            if repeated is not None:
                return repeated
            _compare(policy, version)
            to = move.decide(policy)
            if to is not None:
                POLICY.check(policy.status, to)
            trail.intend(_audit(scope, actor, policy, move, to, now))
            _write(scope, policy, move, to, once=once, actor=actor, now=now)
            done = Done(policy.policy_number, policy.term_number, policy.status, once.id, False)
    except BaseException:
        trail.fail()
        raise
    trail.finish()
    return done


def _locked(scope: Scope, policy_id: str) -> Policy:
    found = Policy.objects.within(scope).filter(id=policy_id)
    policy: Policy | None = found.select_for_update().first()
    if policy is None:
        raise NotFound("policy")
    return policy


def _repeated(scope: Scope, policy: Policy, move: Move, once: Once) -> Done | None:
    """The first answer, if this form was taken before. Raises BadForm if it was for another."""
    event = PolicyEvent.objects.within(scope).filter(id=once.id).first()
    if event is None:
        return None
    if (event.policy_id, event.event_type) != (policy.id, move.action):
        raise BadForm({FIELD: "was used for another change; open the form again"})
    at = event.to_status or policy.status
    return Done(policy.policy_number, policy.term_number, at, once.id, repeated=True)


def _compare(policy: Policy, version: int | None) -> None:
    if version is not None and version != policy.lock_version:
        changed = format_instant(policy.updated_at)
        raise Conflict(f"This record changed at {changed}. Look at it again; your text is kept.")


def _write(
    scope: Scope,
    policy: Policy,
    move: Move,
    to: str | None,
    *,
    once: Once,
    actor: Actor,
    now: datetime,
) -> None:
    before = policy.status
    policy.status = to or before
    policy.lock_version += 1
    policy.updated_at = now
    facts = move.apply(policy)
    policy.save()
    events = PolicyEvent.objects.within(scope).filter(policy_id=policy.id)
    newest = events.aggregate(newest=Max("seq"))["newest"] or 0
    PolicyEvent.objects.within(scope).create(
        id=once.id,
        policy_id=policy.id,
        seq=newest + 1,
        event_type=move.action,
        from_status=before,
        to_status=policy.status,
        actor_user_id=actor.user_id,
        actor_role=actor.role,
        effective_date=move.effective,
        occurred_at=now,
        payload={"policy_number": policy.policy_number, **move.payload, **facts},
        created_at=now,
    )


def _audit(
    scope: Scope, actor: Actor, policy: Policy, move: Move, to: str | None, now: datetime
) -> Any:
    return audit_event(
        scope,
        actor,
        move.action,
        keyspace=KEYSPACE,
        table="policies",
        entity_id=policy.id,
        object=policy.policy_number,
        now=now,
        before={"status": policy.status},
        after={"status": to or policy.status, **move.payload},
        reason=move.reason,
    )
