"""The one way a submission changes: locked, checked, recorded, once.

In one transaction of oi_submissions: lock the row, answer a repeat like the first time, compare
lock_version, check the machine, write, append the event under the form's id. The audit intent
commits before the first write, the audit row after the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from openinsure.console.acting import Actor, Trail, audit_event
from openinsure.console.dates import format_instant
from openinsure.console.forms import FIELD, Once
from openinsure.problems import BadForm, Conflict, NotFound
from openinsure.submissions.models import Submission, SubmissionEvent
from openinsure.submissions.states import SUBMISSION
from openinsure.tenancy.scope import Scope

KEYSPACE = "oi_submissions"
Apply = Callable[[Submission], None]


def unchanged(submission: Submission) -> None:
    """Writes nothing beside the event."""


@dataclass(frozen=True, slots=True)
class Move:
    """One kind of change. decide: the status it leads to, None to stay; raises what forbids it.

    apply: what else to write; may set columns of the submission. payload: what the event tells.
    """

    action: str
    decide: Callable[[Submission], str | None]
    apply: Apply = unchanged
    payload: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What a change did. repeated: the form was sent before; nothing happened this time."""

    number: str
    status: str
    event_id: str
    repeated: bool


def change(
    scope: Scope,
    number: str,
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
            submission = _locked(scope, number)
            repeated = _repeated(scope, submission, move, once)
            if repeated is not None:
                return repeated
            _compare(submission, version)
            to = move.decide(submission)
            if to is not None:
                SUBMISSION.check(submission.status, to)
            trail.intend(_audit(scope, actor, submission, move, to, now))
            _write(scope, submission, move, to, once=once, actor=actor, now=now)
            done = Done(number, submission.status, once.id, repeated=False)
    except BaseException:
        trail.fail()
        raise
    trail.finish()
    return done


def _locked(scope: Scope, number: str) -> Submission:
    found = Submission.objects.within(scope).filter(submission_number=number)
    submission: Submission | None = found.select_for_update().first()
    if submission is None:
        raise NotFound("submission", number)
    return submission


def _repeated(scope: Scope, submission: Submission, move: Move, once: Once) -> Done | None:
    """The first answer, if this form was taken before. Raises BadForm if it was for another."""
    event = SubmissionEvent.objects.within(scope).filter(id=once.id).first()
    if event is None:
        return None
    if (event.submission_id, event.event_type) != (submission.id, move.action):
        raise BadForm({FIELD: "was used for another change; open the form again"})
    at = event.to_status or submission.status
    return Done(submission.submission_number, at, once.id, repeated=True)


def _compare(submission: Submission, version: int | None) -> None:
    if version is not None and version != submission.lock_version:
        changed = format_instant(submission.updated_at)
        raise Conflict(f"This record changed at {changed}. Look at it again; your text is kept.")


def _write(
    scope: Scope,
    submission: Submission,
    move: Move,
    to: str | None,
    *,
    once: Once,
    actor: Actor,
    now: datetime,
) -> None:
    before = submission.status
    submission.status = to or before
    submission.lock_version += 1
    submission.updated_at = now
    move.apply(submission)
    submission.save()
    events = SubmissionEvent.objects.within(scope).filter(submission_id=submission.id)
    newest = events.aggregate(newest=Max("seq"))["newest"] or 0
    SubmissionEvent.objects.within(scope).create(
        id=once.id,
        submission_id=submission.id,
        seq=newest + 1,
        event_type=move.action,
        from_status=before,
        to_status=submission.status,
        actor_user_id=actor.user_id,
        occurred_at=now,
        payload={"number": submission.submission_number, **move.payload},
        created_at=now,
    )


def _audit(
    scope: Scope, actor: Actor, submission: Submission, move: Move, to: str | None, now: datetime
) -> Any:
    return audit_event(
        scope,
        actor,
        move.action,
        keyspace=KEYSPACE,
        table="submissions",
        entity_id=submission.id,
        object=submission.submission_number,
        now=now,
        before={"status": submission.status},
        after={"status": to or submission.status, **move.payload},
        reason=move.reason,
    )
