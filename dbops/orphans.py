"""Rows that name a row which is not there, counted by organisation: counts, never values.

Nothing in Vitess forbids them. Each reference is one statement of one keyspace, cut after some
seconds; one that is cut says so and is never "none".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dbops import collect, inventory
from dbops.inventory import Target
from dbops.models import StoredOrphans
from dbops.probes import schemas
from dbops.probes.mysql_session import MySqlSession
from dbops.probes.sessions import Away, NoSuchTable, no_answer
from dbops.probes.threads import side_by_side
from dbops.readings import Deadline
from openinsure.dsn import Dsn
from openinsure.keyspaces.inventory import KEYSPACES
from openinsure.keyspaces.references import Reference, references

STATEMENT_S, KEYSPACE_S = 5, 120.0
LIMIT = (
    f"SET SESSION /*M!100101 max_statement_time={STATEMENT_S} */"
    f" /*!50708 max_execution_time={STATEMENT_S}000 */"
)
COUNT = (
    "SELECT c.org_id, COUNT(*) FROM `{table}` c LEFT JOIN `{to}` p"
    " ON p.org_id = c.org_id AND p.id = c.`{column}`"
    " WHERE c.`{column}` IS NOT NULL AND p.id IS NULL GROUP BY c.org_id"
)
COUNTED_EVERY = timedelta(hours=24)
ENGINES = ("vitess", "mysql")
NO_COLUMN = "error 1054"  # a pending file adds it, or drift took it


@dataclass(frozen=True, slots=True)
class Counted:
    """One reference: rows left behind by organisation; `reason` when it was not counted."""

    keyspace: str
    table: str
    column: str
    to: str
    orphans: Mapping[str, int] = field(default_factory=dict)
    reason: str = ""

    @property
    def total(self) -> int:
        """Over all organisations."""
        return sum(self.orphans.values())


@dataclass(frozen=True, slots=True)
class Report:
    """The newest count of one database. `at` is None before the first."""

    at: datetime | None = None
    rows: tuple[Counted, ...] = ()

    @property
    def found(self) -> list[Counted]:
        """References with rows left behind, most first."""
        return sorted((row for row in self.rows if row.total), key=lambda row: -row.total)

    @property
    def uncounted(self) -> list[Counted]:
        """References that could not be counted."""
        return [row for row in self.rows if row.reason]


def keyspaces_of(target: Target) -> tuple[str, ...]:
    """The keyspaces whose references are known here."""
    known = tuple(name for name in target.place.schemas if name in KEYSPACES)
    return known if target.database.engine in ENGINES else ()


def count(target: Target, deadline: Deadline) -> Report:
    """Every reference of every keyspace, keyspaces side by side. Never raises Away."""
    calls = {name: _call(target, name, deadline) for name in keyspaces_of(target)}

    def late(name: str) -> list[Counted]:
        return _lost(references(name), no_answer(deadline.timeout_s).reason)

    found = side_by_side(calls, deadline.left_s, late)
    return Report(deadline.started_at, tuple(row for rows in found.values() for row in rows))


def _call(target: Target, keyspace: str, deadline: Deadline) -> Callable[[], list[Counted]]:
    wanted = references(keyspace)  # here: models are read once, not by five threads

    def call() -> list[Counted]:
        try:
            return _keyspace(schemas.address(target), keyspace, wanted, deadline)
        except Away as away:
            return _lost(wanted, away.reason)

    return call


def _keyspace(
    dsn: Dsn, keyspace: str, wanted: Sequence[Reference], deadline: Deadline
) -> list[Counted]:
    session = MySqlSession(dsn, keyspace, deadline)
    try:
        session.rows(LIMIT)
        return [_one(session, reference) for reference in wanted]
    finally:
        session.close()


def _one(session: MySqlSession, wanted: Reference) -> Counted:
    about = (wanted.keyspace, wanted.table, wanted.column, wanted.to)
    sql = COUNT.format(table=wanted.table, to=wanted.to, column=wanted.column)
    try:
        return Counted(*about, {str(org): int(rows) for org, rows in session.rows(sql)})
    except NoSuchTable:
        return Counted(*about, reason="a table is not there")
    except Away as away:
        lost = NO_COLUMN in away.reason
        return Counted(*about, reason="a column is not there" if lost else away.reason)


def _lost(wanted: Sequence[Reference], reason: str) -> list[Counted]:
    return [Counted(r.keyspace, r.table, r.column, r.to, reason=reason) for r in wanted]


def store(slug: str, report: Report) -> None:
    """Keep it as the newest count of the database."""
    assert report.at is not None
    rows = [asdict(row) for row in report.rows]
    StoredOrphans.objects.update_or_create(
        slug=slug, defaults={"counted_at": report.at, "rows": rows}
    )


def stored(slug: str) -> Report:
    """The newest count. One statement. Raises NotFound for a database not in the inventory."""
    collect.find(slug)
    row = StoredOrphans.objects.filter(slug=slug).first()
    if row is None:
        return Report()
    kept: list[dict[str, Any]] = row.rows
    return Report(row.counted_at, tuple(Counted(**one) for one in kept))


def count_due(*, now: datetime) -> int:
    """Count where the last count is a day old or missing; rows left behind in all of them."""
    total = 0
    for target in inventory.contacted():
        if not keyspaces_of(target):
            continue
        last = stored(target.slug).at
        if last is None or now - last >= COUNTED_EVERY:
            report = count(target, Deadline.after(KEYSPACE_S, now))
            store(target.slug, report)
            total += sum(row.total for row in report.rows)
    return total
