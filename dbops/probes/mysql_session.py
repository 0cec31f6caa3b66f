"""A read-only MySQL, MariaDB or Vitess connection with timeouts and errors in words."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import MySQLdb

from dbops.probes.sessions import Away, Names, NoSuchTable, Row, no_answer, no_privilege
from dbops.readings import Deadline, State
from openinsure.dsn import Dsn

# Error numbers of client and server. MySQLdb.constants.ER alone takes 3 ms to import.
REFUSED = {2002, 2003, 2005}
UNREADABLE = {2007, 2012, 2027}  # another protocol, broken handshake, malformed packet
LOST = {2006, 2013}
DENIED = {1044, 1142, 1143, 1227}  # to a schema, a table, a column, for want of a privilege
NO_SUCH_TABLE, NO_SUCH_SCHEMA = 1146, 1049
CONNECTING = {
    1045: "rejected the sign-in",
    NO_SUCH_SCHEMA: "has no database of that name",
    1040: "has no free connection",
}


class MySqlSession:
    """One connection to one schema, read only, cut by the deadline."""

    dialect = "mysql"

    def __init__(self, dsn: Dsn, schema: str, deadline: Deadline) -> None:
        """Connects. Raises Away."""
        self._deadline = deadline
        self._schema = schema
        seconds = max(1, math.ceil(deadline.left_s))
        try:
            self._connection = MySQLdb.connect(
                host=dsn.host,
                port=dsn.port,
                user=dsn.user,
                password=dsn.password,
                database=schema,
                charset="utf8mb4",
                connect_timeout=seconds,
                read_timeout=seconds,
                write_timeout=seconds,
                autocommit=True,
            )
        except MySQLdb.Error as error:
            raise self._at_connect(_errno(error)) from None

    def _at_connect(self, errno: int) -> Away:
        if errno in DENIED:
            return no_privilege(f"schema {self._schema}")
        if errno in UNREADABLE:
            return Away(State.UNKNOWN, "unreadable answer (no MySQL server there)")
        if errno in LOST | REFUSED and self._deadline.left_s <= 0:
            return no_answer(self._deadline.timeout_s)
        if errno in REFUSED:
            return Away(State.UNREACHABLE, "refused the connection")
        said = CONNECTING.get(errno, f"rejected the connection (error {errno})")
        return Away(State.UNREACHABLE, said, absent=errno == NO_SUCH_SCHEMA)

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        """All rows of one SELECT. Raises NoSuchTable or Away."""
        try:
            with self._connection.cursor() as reader:
                reader.execute(sql, tuple(params))
                return list(reader.fetchall())
        except MySQLdb.Error as error:
            raise self._at_read(_errno(error)) from None

    def named(self, sql: str) -> list[dict[str, Any]]:
        """All rows of one SHOW, each by the names of its columns. Raises NoSuchTable or Away."""
        try:
            with self._connection.cursor() as reader:
                reader.execute(sql)
                names = [_text(column[0]) for column in reader.description]
                return [dict(zip(names, row, strict=True)) for row in reader.fetchall()]
        except MySQLdb.Error as error:
            raise self._at_read(_errno(error)) from None

    def _at_read(self, errno: int) -> Exception:
        if errno == NO_SUCH_TABLE:
            return NoSuchTable()
        if errno in DENIED:
            return no_privilege(f"schema {self._schema}")
        if errno in LOST and self._deadline.left_s <= 0:
            return no_answer(self._deadline.timeout_s)
        if errno in LOST:
            return Away(State.UNREACHABLE, "closed the connection")
        return Away(State.UNKNOWN, f"could not be read (error {errno})")

    def names(self, schema: str) -> Names:
        """Tables and columns; one schema a statement, never IN (Vitess drops rows silently)."""
        tables = self.rows(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = %s AND table_type = 'BASE TABLE'",
            (schema,),
        )
        columns = self.rows(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = %s",
            (schema,),
        )
        held: dict[Any, list[Any]] = {name: [] for (name,) in tables}
        for table, column in columns:
            if table in held:
                held[table].append(column)
        return {_text(table): _texts(names) for table, names in held.items()}

    def may_read(self, schema: str) -> bool:
        """True when the grants of this account cover the whole schema (information_schema
        shows only what is granted, so a missing table may be a missing grant)."""
        return any(
            _covers(_text(grant, lower=False), schema) for (grant,) in self.rows("SHOW GRANTS")
        )

    def version(self) -> str:
        """The server's version text."""
        return str(self._connection.get_server_info())

    def close(self) -> None:
        """Hang up; never raises."""
        try:
            self._connection.close()
        except MySQLdb.Error:
            return


GRANT = re.compile(r"GRANT (?P<what>.+?) ON (?:TABLE )?`?(?P<schema>[^`]+?)`?\.(?P<table>\S+) TO ")


def _covers(grant: str, schema: str) -> bool:
    found = GRANT.match(grant)
    if found is None or found["table"] != "*":
        return False
    rights = {right.strip() for right in found["what"].split(",")}
    if not rights & {"ALL PRIVILEGES", "SELECT"}:
        return False
    return found["schema"] == "*" or _pattern(found["schema"]).fullmatch(schema) is not None


def _pattern(granted: str) -> re.Pattern[str]:
    """`_` and `%` of a GRANT are wildcards unless escaped by a backslash."""
    parts = re.findall(r"\\.|.", granted)
    wild = {"_": ".", "%": ".*"}
    return re.compile("".join(wild.get(part, re.escape(part[-1])) for part in parts))


def _errno(error: Any) -> int:
    return int(error.args[0]) if error.args and isinstance(error.args[0], int) else 0


def _text(value: Any, lower: bool = True) -> str:
    text = value.decode() if isinstance(value, bytes) else str(value)
    return text.lower() if lower else text


def _texts(values: list[Any]) -> frozenset[str]:
    """Many names at once: one decoding a table instead of one a column (2,800 of them)."""
    if values and isinstance(values[0], bytes):
        return frozenset(_text(b"\0".join(values)).split("\0"))
    return frozenset(map(_text, values))
