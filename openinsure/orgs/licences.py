"""One producer's licence in one state on one day: what binding asks."""

from __future__ import annotations

from datetime import date, timedelta

from openinsure.orgs.models import ProducerLicense
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading, reading

Licence = tuple[str, date]  # its number and last day
STANDING = ("active",)
SOON_DAYS = 60


def licence_on(scope: Scope, producer_id: str, *, state: str, on: date) -> Licence | None:
    """The licence that stands on the day; None without one. One statement."""
    return next(iter(reading_licence(scope, producer_id, state=state, on=on)), None)


def reading_licence(scope: Scope, producer_id: str, *, state: str, on: date) -> Reading[Licence]:
    """As `licence_on`, to be read together with others."""
    rows = ProducerLicense.objects.within(scope).filter(
        producer_id=producer_id, state=state, status__in=STANDING, effective_date__lte=on,
        expiration_date__gte=on,
    )  # fmt: skip
    found = rows.order_by("-expiration_date", "-id").values_list(
        "license_number", "expiration_date"
    )
    return reading(found[:1], lambda number, last: (number, last))


def count_expiring(scope: Scope, *, on: date) -> int:
    """Standing licences that end within 60 days. One statement, for roll-ups."""
    last = on + timedelta(days=SOON_DAYS)
    rows = ProducerLicense.objects.within(scope).filter(status__in=STANDING)
    return int(rows.filter(expiration_date__gte=on, expiration_date__lte=last).count())
