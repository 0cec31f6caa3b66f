"""One producer's licence in one state on one day: what binding asks."""

from __future__ import annotations

from datetime import date, timedelta

from openinsure.orgs.models import ProducerLicense
from openinsure.tenancy.scope import Scope

STANDING = ("active",)
SOON_DAYS = 60


def licence_on(scope: Scope, producer_id: str, *, state: str, on: date) -> tuple[str, date] | None:
    """Number and last day of a licence that stands on the day; None without one. One statement."""
    found: tuple[str, date] | None = (
        ProducerLicense.objects.within(scope)
        .filter(
            producer_id=producer_id,
            state=state,
            status__in=STANDING,
            effective_date__lte=on,
            expiration_date__gte=on,
        )
        .order_by("-expiration_date", "-id")
        .values_list("license_number", "expiration_date")
        .first()
    )
    return found


def count_expiring(scope: Scope, *, on: date) -> int:
    """Standing licences that end within 60 days. One statement, for roll-ups."""
    last = on + timedelta(days=SOON_DAYS)
    rows = ProducerLicense.objects.within(scope).filter(status__in=STANDING)
    return int(rows.filter(expiration_date__gte=on, expiration_date__lte=last).count())
