"""Applies D1 files as wrangler does, file and ledger row in one batch: to the local SQLite file,
or to the database at Cloudflare after a bookmark.

The only writer of the local files besides d1_retention.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dbops.history import d1
from dbops.history.states import File, split_statements
from dbops.probes.d1_http import CALL_S, Api, Refused
from dbops.probes.sessions import Away
from dbops.readings import Deadline
from openinsure.keyspaces.migrate import Log, Silent

BUSY_TIMEOUT_S = 5.0
FILE_S = 2 * CALL_S  # a bookmark and the file itself
LEDGER = """CREATE TABLE IF NOT EXISTS {table}(
\t\tid         INTEGER PRIMARY KEY AUTOINCREMENT,
\t\tname       TEXT UNIQUE,
\t\tapplied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)"""
DUPLICATE = re.compile(r"duplicate column name")


class FileFailed(Exception):
    """A file was refused and rolled back; those before it stay. Text: file, reason, what to do."""

    def __init__(self, tag: str, reason: str) -> None:
        hint = ""
        if DUPLICATE.search(reason):
            hint = "; the column is there but the file is not recorded: see docs/runbooks/d1.md"
        super().__init__(f"{tag}: {reason}{hint}")
        self.tag = tag


class NotBegun(Exception):
    """Too little time is left for a file: nothing of it ran."""

    def __init__(self, tag: str, whole: Deadline) -> None:
        super().__init__(
            f"{tag}: not begun, the {whole.timeout_s:g} s for all files are nearly over; "
            "run the command again for the rest"
        )


@dataclass(frozen=True, slots=True)
class Local:
    """One local D1 database: its file and what should be in it."""

    path: Path
    binding: d1.Binding


def pending(local: Local) -> list[File]:
    """Files without ledger row, in text order. Writes nothing. Raises FilesUnreadable."""
    files = d1.files(local.binding.migrations)
    if not local.path.exists():
        return files
    with closing(sqlite3.connect(local.path, timeout=BUSY_TIMEOUT_S)) as connection:
        return [file for file in files if file.tag not in _recorded(connection, local)]


def _recorded(connection: sqlite3.Connection, local: Local) -> set[str]:
    try:
        rows = connection.execute(f"SELECT name FROM {local.binding.table}")  # noqa: S608
    except sqlite3.OperationalError:
        return set()
    return {name for (name,) in rows}


def apply(local: Local, report: Callable[[str], None], log: Log | None = None) -> list[str]:
    """Runs what is pending, one transaction a file; the names. Raises FileFailed."""
    kept = log or Silent()
    local.path.parent.mkdir(parents=True, exist_ok=True)
    waiting = pending(local)
    with closing(sqlite3.connect(local.path, timeout=BUSY_TIMEOUT_S)) as connection:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(LEDGER.format(table=local.binding.table))
        for file in waiting:
            with logged(kept, file):
                _run(connection, local.binding.table, file)
            report(f"{file.tag} applied")
    return [file.tag for file in waiting]


@contextmanager
def logged(log: Log, file: File) -> Iterator[None]:
    """One file in the run log: all its statements are one step."""
    log.opened(file.tag, hashlib.sha256(file.content).hexdigest(), file.statements)
    log.begins(1)
    try:
        yield
    except FileFailed as error:
        log.closed("failed", str(error))
        raise
    except Away as away:
        log.closed("unknown", away.reason)
        raise
    log.ends(file.statements)
    log.closed("applied")


def apply_remote(
    source: Api,
    table: str,
    waiting: Sequence[File],
    report: Callable[[str], None],
    log: Log,
    whole: Deadline,
) -> list[str]:
    """Runs the files at Cloudflare, all under one deadline; the names.

    A file begins only while its calls have all the time that Cloudflare may take for them.
    Raises FileFailed (refused), NotBegun, Away (no answer: whether it ran is not known).
    """
    source.query(LEDGER.format(table=table), (), whole.at_most(CALL_S))
    for file in waiting:
        if whole.left_s < FILE_S:
            raise NotBegun(file.tag, whole)
        report(f"{file.tag} bookmark {source.bookmark(whole.at_most(CALL_S))}")
        name = file.tag.replace("'", "''")
        recorded = f"INSERT INTO {table} (name) VALUES ('{name}')"  # noqa: S608
        batch = ";\n".join([*split_statements(file.text), recorded])
        with logged(log, file):
            try:
                source.query(batch, (), whole.at_most(CALL_S))
            except Refused as refused:
                raise FileFailed(file.tag, refused.said) from None
        report(f"{file.tag} applied")
    return [file.tag for file in waiting]


def _run(connection: sqlite3.Connection, table: str, file: File) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in split_statements(file.text):
            connection.execute(statement)
        connection.execute(f"INSERT INTO {table} (name) VALUES (?)", (file.tag,))  # noqa: S608
    except sqlite3.Error as error:
        connection.execute("ROLLBACK")
        raise FileFailed(file.tag, str(error)) from None
    connection.execute("COMMIT")
