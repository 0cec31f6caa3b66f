"""What a job counts whole every five minutes: ledger accounts by type, commission not yet stated.

Before the first count pages count themselves. A producer whose statement is drawn up is counted
again at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Min, Sum

from openinsure.billing.books.models import (
    COMMISSIONS,
    BooksMark,
    LedgerTypeSum,
    OpenCommissionSum,
)
from openinsure.billing.models import CommissionAccrual, LedgerAccount
from openinsure.tenancy.scope import Scope

SUMS = {
    "debits_posted_cents": "last_debits_posted",
    "credits_posted_cents": "last_credits_posted",
    "debits_pending_cents": "last_debits_pending",
    "credits_pending_cents": "last_credits_pending",
}
TYPE = ("account_type", "sub_purpose", "currency")
Open = tuple[str, str, int, int]  # producer, currency, accruals, cents


def count(scope: Scope, *, at: datetime) -> int:
    """Count the organisation entered; how many sums. Safe to repeat."""
    types, open_ones = list(_types(scope)), _open(scope)
    with transaction.atomic():
        LedgerTypeSum.objects.within(scope).delete()
        LedgerTypeSum.objects.bulk_create(
            LedgerTypeSum(org_id=scope.org_id, counted_at=at, **row) for row in types
        )
        OpenCommissionSum.objects.within(scope).delete()
        _store_open(scope, open_ones)
        BooksMark.objects.within(scope).filter(source=COMMISSIONS).delete()
        BooksMark.objects.create(org_id=scope.org_id, source=COMMISSIONS, mark="", taken_at=at)
    return len(types) + len(open_ones)


def count_producer(scope: Scope, producer_id: str) -> None:
    """Count one producer's open commission again, if it was ever counted."""
    if _counted_at(scope) is None:
        return
    open_ones = _open(scope, producer_id=producer_id)
    with transaction.atomic():
        OpenCommissionSum.objects.within(scope).filter(producer_id=producer_id).delete()
        _store_open(scope, open_ones)


def ledger_types(scope: Scope) -> list[dict[str, Any]]:
    """Stored balances by type, purpose and currency, added up. One statement, two uncounted."""
    names = (*TYPE, *SUMS, "accounts", "read_at", "latest")
    stored = list(LedgerTypeSum.objects.within(scope).order_by().values(*names))
    return stored or list(_types(scope))


def open_commissions(scope: Scope, most: int) -> tuple[list[Open], datetime | None]:
    """The biggest first, and when they were counted, None for now. Two statements."""
    counted_at = _counted_at(scope)
    if counted_at is None:
        return sorted(_open(scope), key=lambda row: (-row[3], row[0]))[:most], None
    rows = OpenCommissionSum.objects.within(scope).order_by("-cents", "-producer_id")
    return list(rows.values_list("producer_id", "currency", "items", "cents")[:most]), counted_at


def _counted_at(scope: Scope) -> datetime | None:
    rows = BooksMark.objects.within(scope).filter(source=COMMISSIONS)
    at: datetime | None = rows.values_list("taken_at", flat=True).first()
    return at


def _types(scope: Scope) -> Iterable[dict[str, Any]]:
    rows: Iterable[dict[str, Any]] = (
        LedgerAccount.objects.within(scope)
        .order_by()
        .values(*TYPE)
        .annotate(
            accounts=Count("id"),
            read_at=Min("last_synced_at"),
            latest=Max("last_transfer_at"),
            **{name: Sum(column) for name, column in SUMS.items()},
        )
    )
    return rows


def _open(scope: Scope, **limits: str) -> list[Open]:
    rows = CommissionAccrual.objects.within(scope).filter(status="open", **limits).order_by()
    found = rows.values_list("producer_id", "currency").annotate(
        items=Count("id"), cents=Sum("amount_cents")
    )
    return [(key, code, items, int(cents)) for key, code, items, cents in found]


def _store_open(scope: Scope, open_ones: Iterable[Open]) -> None:
    OpenCommissionSum.objects.bulk_create(
        OpenCommissionSum(
            org_id=scope.org_id, producer_id=key, currency=code, items=items, cents=cents
        )
        for key, code, items, cents in open_ones
    )
