"""Ledger accounts, transfers and a comparison that found a fault, for tests of their pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from openinsure.billing import models as billing
from openinsure.keyspaces.ids import new_id
from openinsure.ledger import ids
from openinsure.ledger.accounts import TYPES
from tests.billing.making import EARLIEST
from tests.factories import made

STAMPS = {"created_at": EARLIEST, "updated_at": EARLIEST}


def account(scope: Any, kind: str, **given: Any) -> billing.LedgerAccount:
    """An account of a type with 25.00 on both sides."""
    of = next(one for one in TYPES if one.name == kind)
    entity = new_id()
    values = {
        "id": new_id(),
        "tb_account_id": ids.account_id(scope.org_id, kind, of.entity, entity, "", "USD"),
        "account_type": kind,
        "entity_type": of.entity,
        "entity_id": entity,
        "sub_purpose": of.sub_purpose,
        "ledger_code": 5840,
        "tb_code": of.code,
        "tb_flags": of.flags,
        "normal_side": of.side,
        "currency": "USD",
        "name": f"{of.entity}:{entity}:{kind}",
        "status": "active",
        "last_debits_posted": 7_500,
        "last_credits_posted": 2_500,
        "last_balance_cents": 5_000 if of.side == "D" else -5_000,
        "last_synced_at": EARLIEST,
        "last_transfer_at": EARLIEST,
        **STAMPS,
    } | given
    row: billing.LedgerAccount = made(scope, billing.LedgerAccount, values)
    return row


def transfer(scope: Any, **given: Any) -> billing.LedgerTransfer:
    """A posted receipt of 10.00 from trust cash to fee income."""
    values = {
        "id": new_id(),
        "tb_transfer_id": new_id().replace("-", ""),
        "batch_id": new_id(),
        "amount_cents": 1_000,
        "currency": "USD",
        "transfer_code": 1003,
        "source_type": "payment",
        "source_id": new_id(),
        "status": "posted",
        "posted_at": EARLIEST,
        **STAMPS,
    } | given
    for side, kind in (("debit", "MGA_FIDUCIARY"), ("credit", "MGA_REVENUE")):
        if f"{side}_account_id" not in values:
            values[f"{side}_account_id"] = account(scope, kind).id
    row: billing.LedgerTransfer = made(scope, billing.LedgerTransfer, values)
    return row


def fault(scope: Any, of: billing.LedgerTransfer | None = None, **given: Any) -> Any:
    """A comparison whose trust cash is 12.34 less in the ledger; the fault below its line."""
    run = {
        "id": new_id(), "run_date": date(2026, 11, 20), "status": "unexplained",
        "total_abs_drift_cents": 1_234, "unexplained_drift_cents": 1_234, "currency": "USD",
        "started_at": EARLIEST, "finished_at": EARLIEST, **STAMPS,
    }  # fmt: skip
    made(scope, billing.LedgerReconciliationRun, run)
    values = {
        "run_id": run["id"], "account_type": "MGA_FIDUCIARY", "currency": "USD",
        "tb_balance_cents": 5_000, "gl_balance_cents": 6_234, "drift_cents": -1_234,
        "unexplained_cents": -1_234, "explanation_code": "AMOUNT", "status": "unexplained",
        **STAMPS,
    }  # fmt: skip
    line = made(scope, billing.LedgerReconciliationItem, values | {"id": new_id()})
    below = values | {
        "id": new_id(),
        "parent_item_id": line.id,
        "ledger_transfer_id": of.id if of else None,
        "gl_entry_id": of.gl_entry_id if of else None,
    }
    return made(scope, billing.LedgerReconciliationItem, below | given)
