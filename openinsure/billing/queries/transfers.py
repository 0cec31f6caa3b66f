"""Reads of transfers: the list, one of them with its chain."""

from __future__ import annotations

from openinsure.billing.ledger_rows import TransferDetail, TransferLine
from openinsure.billing.models import LedgerTransfer
from openinsure.billing.rows import TransferRow
from openinsure.console.lists import Ask
from openinsure.console.row_reading import rows_of
from openinsure.problems import NotFound
from openinsure.tenancy.listing import Count, ListSpec, Page, Sort, Where, count_rows, list_page
from openinsure.tenancy.scope import Scope

TRANSFERS = ListSpec(
    model=LedgerTransfer,
    row=TransferLine,
    columns={
        "number": "tb_transfer_id",
        "code": "transfer_code",
        "queued_at": "created_at",
        "result": "result_code",
    },
    sorts={
        "queued_at": Sort(
            "created_at",
            "ledger_transfers_org_created_id",
            within={
                "status": "ledger_transfers_org_status_created_id",
                "debit_account_id": "ledger_transfers_org_debit_account_created",
                "credit_account_id": "ledger_transfers_org_credit_account_created",
            },
        ),
    },
)
DETAIL = {
    "number": "tb_transfer_id",
    "code": "transfer_code",
    "debit": "debit_account__name",
    "debit_type": "debit_account__account_type",
    "credit": "credit_account__name",
    "credit_type": "credit_account__account_type",
    "entry_id": "gl_entry_id",
    "entry": "gl_entry__entry_number",
    "flags": "tb_flags",
    "pending_number": "pending_transfer_id",
    "result": "result_code",
    "earlier": "last_error",
    "engine_time": "tb_timestamp",
    "queued_at": "created_at",
}
CHAIN = {
    "transfer_id": "tb_transfer_id",
    "code": "transfer_code",
    "debit": "debit_account__name",
    "credit": "credit_account__name",
}


def list_transfers(scope: Scope, where: Where, asked: Ask) -> Page[TransferLine]:
    """At most `asked.size` transfers. One statement; what no index serves, two."""
    return list_page(
        scope,
        TRANSFERS,
        where=where,
        sort=asked.sort,
        descending=asked.descending,
        at=asked.at,
        size=asked.size,
    )


def count_transfers(scope: Scope, where: Where, asked: Ask) -> Count:
    """How many match, counted to 1,000. One statement."""
    return count_rows(scope, TRANSFERS, where=where, sort=asked.sort)


def get_transfer(scope: Scope, number: str) -> TransferDetail:
    """One transfer by its id in the ledger. Raises NotFound, for another organisation's too."""
    rows = LedgerTransfer.objects.within(scope).filter(tb_transfer_id=number)
    for found in rows_of(rows, TransferDetail, DETAIL, limit=1):
        return found
    raise NotFound("transfer", number)


def chain_of(scope: Scope, batch_id: str) -> list[TransferRow]:
    """The linked chain that stands or falls together, in its order."""
    rows = LedgerTransfer.objects.within(scope).filter(batch_id=batch_id)
    return rows_of(rows.order_by("batch_seq", "id"), TransferRow, CHAIN)
