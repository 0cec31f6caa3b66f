"""One producer's licence in one state on one day: what binding asks."""

from __future__ import annotations

from datetime import date

from openinsure.orgs.models import ProducerLicense
from openinsure.tenancy.scope import Scope

STANDING = ("active",)


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
