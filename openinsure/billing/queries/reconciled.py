"""Reads of stored comparisons: the newest by account type, what is below a line, the strip."""

from __future__ import annotations

from openinsure.billing.ledger_rows import ComparisonRun, ReconciledRow
from openinsure.billing.models import LedgerReconciliationItem, LedgerReconciliationRun
from openinsure.console.row_reading import rows_of
from openinsure.problems import NotFound
from openinsure.tenancy.scope import Scope

STRIP_RUNS = 30
ITEM = {
    "gl_code": "gl_account_code",
    "journal_cents": "gl_balance_cents",
    "ledger_cents": "tb_balance_cents",
    "difference_cents": "drift_cents",
    "cause": "explanation_code",
    "run_date": "run__run_date",
    "run_at": "run__finished_at",
    "entry": "gl_entry__entry_number",
    "entry_by": "gl_entry__posted_by_user_id",
    "transfer": "ledger_transfer__tb_transfer_id",
    "stray": "stray_transfer_id",
    "resolved_by": "resolved_by_user_id",
    "note": "resolution_note",
    "correction": "correction_transfer__tb_transfer_id",
}
RUN = {
    "drift_cents": "total_abs_drift_cents",
    "unexplained_cents": "unexplained_drift_cents",
    "away": "error_text",
}


def latest_runs(scope: Scope) -> list[ComparisonRun]:
    """The newest comparisons, newest first: the strip. One statement."""
    rows = LedgerReconciliationRun.objects.within(scope).order_by("-run_date", "currency", "id")
    return rows_of(rows, ComparisonRun, RUN, limit=STRIP_RUNS)


def lines_of(scope: Scope, runs: list[ComparisonRun]) -> list[ReconciledRow]:
    """The account types of the newest day. One statement."""
    newest = [run.id for run in runs if run.run_date == runs[0].run_date]
    rows = LedgerReconciliationItem.objects.within(scope).filter(
        run_id__in=newest, parent_item_id=None
    )
    return rows_of(rows.order_by("created_at", "id"), ReconciledRow, ITEM)


def get_item(scope: Scope, item_id: str) -> ReconciledRow:
    """One item. Raises NotFound, for another organisation's id too."""
    rows = LedgerReconciliationItem.objects.within(scope).filter(id=item_id)
    for found in rows_of(rows, ReconciledRow, ITEM, limit=1):
        return found
    raise NotFound("difference", item_id)


def below(scope: Scope, item_id: str) -> list[ReconciledRow]:
    """Causes and faults of a line, biggest first."""
    rows = LedgerReconciliationItem.objects.within(scope).filter(parent_item_id=item_id)
    found = rows_of(rows, ReconciledRow, ITEM)
    return sorted(found, key=lambda row: (-abs(row.difference_cents), row.id))
