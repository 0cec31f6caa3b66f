"""Two organisations' rows on MariaDB, and the same server with only the first one's.

A statement the guard accepts must answer alike in both schemas and leave every foreign row as it
was. Tables carry the platform's names and the columns that statements of the suite use.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import MySQLdb

from openinsure.settings.databases import databases
from openinsure.tenancy import guard
from openinsure.tenancy.scope import Scope, entered

OURS = "0190a000-0000-7000-8000-00000000000a"
THEIRS = "9190a000-0000-7000-8000-00000000000b"
TOKEN = "foreign"  # in every text of THEIRS
FOREIGN_NUMBER = 1_000_000  # every number of THEIRS is at least this

POLICIES = ("policies", "policy_events", "policy_vehicles", "insureds")
TENANT_TABLES = (*POLICIES, "users")
_COLUMNS = "status varchar(40), policy_id char(36) character set ascii collate ascii_bin, n bigint"
_KEY = "char(36) character set ascii collate ascii_bin not null"


def row_id(org_id: str, number: int) -> str:
    """The id of the nth row of an organisation."""
    return f"{org_id[:8]}-0000-7000-8000-{number:012d}"


CORRUPT = row_id(THEIRS, 77)  # a foreign id that a row of ours may hold: no leak by itself


@dataclass(frozen=True)
class Answer:
    """What MariaDB said: rows or an error, and whether a foreign row changed."""

    rows: tuple[tuple[Any, ...], ...] = ()
    error: int = 0
    foreign_changed: bool = False

    @property
    def leaks(self) -> bool:
        """Whether a value of the other organisation came back, or a row of it changed."""
        return self.foreign_changed or any(_foreign(value) for row in self.rows for value in row)


def _foreign(value: Any) -> bool:
    if isinstance(value, str):
        return TOKEN in value or THEIRS[:8] in value.replace(CORRUPT, "")
    return isinstance(value, int) and value >= FOREIGN_NUMBER


class World:
    """Two schemas of the test server: `both` organisations, and ours `alone`."""

    def __init__(self, name: str) -> None:
        settings = databases()["oi_policies"]
        self._server = {
            "host": settings["HOST"],
            "port": settings["PORT"],
            "user": settings["USER"],
            "passwd": settings["PASSWORD"],
            "charset": "utf8mb4",
            "autocommit": False,
            "init_command": "SET max_statement_time = 2",
        }
        self.schemas = (f"test_{name}_both", f"test_{name}_alone")
        self.both, self.alone = (self._made(schema) for schema in self.schemas)
        self._reference = self._foreign_rows()

    def _made(self, schema: str) -> Any:
        connection = MySQLdb.connect(**self._server)
        cursor = connection.cursor()
        cursor.execute(f"DROP DATABASE IF EXISTS {schema}")
        cursor.execute(f"CREATE DATABASE {schema} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        cursor.execute(f"USE {schema}")
        orgs = (OURS, THEIRS) if schema.endswith("both") else (OURS,)
        for table in TENANT_TABLES:
            keys = f"org_id {_KEY}, id {_KEY}, PRIMARY KEY (org_id, id), KEY by_n (org_id, n, id)"
            cursor.execute(f"CREATE TABLE {table} ({keys}, {_COLUMNS}) ENGINE=InnoDB")
            for org in orgs:
                cursor.executemany(f"INSERT INTO {table} VALUES (%s,%s,%s,%s,%s)", _rows(org))
        cursor.execute(f"CREATE TABLE organizations (id {_KEY} PRIMARY KEY, name varchar(40))")
        cursor.executemany(
            "INSERT INTO organizations VALUES (%s, %s)",
            [(org, TOKEN if org == THEIRS else "ours") for org in orgs],
        )
        cursor.execute("CREATE TABLE ref_states (code char(2) PRIMARY KEY, name varchar(40))")
        cursor.execute("INSERT INTO ref_states VALUES ('NY', 'New York'), ('TX', 'Texas')")
        connection.commit()
        return connection

    def _foreign_rows(self) -> tuple[Any, ...]:
        tables = [f"SELECT '{t}', x.* FROM {t} x WHERE org_id <> '{OURS}'" for t in TENANT_TABLES]
        tables.append(f"SELECT 'o', id, name, '', '', '' FROM organizations WHERE id <> '{OURS}'")
        cursor = self.both.cursor()
        cursor.execute(f"{' UNION ALL '.join(tables)} ORDER BY 1, 2, 3")
        return tuple(cursor.fetchall())

    def ask(self, connection: Any, sql: str, params: Sequence[Any]) -> Answer:
        """Run it as it is and roll back. No guard here."""
        cursor = connection.cursor()
        rows: tuple[Any, ...] = ()
        error = 0
        try:
            cursor.execute(sql, tuple(params))
            rows = tuple(cursor.fetchall())
            while cursor.nextset():
                rows += tuple(cursor.fetchall())
        except (MySQLdb.Error, TypeError, ValueError) as failure:  # the last two: a wrong %
            error = failure.args[0] if isinstance(failure.args[0], int) else -1
        writes = sql.lstrip(" (")[:6].upper() in ("INSERT", "UPDATE", "DELETE")
        changed = writes and connection is self.both and self._foreign_rows() != self._reference
        if not sql.startswith("SELECT"):
            connection.rollback()
        return Answer(rows, error, changed)

    def close(self) -> None:
        """Drop both schemas."""
        for connection, schema in zip((self.both, self.alone), self.schemas, strict=True):
            connection.cursor().execute(f"DROP DATABASE {schema}")
            connection.close()


def _rows(org: str) -> list[tuple[Any, ...]]:
    foreign = org == THEIRS
    text, base = (TOKEN, FOREIGN_NUMBER) if foreign else ("bound", 0)
    mine = [(org, row_id(org, k), text, row_id(org, k % 3), base + k) for k in range(5)]
    # One id in both organisations, and a reference of ours that points at a foreign row.
    shared = (org, row_id("shared00", 1), text, row_id(org, 1), base + 7)
    last = (org, row_id(org, 77), text, CORRUPT if not foreign else row_id(OURS, 1), base + 8)
    return [*mine, shared, last]


@contextmanager
def made_world(name: str) -> Iterator[World]:
    """A world for one test module; the worker's name keeps parallel runs apart."""
    world = World(f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'gw')}_{os.getpid()}")
    try:
        yield world
    finally:
        world.close()


class Connection:
    """As much of a Django connection as the guard looks at."""

    def __init__(self, alias: str) -> None:
        self.alias = alias


def judged(scope: Scope | None, alias: str, sql: str, params: Any, many: bool = False) -> None:
    """Ask the guard alone. Raises TenantLeak when it refuses."""
    context = {"connection": Connection(alias)}

    def sent(*_: Any) -> None:
        return None

    if scope is None:
        guard.check(sent, sql, params, many, context)
        return
    with entered(scope):
        guard.check(sent, sql, params, many, context)
