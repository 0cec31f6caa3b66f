"""One look at each schema of a database: files, ledger and the live catalog, read consistently."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any

from dbops.catalog import readers
from dbops.catalog.findings import KINDS, Finding
from dbops.catalog.model import Schema
from dbops.history.rules import Runs, no_runs
from dbops.history.states import FilesUnreadable, History
from dbops.inventory import Target
from dbops.probes import schemas
from dbops.probes.sessions import Away, Session, no_answer
from dbops.probes.threads import side_by_side
from dbops.readings import Deadline, State
from openinsure.dsn import Dsn
from openinsure.plurals import many

EMPTY = Schema("", "mysql", {})


@dataclass(frozen=True, slots=True)
class Look:
    """One schema. `split` is None for tools whose files are programs."""

    name: str
    history: History = schemas.NO_HISTORY
    live: Schema = EMPTY
    split: Callable[[str], list[str]] | None = None
    fault: Away | None = None
    org_tables: frozenset[str] = frozenset()
    ledger_hashes: frozenset[str] = frozenset()
    seen: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def file_hashes(self) -> frozenset[str]:
        """sha256 hex of each file on disk."""
        return frozenset(hashlib.sha256(one.content).hexdigest() for one in self.history.files)

    def state_of(self, tag: str) -> str:
        """The state of one file; "" when there is none of that name."""
        return next((m.state for m in self.history.migrations if m.tag == tag), "")


def all_of(target: Target, deadline: Deadline, runs: Runs = no_runs) -> list[Look]:
    """Every schema of the database, side by side. Raises Away when there is none to look at."""
    match target.database.engine:
        case "vitess" | "mysql":
            return _mysql(target, deadline, runs)
        case "postgres":
            return _postgres(target, deadline, runs)
        case "sqlite":
            return [_sqlite(target, deadline, runs)]
    raise Away(State.UNKNOWN, f"{target.database.engine} has no schema to compare")


def look(target: Target, session: Session, name: str, tool: Any, runs: Runs) -> Look:
    """Files, ledger, catalog, ledger again. Raises Away."""
    try:
        files = tool.files(target.database.folder(name))
    except FilesUnreadable as error:
        raise Away(State.UNKNOWN, f"files: {error.reason}") from None
    named = target.database.ledger
    rows = tool.ledger(session, name, named)
    for _ in range(2):
        live = _without(readers.read(session, name), named.tables_in(name))
        before, rows = rows, tool.ledger(session, name, named)
        if rows == before:
            break
    else:
        raise Away(State.UNKNOWN, "a migration is running")
    keyspace = name if "{keyspace}" in target.database.migrations else ""
    return Look(
        name,
        schemas.traced(tool, files, rows, keyspace, session, name, runs(name)),
        live,
        getattr(tool, "SPLIT", None),
        org_tables=_org_tables(name),
        ledger_hashes=frozenset(str(getattr(row, "hash", "")) for row in _listed(rows)),
    )


def _without(live: Schema, ledgers: Sequence[str]) -> Schema:
    """A ledger that the inventory names is no part of the schema."""
    if not ledgers:
        return live
    tables = {name: one for name, one in live.tables.items() if name.lower() not in ledgers}
    return replace(live, tables=tables)


def _listed(rows: Any) -> list[Any]:
    return list(rows.values()) if isinstance(rows, dict) else list(rows or [])


def _org_tables(keyspace: str) -> frozenset[str]:
    from openinsure.keyspaces.inventory import KEYSPACES, tables_of

    if keyspace not in KEYSPACES:
        return frozenset()
    return frozenset(table.name for table in tables_of(keyspace) if table.kind == "tenant")


def _tool(target: Target) -> Any:
    if target.database.tool == "none":
        raise Away(State.UNKNOWN, "cannot compare: no migration files")
    return import_module(f"dbops.history.{target.database.tool}")


def _mysql(target: Target, deadline: Deadline, runs: Runs) -> list[Look]:
    from dbops.probes.mysql_session import MySqlSession

    dsn, tool = schemas.address(target), _tool(target)
    names = target.place.schemas or tuple(filter(None, (dsn.database,)))
    if target.database.ledger_layout == "single":
        return [_single(target, dsn, names, tool, deadline)]

    def one(name: str) -> Callable[[], Look]:
        def call() -> Look:
            try:
                session = MySqlSession(dsn, name, deadline)
                try:
                    found = look(target, session, name, tool, runs)
                    if not session.may_read(name):
                        raise Away(State.UNKNOWN, f"privileges: not all of {name} may be read")
                    return found
                finally:
                    session.close()
            except Away as away:
                return Look(name, fault=away)

        return call

    def late(name: str) -> Look:
        return Look(name, fault=no_answer(deadline.timeout_s))

    return list(side_by_side({name: one(name) for name in names}, deadline.left_s, late).values())


def _single(
    target: Target, dsn: Dsn, names: tuple[str, ...], tool: Any, deadline: Deadline
) -> Look:
    """The old layout: one folder and one ledger for all schemas, whose tables are looked at as
    one; none or two ledgers is as good as none. Raises Away.
    """
    from dbops.probes.mysql_session import MySqlSession

    slug = target.slug
    session = MySqlSession(dsn, names[0], deadline)
    try:
        files = tool.files(target.database.folder(""))
        named = target.database.ledger
        found = {name: tool.ledger(session, name, named) for name in names}
        held = [rows for rows in found.values() if rows is not None]
        lives = [_without(readers.read(session, one), named.tables_in(one)) for one in names]
        unread = next((name for name in names if not session.may_read(name)), None)
    except FilesUnreadable as error:
        raise Away(State.UNKNOWN, f"files: {error.reason}") from None
    finally:
        session.close()
    if unread is not None:
        raise Away(State.UNKNOWN, f"privileges: not all of {unread} may be read")
    tables = {name: table for live in lives for name, table in live.tables.items()}
    if len(tables) < sum(len(live.tables) for live in lives):
        raise Away(State.UNKNOWN, "cannot compare: two schemas hold a table of one name")
    rows = held[0] if len(held) == 1 else None
    merged = Schema(slug, "mysql", tables, lives[0].version, lives[0].collation)
    return Look(
        slug,
        tool.compare(files, rows, ""),
        merged,
        tool.SPLIT,
        org_tables=frozenset().union(*(_org_tables(name) for name in names)),
        ledger_hashes=frozenset(str(row.hash) for row in rows or ()),
    )


def _postgres(target: Target, deadline: Deadline, runs: Runs) -> list[Look]:
    from dbops.probes.postgres_session import PostgresSession

    session, tool = PostgresSession(schemas.address(target), deadline), _tool(target)
    try:
        names = target.place.schemas or ("public",)
        return [look(target, session, name, tool, runs) for name in names]
    finally:
        session.close()


def _sqlite(target: Target, deadline: Deadline, runs: Runs) -> Look:
    from dbops.history import d1
    from dbops.probes import d1 as probe

    if target.database.tool != "d1":
        tool, session = _tool(target), probe.source(target, deadline)
        try:
            found = look(target, session, probe.MAIN, tool, runs)
        finally:
            session.close()
        return replace(found, name=target.slug, live=replace(found.live, name=target.slug))
    bound = probe.bound(target)
    session = probe.opened(target, bound, deadline)
    try:
        try:
            files, rows = d1.files(bound.migrations), d1.ledger(session, bound.table)
        except FilesUnreadable as error:
            raise Away(State.UNKNOWN, f"files: {error.reason}") from None
        live = readers.read(session, "main")
        live = replace(_without(live, (bound.table.lower(),)), name=target.slug)
        history = schemas.traced(d1, files, rows, "", session, "main", runs(""))
        return Look(target.slug, history, live, d1.SPLIT)
    finally:
        session.close()


def ledger_findings(slug: str, own: Look, others: Sequence[Look]) -> list[Finding]:
    """A ledger that is gone, or that holds another keyspace's hashes."""

    def finding(kind: str, expected: str, actual: str, fix: str) -> Finding:
        return Finding(
            database=slug,
            keyspace=own.name,
            kind=kind,
            severity=KINDS[kind],
            object="ledger",
            expected=expected,
            actual=actual,
            fix_live=fix,
        )

    found = []
    if not own.history.initialised and own.live.tables and own.history.available:
        fix = "-- restore the ledger from a backup, or record each file after checking it"
        found.append(finding("ledger_missing", "a migrations ledger", "absent", fix))
    strange = own.ledger_hashes - own.file_hashes
    for other in others if strange else ():
        foreign = strange & other.file_hashes
        if other.name != own.name and foreign:
            said = f"{many(len(foreign), 'row')} of {other.name}"
            fix = "-- rows of another keyspace: find out what ran here before deleting any"
            found.append(finding("ledger_foreign", f"rows of {own.name} only", said, fix))
    return found
