"""Written premium of a period, movement by movement: what a premium bordereau reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from openinsure.console.row_reading import rows_of
from openinsure.policies.models import PolicyTransaction
from openinsure.tenancy.scope import Scope

ROWS_MAX = 50_000


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """One movement with its policy's parties and rates. Cents."""

    id: str
    policy_id: str
    policy_number: str
    number: int
    kind: str
    processed: date
    premium_cents: int
    fees_cents: int
    taxes_cents: int
    currency: str
    insured: str
    state: str
    producer_rate: Decimal
    mga_rate: Decimal


COLUMNS = {
    "number": "transaction_no",
    "kind": "transaction_type",
    "processed": "process_date",
    "premium_cents": "written_premium_cents",
    "insured": "policy__insured_name",
    "state": "policy__state",
    "producer_rate": "policy__producer_commission_rate",
    "mga_rate": "policy__mga_commission_rate",
}


def written_in(
    scope: Scope, *, carrier_id: str, program_id: str, first: date, last: date
) -> list[WrittenRow]:
    """Movements processed from `first` to `last` of a carrier's program. One statement."""
    rows = PolicyTransaction.objects.within(scope).filter(
        policy__carrier_id=carrier_id,
        policy__program_id=program_id,
        process_date__gte=first,
        process_date__lte=last,
    )
    ordered = rows.order_by("process_date", "policy_id", "transaction_no", "id")
    return rows_of(ordered, WrittenRow, COLUMNS, limit=ROWS_MAX)


def written_before(scope: Scope, policy_ids: Iterable[str]) -> dict[tuple[str, int], int]:
    """(policy id, movement number) -> cents written before that movement. One statement."""
    rows = PolicyTransaction.objects.within(scope).filter(policy_id__in=sorted(set(policy_ids)))
    found = rows.order_by("policy_id", "transaction_no", "id").values_list(
        "policy_id", "transaction_no", "written_premium_cents"
    )
    before: dict[tuple[str, int], int] = {}
    sums: dict[str, int] = {}
    for policy_id, number, cents in found:
        before[policy_id, number] = sums.get(policy_id, 0)
        sums[policy_id] = sums.get(policy_id, 0) + cents
    return before
