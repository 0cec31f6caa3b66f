"""Binding an accepted quote: what binds it here, and what the policy that came of it leaves here.

The event `submission.bound` is the outbox: a worker (jobs.binding) writes the policy and its
billing from the quote, which does not change any more, and comes back with the policy's id. Until
then the submission is "binding".
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from openinsure.console.acting import Actor
from openinsure.console.forms import Once
from openinsure.problems import Conflict
from openinsure.submissions.checklist import Licence, bind_checklist, chosen_quote
from openinsure.submissions.models import Quote, Submission, SubmissionEvent
from openinsure.submissions.offers import list_offers
from openinsure.submissions.operations.changes import KEYSPACE, Done, Move, change
from openinsure.submissions.states import QUOTE
from openinsure.tenancy.scope import Scope

BOUND = "submission.bound"


def bind_quote(
    scope: Scope,
    number: str,
    *,
    quote_id: str,
    licence: Licence | None,
    once: Once,
    actor: Actor,
    version: int,
    now: datetime,
) -> Done:
    """Bind the accepted quote. licence: the producer's, for that quote's state and first day.

    The whole checklist is answered anew inside the lock. Raises Conflict naming the points that
    do not hold, IllegalTransition.
    """

    def decide(submission: Submission) -> str:
        quotes = list(list_offers(scope, submission.id))
        chosen = chosen_quote(quotes)
        if chosen is None or chosen.id != quote_id:
            raise Conflict("Another quote is accepted now. Look at the checklist again.")
        QUOTE.check(chosen.status, "bound")
        checks = bind_checklist(
            status=submission.status,
            state=submission.state,
            quotes=quotes,
            licence=licence,
            today=now.date(),
        )
        left = [check.label for check in checks if check.state != "passed"]
        if left:
            raise Conflict(f"This does not hold yet: {', '.join(left)}.")
        return "bound"

    def apply(submission: Submission) -> None:
        quote = Quote.objects.within(scope).select_for_update().get(id=quote_id)
        quote.status, quote.bound_at, quote.updated_at = "bound", now, now
        quote.lock_version += 1
        quote.save()
        submission.closed_at = now

    move = Move(BOUND, decide, apply, {"quote_id": quote_id})
    return change(scope, number, move, once=once, actor=actor, now=now, version=version)


def record_policy(
    scope: Scope, event_id: str, *, submission_id: str, quote_id: str, policy_id: str, now: datetime
) -> None:
    """The policy stands: named by submission and quote, and the event is delivered."""
    with transaction.atomic(using=KEYSPACE):
        events = SubmissionEvent.objects.within(scope).filter(id=event_id, delivered_at=None)
        if not events.update(delivered_at=now):
            return
        for model, key in ((Submission, submission_id), (Quote, quote_id)):
            rows = model.objects.within(scope).filter(id=key)
            rows.update(bound_policy_id=policy_id, updated_at=now)
