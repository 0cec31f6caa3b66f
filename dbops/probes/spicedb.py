"""SpiceDB's datastore in MySQL: the revision column against the head of the binary."""

from __future__ import annotations

from dbops.history import spicedb
from dbops.history.rules import Runs, no_runs
from dbops.inventory import Target
from dbops.probes import schemas
from dbops.probes.mysql_session import MySqlSession
from dbops.probes.sessions import Away
from dbops.readings import Deadline, Reading, State, silent

HEAD = spicedb.REVISIONS[-1]
NOT_INSTALLED = "not installed"
REJECTED = "safe migrations are on: its own migrate is direct DDL and would be rejected"


def probe(target: Target, deadline: Deadline, runs: Runs = no_runs) -> Reading:
    """at_head, behind (naming the revisions), ahead, partial or unknown; never raises Away."""
    try:
        dsn = schemas.address(target)
        schema = (*target.place.schemas, dsn.database)[0]
        session = MySqlSession(dsn, schema, deadline)
    except Away as away:
        return _away(target, deadline, away)
    try:
        return _reading(target, deadline, session, schema)
    except Away as away:
        return _away(target, deadline, away)
    finally:
        session.close()


def _away(target: Target, deadline: Deadline, away: Away) -> Reading:
    """Optional and not set up at all: apart, not counted. Everything else counts."""
    if target.place.optional and away.absent:
        return silent(deadline, State.UNKNOWN, NOT_INSTALLED, counted=False)
    return silent(deadline, away.state, away.reason)


def _reading(target: Target, deadline: Deadline, session: MySqlSession, schema: str) -> Reading:
    head = target.database.expected.head or HEAD
    current = spicedb.revision(session, schema)
    if current is None and target.place.optional:
        return silent(deadline, State.UNKNOWN, NOT_INSTALLED, counted=False)
    state, detail, missing = _judge(current, head)
    if state is State.UNKNOWN and current and current == _binarys_head(deadline):
        state, detail = State.AHEAD, f"at {current}, head of the binary here; {head} was expected"
    if state is State.AT_HEAD and not _seeded(session, schema):
        state, detail = State.PARTIAL, "not seeded: no unique id row"
    known = spicedb.REVISIONS.index(head) + 1 if head in spicedb.REVISIONS else None
    return Reading(
        state=state,
        detail=f"{detail}; {REJECTED}" if target.place.safe_migrations else detail,
        read_at=deadline.started_at,
        applied=None if known is None else known - len(missing),
        available=known,
        pending=tuple(missing),
        version=current or "",
        notes=(REJECTED,) if target.place.safe_migrations else (),
    )


def _binarys_head(deadline: Deadline) -> str:
    """What the installed binary would migrate to; "" without one. Asked for unknown revisions."""
    from dbops import owners

    return owners.spicedb_head(deadline.left_s)


def _judge(current: str | None, head: str) -> tuple[State, str, list[str]]:
    if not current:
        upto = spicedb.REVISIONS.index(head) + 1 if head in spicedb.REVISIONS else 0
        return State.BEHIND, "not initialized", list(spicedb.REVISIONS[:upto])
    if current == head:
        return State.AT_HEAD, f"at head, {head}", []
    missing = spicedb.missing(current, head)
    if missing is None:
        return State.UNKNOWN, f"revision {current} is not known here", []
    if not missing:
        return State.AHEAD, f"at {current}, ahead of {head}", []
    return State.BEHIND, f"{len(missing)} behind, at {current}", missing


def _seeded(session: MySqlSession, schema: str) -> bool:
    rows = session.rows(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = %s"
        r" AND table_name LIKE '%%metadata'",
        (schema,),
    )
    return any(
        session.rows(f"SELECT 1 FROM `{schema}`.`{table}` LIMIT 1")  # noqa: S608
        for (table,) in rows
    )
