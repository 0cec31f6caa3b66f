"""Whom to call: producers of a policy. Business contacts, not personal data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic

from openinsure.orgs.models import Producer
from openinsure.tenancy.scope import Scope

KEPT_S = 60
KEPT_MAX = 10_000


@dataclass(frozen=True, slots=True)
class ProducerContact:
    """One producer as a caller's desk needs it."""

    id: str
    code: str
    name: str
    phone: str | None
    email: str | None
    status: str


_kept: dict[tuple[str, str], tuple[float, ProducerContact | None]] = {}


def producer_contacts(scope: Scope, ids: Iterable[str]) -> list[ProducerContact]:
    """The producers with these ids, by code, at most KEPT_S old. At most one statement."""
    wanted = sorted(set(ids))
    stale = [key for key in wanted if monotonic() - _read_at(scope, key) >= KEPT_S]
    if stale:
        columns = ("id", "code", "agency_name", "phone", "email", "status")
        rows = Producer.objects.within(scope).filter(id__in=stale).values_list(*columns)
        read = {values[0]: ProducerContact(*values) for values in rows}
        if len(_kept) > KEPT_MAX:
            _kept.clear()
        _kept.update({(scope.org_id, key): (monotonic(), read.get(key)) for key in stale})
    found = (_kept.get((scope.org_id, key), (0.0, None))[1] for key in wanted)
    return sorted((one for one in found if one is not None), key=lambda contact: contact.code)


def _read_at(scope: Scope, key: str) -> float:
    return _kept.get((scope.org_id, key), (-float(KEPT_S), None))[0]
