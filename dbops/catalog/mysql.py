"""MySQL, MariaDB and Vitess: one schema in four queries, joined here.

Always `table_schema = %s`, never IN: Vitess then returns some or no rows without an error. On
Vitess the schema named in the result differs from the one asked for, so it is not looked at.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import Any

from dbops.catalog import normalise
from dbops.catalog.model import Check, Column, ForeignKey, Index, Part, Schema, Table
from dbops.probes.sessions import Row, Session

TABLES = (
    "SELECT table_name, table_type, engine, table_collation, table_comment, @@collation_database"
    " FROM information_schema.tables WHERE table_schema = %s"
)
COLUMNS = (
    "SELECT table_name, column_name, ordinal_position, column_type, is_nullable, column_default,"
    " extra, character_set_name, collation_name, column_comment, generation_expression"
    " FROM information_schema.columns WHERE table_schema = %s"
    " ORDER BY table_name, ordinal_position"
)
INDEXES = (
    "SELECT table_name, index_name, non_unique, seq_in_index, column_name, sub_part, collation,"
    " index_type FROM information_schema.statistics WHERE table_schema = %s"
    " ORDER BY table_name, index_name, seq_in_index"
)
KEYS = (
    "SELECT 'f', table_name, constraint_name, column_name, referenced_table_name,"
    " referenced_column_name, ordinal_position FROM information_schema.key_column_usage"
    " WHERE table_schema = %s AND referenced_table_name IS NOT NULL"
)
# Only MariaDB's check_constraints names the table.
CHECKS = (
    " UNION ALL SELECT 'c', table_name, constraint_name, check_clause, '', '', 0"
    " FROM information_schema.check_constraints WHERE constraint_schema = %s"
)
QUERIES = (TABLES, COLUMNS, INDEXES, KEYS)
KINDS = {"BASE TABLE": "table", "SYSTEM VERSIONED": "table", "VIEW": "view"}


def read(session: Session, schema: str) -> Schema:
    """One schema in the canonical model. Raises Away."""
    version = str(getattr(session, "version", lambda: "")())
    tables = session.rows(TABLES, (schema,))
    columns = session.rows(COLUMNS, (schema,))
    indexes = session.rows(INDEXES, (schema,))
    mariadb = "mariadb" in version.lower()
    keys = session.rows(
        KEYS + CHECKS if mariadb else KEYS, (schema, schema) if mariadb else (schema,)
    )
    return assembled(schema, version, (tables, columns, indexes, keys))


def assembled(schema: str, version: str, found: tuple[list[Row], ...]) -> Schema:
    """The model of four answers. Pure."""
    tables, columns, indexes, keys = found
    foreign, checks, json_checked = _constraints(keys)
    by_table = _columns(columns, json_checked)
    by_index = _indexes(indexes)
    made = {}
    collation = ""
    for name, kind, engine, table_collation, comment, default in tables:
        table = text(name)
        collation = normalise.utf8_name(text(default))
        if normalise.ignored(table) or table not in by_table:
            continue
        made[table] = Table(
            name=table,
            kind=KINDS.get(text(kind), "other"),
            engine=text(engine).lower(),
            collation=normalise.utf8_name(text(table_collation)),
            comment=text(comment) if text(kind) != "VIEW" else "",
            columns=by_table[table],
            indexes=by_index.get(table, {}),
            foreign_keys=foreign.get(table, {}),
            checks=checks.get(table, {}),
        )
    return Schema(schema, "mysql", made, version, collation)


def text(value: Any) -> str:
    """The text of a column of information_schema; some servers answer bytes."""
    if value is None:
        return ""
    return value.decode() if isinstance(value, bytes) else str(value)


def _texts(rows: list[Row]) -> list[Row]:
    """Rows whose bytes are text; most servers answer text already."""
    if not rows or not any(isinstance(value, bytes) for value in rows[0]):
        return rows
    return [tuple(text(v) if isinstance(v, bytes) else v for v in row) for row in rows]


def _columns(rows: list[Row], json_checked: dict[str, set[str]]) -> dict[str, dict[str, Column]]:
    found: dict[str, dict[str, Column]] = defaultdict(dict)
    for row in _texts(rows):
        table, name = row[0], row[1]
        found[table][name] = _column(row[1:], is_json=name in json_checked[table])
    return found


# The next look at the same schema gives the same rows: the same values then, neither made nor
# compared again (equal dictionaries of identical values are found equal at once).
@lru_cache(maxsize=16_384)
def _column(row: Row, *, is_json: bool) -> Column:
    name, position, *said, comment, made = row
    kind, null, default, update, charset, collation, counts = _meaning(*said, is_json=is_json)
    generated = normalise.expression(made) if made else ""
    about = (default, update, generated, charset, collation, comment or "", counts)
    return Column(name, kind, null, int(position), *about)


@lru_cache(maxsize=4096)
def _meaning(
    raw_kind: str,
    nullable: str,
    raw_default: str | None,
    extra: str | None,
    charset: str | None,
    collation: str | None,
    *,
    is_json: bool,
) -> tuple[str, bool, str | None, str, str, str, bool]:
    """Type, nullability, default, on update, charset, collation, auto increment.

    A keyspace repeats few combinations over hundreds of columns.
    """
    checked = {raw_kind} if is_json else set()
    kind = normalise.json_column(normalise.integer_width(raw_kind), raw_kind, checked)
    said, plain = extra or "", kind == "json"
    may_be_null = nullable == "YES"
    default = normalise.default_value(
        raw_default, kind, generated="DEFAULT_GENERATED" in said, nullable=may_be_null
    )
    return (
        kind,
        may_be_null,
        default,
        normalise.on_update(said) if said else "",
        "" if plain else normalise.utf8_name(charset),
        "" if plain else normalise.utf8_name(collation),
        "auto_increment" in said,
    )


def _indexes(rows: list[Row]) -> dict[str, dict[str, Index]]:
    held: dict[str, dict[str, list[Row]]] = defaultdict(dict)
    for row in _texts(rows):
        held[row[0]].setdefault(row[1], []).append(row[1:])
    return {
        table: {name: _index(tuple(parts)) for name, parts in indexes.items()}
        for table, indexes in held.items()
    }


@lru_cache(maxsize=8_192)
def _index(rows: tuple[Row, ...]) -> Index:
    """One index of its parts' rows, in order."""
    name, non_unique, *_, kind = rows[0]
    parts = [
        Part(column or "(expression)", None if prefix is None else int(prefix), direction == "D")
        for _, _, _, column, prefix, direction, _ in rows
    ]
    return Index(name, int(non_unique) == 0, tuple(parts), kind.lower())


def _constraints(
    rows: list[Row],
) -> tuple[dict[str, dict[str, ForeignKey]], dict[str, dict[str, Check]], dict[str, set[str]]]:
    foreign: dict[str, dict[str, ForeignKey]] = defaultdict(dict)
    checks: dict[str, dict[str, Check]] = defaultdict(dict)
    json_checked: dict[str, set[str]] = defaultdict(set)
    for row in sorted(rows, key=lambda row: int(row[6])):
        kind, table, name, column, other, other_column = (text(value) for value in row[:6])
        if kind == "c":
            if json := normalise.json_check(column):
                json_checked[table].add(json)
            else:
                checks[table][name] = Check(name, normalise.expression(column))
            continue
        known = foreign[table].get(name, ForeignKey(name, (), other, ()))
        foreign[table][name] = ForeignKey(
            name, (*known.columns, column), known.table, (*known.references, other_column)
        )
    return foreign, checks, json_checked
