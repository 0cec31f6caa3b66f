"""The statements of the nightly earning: one posts a range of policies, each line by itself exact.

The engine computes where the rows are (docs/benchmarks): a chunk is posted by one statement, and
`earning_proof` computes some of its policies again by the rule of openinsure/billing/earning.py.
The guard judges every statement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import connections

from openinsure.billing.earning import Group
from openinsure.tenancy.scope import Scope

KEYSPACE = "oi_billing"
HIGHEST = "~"  # after every id
OPEN_INDEX = "FORCE INDEX (premium_transactions_org_fully_earned_stopped_on)"
HEAD = 24  # characters of an id that a chunk's postings share; the other 12 number them
FIRST, LAST = "000000000000", "ffffffffffff"
Params = list[Any]
Range = tuple[str, str]  # policies after the first, up to and with the second

LAST_OF_CHUNK = (
    f"SELECT policy_id FROM premium_transactions {OPEN_INDEX} WHERE org_id = %s"  # noqa: S608
    " AND fully_earned = 0 AND policy_id > %s ORDER BY policy_id LIMIT 1 OFFSET %s"
)
LOCK_ACCOUNTS = (
    "SELECT id FROM billing_accounts FORCE INDEX (billing_accounts_org_policy)"
    " WHERE org_id = %s AND policy_id > %s AND policy_id <= %s FOR UPDATE"
)
GROUPS = (
    "SELECT DISTINCT program_id, carrier_id, currency"  # noqa: S608
    f" FROM premium_transactions {OPEN_INDEX} WHERE org_id = %s AND fully_earned = 0"
    " AND policy_id > %s AND policy_id <= %s"
)
ENDED = (
    "SELECT id, policy_id, stopped_on IS NOT NULL"  # noqa: S608
    f" FROM premium_transactions {OPEN_INDEX} WHERE org_id = %s AND fully_earned = 0"
    " AND policy_id > %s AND policy_id <= %s AND earn_from < %s"
    " AND (earn_to <= %s OR stopped_on <= %s)"
)
# What was earned of a stream before. `before` is the day of the run before; a stream that it did
# not have (new, or open again since) is looked up.
OLDER = (
    "COALESCE(p.{0}, (SELECT q.{0} FROM earned_premium_postings q WHERE q.org_id = %s"
    " AND q.premium_transaction_id = t.id AND q.as_of_date < %s"
    " ORDER BY q.as_of_date DESC LIMIT 1), 0)"
)
AFTER_A_NIGHT = {
    "before": OLDER.format("cumulative_cents"),
    "carrier_before": OLDER.format("carrier_cumulative_cents"),
    "joined": " LEFT JOIN earned_premium_postings p ON p.org_id = t.org_id"
    " AND p.premium_transaction_id = t.id AND p.as_of_date = %s",
}
FIRST_NIGHT = {"before": "0", "carrier_before": "0", "joined": ""}  # there is nothing to look up
# Numbered here, not further out: a window makes the engine keep these columns, and what is built
# on them (the days are named a dozen times) is not computed from dates again and again.
OPEN_STREAMS = (
    "SELECT t.id, t.policy_id, t.transaction_no, t.program_id, t.carrier_id, t.state,"  # noqa: S608
    " t.currency, t.written_cents, t.carrier_written_cents, t.stopped_on,"
    " DATEDIFF(t.earn_to, t.earn_from) AS total,"
    " GREATEST(DATEDIFF(LEAST(CAST(%s AS DATE), t.earn_to, COALESCE(t.stopped_on, t.earn_to)),"
    " t.earn_from), 0) AS days,"
    " {before} AS before_cents, {carrier_before} AS carrier_before_cents, {entry} AS entry,"
    " ROW_NUMBER() OVER (ORDER BY t.policy_id, t.transaction_no, t.id) AS place"
    f" FROM premium_transactions t {OPEN_INDEX}"
    "{joined}"
    " WHERE t.org_id = %s AND t.fully_earned = 0 AND t.policy_id > %s AND t.policy_id <= %s"
    " AND t.earn_from < %s AND t.policy_id NOT IN ({golden})"
)


def _half_even(cents: str) -> str:
    """SQL: `cents` x days / total, rounded half to even. Source: decisions 31."""
    n, d = f"(2 * ABS({cents} * s.days) + s.total)", "(2 * s.total)"
    odd = f"({n} MOD {d} = 0 AND {n} DIV {d} MOD 2 = 1)"
    rounded = f"SIGN({cents}) * ({n} DIV {d} - {odd})"
    return f"CASE WHEN s.days = s.total THEN {cents} ELSE {rounded} END"


EARNED = (
    f"SELECT s.*, {_half_even('s.written_cents')} AS gross,"  # noqa: S608
    f" {_half_even('s.carrier_written_cents')} AS share FROM ({OPEN_STREAMS}) s"
)
# `upto`: carrier share earned of the policy's open streams once this one has moved.
IN_ORDER = (
    "SELECT e.*,"  # noqa: S608
    " SUM(e.carrier_before_cents) OVER (PARTITION BY e.policy_id)"
    " + SUM(e.share - e.carrier_before_cents) OVER (PARTITION BY e.policy_id"
    " ORDER BY e.place ROWS UNBOUNDED PRECEDING) AS upto"
    f" FROM ({EARNED}) e"
)
COLLECTED = (
    "SELECT policy_id, SUM(carrier_cents) AS cents FROM payment_allocations"
    " FORCE INDEX (payment_allocations_org_policy_allocated)"
    " WHERE org_id = %s AND policy_id > %s AND policy_id <= %s AND component = 'premium'"
    " GROUP BY policy_id"
)
CLOSED = (
    "SELECT k.policy_id,"  # noqa: S608
    " SUM((SELECT h.carrier_cumulative_cents FROM earned_premium_postings h"
    " WHERE h.org_id = %s AND h.premium_transaction_id = k.id"
    " ORDER BY h.as_of_date DESC LIMIT 1)) AS cents"
    f" FROM premium_transactions k {OPEN_INDEX} WHERE k.org_id = %s AND k.fully_earned = 1"
    " AND k.policy_id > %s AND k.policy_id <= %s"
    f" AND EXISTS (SELECT 1 FROM premium_transactions o {OPEN_INDEX}"
    " WHERE o.org_id = %s AND o.fully_earned = 0 AND o.policy_id = k.policy_id)"
    " GROUP BY k.policy_id"
)
NOW = "x.upto + COALESCE(k.cents, 0)"
COLUMNS = (
    *("id", "org_id", "run_id", "policy_id", "premium_transaction_id", "program_id", "carrier_id"),
    *("state", "as_of_date", "days_elapsed", "days_total", "previous_cumulative_cents"),
    *("cumulative_cents", "earned_cents", "unearned_after_cents", "currency", "gl_entry_id"),
    *("ledger_transfer_id", "ledger_status", "created_at", "carrier_earned_cents"),
    *("ledger_earned_cents", "carrier_cumulative_cents"),
)
POST = (
    f"INSERT INTO earned_premium_postings ({', '.join(COLUMNS)})"  # noqa: S608
    " SELECT CONCAT(%s, LPAD(LOWER(HEX(x.place)), 12, '0')), %s, %s, x.policy_id, x.id,"
    " x.program_id, x.carrier_id, x.state, %s, x.days, x.total, x.before_cents, x.gross,"
    " x.gross - x.before_cents, IF(x.stopped_on <= %s, 0, x.written_cents - x.gross), x.currency,"
    " x.entry, x.entry, IF(x.entry IS NULL, 'none', 'handed_over'), %s,"
    " x.share - x.carrier_before_cents,"
    f" LEAST({NOW}, COALESCE(c.cents, 0))"
    f" - LEAST({NOW} - x.share + x.carrier_before_cents, COALESCE(c.cents, 0)), x.share"
    f" FROM ({IN_ORDER}) x LEFT JOIN ({COLLECTED}) c ON c.policy_id = x.policy_id"
    f" LEFT JOIN ({CLOSED}) k ON k.policy_id = x.policy_id"
)


@dataclass(frozen=True, slots=True)
class Night:
    """What every chunk of a run has in common. before: the day of the run before this one."""

    run_id: str
    as_of: date
    before: date | None
    golden: frozenset[str]
    now: datetime


def chunk_end(scope: Scope, after: str, size: int) -> str:
    """The policy with which a chunk of about `size` streams ends; HIGHEST for the last chunk."""
    found = _read(LAST_OF_CHUNK, [scope.org_id, after, size - 1])
    return str(found[0][0]) if found else HIGHEST


def groups(scope: Scope, policies: Range) -> set[Group]:
    """Programs, carriers and currencies of the open streams of a range."""
    return {Group._make(row) for row in _read(GROUPS, [scope.org_id, *policies])}


def lock_accounts(scope: Scope, policies: Range) -> None:
    """Hold receipts of these policies off until the transaction ends. Its first statement."""
    _read(LOCK_ACCOUNTS, [scope.org_id, *policies])


def post(
    scope: Scope, night: Night, policies: Range, *, head: str, entries: Mapping[Group, str]
) -> int:
    """Post every open stream of a range; how many. Raises IntegrityError for a second time.

    head: the first HEAD characters of the postings' ids. entries: the id of a group's journal
    entry and of its transfer; a group that is not in it gets none.
    """
    org_id, as_of = scope.org_id, night.as_of
    named = "".join([" WHEN t.program_id = %s AND t.carrier_id = %s AND t.currency = %s THEN %s"]
                    * len(entries))  # fmt: skip
    kept_out = _padded(sorted(night.golden))
    sql = POST.format(
        entry=f"CASE{named} END" if named else "NULL",
        golden=", ".join(["%s"] * len(kept_out)),
        **(AFTER_A_NIGHT if night.before else FIRST_NIGHT),
    )
    params: Params = [
        *(head, org_id, night.run_id, as_of, as_of, night.now.astimezone(UTC)),
        *(as_of, *([org_id, as_of] * 2 if night.before else ())),
        *(value for group, entry in entries.items() for value in (*group, entry)),
        *([night.before] if night.before else ()),
        *(org_id, *policies, as_of, *kept_out),
        *(org_id, *policies),
        *(org_id, org_id, *policies, org_id),
    ]
    with connections[KEYSPACE].cursor() as cursor:
        return int(cursor.execute(sql, params))


def ended(scope: Scope, night: Night, policies: Range) -> list[tuple[str, bool]]:
    """Open streams of a range that earn nothing after the day: id, and whether it was stopped."""
    found = _read(ENDED, [scope.org_id, *policies, *[night.as_of] * 3])
    return [(row[0], bool(row[2])) for row in found if row[1] not in night.golden]


def _padded(ids: Sequence[str]) -> Sequence[str]:
    """With empty ids up to a power of two: few different statements, and never an empty list."""
    size = 1 << max(len(ids) - 1, 0).bit_length()
    return [*ids, *[""] * (size - len(ids))]


def _read(sql: str, params: Params) -> Sequence[Sequence[Any]]:
    with connections[KEYSPACE].cursor() as cursor:
        cursor.execute(sql, params)
        rows: Sequence[Sequence[Any]] = cursor.fetchall()
        return rows
