"""What a statement does to the rows of a table: each rule held against the engine itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing

import psycopg2
import pytest

from dbops.catalog import postgres as reader
from dbops.catalog import rewriting
from dbops.catalog.model import Schema, Table
from dbops.sql import parser
from tests.dbops.conftest import Postgres

BASE = (
    "CREATE TYPE mood AS ENUM ('sad', 'ok')",
    "CREATE TABLE lots (id int PRIMARY KEY)",
    "CREATE TABLE t (id int NOT NULL, name varchar(40), note text, price numeric(10,2), n int,"
    " at timestamp(3), feel mood, CONSTRAINT named CHECK (id > 0))",
    "CREATE INDEX t_name ON t (name)",
    "INSERT INTO lots SELECT generate_series(1, 50)",
    "INSERT INTO t SELECT i, 'x', 'y', 1, i, now(), 'ok' FROM generate_series(1, 50) i",
)
FILES = "SELECT relfilenode FROM pg_class WHERE oid = 't'::regclass"
READ = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 't'"


@pytest.mark.parametrize(("sql", "way"), [
    ("ALTER TABLE t ADD fax text", "instant"),
    ("ALTER TABLE t ADD fax text NOT NULL DEFAULT 'none'", "instant"),
    ("ALTER TABLE t ADD fax text[]", "instant"),
    ("ALTER TABLE t ADD made timestamptz NOT NULL DEFAULT now()", "instant"),
    ("ALTER TABLE t ADD made timestamp(3) DEFAULT CURRENT_TIMESTAMP", "instant"),
    ("ALTER TABLE t ADD token uuid DEFAULT gen_random_uuid()", "rewrite"),
    ("ALTER TABLE t ADD number serial", "rewrite"),
    ("ALTER TABLE t ADD number int CHECK (number > 0)", "scan"),
    ("ALTER TABLE t ADD code text UNIQUE", "scan"),
    ("ALTER TABLE t DROP COLUMN note", "instant"),
    ("ALTER TABLE t RENAME COLUMN note TO words", "instant"),
    ("ALTER TABLE t ALTER COLUMN n SET DEFAULT 3", "instant"),
    ("ALTER TABLE t ALTER COLUMN n SET NOT NULL", "scan"),
    ("ALTER TABLE t ALTER COLUMN id DROP NOT NULL", "instant"),
    ("ALTER TABLE t ALTER COLUMN name TYPE varchar(80)", "instant"),
    ("ALTER TABLE t ALTER COLUMN name TYPE text", "instant"),
    ("ALTER TABLE t ALTER COLUMN name TYPE varchar(20)", "rewrite"),
    ("ALTER TABLE t ALTER COLUMN note TYPE varchar(20)", "rewrite"),
    ("ALTER TABLE t ALTER COLUMN n SET DATA TYPE bigint", "rewrite"),
    ("ALTER TABLE t ALTER COLUMN n TYPE text USING n::text", "rewrite"),
    ("ALTER TABLE t ALTER COLUMN price TYPE numeric(12,2)", "instant"),
    ("ALTER TABLE t ALTER COLUMN price TYPE numeric(12,3)", "rewrite"),
    ("ALTER TABLE t ALTER COLUMN at TYPE timestamp(6)", "instant"),
    ("ALTER TABLE t ALTER COLUMN at TYPE timestamp(0)", "rewrite"),
    ("ALTER TABLE t ADD CONSTRAINT named_2 CHECK (n > 0)", "scan"),
    ("ALTER TABLE t ADD CONSTRAINT named_2 CHECK (n > 0) NOT VALID", "instant"),
    ("ALTER TABLE t DROP CONSTRAINT named", "instant"),
    ("ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES lots (id)", "scan"),
    ("ALTER TABLE t ADD PRIMARY KEY (id)", "scan"),
    ("CREATE INDEX t_n ON t (n)", "scan"),
    ("ALTER TABLE t RENAME TO tt", "instant"),
    ("ALTER TABLE t ADD fax text, ALTER COLUMN n TYPE bigint", "rewrite"),
    ("ALTER TABLE t ADD again mood", "needs review"),
    ("ALTER TABLE t ALTER COLUMN feel TYPE text USING feel::text", "needs review"),
    ("ALTER TABLE t ALTER COLUMN at TYPE timestamptz", "needs review"),
    ("ALTER TABLE t ADD word text DEFAULT somebodys_function()", "needs review"),
    ("ALTER TABLE t CLUSTER ON t_name", "needs review"),
])  # fmt: skip
def test_it_says_what_postgresql_does(
    postgres: Postgres, pg_database: str, sql: str, way: str
) -> None:
    postgres.run(*BASE, database=pg_database)
    one = psycopg2.connect(postgres.url(pg_database))
    with closing(one), one.cursor() as cursor:

        def asked(question: str) -> list[tuple[object, ...]]:
            cursor.execute(question)
            return cursor.fetchall()

        live = Session(cursor).schema()
        ((said, evidence),) = rewriting.ways(live, [parser.read(sql, "postgres")])
        assert said == way, evidence
        if way == "needs review":
            return
        before = asked(FILES)
        cursor.execute(sql)
        name = "tt" if "tt" in sql else "t"
        assert (asked(FILES.replace("'t'", f"'{name}'")) != before) is (way == "rewrite")
        if way != "rewrite":
            read = asked(READ.replace("'t'", f"'{name}'"))
            assert (bool(read) and read[0][0] != 0) is (way == "scan")


class Session:
    """What the catalog reader asks for."""

    dialect = "postgres"

    def __init__(self, cursor: psycopg2.extensions.cursor) -> None:
        self._cursor = cursor

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[tuple[object, ...]]:
        self._cursor.execute(sql, params)
        return self._cursor.fetchall()

    def version(self) -> str:
        return f"{self._cursor.connection.server_version // 10000}.0"

    def names(self, schema: str) -> dict[str, frozenset[str]]:
        return {}

    def close(self) -> None: ...

    def schema(self) -> Schema:
        return reader.read(self, "public")


def test_it_counts_the_types_that_earlier_statements_left(
    postgres: Postgres, pg_database: str
) -> None:
    postgres.run(*BASE, database=pg_database)
    one = psycopg2.connect(postgres.url(pg_database))
    with closing(one), one.cursor() as cursor:
        live = Session(cursor).schema()
    texts = ("ALTER TABLE t ALTER n TYPE bigint", "ALTER TABLE t ALTER n TYPE bigint")
    found = rewriting.ways(live, [parser.read(text, "postgres") for text in texts])
    assert [way for way, _ in found] == ["rewrite", "instant"]
    old = Schema(live.name, live.dialect, live.tables, "10.23")
    (way, why) = rewriting.ways(
        old, [parser.read("ALTER TABLE t ADD a int DEFAULT 1", "postgres")]
    )[0]
    assert (way, why) == ("rewrite", "before PostgreSQL 11")


SQLITE = Schema("main", "sqlite", {"t": Table("t", {})})
COPY = """CREATE TABLE __new_t (id int, name text NOT NULL);
INSERT INTO __new_t (id, name) SELECT id, name FROM t;
DROP TABLE t;
ALTER TABLE __new_t RENAME TO t;
CREATE INDEX t_name ON t (name)"""


@pytest.mark.parametrize(("sql", "way"), [
    ("ALTER TABLE t ADD COLUMN fax text", "instant"),
    ("ALTER TABLE t ADD COLUMN fax text NOT NULL DEFAULT ''", "instant"),
    ("ALTER TABLE t ADD COLUMN fax int CHECK (fax > 0)", "scan"),
    ("ALTER TABLE t RENAME COLUMN name TO title", "instant"),
    ("ALTER TABLE t RENAME TO tt", "instant"),
    ("ALTER TABLE t DROP COLUMN name", "rebuild"),
    ("CREATE INDEX t_name ON t (name)", "scan"),
    ("ALTER TABLE t ADD COLUMN fax text UNIQUE", "refused"),
    ("ALTER TABLE t ADD COLUMN at text DEFAULT CURRENT_TIMESTAMP", "refused"),
    ("ALTER TABLE t ADD COLUMN at text DEFAULT (random())", "refused"),
    ("ALTER TABLE t ADD COLUMN at text NOT NULL", "refused"),
])  # fmt: skip
def test_it_says_what_sqlite_does(sql: str, way: str) -> None:
    ((said, evidence),) = rewriting.ways(SQLITE, [parser.read(sql, "sqlite")])
    assert said == {"refused": "needs review"}.get(way, way), evidence
    with closing(sqlite3.connect(":memory:")) as one:
        one.execute("CREATE TABLE t (id int, name text)")
        one.execute("INSERT INTO t VALUES (1, 'a')")
        if way == "refused":
            with pytest.raises(sqlite3.OperationalError):
                one.execute(sql)
        else:
            one.execute(sql)


def test_it_sees_a_table_copied_under_its_own_name() -> None:
    statements = [parser.read(text, "sqlite") for text in COPY.split(";\n")]
    assert [way for way, _ in rewriting.ways(SQLITE, statements)][1] == "rebuild"
    assert rewriting.copied(SQLITE, statements) == {1: "t"}
    assert rewriting.copied(SQLITE, statements[:3]) == {}, "without the rename it is no copy"
