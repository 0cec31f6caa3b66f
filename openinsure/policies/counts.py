"""Counts over a whole book of policies: for the jobs that keep roll-ups, never for a page."""

from __future__ import annotations

from datetime import date, timedelta

from openinsure.policies.filters import EXPIRING_DAYS, RUNNING
from openinsure.policies.models import Policy
from openinsure.tenancy.scope import Scope


def count_in_force(scope: Scope, *, on: date) -> int:
    """Terms that run on the day. One statement that reads each of them."""
    running = Policy.objects.within(scope).filter(status__in=RUNNING)
    return running.filter(effective_date__lte=on, expiration_date__gt=on).count()


def count_expiring(scope: Scope, *, on: date) -> int:
    """Running terms that end within 30 days. One statement."""
    last = on + timedelta(days=EXPIRING_DAYS)
    running = Policy.objects.within(scope).filter(status__in=RUNNING)
    return running.filter(expiration_date__gte=on, expiration_date__lte=last).count()


def count_status(scope: Scope, status: str) -> int:
    """Terms of one status. One statement."""
    return Policy.objects.within(scope).filter(status=status).count()
