"""Installments that are planned and not billed yet: waived, revived, shortened with the premium."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from openinsure.billing.models import Installment
from openinsure.money.taxes import POLICY_FEE, PREMIUM, STAMPING, TAX
from openinsure.tenancy.scope import Scope

PENDING, WAIVED = "pending", "waived"
CANCELLED, RETURNED = "Policy cancelled", "Premium returned"
COLUMNS = {PREMIUM: "premium_cents", POLICY_FEE: "fee_cents", TAX: "tax_cents",
           STAMPING: "tax_cents"}  # fmt: skip


def waive(scope: Scope, account_id: str, *, now: datetime) -> None:
    """Nothing planned is billed any more: the policy is cancelled."""
    rows = _pending(scope, account_id)
    rows.update(status=WAIVED, waive_reason=CANCELLED, updated_at=now)


def revive(scope: Scope, account_id: str, *, now: datetime) -> None:
    """What a cancellation waived is planned again."""
    rows = Installment.objects.within(scope).filter(
        billing_account_id=account_id, status=WAIVED, waive_reason=CANCELLED
    )
    rows.update(status=PENDING, waive_reason=None, updated_at=now)


def pending_cents(
    scope: Scope, account_id: str, *, due: Mapping[str, int], billed: Mapping[str, int]
) -> dict[str, int]:
    """What is planned, by component. Of tax, the service-office fee is what it still lacks.

    due, billed: by component; an installment holds both taxes in one amount.
    """
    rows = list(_pending(scope, account_id).order_by("due_date", "id"))
    taxes = sum(row.tax_cents for row in rows)
    stamping = min(taxes, max(0, due.get(STAMPING, 0) - billed.get(STAMPING, 0)))
    return {
        PREMIUM: sum(row.premium_cents for row in rows),
        POLICY_FEE: sum(_policy_fee(row) for row in rows),
        TAX: taxes - stamping,
        STAMPING: stamping,
    }


def shrink(scope: Scope, account_id: str, component: str, cents: int, *, now: datetime) -> int:
    """Take cents of a component off planned installments, the last first; how many it took."""
    left, column = cents, COLUMNS[component]
    for row in _pending(scope, account_id).order_by("-due_date", "-seq", "-id"):
        held = _policy_fee(row) if component == POLICY_FEE else getattr(row, column)
        taken = min(left, held)
        if taken <= 0:
            continue
        setattr(row, column, getattr(row, column) - taken)
        row.total_cents -= taken
        row.updated_at = now
        if not row.premium_cents and not row.tax_cents and row.seq > 1:
            row.status, row.waive_reason = WAIVED, RETURNED
        row.save()
        left -= taken
    return cents - left


def _policy_fee(row: Any) -> int:
    """The first installment carries the policy fee; later ones their own service fee."""
    return int(row.fee_cents) if row.seq == 1 else 0


def _pending(scope: Scope, account_id: str) -> Any:
    rows = Installment.objects.within(scope)
    return rows.filter(billing_account_id=account_id, status=PENDING)
