"""Kysely: files against `kysely_migration(name, timestamp)`; names without hash, alphabetical."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dbops.history import by_name
from dbops.history.rules import NOTHING, Known
from dbops.history.states import File, History, folder, read_bytes
from dbops.inventory import Ledger
from dbops.probes.sessions import NoSuchTable, Session

LEDGER, LOCK_TABLE = "kysely_migration", "kysely_migration_lock"
OWN = Ledger()
# What Kysely's own adapters hold while they migrate.
MYSQL_LOCK = "ea586330-2c93-47c8-908d-981d9d270f9d"
POSTGRES_LOCK = 3853314791062309107
RUN = "the owner runs kysely migrate latest"
SUFFIXES = (".ts", ".js", ".mjs", ".mts", ".sql")


def files(path: Path) -> list[File]:
    """Migration modules by name without suffix. Raises FilesUnreadable."""
    return [
        File(child.stem, child.stem, read_bytes(child), 1)
        for child in sorted(folder(path).iterdir())
        if child.suffix in SUFFIXES and not child.name.endswith(".d.ts")
    ]


def _home(session: Session, schema: str, table: str) -> str:
    quote = "`" if session.dialect == "mysql" else '"'
    return f"{quote}{schema}{quote}.{quote}{table}{quote}"


def ledger(session: Session, schema: str, named: Ledger = OWN) -> dict[str, str] | None:
    """Name -> time of applying; None without ledger. Raises Away."""
    home = _home(session, named.schema or schema, named.table or LEDGER)
    sql = f"SELECT name, timestamp FROM {home} ORDER BY name"  # noqa: S608
    try:
        return {str(name): str(at) for name, at in session.rows(sql)}
    except NoSuchTable:
        return None


def under_way(session: Session) -> bool:
    """True while a migrator holds the lock of its adapter. Raises Away."""
    if session.dialect == "mysql":
        return session.rows("SELECT IS_USED_LOCK(%s)", (MYSQL_LOCK,))[0][0] is not None
    sql = (
        "SELECT 1 FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_database d ON d.oid = l.database"
        " WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.granted"
        " AND l.classid = %s AND l.objid = %s"
    )
    high, low = divmod(POSTGRES_LOCK, 2**32)
    return bool(session.rows(sql, (high, low)))


def stuck(session: Session, schema: str, named: Ledger = OWN) -> str:
    """The finding when the lock row says locked and nobody migrates; else "". Raises Away."""
    home = _home(session, named.schema or schema, named.lock or LOCK_TABLE)
    sql = f"SELECT 1 FROM {home} WHERE is_locked = 1"  # noqa: S608
    try:
        locked = bool(session.rows(sql))
    except NoSuchTable:
        return ""
    return f"migration_lock_stuck {schema}" if locked and not under_way(session) else ""


def compare(
    found: Sequence[File],
    rows: dict[str, str] | None,
    keyspace: str,
    *,
    known: Known = NOTHING,
) -> History:
    """Every file and every orphaned row with its state and evidence. Pure."""
    return by_name.compare(found, rows, keyspace, run=RUN, known=known)
