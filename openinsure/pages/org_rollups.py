"""What `/orgs` tells of each organisation, counted every five minutes, one organisation at a time.

A keyspace that is away costs its own figure, which keeps its last value; the row's age says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.utils import InterfaceError, OperationalError

from openinsure.audit.directory import directory
from openinsure.claims import counts as claims
from openinsure.console.models import OrgRollup
from openinsure.policies import counts as policies
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import DirectoryScope, Scope, SystemScope, entered

SUBJECT = "service:rollups"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OrgCounts:
    """The figures of one organisation; None where none was ever read."""

    policies_in_force: int | None
    open_claims: int | None
    read_at: datetime


def refresh(*, at: datetime, request_id: str = "") -> int:
    """Count every organisation anew; how many were counted in full. Safe to repeat."""
    ids = directory().list_ids(DirectoryScope(PLATFORM_ORG_ID, SUBJECT, request_id))
    return sum(_refresh_one(SystemScope(org_id, SUBJECT, request_id), at) for org_id in ids)


def counts_of(scope: DirectoryScope, org_ids: Iterable[str]) -> dict[str, OrgCounts]:
    """The figures of these organisations, by id. One statement on oi_console."""
    with entered(scope):
        rows = OrgRollup.objects.within(scope).filter(org_id__in=sorted(set(org_ids)))
        found = rows.values_list("org_id", "policies_in_force", "open_claims", "read_at")
        return {org_id: OrgCounts(*figures) for org_id, *figures in found}


def _refresh_one(scope: SystemScope, at: datetime) -> bool:
    with entered(scope):
        read = {
            "policies_in_force": _count(lambda: policies.count_in_force(scope, on=at.date())),
            "open_claims": _count(lambda: claims.count_open(scope)),
        }
        known = {name: value for name, value in read.items() if value is not None}
        _store(scope, known, at, whole=len(known) == len(read))
    return len(known) == len(read)


def _store(scope: Scope, known: dict[str, int], at: datetime, *, whole: bool) -> None:
    """read_at is the age of the oldest figure, so it only moves when all were read."""
    changes: dict[str, object] = {**known, "read_at": at} if whole else {**known}
    rows = OrgRollup.objects.within(scope)
    if not known:
        return
    if not rows.update(**changes) and not rows.exists():
        OrgRollup.objects.create(id=scope.org_id, **{"read_at": at, **changes})


def _count(read: Callable[[], int]) -> int | None:
    try:
        return read()
    except (OperationalError, InterfaceError) as error:
        log.warning("a figure of /orgs keeps its last value: %s", type(error).__name__)
        return None
