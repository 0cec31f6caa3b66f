"""Reads of producers: the list with its next licence expiry, one producer and its papers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from openinsure.orgs.models import (
    Producer,
    ProducerAppointment,
    ProducerCommissionOverride,
    ProducerLicense,
)
from openinsure.problems import NotFound
from openinsure.tenancy.list_sql import Where
from openinsure.tenancy.listing import ListSpec, Page, Position, Sort, list_page, rows_by_key
from openinsure.tenancy.scope import Scope

EXPIRING_DAYS = 60  # a licence that ends within this is "expiring soon"
ROWS_MAX = 500
MASK = "••••"
Standing = Literal["expired", "expiring", "active"]


@dataclass(frozen=True, slots=True)
class ProducerRow:
    """One producer of a list, without its licences."""

    id: str
    code: str
    name: str
    status: str
    state: str | None
    npn: str | None
    billing_mode: str
    commission_rate: Decimal
    updated: datetime


@dataclass(frozen=True, slots=True)
class LicenceRow:
    """One licence. standing: by its last day and today; days_left may be negative."""

    id: str
    producer_id: str
    state: str
    number: str
    type: str | None
    status: str
    effective: date
    expires: date
    verified_at: datetime | None
    source: str | None
    days_left: int = 0
    standing: Standing = "active"


@dataclass(frozen=True, slots=True)
class AppointmentRow:
    """One appointment with a carrier (an id)."""

    id: str
    carrier_id: str
    state: str
    status: str
    effective: date
    ended: date | None


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """One commission exception. program is an id."""

    id: str
    program_id: str | None
    transaction_type: str
    rate: Decimal
    effective: date
    ended: date | None


@dataclass(frozen=True, slots=True)
class ProducerFile:
    """One producer. The agency's desk is business contact; its tax number is masked."""

    id: str
    code: str
    name: str
    status: str
    npn: str | None
    fein: str | None
    billing_mode: str
    commission_rate: Decimal
    email: str | None
    phone: str | None
    city: str | None
    state: str | None
    appointed_at: datetime | None
    terminated_at: datetime | None
    termination_reason: str | None
    owner_id: str | None
    updated: datetime


PRODUCERS = ListSpec(
    model=Producer,
    row=ProducerRow,
    columns={
        "name": "agency_name",
        "commission_rate": "default_commission_rate",
        "updated": "updated_at",
    },
    sorts={
        "updated": Sort(
            "updated_at",
            "producers_org_updated_id",
            within={
                "status": "producers_org_status_updated_id",
                "state": "producers_org_state_updated_id",
            },
        ),
        "code": Sort("code", "producers_org_code_id"),
        "name": Sort("agency_name", "producers_org_agency_name_id"),
    },
)
FILE_COLUMNS = {
    "name": "agency_name",
    "fein": "fein_last4",
    "commission_rate": "default_commission_rate",
    "owner_id": "owner_user_id",
    "updated": "updated_at",
}
LICENCE_COLUMNS = (
    "id", "producer_id", "state", "license_number", "license_type", "status", "effective_date",
    "expiration_date", "verified_at", "source",
)  # fmt: skip


def list_producers(
    scope: Scope,
    where: Where,
    *,
    sort: str,
    descending: bool,
    at: Position | None,
    size: int,
) -> Page[ProducerRow]:
    """At most `size` producers. One statement on oi_global; a combination no index serves, two."""
    return list_page(
        scope, PRODUCERS, where=where, sort=sort, descending=descending, at=at, size=size
    )


def producers_by_id(scope: Scope, ids: Iterable[str], where: Where) -> list[ProducerRow]:
    """The producers of these ids that match. One statement."""
    return list(rows_by_key(scope, PRODUCERS, ids, where=where).values())


def get_producer(scope: Scope, code: str) -> ProducerFile:
    """One producer by code. Raises NotFound, for another organisation's code too."""
    names = [FILE_COLUMNS.get(name, name) for name in ProducerFile.__slots__]
    row = Producer.objects.within(scope).filter(code=code).values_list(*names).first()
    if row is None:
        raise NotFound("producer", code)
    found = ProducerFile(*row)
    return replace(found, fein=f"{MASK} {found.fein}" if found.fein else None)


def next_expiries(scope: Scope, ids: Iterable[str], *, today: date) -> dict[str, LicenceRow]:
    """For each producer the licence in use that ends first, gone or not. One statement."""
    found: dict[str, LicenceRow] = {}
    for row in _licences(scope, today, producer_id__in=list(ids), status__in=("active", "expired")):
        found.setdefault(row.producer_id, row)
    return found


def list_licences(scope: Scope, producer_id: str, *, today: date) -> list[LicenceRow]:
    """Licences of a producer, the first to end first. One statement."""
    return _licences(scope, today, producer_id=producer_id)


def expiring(scope: Scope, *, today: date) -> tuple[str, ...]:
    """Producers with an active licence that ends within EXPIRING_DAYS. One statement."""
    last = today + timedelta(days=EXPIRING_DAYS)
    rows = _licences(
        scope, today, expiration_date__gte=today, expiration_date__lte=last, status="active"
    )
    return tuple(dict.fromkeys(row.producer_id for row in rows))


def _licences(scope: Scope, today: date, **where: object) -> list[LicenceRow]:
    rows = (
        ProducerLicense.objects.within(scope)
        .filter(**where)
        .order_by("expiration_date", "state", "id")
        .values_list(*LICENCE_COLUMNS)[:ROWS_MAX]
    )
    return [
        replace(row, days_left=(row.expires - today).days, standing=standing_of(row.expires, today))
        for row in (LicenceRow(*values) for values in rows)
    ]


def standing_of(expires: date, today: date) -> Standing:
    """expired after its last day, expiring within EXPIRING_DAYS before it."""
    left = (expires - today).days
    if left < 0:
        return "expired"
    return "expiring" if left <= EXPIRING_DAYS else "active"


def list_appointments(scope: Scope, producer_id: str) -> list[AppointmentRow]:
    """Carrier appointments by state. One statement."""
    rows = (
        ProducerAppointment.objects.within(scope)
        .filter(producer_id=producer_id)
        .order_by("state", "id")
        .values_list("id", "carrier_id", "state", "status", "effective_date", "termination_date")
    )
    return [AppointmentRow(*values) for values in rows[:ROWS_MAX]]


def list_overrides(scope: Scope, producer_id: str) -> list[OverrideRow]:
    """Commission exceptions, the newest first. One statement."""
    rows = (
        ProducerCommissionOverride.objects.within(scope)
        .filter(producer_id=producer_id)
        .order_by("-effective_date", "id")
        .values_list("id", "program_id", "transaction_type", "rate", "effective_date", "end_date")
    )
    return [OverrideRow(*values) for values in rows[:ROWS_MAX]]
