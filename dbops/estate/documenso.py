"""Documenso's local database: its Prisma files applied as `prisma migrate deploy` records them.

Prisma's command line downloads engines, so it is not used; the ledger has its columns and its
checksum (sha256 hex of the file).
"""

from __future__ import annotations

import hashlib
import uuid
from contextlib import closing
from pathlib import Path

import psycopg2
from psycopg2 import sql

from dbops.history import prisma
from openinsure.dsn import Dsn

LEDGER = """CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             TIMESTAMPTZ,
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          TIMESTAMPTZ,
    started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count     INTEGER NOT NULL DEFAULT 0
)"""
RECORD = """INSERT INTO _prisma_migrations
(id, checksum, migration_name, started_at, finished_at, applied_steps_count)
VALUES (%s, %s, %s, clock_timestamp(), clock_timestamp(), 1)"""
TIMEOUT_S = 5


def _connect(dsn: Dsn, database: str) -> psycopg2.extensions.connection:
    return psycopg2.connect(
        host=dsn.host,
        port=dsn.port,
        user=dsn.user,
        password=dsn.password,
        dbname=database,
        connect_timeout=TIMEOUT_S,
    )


def ensure_database(dsn: Dsn) -> None:
    """Create the database when it is not there. Raises psycopg2.Error."""
    with closing(_connect(dsn, "postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (dsn.database,))
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(dsn.database)))


def apply(dsn: Dsn, folder: Path) -> list[str]:
    """Files without ledger row, each in one transaction with its row; their names.

    Raises FilesUnreadable, psycopg2.Error (that file is rolled back, those before it stay).
    """
    done = []
    with closing(_connect(dsn, dsn.database)) as connection:
        with connection, connection.cursor() as cursor:
            cursor.execute(LEDGER)
            cursor.execute("SELECT migration_name FROM _prisma_migrations")
            recorded = {name for (name,) in cursor.fetchall()}
        for file in prisma.files(folder):
            if file.tag in recorded:
                continue
            with connection, connection.cursor() as cursor:
                cursor.execute(file.text)
                checksum = hashlib.sha256(file.content).hexdigest()
                cursor.execute(RECORD, (str(uuid.uuid4()), checksum, file.tag))
            done.append(file.tag)
    return done
