"""Reads of bank accounts, imported lines and month-end reconciliations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from openinsure.billing.models import BankTransaction
from openinsure.console.row_reading import rows_of
from openinsure.tenancy.scope import Scope

OFFERED_MAX = 20


@dataclass(frozen=True, slots=True)
class OpenLine:
    """A line of a statement that nothing is matched to."""

    id: str
    bank_ref: str
    posted_on: date


def open_debits(scope: Scope, cents: int, currency: str) -> list[OpenLine]:
    """Money out of exactly this amount, newest first. One statement."""
    rows = BankTransaction.objects.within(scope).filter(
        match_status="open", direction="debit", amount_cents=cents, currency=currency
    )
    return rows_of(rows.order_by("-posted_on", "id"), OpenLine, {}, limit=OFFERED_MAX)
