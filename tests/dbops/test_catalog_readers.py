"""Catalog readers: four queries a schema, no IN, both MySQL spellings, PostgreSQL and SQLite."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from dbops.catalog import model, sqlite
from dbops.catalog import mysql as mysql_reader
from dbops.catalog import postgres as postgres_reader
from dbops.catalog.model import Column
from dbops.catalog.shadow_sqlite import Replay
from dbops.probes.mysql_session import MySqlSession
from dbops.probes.postgres_session import PostgresSession
from dbops.probes.sessions import Row
from dbops.readings import Deadline
from openinsure.dsn import Dsn
from openinsure.keyspaces import migrate
from tests.dbops.conftest import NOW, MySql, Postgres, fresh


class Counting:
    """A session that remembers what was asked."""

    def __init__(self, session: Any) -> None:
        self.session, self.asked, self.answers = session, [], []
        self.dialect = session.dialect

    def version(self) -> str:
        return str(self.session.version())

    def rows(self, sql: str, params: Any = ()) -> list[Row]:
        self.asked.append(sql)
        self.answers.append(self.session.rows(sql, params))
        return self.answers[-1]


@pytest.fixture(scope="module")
def claims(mysql: MySql) -> Iterator[str]:
    """The real oi_claims in a schema of its own."""
    name = fresh("reader")
    mysql.run(f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name} COLLATE utf8mb4_bin")
    migrate.apply_pending(mysql.dsn, "oi_claims", schema=name)
    yield name
    mysql.run(f"DROP DATABASE {name}")


def counting(mysql_server: MySql, schema: str) -> Counting:
    return Counting(MySqlSession(mysql_server.dsn, schema, Deadline.after(10, NOW)))


def test_it_reads_a_keyspace_in_four_queries(mysql: MySql, claims: str) -> None:
    session = counting(mysql, claims)
    found = mysql_reader.read(session, claims)
    assert len(session.asked) == 4
    assert found.counts[0] == 29
    session.session.close()


@pytest.mark.parametrize("query", [*mysql_reader.QUERIES, mysql_reader.CHECKS])
def test_it_never_asks_for_several_schemas(query: str) -> None:
    assert re.search(r"(?:table|constraint)_schema = %s", query)
    assert not re.search(r"\bIN\s*\(", query, re.I)
    assert "schema()" not in query.lower()


def as_mysql8(answers: list[list[Row]]) -> tuple[list[Row], ...]:
    """What MySQL 8 says about the tables about which MariaDB said this."""
    tables, columns, indexes, keys = answers
    json_columns = {(row[1], normal) for row in keys if (normal := _json_of(str(row[3])))}
    said = []
    for row in columns:
        table, name, at, kind, nullable, default, extra, charset, collation, comment, made = row
        kind = re.sub(r"^((?:small|medium|big)?int)\(\d+\)", r"\1", kind)
        if (table, name) in json_columns:
            kind, charset, collation = "json", None, None
        if default == "NULL":
            default = None
        elif default is not None and default.startswith("'"):
            default = default[1:-1].replace("''", "'")
        elif default and default.startswith("current_timestamp"):
            default, extra = default.upper(), f"DEFAULT_GENERATED {extra}".strip()
        extra = extra.replace("current_timestamp", "CURRENT_TIMESTAMP")
        said.append(
            (table, name, at, kind, nullable, default, extra, charset, collation, comment, made)
        )
    return tables, said, indexes, [row for row in keys if row[0] == "f"]


def _json_of(clause: str) -> str:
    found = re.match(r"json_valid\(`(\w+)`\)", clause)
    return found[1] if found else ""


def test_it_reads_both_spellings_as_one(mysql: MySql, claims: str) -> None:
    session = counting(mysql, claims)
    here = mysql_reader.read(session, claims)
    there = mysql_reader.assembled(claims, here.version, as_mysql8(session.answers))
    assert there == here
    assert model.fingerprint(there) == model.fingerprint(here)
    session.session.close()


def test_it_keeps_a_schema_through_json(mysql: MySql, claims: str) -> None:
    session = counting(mysql, claims)
    found = mysql_reader.read(session, claims)
    stored = json.loads(json.dumps(model.as_json(found)))
    assert model.from_json(claims, stored) == found
    session.session.close()


def test_it_reads_postgres_in_four_queries(postgres: Postgres, pg_database: str) -> None:
    postgres.run(
        'CREATE TABLE "User" (id serial PRIMARY KEY, email text NOT NULL, at timestamp(3)'
        " DEFAULT CURRENT_TIMESTAMP, half numeric(9,2) GENERATED ALWAYS AS (1.5) STORED)",
        "CREATE UNIQUE INDEX by_email ON \"User\" (email) WHERE email <> ''",
        'CREATE TABLE doc (id int, owner int REFERENCES "User" (id) CHECK (owner > 0))',
        database=pg_database,
    )
    dsn = Dsn.parse(postgres.url(pg_database), "X")
    session = Counting(PostgresSession(dsn, Deadline.after(10, NOW)))
    found = postgres_reader.read(session, "public")
    assert len(session.asked) == 4
    user = found.tables["User"]
    assert user.primary_key == ("id",)
    assert user.columns["at"].type == "timestamp(3) without time zone"
    assert user.columns["at"].default == "current_timestamp"
    assert user.columns["half"].generated
    assert (user.indexes["by_email"].unique, user.indexes["by_email"].where) != (True, "")
    (key,) = found.tables["doc"].foreign_keys.values()
    assert (key.columns, key.table, key.references) == (("owner",), "User", ("id",))
    assert len(found.tables["doc"].checks) == 1
    session.session.close()


def test_it_reads_sqlite() -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(
        "CREATE TABLE a (id TEXT PRIMARY KEY, n INTEGER NOT NULL DEFAULT 0, at TEXT"
        " DEFAULT CURRENT_TIMESTAMP); CREATE UNIQUE INDEX i ON a (n DESC, at) WHERE n > 0;"
        "CREATE TABLE b (id TEXT REFERENCES a (id)); CREATE TABLE d1_migrations (id int);"
    )
    found = sqlite.read(Replay(connection), "file")
    assert sorted(found.tables) == ["a", "b"]
    assert found.tables["a"].columns["n"] == Column("n", "INTEGER", False, 1, "0")
    assert found.tables["a"].columns["at"].default == "current_timestamp"
    index = found.tables["a"].indexes["i"]
    assert (index.columns, index.parts[0].desc, index.where) == (("n", "at"), True, "n>0")
    assert found.tables["a"].primary_key == ("id",)
    assert len(found.tables["b"].foreign_keys) == 1
