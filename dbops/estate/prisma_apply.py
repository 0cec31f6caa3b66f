"""Prisma files run on PostgreSQL as `prisma migrate deploy` does, and recorded as it records them.

Its advisory lock is taken and its ledger written: a row before the file begins, finished after it
ended, so Prisma and this command can follow each other. A file runs in one transaction unless it
holds a statement that PostgreSQL refuses there; then what ran before a failure stays.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
from psycopg2 import sql

from dbops.estate.documenso import LEDGER
from dbops.history.prisma import masked
from dbops.history.states import File, split_statements
from openinsure.dsn import Dsn
from openinsure.keyspaces.migrate import Log, MigrationStopped

CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_MS = 900_000  # as on the MySQL side: an index on a large table takes minutes
LOCK = 72707369  # Prisma's own
ALONE = re.compile(
    r"^\s*(?:BEGIN|START\s+TRANSACTION|COMMIT|END|ROLLBACK|VACUUM"
    r"|(?:CREATE|DROP|ALTER)\s+(?:DATABASE|TABLESPACE)"
    r"|ALTER\s+SYSTEM|ALTER\s+TYPE\b.*\bADD\s+VALUE)\b"
    r"|^\s*(?:CREATE\s+(?:UNIQUE\s+)?INDEX|DROP\s+INDEX|REINDEX\b.*|REFRESH\b.*)\s+CONCURRENTLY\b",
    re.I | re.S,
)
STARTED = """INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at)
VALUES (%s, %s, %s, clock_timestamp())"""
FINISHED = """UPDATE _prisma_migrations
SET finished_at = clock_timestamp(), applied_steps_count = 1 WHERE id = %s"""
UNDONE = """UPDATE _prisma_migrations
SET logs = %s, rolled_back_at = clock_timestamp() WHERE id = %s"""
FAILED = "UPDATE _prisma_migrations SET logs = %s WHERE id = %s"
STANDS = """SELECT 1 FROM _prisma_migrations
WHERE migration_name = %s AND rolled_back_at IS NULL"""

# As `prisma migrate resolve --applied`: open rows are rolled back, a finished one stands for all.
RESOLVED = """WITH closed AS (
  UPDATE _prisma_migrations SET rolled_back_at = clock_timestamp()
  WHERE migration_name = %s AND finished_at IS NULL AND rolled_back_at IS NULL)
INSERT INTO _prisma_migrations
(id, checksum, migration_name, started_at, finished_at, applied_steps_count)
VALUES (gen_random_uuid()::text, %s, %s, clock_timestamp(), clock_timestamp(), %s)"""


class FileFailed(Exception):
    """One file stopped; `lost`: whether its last statement ran is not known."""

    def __init__(self, tag: str, why: str, *, lost: bool = False) -> None:
        super().__init__(f"{tag}: {why}")
        self.lost = lost


@contextmanager
def connected(dsn: Dsn, schema: str) -> Iterator[Any]:
    """A cursor that holds Prisma's lock, every statement by itself. Raises FileFailed."""
    connection = psycopg2.connect(
        host=dsn.host,
        port=dsn.port,
        user=dsn.user,
        password=dsn.password,
        dbname=dsn.database,
        connect_timeout=CONNECT_TIMEOUT_S,
        options=f"-c statement_timeout={STATEMENT_TIMEOUT_MS}",
        application_name="openinsure migrate",
    )
    with closing(connection):
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", (LOCK,))
            if cursor.fetchone() != (True,):
                raise FileFailed("prisma", "another migrate is active here; wait for its end")
            cursor.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(schema)))
            yield cursor


def apply(
    dsn: Dsn, schema: str, waiting: Sequence[File], report: Callable[[str], None], log: Log
) -> list[str]:
    """Runs the files in order; the names. Raises FileFailed, MigrationStopped, psycopg2.Error."""
    done = []
    with connected(dsn, schema) as cursor:
        cursor.execute(LEDGER)
        for file in waiting:
            cursor.execute(STANDS, (file.tag,))
            if cursor.fetchone():
                raise FileFailed(file.tag, "has a ledger row meanwhile; look again")
            _run(cursor, file, log)
            done.append(file.tag)
            report(f"{file.tag} applied")
    return done


def together(statements: Sequence[str]) -> bool:
    """Whether PostgreSQL takes them all in one transaction."""
    return not any(ALONE.search(one) for one in statements)


def _run(cursor: Any, file: File, log: Log) -> None:
    statements, row = split_statements(file.text), str(uuid.uuid4())
    whole = together(statements)
    digest = hashlib.sha256(file.content).hexdigest()
    log.opened(file.tag, digest, len(statements))
    cursor.execute(STARTED, (row, digest, file.tag))
    number = 0
    try:
        if whole:
            cursor.execute("BEGIN")
        for number, statement in enumerate(statements, 1):
            log.begins(number)
            cursor.execute(statement)
            if not whole:
                log.ends(number)
        cursor.execute(FINISHED, (row,))
        if whole:  # nothing has ended before: a rollback takes every statement back
            cursor.execute("COMMIT")
            log.ends(len(statements))
    except (psycopg2.Error, MigrationStopped) as error:
        failed = _failed(cursor, file.tag, row, number, len(statements), whole, error)
        log.closed("unknown" if failed.lost else "failed", str(failed))
        raise failed from None
    log.closed("applied")


def _failed(
    cursor: Any, tag: str, row: str, number: int, total: int, whole: bool, error: Exception
) -> FileFailed:
    """Says in the ledger what Prisma would: rolled back, or failed with what stays."""
    words = " ".join(str(error).split())
    at = f"statement {number} of {total}: {masked(words)}"
    if cursor.connection.closed:
        return FileFailed(tag, f"statement {number} of {total} lost, outcome unknown", lost=True)
    if whole:
        cursor.execute("ROLLBACK")
        cursor.execute(UNDONE, (words, row))
        return FileFailed(tag, f"{at}; rolled back, nothing of the file stays")
    cursor.execute(FAILED, (words, row))
    return FileFailed(tag, f"{at}; those before it stay, see openinsure db resume")
