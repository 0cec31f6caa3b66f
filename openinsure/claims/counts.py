"""Counts over all claims: for the jobs that keep roll-ups, never for a page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count

from openinsure.claims.models import Claim, Disbursement
from openinsure.tenancy.scope import Scope

# Nothing more happens to such a claim unless it is reopened.
OVER = ("closed", "denied", "settled")


def count_open(scope: Scope) -> int:
    """Claims that are not over. One statement."""
    return Claim.objects.within(scope).exclude(status__in=OVER).count()


def count_status(scope: Scope, *statuses: str) -> int:
    """Claims in one of these statuses. One statement."""
    return Claim.objects.within(scope).filter(status__in=statuses).count()


def count_waiting_payments(scope: Scope) -> int:
    """Disbursements that somebody has to approve. One statement."""
    waiting = ("requested", "pending_approval")
    return Disbursement.objects.within(scope).filter(status__in=waiting).count()


def policies_with_changes(scope: Scope, since: datetime | None) -> list[str]:
    """Policies of which a claim changed; None is all that have claims. One statement."""
    rows = Claim.objects.within(scope)
    if since is not None:
        rows = rows.filter(updated_at__gte=since)
    return sorted(set(rows.values_list("policy_id", flat=True)))


def open_by_policy(scope: Scope, policy_ids: Iterable[str]) -> dict[str, int]:
    """Open claims of each of these policies; one without is absent. One statement."""
    rows = Claim.objects.within(scope).filter(policy_id__in=sorted(set(policy_ids)))
    found = rows.exclude(status__in=OVER).values("policy_id").annotate(claims=Count("id"))
    return dict(found.values_list("policy_id", "claims"))
