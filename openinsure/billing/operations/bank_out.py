"""A line of money out, matched to the payout that it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from openinsure.billing.models import BankTransaction
from openinsure.billing.operations.bank import Tied
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.operations.settlements import touch
from openinsure.billing.queries.bank_out import DISBURSEMENT, OUT, matched_ids
from openinsure.problems import BadForm, Conflict, NotFound
from openinsure.tenancy.scope import Scope


def match_out(scope: Scope, *, line_id: str, kind: str, key: str, now: datetime) -> Tied:
    """A line of money out is this payout. Raises NotFound, Conflict; BadForm for another amount."""

    def work() -> Tied:
        line = locked_line(scope, line_id)
        if line.matched_id == key:
            return Tied(line.bank_ref, line.match_status, True)
        is_open(line)
        row = _payout(scope, kind, key)
        if (row.amount_cents, row.currency) != (line.amount_cents, line.currency):
            raise BadForm({"payout": "must be of the line's amount"})
        if matched_ids(scope, [key]):
            raise Conflict("Another line of a statement is this payout.")
        matched(line, kind, key, now)
        if kind == "settlement_payout":
            row.bank_transaction_id = line.id
            touch(row, now)
        return Tied(line.bank_ref, "matched", False)

    return in_transaction(work)


def match_cleared(scope: Scope, *, line_id: str, disbursement_id: str, now: datetime) -> Tied:
    """The line at which a check or ACH of a claim cleared, as the claim says. Raises NotFound,
    Conflict.
    """

    def work() -> Tied:
        line = locked_line(scope, line_id)
        if line.matched_id == disbursement_id:
            return Tied(line.bank_ref, line.match_status, True)
        is_open(line)
        matched(line, DISBURSEMENT, disbursement_id, now)
        return Tied(line.bank_ref, "matched", False)

    return in_transaction(work)


def locked_line(scope: Scope, line_id: str) -> Any:
    """The line, locked. Raises NotFound."""
    rows = BankTransaction.objects.within(scope).select_for_update()
    line = rows.filter(id=line_id).first()
    if line is None:
        raise NotFound("bank line", line_id[:40])
    return line


def _payout(scope: Scope, kind: str, key: str) -> Any:
    out = OUT.get(kind)
    rows = out.model.objects.within(scope).select_for_update() if out else None
    row = rows.filter(id=key, status=out.status).first() if out and rows is not None else None
    if row is None:
        raise BadForm({"payout": "must be one of the payouts offered"})
    return row


def is_open(line: Any) -> None:
    """Raises Conflict for a line that is matched, BadForm for one of money in."""
    if line.match_status == "matched":
        raise Conflict("This line of the statement is matched already.")
    if line.direction != "debit":
        raise BadForm({"payout": "needs a line of money out"})


def matched(line: Any, kind: str, key: str, now: datetime) -> None:
    """The line is this object from now on."""
    line.match_status, line.matched_type, line.matched_id = "matched", kind, key
    touch(line, now)
