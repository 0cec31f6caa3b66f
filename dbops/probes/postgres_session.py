"""A read-only PostgreSQL connection with timeouts and errors in words. Reads pg_catalog only."""

from __future__ import annotations

import math
from collections.abc import Sequence

import psycopg2

from dbops.probes.sessions import Away, Names, NoSuchTable, Row, no_answer, no_privilege
from dbops.readings import Deadline, State
from openinsure.dsn import Dsn

# libpq reports connection failures as text only; the first match decides.
CONNECTING = (
    ("timeout expired", None, ""),
    ("refused", State.UNREACHABLE, "refused the connection"),
    ("could not translate host name", State.UNREACHABLE, "has no such host"),
    ("authentication failed", State.UNREACHABLE, "rejected the sign-in"),
    ("no pg_hba.conf entry", State.UNREACHABLE, "rejected the sign-in"),
    ("does not exist", State.UNREACHABLE, "has no such database or account"),
    ("too many", State.UNREACHABLE, "has no free connection"),
    ("starting up", State.UNREACHABLE, "is starting up"),
    ("shutting down", State.UNREACHABLE, "is shutting down"),
    ("closed the connection", State.UNREACHABLE, "closed the connection"),
    ("invalid response", State.UNKNOWN, "unreadable answer (no PostgreSQL server there)"),
    ("expected authentication", State.UNKNOWN, "unreadable answer (no PostgreSQL server there)"),
)
MISSING, DENIED, CANCELLED = ("42P01", "3F000"), "42501", "57014"  # SQLSTATE
NAMES = """
SELECT c.relname, a.attname FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a
  ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = %s AND c.relkind IN ('r', 'p')
"""


class PostgresSession:
    """One connection, read only, cut by the deadline."""

    dialect = "postgres"

    def __init__(self, dsn: Dsn, deadline: Deadline) -> None:
        """Connects. Raises Away."""
        self._deadline = deadline
        statement_ms = max(1, math.ceil(deadline.left_s * 1000))
        try:
            self._connection = psycopg2.connect(
                host=dsn.host,
                port=dsn.port,
                user=dsn.user,
                password=dsn.password,
                dbname=dsn.database,
                connect_timeout=max(2, math.ceil(deadline.left_s)),  # libpq's minimum
                options=f"-c statement_timeout={statement_ms} -c default_transaction_read_only=on",
                application_name="openinsure",
            )
            self._connection.autocommit = True
        except psycopg2.Error as error:
            raise self._at_connect(str(error)) from None

    def _at_connect(self, said: str) -> Away:
        for words, state, reason in CONNECTING:
            if words in said:
                return Away(state, reason) if state else no_answer(self._deadline.timeout_s)
        return Away(State.UNREACHABLE, "rejected the connection")

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        """All rows of one SELECT. Raises NoSuchTable or Away."""
        try:
            with self._connection.cursor() as reader:
                reader.execute(sql, tuple(params))
                return list(reader.fetchall())
        except psycopg2.Error as error:
            raise self._at_read(error) from None

    def _at_read(self, error: psycopg2.Error) -> Exception:
        if error.pgcode in MISSING:
            return NoSuchTable()
        if error.pgcode == DENIED:
            return no_privilege("its tables")
        if error.pgcode == CANCELLED:
            return no_answer(self._deadline.timeout_s)
        if error.pgcode is None:
            return Away(State.UNREACHABLE, "closed the connection")
        return Away(State.UNKNOWN, f"could not be read (error {error.pgcode})")

    def names(self, schema: str) -> Names:
        """Tables and columns from pg_catalog (information_schema hides by privilege)."""
        found: dict[str, set[str]] = {}
        for table, column in self.rows(NAMES, (schema,)):
            held = found.setdefault(table.lower(), set())
            if column is not None:
                held.add(column.lower())
        return {table: frozenset(held) for table, held in found.items()}

    def version(self) -> str:
        """The server's version, as `15.4`."""
        number = self._connection.server_version
        return f"{number // 10000}.{number % 10000}"

    def close(self) -> None:
        """Hang up; never raises."""
        try:
            self._connection.close()
        except psycopg2.Error:
            return
