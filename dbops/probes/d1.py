"""Cloudflare D1: the SQLite file that wrangler keeps locally, or the database over HTTP."""

from __future__ import annotations

from pathlib import Path

from dbops.catalog import expected
from dbops.history import d1
from dbops.history.rules import Runs, no_runs
from dbops.history.states import FilesUnreadable
from dbops.inventory import Target
from dbops.probes import schemas
from dbops.probes.schemas import Schema
from dbops.probes.sessions import Away, Session
from dbops.probes.sqlite_session import SqliteSession
from dbops.readings import Deadline, Reading, State, silent


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
    try:
        found = _read(target, deadline, runs)
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


def _read(target: Target, deadline: Deadline, runs: Runs) -> Schema:
    binding = bound(target)
    session = opened(target, binding, deadline)
    try:
        files, rows = d1.files(binding.migrations), d1.ledger(session, binding.table)
        history = schemas.traced(d1, files, rows, "", session, "main", runs(""))
        ledger = binding.table.lower()  # wrangler lets it have another name
        names = expected.counted(session.names("main"))
        live = {table: columns for table, columns in names.items() if table != ledger}
        replayed = expected.of_sqlite(history.applied) if history.initialised else None
        wanted = None if replayed is None else expected.counted(replayed)
        count = len(wanted) if wanted is not None else None
        return Schema(target.slug, history, live, wanted, count)
    except FilesUnreadable as error:
        raise Away(State.UNKNOWN, f"files: {error.reason}") from None
    finally:
        session.close()
