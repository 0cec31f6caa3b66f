"""Counts over a whole book of policies: for the jobs that keep roll-ups, never for a page."""

from __future__ import annotations

from datetime import date

from openinsure.policies.filters import RUNNING
from openinsure.policies.models import Policy
from openinsure.tenancy.scope import Scope


def count_in_force(scope: Scope, *, on: date) -> int:
    """Terms that run on the day. One statement that reads each of them."""
    running = Policy.objects.within(scope).filter(status__in=RUNNING)
    return running.filter(effective_date__lte=on, expiration_date__gt=on).count()
