"""Schemas of these tests' own, and what information_schema says about them as TableSpec."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import MySQLdb

from openinsure import environment
from openinsure.dsn import Dsn
from openinsure.keyspaces.ids import new_id
from openinsure.keyspaces.snapshot import ColumnSpec, KeySpec, TableSpec

ASCII_ID = "char(36) CHARACTER SET ascii COLLATE ascii_bin"
INTEGER_WIDTH = re.compile(r"^((?:small|medium|big)?int)\(\d+\)")
COLUMNS = """
    SELECT table_name, column_name, column_type, is_nullable, column_default, extra, collation_name
    FROM information_schema.columns WHERE table_schema = %s ORDER BY table_name, ordinal_position
"""
KEYS = """
    SELECT table_name, index_name, non_unique, column_name FROM information_schema.statistics
    WHERE table_schema = %s ORDER BY table_name, index_name, seq_in_index
"""
JSON_CHECKS = """
    SELECT table_name, constraint_name FROM information_schema.check_constraints
    WHERE constraint_schema = %s AND check_clause LIKE 'json_valid%%'
"""


def address(schema: str) -> Dsn:
    """The suite's MariaDB, one schema of it."""
    variable = "DATABASE_URL_OI_GLOBAL"
    return Dsn.parse(environment.required(variable), variable)._replace(database=schema)


@contextmanager
def cursor_on(schema: str) -> Iterator[Any]:
    """A driver cursor: these tests look at the server past Django and guard."""
    dsn = address(schema)
    connection = MySQLdb.connect(
        host=dsn.host, port=dsn.port, user=dsn.user, passwd=dsn.password, db=schema,
        charset="utf8mb4", autocommit=True,
    )  # fmt: skip
    with closing(connection), closing(connection.cursor()) as cursor:
        yield cursor


@contextmanager
def fresh_schema(label: str) -> Iterator[str]:
    """An empty schema that nobody else uses, dropped afterwards."""
    name = f"test_{label}_{new_id()[-12:]}"
    with cursor_on("information_schema") as cursor:
        cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        try:
            yield name
        finally:
            cursor.execute(f"DROP DATABASE `{name}`")


def rows(schema: str, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """All rows of one statement."""
    with cursor_on(schema) as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def read_tables(schema: str) -> dict[str, TableSpec]:
    """The schema's tables without the ledger."""
    mariadb = "MariaDB" in rows(schema, "SELECT VERSION()")[0][0]
    # MariaDB's json is longtext with a check; MySQL has the type, and no such column there.
    json_columns = set(rows(schema, JSON_CHECKS, schema)) if mariadb else set()
    columns: dict[str, list[ColumnSpec]] = defaultdict(list)
    for table, *facts in rows(schema, COLUMNS, schema):
        columns[table].append(_column(facts, is_json=(table, facts[0]) in json_columns))
    parts: dict[tuple[str, str, bool], list[str]] = defaultdict(list)
    for table, index, non_unique, column in rows(schema, KEYS, schema):
        parts[table, index, not int(non_unique)].append(column)
    return {
        table: TableSpec(
            name=table,
            columns=tuple(found),
            primary_key=tuple(parts[table, "PRIMARY", True]),
            keys=tuple(
                KeySpec(index, tuple(names), unique)
                for (of, index, unique), names in parts.items()
                if of == table and index != "PRIMARY"
            ),
        )
        for table, found in columns.items()
        if not table.startswith("__")
    }


def _column(facts: list[Any], *, is_json: bool) -> ColumnSpec:
    name, kind, nullable, default, extra, collation = facts
    kind = INTEGER_WIDTH.sub(r"\1", kind)
    if is_json and kind == "longtext":
        kind = "json"
    if collation == "ascii_bin":
        kind = f"{kind} CHARACTER SET ascii COLLATE ascii_bin"
    return ColumnSpec(
        name=name,
        type=kind,
        nullable=nullable == "YES",
        default=_default(default),
        on_update="on update current_timestamp(3)" in extra.lower(),
    )


def _default(text: str | None) -> str | None:
    """MariaDB spells "no default" of a nullable column NULL and quotes strings; MySQL neither."""
    if text is None or text == "NULL":
        return None
    if text == "":
        return "''"
    if re.fullmatch(r"0\.0+", text):
        return "0"
    return text.upper() if text.lower().startswith("current_timestamp") else text
