"""Offers to the producer: released, accepted, their conditions cleared one by one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from openinsure.console.acting import Actor
from openinsure.console.forms import Once
from openinsure.problems import BadForm, Conflict
from openinsure.submissions.models import Quote, QuoteSubjectivity, Submission
from openinsure.submissions.operations.changes import Done, Move, change
from openinsure.submissions.states import QUOTE
from openinsure.tenancy.scope import Scope

VALID_FOR = timedelta(days=30)  # domain.md part 3
RELEASABLE = tuple(at for at, to in QUOTE.steps.items() if "released" in to)
OPEN_CONDITION = "open"


def release_quote(
    scope: Scope,
    number: str,
    *,
    quote_id: str,
    once: Once,
    actor: Actor,
    version: int,
    now: datetime,
) -> Done:
    """Release a quote for 30 days; a submission in review is quoted then. Others are superseded
    if they are older versions of it. Raises BadForm, IllegalTransition.
    """

    def decide(submission: Submission) -> str | None:
        quote = _quote(scope, submission, quote_id)
        QUOTE.check(quote.status, "released")
        if submission.status not in ("in_review", "quoted"):
            told = submission.status.replace("_", " ")
            raise Conflict(f"This submission is {told}; a quote is released from its review.")
        return "quoted" if submission.status == "in_review" else None

    def apply(submission: Submission) -> None:
        quote = _quote(scope, submission, quote_id)
        older = Quote.objects.within(scope).filter(
            submission_id=submission.id, quote_number=quote.quote_number, status="released"
        )
        older.update(status="superseded", superseded_by_id=quote.id, updated_at=now)
        quote.released_at, quote.valid_until = now, (now + VALID_FOR).date()
        _step(quote, "released", now)

    move = Move("quote.released", decide, apply, {"quote_id": quote_id})
    return change(scope, number, move, once=once, actor=actor, now=now, version=version)


def accept_quote(
    scope: Scope,
    number: str,
    *,
    quote_id: str,
    once: Once,
    actor: Actor,
    version: int,
    now: datetime,
) -> Done:
    """Record that the producer took a released quote. Raises BadForm, IllegalTransition; Conflict
    for one that is no longer valid, or beside another accepted one.
    """

    def decide(submission: Submission) -> None:
        quote = _quote(scope, submission, quote_id)
        QUOTE.check(quote.status, "accepted")
        if quote.valid_until is None or quote.valid_until < now.date():
            raise Conflict("This quote is no longer valid. Release a new version of it.")
        others = Quote.objects.within(scope).filter(submission_id=submission.id)
        if others.filter(status__in=("accepted", "bound")).exists():
            raise Conflict("Another quote of this submission is accepted already.")

    def apply(submission: Submission) -> None:
        quote = _quote(scope, submission, quote_id)
        quote.accepted_at = now
        _step(quote, "accepted", now)

    move = Move("quote.accepted", decide, apply, {"quote_id": quote_id})
    return change(scope, number, move, once=once, actor=actor, now=now, version=version)


def clear_condition(
    scope: Scope,
    number: str,
    *,
    condition_id: str,
    once: Once,
    actor: Actor,
    version: int,
    now: datetime,
) -> Done:
    """Record that a condition of an open quote is met. Raises BadForm for any other one."""
    conditions = QuoteSubjectivity.objects.within(scope)

    def decide(submission: Submission) -> None:
        quotes = Quote.objects.within(scope).filter(
            submission_id=submission.id, status__in=tuple(QUOTE.steps)
        )
        left = conditions.filter(
            id=condition_id,
            status=OPEN_CONDITION,
            quote_id__in=list(quotes.values_list("id", flat=True)),
        )
        if not left.exists():
            raise BadForm({"condition": "must be an open condition of an open quote"})

    def apply(submission: Submission) -> None:
        conditions.filter(id=condition_id).update(
            status="cleared", cleared_by_user_id=actor.user_id, cleared_at=now, updated_at=now
        )

    move = Move("quote.condition_cleared", decide, apply, {"condition_id": condition_id})
    return change(scope, number, move, once=once, actor=actor, now=now, version=version)


def _quote(scope: Scope, submission: Submission, quote_id: str) -> Any:
    """A quote of the locked submission, locked too."""
    rows = Quote.objects.within(scope).select_for_update()
    quote = rows.filter(id=quote_id, submission_id=submission.id).first()
    if quote is None:
        raise BadForm({"quote": "must be a quote of this submission"})
    return quote


def _step(quote: Any, to: str, now: datetime) -> None:
    quote.status = to
    quote.lock_version += 1
    quote.updated_at = now
    quote.save()
