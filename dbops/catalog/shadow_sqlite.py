"""A shadow in memory: SQLite itself replays the files of a D1 database."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing

from dbops.catalog import sqlite
from dbops.catalog.model import Schema
from dbops.catalog.replay import DoesNotReplay
from dbops.probes.sessions import Names, Row
from dbops.probes.sqlite_session import table_names
from dbops.readings import Deadline


class Replay:
    """An open in-memory database as a session."""

    dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        """All rows."""
        return self._connection.execute(sql, tuple(params)).fetchall()

    def names(self, schema: str) -> Names:
        """Tables and columns."""
        return table_names(self._connection)

    def close(self) -> None:
        """Forget it."""
        self._connection.close()


def server() -> str:
    """Part of the cache key."""
    return sqlite3.sqlite_version


def replay(live: Schema, statements: Sequence[tuple[str, int, str]], deadline: Deadline) -> Schema:
    """The schema that the statements make. Raises Away."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for tag, number, statement in statements:
            try:
                connection.execute(statement)
            except sqlite3.Error as error:
                raise DoesNotReplay(tag, number, type(error).__name__) from None
        return sqlite.read(Replay(connection), live.name)
