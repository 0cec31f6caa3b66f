"""The figures of the home page: counted every five minutes by a job, read in one statement.

A keyspace that is away costs its own figures, which keep their last value and age.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.utils import InterfaceError, OperationalError

from openinsure.audit.directory import directory
from openinsure.billing import counts as billing
from openinsure.claims import counts as claims
from openinsure.claims.filters import LITIGATED
from openinsure.orgs import licences
from openinsure.pages import standing_rollup
from openinsure.pages.models import OrgFigure
from openinsure.policies import counts as policies
from openinsure.submissions import counts as submissions
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import DirectoryScope, Scope, SystemScope, entered

SUBJECT = "service:rollups"
Counted = tuple[int, int | None]
log = logging.getLogger(__name__)

COUNTERS: Mapping[str, Callable[[Scope, date], Counted]] = {
    "in_force": lambda scope, on: (policies.count_in_force(scope, on=on), None),
    "expiring": lambda scope, on: (policies.count_expiring(scope, on=on), None),
    "pending_cancellation": lambda scope, on: (
        policies.count_status(scope, "pending_cancellation"),
        None,
    ),
    "open_submissions": lambda scope, on: (submissions.count_open(scope), None),
    "referred": lambda scope, on: (submissions.count_status(scope, "referred"), None),
    "quoted": lambda scope, on: (submissions.count_status(scope, "quoted"), None),
    "open_claims": lambda scope, on: (claims.count_open(scope), None),
    "litigated": lambda scope, on: (claims.count_status(scope, *LITIGATED), None),
    "payments_waiting": lambda scope, on: (claims.count_waiting_payments(scope), None),
    "past_due": lambda scope, on: billing.past_due(scope),
    "suspense": lambda scope, on: billing.in_suspense(scope),
    "transfers_waiting": lambda scope, on: billing.transfers_waiting(scope),
    "differences": lambda scope, on: billing.unexplained(scope),
    "licences": lambda scope, on: (licences.count_expiring(scope, on=on), None),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure and when it was read. cents: the amount behind the count, if there is one."""

    count: int
    cents: int | None
    read_at: datetime


def figures_of(scope: Scope) -> dict[str, Figure]:
    """The figures of the organisation, by name; one never read is absent. One statement."""
    rows = OrgFigure.objects.within(scope).values_list("name", "count", "cents", "read_at")
    return {name: Figure(*values) for name, *values in rows}


def refresh(*, at: datetime, request_id: str = "") -> int:
    """Count every organisation anew, one after another; how many in full. Safe to repeat."""
    ids = directory().list_ids(DirectoryScope(PLATFORM_ORG_ID, SUBJECT, request_id))
    whole = 0
    for org_id in ids:
        scope = SystemScope(org_id, SUBJECT, request_id)
        with entered(scope):
            whole += refresh_org(scope, at=at)
    return whole


def refresh_org(scope: Scope, *, at: datetime) -> bool:
    """Count the organisation entered and take up what policies owe; whether all answered."""
    whole = count_org(scope, on=at.date(), at=at)
    try:
        changed = standing_rollup.refresh_org(scope, at=at)
    except (OperationalError, InterfaceError) as error:
        log.warning("policy standings keep their values: %s", type(error).__name__)
        return False
    _store(scope, standing_rollup.NAME, (changed, None), at)
    return whole


def count_org(scope: Scope, *, on: date, at: datetime) -> bool:
    """Count the figures of the organisation entered; whether every keyspace answered."""
    whole = True
    for name, counter in COUNTERS.items():
        try:
            _store(scope, name, counter(scope, on), at)
        except LookupError:
            continue
        except (OperationalError, InterfaceError) as error:
            whole = False
            log.warning("figure %s keeps its last value: %s", name, type(error).__name__)
    return whole


def _store(scope: Scope, name: str, counted: Counted, at: datetime) -> None:
    count, cents = counted
    rows = OrgFigure.objects.within(scope).filter(name=name)
    if not rows.update(count=count, cents=cents, read_at=at) and not rows.exists():
        OrgFigure.objects.create(
            org_id=scope.org_id, name=name, count=count, cents=cents, read_at=at
        )
