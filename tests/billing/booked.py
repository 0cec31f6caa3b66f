"""Entries of the journal for tests, in a month of their own."""

from __future__ import annotations

import calendar
from datetime import date
from itertools import count
from typing import Any

from openinsure.billing import models as billing
from openinsure.keyspaces.ids import new_id
from tests.billing.making import EARLIEST
from tests.factories import made

_serial = count(1)
STAMPS = {"created_at": EARLIEST, "updated_at": EARLIEST}


def period(scope: Any, **given: Any) -> billing.GlPeriod:
    """An open month that no other test has."""
    first = date(2100 + next(_serial), 5, 1)
    values = {
        "id": new_id(),
        "period_code": f"{first:%Y-%m}",
        "start_date": first,
        "end_date": first.replace(day=calendar.monthrange(first.year, first.month)[1]),
        "status": "open",
        **STAMPS,
    } | given
    row: billing.GlPeriod = made(scope, billing.GlPeriod, values)
    return row


def entry(scope: Any, **given: Any) -> billing.GlJournalEntry:
    """A receipt of 10.00 posted with two lines. policy_id and claim_id: of the lines."""
    month, of = period(scope), {name: given.pop(name, None) for name in ("policy_id", "claim_id")}
    values = {
        "id": new_id(),
        "entry_number": f"JE-{month.period_code}-00000001",
        "period_id": month.id,
        "entry_date": month.start_date,
        "effective_date": month.start_date,
        "source_type": "payment",
        "description": "Payment",
        "status": "posted",
        "total_debit_cents": 1_000,
        "total_credit_cents": 1_000,
        "currency": "USD",
        "posted_at": EARLIEST,
        "idempotency_key": new_id(),
        **STAMPS,
    } | given
    row: billing.GlJournalEntry = made(scope, billing.GlJournalEntry, values)
    for place, (code, debit, credit) in enumerate((("1010", 1_000, 0), ("4200", 0, 1_000)), 1):
        line(scope, row, place, code, debit, credit, **of)
    return row


def line(
    scope: Any, of: billing.GlJournalEntry, place: int, code: str, debit: int, credit: int,
    policy_id: str | None = None, claim_id: str | None = None,
) -> None:  # fmt: skip
    """One line of an entry."""
    values = {
        "id": new_id(),
        "journal_entry_id": of.id,
        "line_no": place,
        "gl_account_id": new_id(),
        "account_code": code,
        "debit_cents": debit,
        "credit_cents": credit,
        "currency": "USD",
        "entry_date": of.entry_date,
        "policy_id": policy_id,
        "claim_id": claim_id,
        "source_type": of.source_type,
        "created_at": EARLIEST,
    }
    made(scope, billing.GlJournalLine, values)
