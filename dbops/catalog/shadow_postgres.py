"""A scratch PostgreSQL database: made, filled, read, dropped. Files may name their schema."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

import psycopg2

from dbops.catalog import postgres
from dbops.catalog import replay as replays
from dbops.catalog.model import Schema
from dbops.catalog.replay import DoesNotReplay
from dbops.probes.postgres_session import PostgresSession
from dbops.probes.sessions import Away
from dbops.readings import Deadline, State
from openinsure import environment
from openinsure.dsn import Dsn

VARIABLE = "POSTGRES_URL"


def address() -> Dsn:
    """The server on which scratch databases are made. Raises Away when not configured."""
    text = environment.optional(VARIABLE)
    if not text:
        raise Away(State.UNKNOWN, f"cannot compare: {VARIABLE} is not set")
    return Dsn.parse(text, VARIABLE)


def server() -> str:
    """Part of the cache key."""
    dsn = address()
    return f"{dsn.host}:{dsn.port}"


def _connect(database: str) -> Any:
    dsn = address()
    try:
        connection = psycopg2.connect(
            host=dsn.host,
            port=dsn.port,
            user=dsn.user,
            password=dsn.password,
            dbname=database,
            connect_timeout=2,
        )
    except psycopg2.Error:
        raise Away(State.UNKNOWN, "cannot compare: no scratch server") from None
    connection.autocommit = True
    return connection


def replay(live: Schema, statements: Sequence[tuple[str, int, str]], deadline: Deadline) -> Schema:
    """The schema that the statements make. Raises Away."""
    name = replays.name_of(live.name, deadline.started_at)
    with closing(_connect("postgres")) as maker, maker.cursor() as cursor:
        sweep(cursor, deadline.started_at)
        try:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        except psycopg2.Error as error:
            why = f"cannot compare: no scratch database ({error.pgcode})"
            raise Away(State.UNKNOWN, why) from None
        try:
            _run(name, live.name, statements)
            return _read(name, live.name, deadline)
        finally:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _read(database: str, schema: str, deadline: Deadline) -> Schema:
    session = PostgresSession(address()._replace(database=database), deadline)
    try:
        return postgres.read(session, schema)
    finally:
        session.close()


def _run(database: str, schema: str, statements: Sequence[tuple[str, int, str]]) -> None:
    with closing(_connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        cursor.execute(f'SET search_path TO "{schema}", public')
        for tag, number, statement in statements:
            try:
                cursor.execute(statement)
            except psycopg2.Error as error:
                raise DoesNotReplay(tag, number, f"error {error.pgcode}") from None


def sweep(cursor: Any, now: datetime) -> list[str]:
    """Drops scratch databases that are older than an hour; their names."""
    cursor.execute(r"SELECT datname FROM pg_database WHERE datname LIKE '\_oi\_shadow\_%'")
    old = [name for (name,) in cursor.fetchall() if replays.stale(name, now)]
    for name in old:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    return old
