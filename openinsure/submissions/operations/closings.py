"""Ending a submission without a policy: decline with a reason, withdraw."""

from __future__ import annotations

from datetime import datetime

from openinsure.console.acting import Actor
from openinsure.console.forms import Once
from openinsure.submissions.models import Submission
from openinsure.submissions.operations.changes import Done, Move, change
from openinsure.tenancy.scope import Scope

# Why we decline: the four referral triggers of domain.md part 3 and what else ends a review.
DECLINE_REASONS = {
    "REVENUE_THRESHOLD": "Revenue above our threshold",
    "LOSS_HISTORY": "Loss history",
    "CLASS_CODE": "Class of business",
    "STATE": "State not written",
    "AUTHORITY": "Outside delegated authority",
    "INCOMPLETE": "Information not supplied",
    "OTHER": "Other",
}
REASON_LENGTH_MAX = 255  # characters, the columns of submission and audit row


def decline_submission(
    scope: Scope,
    number: str,
    *,
    code: str,
    text: str,
    once: Once,
    actor: Actor,
    version: int,
    now: datetime,
) -> Done:
    """Decline with a reason of DECLINE_REASONS and words. Final."""
    reason = f"{DECLINE_REASONS[code]}: {text}" if text else DECLINE_REASONS[code]

    def apply(submission: Submission) -> None:
        submission.decline_reason = reason[:REASON_LENGTH_MAX]
        submission.closed_at = now

    payload = {"reason_code": code, "reason": DECLINE_REASONS[code]}
    reason = reason[:REASON_LENGTH_MAX]
    move = Move("submission.declined", lambda _: "declined", apply, payload, reason)
    return change(scope, number, move, once=once, actor=actor, now=now, version=version)


def withdraw_submission(
    scope: Scope,
    number: str,
    *,
    reason: str,
    once: Once,
    actor: Actor,
    version: int,
    now: datetime,
) -> Done:
    """The applicant or producer takes it back. Final."""

    def apply(submission: Submission) -> None:
        submission.closed_at = now

    payload = {"reason": reason}
    move = Move("submission.withdrawn", lambda _: "withdrawn", apply, payload, reason)
    return change(scope, number, move, once=once, actor=actor, now=now, version=version)
