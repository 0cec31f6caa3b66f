"""SQLite: D1's local file as wrangler keeps it, D1 over HTTP, or a file that the inventory names.

Of D1 the wrangler file says where files and ledger are; of Drizzle on SQLite the inventory does.
"""

from __future__ import annotations

from pathlib import Path

from dbops.catalog import expected
from dbops.history import d1
from dbops.history.rules import Runs, no_runs
from dbops.history.states import FilesUnreadable, History
from dbops.inventory import Target
from dbops.probes import schemas
from dbops.probes.schemas import Schema
from dbops.probes.sessions import Away, Names, Session
from dbops.probes.sqlite_session import SqliteSession
from dbops.readings import Deadline, Reading, State, silent

MAIN = "main"  # SQLite's name for the schema of the file itself


def bound(target: Target) -> d1.Binding:
    """Id, folder and ledger of the database. Raises Away."""
    if target.place.wrangler is None:
        where = target.place.name
        raise Away(State.UNKNOWN, f"the inventory names no wrangler file for {where}")
    try:
        return d1.binding(target.place.wrangler, target.database.name)
    except FilesUnreadable as error:
        raise Away(State.UNKNOWN, f"files: {error.reason}") from None


def probe(target: Target, deadline: Deadline, runs: Runs = no_runs) -> Reading:
    """Ledger against files, names against a replay of the applied files; never raises Away."""
    read = _read if target.database.tool == "d1" else _plain
    try:
        found = read(target, deadline, runs)
    except Away as away:
        return silent(deadline, away.state, away.reason)
    reading = schemas.reading(target, deadline, [found], "")
    return reading


def file_of(target: Target, binding: d1.Binding) -> Path:
    """Where wrangler keeps the local database. Raises Away."""
    place = target.place
    state = place.state_dir
    if state is None and place.wrangler is not None:
        state = place.wrangler.parent / ".wrangler" / "state"
    if state is None:
        raise Away(State.UNKNOWN, "the inventory names no state_dir")
    return d1.local_file(state, binding.database_id)


def opened(target: Target, binding: d1.Binding, deadline: Deadline) -> Session:
    """A look at the file, or at the remote database where the place has a token. Raises Away."""
    if target.place.token_env:
        from dbops.probes import d1_http  # http.client takes 20 ms: only for a remote place

        return d1_http.session(target.place, binding, deadline)
    return SqliteSession(file_of(target, binding), deadline)


def source(target: Target, deadline: Deadline) -> Session:
    """A look at the database, wherever the inventory says that it is. Raises Away."""
    if target.place.file is not None:
        return SqliteSession(target.place.file, deadline)
    return opened(target, bound(target), deadline)


def _plain(target: Target, deadline: Deadline, runs: Runs) -> Schema:
    """Drizzle's files and ledger, or no files at all. Raises Away."""
    database = target.database
    session = source(target, deadline)
    try:
        history, live = schemas.read(database, database.folder(MAIN), session, MAIN, runs)
    finally:
        session.close()
    wanted = _wanted(history) if database.tool != "none" else None
    count = database.expected.tables.get(MAIN) if wanted is None else len(wanted)
    return Schema(target.slug, history, live, wanted, count)


def _wanted(history: History) -> Names | None:
    replayed = expected.of_sqlite(history.applied) if history.initialised else None
    return None if replayed is None else expected.counted(replayed)


def _read(target: Target, deadline: Deadline, runs: Runs) -> Schema:
    binding = bound(target)
    session = opened(target, binding, deadline)
    try:
        files, rows = d1.files(binding.migrations), d1.ledger(session, binding.table)
        history = schemas.traced(d1, files, rows, "", session, MAIN, runs(""))
        ledger = binding.table.lower()  # wrangler lets it have another name
        names = expected.counted(session.names(MAIN))
        live = {table: columns for table, columns in names.items() if table != ledger}
        wanted = _wanted(history)
        count = len(wanted) if wanted is not None else None
        return Schema(target.slug, history, live, wanted, count)
    except FilesUnreadable as error:
        raise Away(State.UNKNOWN, f"files: {error.reason}") from None
    finally:
        session.close()
