"""Working on a submission: assign, ask the producer, take the answer, note, decide a referral."""

from __future__ import annotations

from datetime import date, datetime

from openinsure.console.acting import Actor
from openinsure.console.forms import Once
from openinsure.console.states import IllegalTransition
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm, Conflict
from openinsure.submissions.models import (
    Submission,
    SubmissionAssignment,
    SubmissionInfoRequest,
    SubmissionNote,
    SubmissionReferral,
)
from openinsure.submissions.operations.changes import Done, Move, change
from openinsure.submissions.states import OPEN, SUBMISSION
from openinsure.tenancy.scope import Scope

ASSIGNABLE = tuple(status for status in OPEN if status not in ("draft", "received"))
WAITING = "open"
APPROVED, DECLINED = "approved", "declined"


def assign_underwriter(
    scope: Scope,
    number: str,
    *,
    underwriter_id: str,
    reason: str,
    once: Once,
    actor: Actor,
    version: int,
    now: datetime,
) -> Done:
    """Give the submission to an underwriter; the first time this opens the review.

    Raises BadForm if it is that person's already, IllegalTransition once it is closed.
    """

    def decide(submission: Submission) -> str | None:
        if submission.assigned_underwriter_id == underwriter_id:
            raise BadForm({"underwriter": "has this submission already"})
        return None if submission.status in ASSIGNABLE else "in_review"

    def apply(submission: Submission) -> None:
        assignments = SubmissionAssignment.objects.within(scope)
        earlier = assignments.filter(submission_id=submission.id, released_at=None)
        earlier.update(released_at=now, updated_at=now)
        assignments.create(
            id=new_id(),
            submission_id=submission.id,
            underwriter_user_id=underwriter_id,
            assigned_by_user_id=actor.user_id,
            assigned_at=now,
            reason=reason or None,
            created_at=now,
            updated_at=now,
        )
        submission.assigned_underwriter_id = underwriter_id
        submission.assigned_at = now

    payload = {"underwriter_id": underwriter_id}
    move = Move("submission.assigned", decide, apply, payload, reason)
    return change(scope, number, move, once=once, actor=actor, now=now, version=version)


def request_information(
    scope: Scope,
    number: str,
    *,
    item: str,
    due: date | None,
    once: Once,
    actor: Actor,
    version: int,
    now: datetime,
) -> Done:
    """Ask the producer for something; further items may follow while it waits."""

    def decide(submission: Submission) -> str | None:
        return None if submission.status == "info_requested" else "info_requested"

    def apply(submission: Submission) -> None:
        SubmissionInfoRequest.objects.within(scope).create(
            id=new_id(),
            submission_id=submission.id,
            requested_by_user_id=actor.user_id or "",
            item=item,
            due_date=due,
            status=WAITING,
            created_at=now,
            updated_at=now,
        )

    payload = {"item": item, "due_date": due.isoformat() if due else None}
    move = Move("submission.info_requested", decide, apply, payload)
    return change(scope, number, move, once=once, actor=actor, now=now, version=version)


def receive_information(
    scope: Scope,
    number: str,
    *,
    request_id: str,
    once: Once,
    actor: Actor,
    version: int,
    now: datetime,
) -> Done:
    """Record that an item came in; with the last one the review goes on.

    Raises BadForm for an item that is not open on this submission.
    """
    requests = SubmissionInfoRequest.objects.within(scope)

    def decide(submission: Submission) -> str | None:
        waiting = requests.filter(submission_id=submission.id, status=WAITING)
        left = set(waiting.values_list("id", flat=True))
        if request_id not in left:
            raise BadForm({"answered": "must be an item that is still open here"})
        return "in_review" if left == {request_id} else None

    def apply(submission: Submission) -> None:
        found = requests.filter(id=request_id)
        found.update(status="answered", answered_at=now, updated_at=now)

    move = Move("submission.info_received", decide, apply, {"info_request_id": request_id})
    return change(scope, number, move, once=once, actor=actor, now=now, version=version)


def add_note(
    scope: Scope,
    number: str,
    *,
    body: str,
    visibility: str,
    once: Once,
    actor: Actor,
    now: datetime,
) -> Done:
    """Append a note; notes never change. Possible in every status."""

    def apply(submission: Submission) -> None:
        SubmissionNote.objects.within(scope).create(
            id=once.id,
            submission_id=submission.id,
            author_user_id=actor.user_id or "",
            body=body,
            visibility=visibility,
            created_at=now,
        )

    move = Move("submission.noted", lambda _: None, apply, {"visibility": visibility})
    return change(scope, number, move, once=once, actor=actor, now=now)


def decide_referral(
    scope: Scope,
    number: str,
    *,
    referral_id: str,
    decision: str,
    note: str,
    once: Once,
    actor: Actor,
    version: int,
    now: datetime,
) -> Done:
    """Approve or decline a referral. The last approval reopens the review; a no declines it all.

    Raises BadForm for a referral of another submission, Conflict for one decided before.
    """
    referrals = SubmissionReferral.objects.within(scope)

    def decide(submission: Submission) -> str | None:
        found = referrals.filter(submission_id=submission.id)
        states = dict(found.values_list("id", "decided_at"))
        if referral_id not in states:
            raise BadForm({"referral": "must be a referral of this submission"})
        if states[referral_id] is not None:
            raise Conflict("This referral is decided already. Look at it again.")
        if decision == DECLINED:
            return "declined"
        if submission.status != "referred":
            allowed = SUBMISSION.allowed(submission.status)
            raise IllegalTransition("submission", submission.status, "in_review", allowed)
        others = [key for key, at in states.items() if at is None and key != referral_id]
        return None if others else "in_review"

    def apply(submission: Submission) -> None:
        referrals.filter(id=referral_id).update(
            status="decided", decided_at=now, decision=decision, decision_note=note, updated_at=now
        )
        if decision == DECLINED:
            submission.decline_reason = f"Referral declined: {note}"[:255]
            submission.closed_at = now

    payload = {"referral_id": referral_id, "decision": decision}
    move = Move("submission.referral_decided", decide, apply, payload, note[:255])
    return change(scope, number, move, once=once, actor=actor, now=now, version=version)
