"""Counts over all submissions: for the jobs that keep roll-ups, never for a page."""

from __future__ import annotations

from openinsure.submissions.models import Submission
from openinsure.submissions.states import OPEN
from openinsure.tenancy.scope import Scope


def count_open(scope: Scope) -> int:
    """Submissions on which work is left. One statement."""
    return Submission.objects.within(scope).filter(status__in=OPEN).count()


def count_status(scope: Scope, status: str) -> int:
    """Submissions of one status. One statement."""
    return Submission.objects.within(scope).filter(status=status).count()
