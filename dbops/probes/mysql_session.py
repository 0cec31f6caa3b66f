"""A read-only MySQL, MariaDB or Vitess connection with timeouts and errors in words.

By the driver's C half alone (`_mysql`): the cursors and converters above it take 5 ms to load and
1 ms a connection, which is a tenth of a whole `db status`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from MySQLdb import Error, _mysql
from MySQLdb.constants import FIELD_TYPE, FLAG
from MySQLdb.times import Date_or_None, DateTime_or_None, TimeDelta_or_None

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


def _decimal(text: str) -> Any:
    from decimal import Decimal  # 2 ms to load, and hardly any look reads one

    return Decimal(text)


TEXT = ((FLAG.BINARY, bytes), (None, str))  # what the column says of itself
VALUES = {
    **dict.fromkeys((FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.INT24, FIELD_TYPE.LONG), int),
    **dict.fromkeys((FIELD_TYPE.LONGLONG, FIELD_TYPE.YEAR), int),
    **dict.fromkeys((FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE), float),
    **dict.fromkeys((FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL), _decimal),
    **dict.fromkeys((FIELD_TYPE.STRING, FIELD_TYPE.VAR_STRING, FIELD_TYPE.VARCHAR), TEXT),
    **dict.fromkeys((FIELD_TYPE.TINY_BLOB, FIELD_TYPE.MEDIUM_BLOB), TEXT),
    **dict.fromkeys((FIELD_TYPE.BLOB, FIELD_TYPE.LONG_BLOB), TEXT),
    FIELD_TYPE.JSON: str,  # MySQL calls it binary, and it is always text
    FIELD_TYPE.TIMESTAMP: DateTime_or_None,
    FIELD_TYPE.DATETIME: DateTime_or_None,
    FIELD_TYPE.DATE: Date_or_None,
    FIELD_TYPE.TIME: TimeDelta_or_None,
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
            self._connection = _mysql.connect(
                host=dsn.host,
                port=dsn.port,
                user=dsn.user,
                password=dsn.password,
                database=schema,
                charset="utf8mb4",
                connect_timeout=seconds,
                read_timeout=seconds,
                write_timeout=seconds,
                conv=VALUES,
            )
            self._connection.autocommit(True)
        except Error as error:
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
        """All rows of one SELECT, `%s` a value and `%%` a percent sign. Raises NoSuchTable or
        Away."""
        found = self._result(sql, params)
        return list(found.fetch_row(0)) if found else []  # SET answers nothing

    def named(self, sql: str) -> list[dict[str, Any]]:
        """All rows of one SHOW, each by the names of its columns. Raises NoSuchTable or Away."""
        found = self._result(sql)
        names = [_text(column[0]) for column in found.describe()]
        return [dict(zip(names, row, strict=True)) for row in found.fetch_row(0)]

    def _result(self, sql: str, params: Sequence[object] = ()) -> Any:
        try:
            self._connection.query(sql.encode() % tuple(map(self._literal, params)))
            return self._connection.store_result()
        except Error as error:
            raise self._at_read(_errno(error)) from None

    def _literal(self, value: object) -> bytes:
        if isinstance(value, int):
            return str(int(value)).encode()
        text = value if isinstance(value, bytes) else str(value).encode()
        quoted: bytes = self._connection.string_literal(text)
        return quoted

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
        except Error:
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
    """Many names at once: one step a table instead of one a column (2,800 of them)."""
    if not values:
        return frozenset()
    between: Any = b"\0" if isinstance(values[0], bytes) else "\0"
    return frozenset(_text(between.join(values)).split("\0"))
