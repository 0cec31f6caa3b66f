"""Kysely: files against `kysely_migration(name, timestamp)`; names without hash, alphabetical."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dbops.history import by_name
from dbops.history.rules import NOTHING, Known
from dbops.history.states import File, History, folder, read_bytes
from dbops.probes.sessions import NoSuchTable, Session

LEDGER = "kysely_migration"
RUN = "the owner runs kysely migrate latest"
SUFFIXES = (".ts", ".js", ".mjs", ".mts", ".sql")


def files(path: Path) -> list[File]:
    """Migration modules by name without suffix. Raises FilesUnreadable."""
    return [
        File(child.stem, child.stem, read_bytes(child), 1)
        for child in sorted(folder(path).iterdir())
        if child.suffix in SUFFIXES and not child.name.endswith(".d.ts")
    ]


def ledger(session: Session, schema: str) -> dict[str, str] | None:
    """Name -> time of applying; None without ledger. Raises Away."""
    quote = "`" if session.dialect == "mysql" else '"'
    sql = f"SELECT name, timestamp FROM {quote}{schema}{quote}.{LEDGER} ORDER BY name"  # noqa: S608
    try:
        return {str(name): str(at) for name, at in session.rows(sql)}
    except NoSuchTable:
        return None


def compare(
    found: Sequence[File],
    rows: dict[str, str] | None,
    keyspace: str,
    *,
    known: Known = NOTHING,
) -> History:
    """Every file and every orphaned row with its state and evidence. Pure."""
    return by_name.compare(found, rows, keyspace, run=RUN, known=known)
