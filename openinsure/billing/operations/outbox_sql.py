"""The statements of the outbox that touch every transfer: read as tuples, marked chain by chain.

Both name their index: without it the engine plans a range of every index that ends in the key,
for each key of the list, which costs as much as the change itself. The guard judges both.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db import connections

from openinsure.billing.operations.moneyed import KEYSPACE
from openinsure.tenancy.scope import Scope

MARKED = 256  # chains of one statement, a power of two
Params = list[Any]


class Queued(NamedTuple):
    """What the ledger is told of a transfer, and what its answer is stored by."""

    id: str
    tb_transfer_id: str
    batch_id: str
    batch_seq: int
    debit_account_id: str
    credit_account_id: str
    amount_cents: int
    transfer_code: int
    tb_flags: int
    pending_transfer_id: str | None
    policy_id: str | None
    claim_id: str | None
    attempts: int


COLUMNS = ", ".join(Queued._fields)
DUE = (
    f"SELECT {COLUMNS} FROM ledger_transfers"  # noqa: S608
    " FORCE INDEX (ledger_transfers_org_status_created_id)"
    " WHERE org_id = %s AND status = %s{after}"
    " AND (next_attempt_at IS NULL OR next_attempt_at <= %s)"
    " ORDER BY created_at, id LIMIT %s"
)
AFTER = " AND (created_at > %s OR (created_at = %s AND id > %s))"
# The ledger gives the transfers of a chain consecutive times.
MARK = (
    "UPDATE ledger_transfers FORCE INDEX (ledger_transfers_org_batch_batch_seq)"
    " SET status = %s, result_code = %s, tb_timestamp = {timestamp} + batch_seq, posted_at = %s,"
    " next_attempt_at = NULL, updated_at = %s"
    " WHERE org_id = %s AND batch_id IN ({batches}) AND status IN (%s, %s)"
)


def due(
    scope: Scope, status: str, *, now: datetime, most: int, after: tuple[datetime, str] | None
) -> list[Queued]:
    """At most `most` rows of a status that are due, oldest first, beyond a row's time and id."""
    passed: Params = [after[0], *after] if after else []
    sql = DUE.format(after=AFTER if after else "")
    with connections[KEYSPACE].cursor() as cursor:
        cursor.execute(sql, [scope.org_id, status, *passed, now, most])
        return [Queued._make(row) for row in cursor.fetchall()]


def mark(
    scope: Scope,
    told: Sequence[tuple[str, int]],
    *,
    was: tuple[str, str],
    status: str,
    result: str,
    now: datetime,
) -> None:
    """Chains that stand. told: batch_id and time of its place 0, ns. One statement per MARKED."""
    ordered = sorted(told)
    with connections[KEYSPACE].cursor() as cursor:
        for start in range(0, len(ordered), MARKED):
            part = _padded(ordered[start : start + MARKED])
            places = ", ".join(["%s"] * len(part))
            params: Params = [status, result]
            _found_by(part, params)
            params += [now, now, scope.org_id, *(batch_id for batch_id, _ in part), *was]
            cursor.execute(MARK.format(timestamp=_bisected(len(part)), batches=places), params)


def _padded(told: Sequence[tuple[str, int]]) -> Sequence[tuple[str, int]]:
    """Up to a power of two with its last chain again: few different statements to judge."""
    size = 1 << (len(told) - 1).bit_length()
    return [*told, *[told[-1]] * (size - len(told))]


@cache
def _bisected(size: int) -> str:
    """The number of one of `size` chains, found by halves: a flat CASE compares every key."""
    if size == 1:
        return "%s"
    half = _bisected(size // 2)
    return f"IF(batch_id < %s, {half}, {half})"


def _found_by(told: Sequence[tuple[str, int]], params: Params) -> None:
    """The parameters of `_bisected`, in its order. told: by batch_id, a power of two of them."""
    if len(told) == 1:
        params.append(told[0][1])
        return
    middle = len(told) // 2
    params.append(told[middle][0])
    _found_by(told[:middle], params)
    _found_by(told[middle:], params)
