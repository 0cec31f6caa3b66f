"""Whom to call: producers of a policy. Business contacts, not personal data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from openinsure.orgs.models import Producer
from openinsure.tenancy.scope import Scope


@dataclass(frozen=True, slots=True)
class ProducerContact:
    """One producer as a caller's desk needs it."""

    id: str
    code: str
    name: str
    phone: str | None
    email: str | None
    status: str


def producer_contacts(scope: Scope, ids: Iterable[str]) -> list[ProducerContact]:
    """The producers with these ids, by code. One statement on oi_global."""
    rows = Producer.objects.within(scope).filter(id__in=sorted(set(ids))).order_by("code")
    columns = ("id", "code", "agency_name", "phone", "email", "status")
    return [ProducerContact(*values) for values in rows.values_list(*columns)]
