"""Counts over all of an organisation's billing: for the jobs that keep roll-ups, never a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, Sum

from openinsure.billing.models import (
    BillingAccount,
    LedgerReconciliationRun,
    LedgerTransfer,
    SuspenseItem,
)
from openinsure.billing.operations.outbox import OPEN
from openinsure.tenancy.scope import Scope

CHUNK_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Owed:
    """What one policy owes, cents."""

    policy_id: str
    balance_cents: int
    past_due_cents: int


def past_due(scope: Scope) -> tuple[int, int]:
    """Accounts past due, and how much in all. One statement."""
    rows = BillingAccount.objects.within(scope).filter(past_due_cents__gt=0)
    return rows.count(), int(rows.aggregate(cents=Sum("past_due_cents"))["cents"] or 0)


def in_suspense(scope: Scope) -> tuple[int, int]:
    """Open suspense items, and how much in all."""
    rows = SuspenseItem.objects.within(scope).filter(status="open")
    return rows.count(), int(rows.aggregate(cents=Sum("amount_cents"))["cents"] or 0)


def transfers_waiting(scope: Scope) -> tuple[int, None]:
    """Transfers that the ledger has not answered."""
    return LedgerTransfer.objects.within(scope).filter(status__in=OPEN).count(), None


def unexplained(scope: Scope) -> tuple[int, int]:
    """Accounts that drifted without explanation in the newest comparison, and by how much.

    Raises LookupError where none was ever made: nothing is green without proof.
    """
    rows = LedgerReconciliationRun.objects.within(scope).exclude(finished_at=None)
    columns = ("accounts_drifted", "unexplained_drift_cents")
    last = rows.order_by("-run_date", "-id").values_list(*columns).first()
    if last is None:
        raise LookupError("no comparison was made yet")
    drifted, cents = last
    return (int(drifted) if cents else 0), int(cents)


def owed_since(scope: Scope, since: datetime | None) -> Iterator[list[Owed]]:
    """What the policies of changed accounts owe, in chunks; None is all of them."""
    rows = BillingAccount.objects.within(scope).exclude(policy_id=None)
    if since is not None:
        rows = rows.filter(updated_at__gte=since)
    at: tuple[datetime, str] | None = None
    while True:
        here = rows
        if at is not None:
            here = rows.filter(Q(updated_at__gt=at[0]) | Q(updated_at=at[0], id__gt=at[1]))
        chunk = list(
            here.order_by("updated_at", "id").values_list(
                "policy_id", "balance_cents", "past_due_cents", "updated_at", "id"
            )[:CHUNK_ROWS]
        )
        if not chunk:
            return
        at = (chunk[-1][3], chunk[-1][4])
        yield [Owed(*values[:3]) for values in chunk]
