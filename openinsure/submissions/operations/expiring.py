"""Offers that ran out: quotes by their last day, binders by their instant, then the submission."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from openinsure.console.acting import Actor
from openinsure.console.forms import Once
from openinsure.keyspaces.ids import fixed_id
from openinsure.submissions.models import Binder, Quote, Submission
from openinsure.submissions.operations.changes import KEYSPACE, Move, change
from openinsure.tenancy.scope import Scope

LIVE = ("draft", "rated", "released", "referred", "accepted")


def expire_quotes(scope: Scope, *, day: date, now: datetime) -> int:
    """Released quotes whose last valid day is before `day`; how many."""
    with transaction.atomic(using=KEYSPACE):
        rows = Quote.objects.within(scope).filter(status="released", valid_until__lt=day)
        return int(
            rows.update(status="expired", lock_version=F("lock_version") + 1, updated_at=now)
        )


def expire_binders(scope: Scope, *, at: datetime) -> int:
    """Active binders past their end; how many."""
    with transaction.atomic(using=KEYSPACE):
        rows = Binder.objects.within(scope).filter(status="active", expires_at__lte=at)
        return int(rows.update(status="expired", updated_at=at))


def expire_submissions(scope: Scope, *, actor: Actor, now: datetime) -> int:
    """Quoted submissions of which every quote has run out; how many."""
    quoted = Submission.objects.within(scope).filter(status="quoted")
    rows = dict(quoted.values_list("id", "submission_number"))
    quotes = Quote.objects.within(scope).filter(submission_id__in=list(rows))
    states: dict[str, set[str]] = {}
    for key, status in quotes.values_list("submission_id", "status"):
        states.setdefault(key, set()).add(status)
    done = 0
    for key, held in sorted(states.items()):
        if "expired" in held and not held & {*LIVE, "bound"}:
            once = Once(fixed_id(scope.org_id, "submission.expired", key))
            move = Move("submission.expired", lambda _: "expired")
            done += not change(scope, rows[key], move, once=once, actor=actor, now=now).repeated
    return done
