"""Counts over all claims: for the jobs that keep roll-ups, never for a page."""

from __future__ import annotations

from openinsure.claims.models import Claim
from openinsure.tenancy.scope import Scope

# Nothing more happens to such a claim unless it is reopened.
OVER = ("closed", "denied", "settled")


def count_open(scope: Scope) -> int:
    """Claims that are not over. One statement."""
    return Claim.objects.within(scope).exclude(status__in=OVER).count()
