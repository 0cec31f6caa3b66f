"""Reads of one payment and of the journal and transfers that it caused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from openinsure.billing.models import GlJournalLine, LedgerTransfer, Payment, PaymentReversal
from openinsure.billing.queries.origins import SOURCES
from openinsure.billing.rows import JournalRow, ReversalRow, TransferRow
from openinsure.billing.rows import Payment as PaymentHead
from openinsure.problems import NotFound
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading, reading

ROWS_MAX = 500
HEAD = {
    "number": "payment_number",
    "account_number": "billing_account__account_number",
    "payer": "payer_name",
    "reference": "processor_ref",
    "settled": "deposit_date",
}


def get_payment(scope: Scope, number: str) -> PaymentHead:
    """One payment by number. Raises NotFound, for another organisation's number too."""
    columns = [HEAD.get(name, name) for name in PaymentHead.__slots__]
    found = Payment.objects.within(scope).filter(payment_number=number).values_list(*columns)
    values = found.first()
    if values is None:
        raise NotFound("payment", number)
    return PaymentHead(*values)


def list_reversals(scope: Scope, payment_id: str) -> Reading[ReversalRow]:
    """Reversals of a payment, oldest first."""
    rows = (
        PaymentReversal.objects.within(scope)
        .filter(payment_id=payment_id)
        .order_by("occurred_at", "id")
        .values_list("id", "reversal_type", "status", "amount_cents", "currency", "occurred_at")
    )
    return reading(rows[:ROWS_MAX], ReversalRow)


def list_journal(scope: Scope, source_ids: Iterable[str]) -> Reading[JournalRow]:
    """Journal lines posted for these objects, in order. One query."""
    rows = GlJournalLine.objects.within(scope).filter(
        journal_entry__source_type__in=list(SOURCES),
        journal_entry__source_id__in=list(source_ids),
    )
    return lines_of(rows.order_by("entry_date", "journal_entry_id", "line_no", "id")[:ROWS_MAX])


def lines_of(rows: Any) -> Reading[JournalRow]:
    """These lines with the numbers of their entries and the names of their accounts."""
    found = rows.values_list(
        "id", "journal_entry__entry_number", "entry_date", "account_code", "gl_account__name",
        "debit_cents", "credit_cents", "currency", "journal_entry__description",
    )  # fmt: skip
    return reading(found, JournalRow)


def list_transfers(scope: Scope, source_ids: Iterable[str]) -> Reading[TransferRow]:
    """Ledger transfers queued or posted for these objects, in the order of their chains."""
    rows = (
        LedgerTransfer.objects.within(scope)
        .filter(source_type__in=list(SOURCES), source_id__in=list(source_ids))
        .order_by("created_at", "batch_id", "batch_seq", "id")
        .values_list(
            "id", "tb_transfer_id", "transfer_code", "debit_account__name",
            "credit_account__name", "amount_cents", "currency", "status",
        )[:ROWS_MAX]
    )  # fmt: skip
    return reading(rows, TransferRow)
