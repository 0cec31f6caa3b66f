"""The statements of the nightly earning: ranges of policies in, tuples out. The guard judges them.

The ORM would spend most of the night on making objects (docs/benchmarks): these read what one
chunk needs in four statements and write its postings in one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connections

from openinsure.billing.earning import OpenStream
from openinsure.tenancy.scope import Scope

KEYSPACE = "oi_billing"
HIGHEST = "~"  # after every id
ROWS_PER_STATEMENT = 2_000

LAST_OF_CHUNK = (
    "SELECT policy_id FROM premium_transactions FORCE INDEX"
    " (premium_transactions_org_policy_earn_from) WHERE org_id = %s AND policy_id > %s"
    " AND fully_earned = 0 AND earn_from < %s ORDER BY policy_id LIMIT 1 OFFSET %s"
)
STREAMS = (
    "SELECT t.id, t.policy_id, t.program_id, t.carrier_id, t.state, t.currency,"
    " t.written_cents, t.carrier_written_cents,"
    " TO_DAYS(t.earn_from) - 365, TO_DAYS(t.earn_to) - 365,"
    " COALESCE(TO_DAYS(t.stopped_on) - 365, 0), COALESCE(p.cumulative_cents, 0),"
    " COALESCE(p.carrier_cumulative_cents, 0), p.id IS NULL"
    " FROM premium_transactions t LEFT JOIN earned_premium_postings p ON p.org_id = t.org_id"
    " AND p.premium_transaction_id = t.id AND p.as_of_date = %s"
    " WHERE t.org_id = %s AND t.policy_id > %s AND t.policy_id <= %s AND t.fully_earned = 0"
    " AND t.earn_from < %s ORDER BY t.policy_id, t.transaction_no, t.id"
)
LOCK_ACCOUNTS = (
    "SELECT id FROM billing_accounts FORCE INDEX (billing_accounts_org_policy)"
    " WHERE org_id = %s AND policy_id > %s AND policy_id <= %s FOR UPDATE"
)
COLLECTED = (
    "SELECT policy_id, SUM(carrier_cents) FROM payment_allocations"
    " FORCE INDEX (payment_allocations_org_policy_allocated)"
    " WHERE org_id = %s AND policy_id > %s AND policy_id <= %s AND component = 'premium'"
    " GROUP BY policy_id"
)
CLOSED_POLICIES = (
    "SELECT DISTINCT policy_id FROM premium_transactions"
    " FORCE INDEX (premium_transactions_org_policy_earn_from)"
    " WHERE org_id = %s AND policy_id > %s AND policy_id <= %s AND fully_earned = 1"
)
CLOSED_EARNED = (
    "SELECT SUM(p.carrier_earned_cents) FROM premium_transactions t"
    " JOIN earned_premium_postings p ON p.org_id = t.org_id AND p.premium_transaction_id = t.id"
    " WHERE t.org_id = %s AND t.policy_id = %s AND t.fully_earned = 1"
)
LAST_POSTED = (
    "SELECT cumulative_cents, carrier_cumulative_cents FROM earned_premium_postings"
    " WHERE org_id = %s AND premium_transaction_id = %s AND as_of_date < %s"
    " ORDER BY as_of_date DESC LIMIT 1"
)
POSTING = (
    *("id", "org_id", "run_id", "policy_id", "premium_transaction_id", "program_id", "carrier_id"),
    *("state", "as_of_date", "days_elapsed", "days_total", "previous_cumulative_cents"),
    *("cumulative_cents", "earned_cents", "unearned_after_cents", "currency", "gl_entry_id"),
    *("ledger_transfer_id", "ledger_status", "created_at", "carrier_earned_cents"),
    *("ledger_earned_cents", "carrier_cumulative_cents"),
)
INSERT = (
    f"INSERT INTO earned_premium_postings ({', '.join(POSTING)})"  # noqa: S608
    f" VALUES ({', '.join(['%s'] * len(POSTING))})"
)

Range = tuple[str, str]  # policies after the first, up to and with the second


def chunk_end(scope: Scope, after: str, as_of: date, size: int) -> str:
    """The policy with which a chunk of about `size` streams ends; HIGHEST for the last chunk."""
    found = _read(LAST_OF_CHUNK, [scope.org_id, after, as_of, size - 1])
    return str(found[0][0]) if found else HIGHEST


def lock_accounts(scope: Scope, policies: Range) -> None:
    """Hold receipts of these policies off until the transaction ends. Its first statement."""
    _read(LOCK_ACCOUNTS, [scope.org_id, *policies])


def streams(scope: Scope, policies: Range, *, as_of: date, before: date | None) -> list[OpenStream]:
    """The open streams of a range with what the run before (`before`) had earned of them."""
    rows = _read(STREAMS, [before or date.min, scope.org_id, *policies, as_of])
    if before is None:
        return [OpenStream._make(row[:-1]) for row in rows]
    return [
        OpenStream._make(row[:-1]) if not row[-1] else _older(scope, row, as_of) for row in rows
    ]


def _older(scope: Scope, row: Sequence[Any], as_of: date) -> OpenStream:
    """A stream the run before did not have: new, or open again since."""
    found = _read(LAST_POSTED, [scope.org_id, row[0], as_of])
    return OpenStream._make((*row[:-3], *(found[0] if found else (0, 0))))


def collected(scope: Scope, policies: Range) -> dict[str, int]:
    """Policy -> carrier leg of the premium collected, cents, net of returns."""
    return {row[0]: int(row[1]) for row in _read(COLLECTED, [scope.org_id, *policies])}


def closed_earned(scope: Scope, policies: Range, wanted: frozenset[str]) -> dict[str, int]:
    """Carrier share earned of streams that ended, of wanted policies that have such."""
    found = {row[0] for row in _read(CLOSED_POLICIES, [scope.org_id, *policies])}
    return {
        policy: int(_read(CLOSED_EARNED, [scope.org_id, policy])[0][0] or 0)
        for policy in sorted(found & wanted)
    }


def insert(rows: Iterable[Sequence[Any]]) -> None:
    """Postings, values in the order of POSTING. Raises IntegrityError for a stream's second one."""
    with connections[KEYSPACE].cursor() as cursor:
        waiting = list(rows)
        for start in range(0, len(waiting), ROWS_PER_STATEMENT):
            cursor.executemany(INSERT, waiting[start : start + ROWS_PER_STATEMENT])


def _read(sql: str, params: Sequence[str | int | date]) -> Sequence[Sequence[Any]]:
    with connections[KEYSPACE].cursor() as cursor:
        cursor.execute(sql, params)
        rows: Sequence[Sequence[Any]] = cursor.fetchall()
        return rows
