"""A shadow schema on the project's own MySQL-family server: made, filled, read, dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import MySQLdb

from dbops.catalog import mysql
from dbops.catalog import replay as replays
from dbops.catalog.model import Schema
from dbops.catalog.replay import DoesNotReplay
from dbops.probes.mysql_session import MySqlSession
from dbops.probes.sessions import Away
from dbops.readings import Deadline, State
from openinsure import environment
from openinsure.dsn import Dsn

VARIABLE = "SHADOW_URL"
COLLATION = "utf8mb4_bin"
UNKNOWN_COLLATION = 1273
# Mildest first. MySQL knows no NOCOPY; both refuse by number what a statement cannot be.
ALGORITHMS = {"instant": "INSTANT", "in place": "NOCOPY", "rebuild": "INPLACE"}
NOT_THIS_WAY = (1800, 1845, 1846)  # unknown algorithm, not supported (with a reason)
CHANGES = re.compile(r"\s*(ALTER)\s+TABLE\b|\s*(?:(CREATE|DROP)\s+(?:UNIQUE\s+)?INDEX\b)", re.I)


def address() -> Dsn:
    """The shadow server. Raises Away when it is not configured."""
    text = environment.optional(VARIABLE)
    if not text:
        raise Away(State.UNKNOWN, f"cannot compare: {VARIABLE} is not set")
    return Dsn.parse(text, VARIABLE)


def server() -> str:
    """Where shadows are made, as part of the cache key; never the password."""
    dsn = address()
    return f"{dsn.host}:{dsn.port}"


@contextmanager
def _connected() -> Iterator[Any]:
    dsn = address()
    try:
        connection = MySQLdb.connect(
            host=dsn.host,
            port=dsn.port,
            user=dsn.user,
            password=dsn.password,
            charset="utf8mb4",
            autocommit=True,
            connect_timeout=2,
            read_timeout=30,
            write_timeout=30,
        )
    except MySQLdb.Error as error:
        raise Away(State.UNKNOWN, f"cannot compare: no shadow server ({error.args[0]})") from None
    with closing(connection), closing(connection.cursor()) as cursor:
        yield cursor


def replay(live: Schema, statements: Sequence[tuple[str, int, str]], deadline: Deadline) -> Schema:
    """The schema that the statements make. Raises Away."""
    with _filled(live, statements, deadline.started_at) as (_, name):
        session = MySqlSession(address(), name, deadline)
        try:
            return replace(mysql.read(session, name), name=live.name)
        finally:
            session.close()


@contextmanager
def _filled(
    live: Schema, statements: Sequence[tuple[str, int, str]], now: datetime
) -> Iterator[tuple[Any, str]]:
    """A shadow in which the statements ran, as long as it is used. Raises Away."""
    name = replays.name_of(live.name, now)
    with _connected() as cursor:
        sweep(cursor, now)
        _create(cursor, name, live.collation or COLLATION)
        try:
            _run(cursor, name, statements)
            yield cursor, name
        finally:
            cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")


def algorithms(
    live: Schema,
    applied: Sequence[tuple[str, int, str]],
    waiting: Sequence[str],
    deadline: Deadline,
) -> list[str]:
    """How a server of the live one's version would change each table: tried on empty tables.

    One entry a waiting statement: `instant`, `in place`, `rebuild`, `copy`, or "" where there is
    nothing to try (no ALTER TABLE, no index; behind a statement that was refused). Raises Away:
    no shadow server, or one of another version, whose answer would prove nothing.
    """
    with _filled(live, applied, deadline.started_at) as (cursor, _name):
        cursor.execute("SELECT VERSION()")
        (version,) = cursor.fetchone()
        if version != live.version:
            raise Away(State.UNKNOWN, f"the shadow server is {version}, not {live.version}")
        found: list[str] = []
        for statement in waiting:
            try:
                found.append(_tried(cursor, statement))
            except MySQLdb.Error:
                break
        return found + [""] * (len(waiting) - len(found))


def _tried(cursor: Any, statement: str) -> str:
    """The mildest algorithm that the server accepts; the statement has run then."""
    text = statement.rstrip().rstrip(";")
    verb = _verb(text)
    if verb:
        for word, algorithm in ALGORITHMS.items():
            try:
                cursor.execute(f"{text}{',' if verb == 'ALTER' else ''} ALGORITHM={algorithm}")
            except MySQLdb.Error as error:
                if error.args[0] not in NOT_THIS_WAY:
                    raise
            else:
                return word
    cursor.execute(statement)
    return "copy" if verb else ""


def _verb(text: str) -> str:
    found = CHANGES.match(text)
    return (found[1] or found[2]).upper() if found else ""


def _create(cursor: Any, name: str, collation: str) -> None:
    try:
        cursor.execute(f"CREATE DATABASE `{name}` COLLATE {collation}")
    except MySQLdb.Error as error:
        if error.args[0] != UNKNOWN_COLLATION:
            raise Away(State.UNKNOWN, f"cannot compare: no shadow ({error.args[0]})") from None
        cursor.execute(f"CREATE DATABASE `{name}` COLLATE {COLLATION}")


def _run(cursor: Any, name: str, statements: Sequence[tuple[str, int, str]]) -> None:
    cursor.execute(f"USE `{name}`")
    for tag, number, statement in statements:
        try:
            cursor.execute(statement)
        except MySQLdb.Error as error:
            raise DoesNotReplay(tag, number, f"error {error.args[0]}") from None


def sweep(cursor: Any, now: datetime) -> list[str]:
    """Drops shadows that are older than an hour; their names."""
    cursor.execute("SHOW DATABASES LIKE '\\_oi\\_shadow\\_%'")
    old = [name for (name,) in cursor.fetchall() if replays.stale(name, now)]
    for name in old:
        cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
    return old
