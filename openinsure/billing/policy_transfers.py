"""The ledger transfers of one policy or one claim, newest first; the journal of a claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openinsure.billing.models import GlJournalLine, LedgerTransfer
from openinsure.billing.queries.payments import lines_of
from openinsure.billing.rows import JournalRow, TransferRow
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading, reading

ROWS_MAX = 200
MOVED = (
    *("id", "tb_transfer_id", "transfer_code", "debit_account__name"),
    *("credit_account__name", "amount_cents", "currency", "status"),
)


@dataclass(frozen=True, slots=True)
class PolicyMove(TransferRow):
    """A transfer of one term of a policy."""

    term: int


def transfers_of_policy(scope: Scope, terms: Mapping[str, int]) -> Reading[PolicyMove]:
    """At most ROWS_MAX transfers of all terms, by policy id and number. One query."""
    rows = LedgerTransfer.objects.within(scope).filter(policy_id__in=sorted(terms))
    found = _newest(rows).values_list("policy_id", *MOVED)
    return reading(found[:ROWS_MAX], lambda policy, *values: PolicyMove(*(*values, terms[policy])))


def transfers_of_claim(scope: Scope, claim_id: str) -> Reading[TransferRow]:
    """At most ROWS_MAX transfers. One query of oi_billing."""
    found = _newest(LedgerTransfer.objects.within(scope).filter(claim_id=claim_id))
    return reading(found.values_list(*MOVED)[:ROWS_MAX], TransferRow)


def journal_of_claim(scope: Scope, claim_id: str) -> Reading[JournalRow]:
    """At most ROWS_MAX journal lines, newest first. One query of oi_billing."""
    lines = GlJournalLine.objects.within(scope).filter(claim_id=claim_id)
    return lines_of(lines.order_by("-entry_date", "-journal_entry_id", "line_no")[:ROWS_MAX])


def _newest(rows: Any) -> Any:
    return rows.order_by("-created_at", "batch_id", "batch_seq", "id")
