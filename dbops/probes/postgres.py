"""PostgreSQL: one connection, each schema's ledger and names from pg_catalog."""

from __future__ import annotations

from dbops.history.rules import Runs, no_runs
from dbops.inventory import Target
from dbops.probes import schemas
from dbops.probes.postgres_session import PostgresSession
from dbops.probes.schemas import Schema
from dbops.probes.sessions import Away
from dbops.readings import Deadline, Reading, silent


def probe(target: Target, deadline: Deadline, runs: Runs = no_runs) -> Reading:
    """The state of the database's schemas and the worst of them; never raises Away."""
    try:
        session = PostgresSession(schemas.address(target), deadline)
    except Away as away:
        return silent(deadline, away.state, away.reason)
    try:
        names = target.place.schemas or ("public",)
        found = [_schema(target, session, name, runs) for name in names]
        return schemas.reading(target, deadline, found, session.version())
    except Away as away:
        return silent(deadline, away.state, away.reason)
    finally:
        session.close()


def _schema(target: Target, session: PostgresSession, name: str, runs: Runs) -> Schema:
    database, folder = target.database, target.database.folder(name)
    history, live = schemas.read(database, folder, session, name, runs)
    wanted = schemas.wanted_of(database, folder, history)
    expected = database.expected.tables.get(name)
    if expected is None and wanted is not None:
        expected = len(wanted)
    alarms = schemas.alarms(database, session, name)
    return Schema(name, history, live, wanted, expected, alarms=alarms)
