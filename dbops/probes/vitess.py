"""Vitess, MySQL and MariaDB: one connection a keyspace, side by side, one schema a statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from dbops.catalog import expected
from dbops.history import drizzle
from dbops.history.rules import Runs, no_runs
from dbops.history.states import FilesUnreadable
from dbops.inventory import Target
from dbops.probes import schemas
from dbops.probes.mysql_session import MySqlSession
from dbops.probes.schemas import Schema
from dbops.probes.sessions import Away, Names, Row, no_answer, no_privilege
from dbops.probes.threads import side_by_side
from dbops.readings import Deadline, Reading, State, silent
from openinsure.dsn import Dsn


def probe(target: Target, deadline: Deadline, runs: Runs = no_runs) -> Reading:
    """The state of every keyspace and the worst of them; never raises Away."""
    try:
        dsn = schemas.address(target)
        names = target.place.schemas or tuple(filter(None, (dsn.database,)))
        if not names:
            raise Away(State.UNKNOWN, "the inventory names no schemas")
        if target.database.ledger_layout == "single":
            found = [_single(target, dsn, names, deadline)]
        else:
            found = _each(target, dsn, names, deadline, runs)
    except Away as away:
        return silent(deadline, away.state, away.reason)
    return schemas.reading(target, deadline, found, "")


def _each(
    target: Target, dsn: Dsn, names: tuple[str, ...], deadline: Deadline, runs: Runs
) -> list[Schema]:
    def late(name: str) -> Schema:
        return Schema(name, expected=_count(target, name), fault=no_answer(deadline.timeout_s))

    calls = {name: _call(target, dsn, name, deadline, runs) for name in names}
    return list(side_by_side(calls, deadline.left_s, late).values())


def _call(
    target: Target, dsn: Dsn, name: str, deadline: Deadline, runs: Runs
) -> Callable[[], Schema]:
    def call() -> Schema:
        try:
            return _keyspace(target, dsn, name, deadline, runs)
        except Away as away:
            return Schema(name, expected=_count(target, name), fault=away)

    return call


def _count(target: Target, name: str) -> int | None:
    return target.database.expected.tables.get(name)


def _keyspace(target: Target, dsn: Dsn, name: str, deadline: Deadline, runs: Runs) -> Schema:
    database, folder = target.database, target.database.folder(name)
    session = MySqlSession(dsn, name, deadline)
    try:
        history, live = schemas.read(database, folder, session, name, runs)
        wanted = schemas.wanted_of(database, folder, history)
        count = _count(target, name)
        if count is None and wanted is not None:
            count = len(wanted)
        own = database.ledger.tables_in(name)
        alarms = (*schemas.alarms(database, session, name), *routing(session, name, live, own))
        found = Schema(name, history, live, wanted, count, alarms=alarms)
        if found.findings and not session.may_read(name):
            raise no_privilege(f"all of schema {name}")
        return found
    finally:
        session.close()


class Gate(Protocol):
    """What routing asks of a session."""

    def version(self) -> str:
        """The server's version text."""
        ...

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        """All rows of one SELECT."""
        ...


def routing(session: Gate, keyspace: str, live: Names, own: Sequence[str] = ()) -> tuple[str, ...]:
    """Where VTGate answers: tables it routes that are not there, and the other way round.

    Nothing on a MySQL or MariaDB of its own. Raises Away: a VTGate that lists no table at all.
    """
    if "vitess" not in session.version().lower():
        return ()
    rows = session.rows("SHOW VSCHEMA TABLES")
    routed = frozenset(str(row[0]).lower() for row in rows) - {"dual"}
    if not routed and live:
        raise Away(State.UNKNOWN, "VTGate lists no tables of the keyspace")
    known = expected.counted(dict.fromkeys(routed, frozenset[str]()), own)
    lost = [
        f"routing_mismatch {keyspace}.{table} (routed, not there)"
        for table in known.keys() - live.keys()
    ]
    strange = [
        f"routing_mismatch {keyspace}.{table} (there, not routed)"
        for table in live.keys() - known.keys()
    ]
    return tuple(sorted([*lost, *strange]))


def _single(target: Target, dsn: Dsn, names: tuple[str, ...], deadline: Deadline) -> Schema:
    """The old layout: one folder and one ledger for all schemas; none or two is critical."""
    database, folder = target.database, target.database.folder("")
    session = MySqlSession(dsn, names[0], deadline)
    try:
        try:
            files = drizzle.files(folder)
            held = {name: drizzle.ledger(session, name, database.ledger) for name in names}
            rows = [ledger for ledger in held.values() if ledger is not None]
            merged = rows[0] if len(rows) == 1 else None
            history = drizzle.compare(files, merged, "")
            if len(rows) > 1:
                history = history._replace(notes=(f"{len(rows)} ledgers, where one is wanted",))
            live: dict[str, frozenset[str]] = {}
            for name in names:
                own = database.ledger.tables_in(name)
                live.update(expected.counted(session.names(name), own))
            wanted = schemas.wanted_of(database, folder, history)
        except FilesUnreadable as error:
            raise Away(State.UNKNOWN, f"files: {error.reason}") from None
        total = sum(database.expected.tables.values()) or None
        return Schema(database.slug, history, live, wanted, total)
    finally:
        session.close()
