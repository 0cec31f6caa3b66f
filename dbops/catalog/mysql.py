"""MySQL, MariaDB and Vitess: one schema in four queries, joined here.

Always `table_schema = %s`, never IN: Vitess then returns some or no rows without an error. On
Vitess the schema named in the result differs from the one asked for, so it is not looked at.
"""

from __future__ import annotations

from collections import defaultdict
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


def _columns(rows: list[Row], json_checked: dict[str, set[str]]) -> dict[str, dict[str, Column]]:
    found: dict[str, dict[str, Column]] = defaultdict(dict)
    for row in rows:
        table, column = text(row[0]), _column(row, json_checked.get(text(row[0]), set()))
        found[table][column.name] = column
    return found


def _column(row: Row, json_checked: set[str]) -> Column:
    _, name, position, raw_kind, nullable, default, extra, charset, collation, comment, made = row
    name, extra = text(name), text(extra)
    kind = normalise.json_column(normalise.integer_width(text(raw_kind)), name, json_checked)
    is_json = kind == "json"
    may_be_null = text(nullable) == "YES"
    return Column(
        name=name,
        type=kind,
        nullable=may_be_null,
        position=int(position),
        default=normalise.default_value(
            None if default is None else text(default),
            kind,
            generated="DEFAULT_GENERATED" in extra,
            nullable=may_be_null,
        ),
        on_update=normalise.on_update(extra) if extra else "",
        generated=normalise.expression(text(made)) if made else "",
        charset="" if is_json else normalise.utf8_name(text(charset)),
        collation="" if is_json else normalise.utf8_name(text(collation)),
        comment=text(comment),
        auto_increment="auto_increment" in extra,
    )


def _indexes(rows: list[Row]) -> dict[str, dict[str, Index]]:
    held: dict[tuple[str, str], tuple[bool, str, list[Part]]] = {}
    for table, name, non_unique, _, column, prefix, direction, kind in rows:
        at = (text(table), text(name))
        if at not in held:
            held[at] = (int(non_unique) == 0, text(kind).lower(), [])
        said = text(column) or "(expression)"
        held[at][2].append(Part(said, None if prefix is None else int(prefix), direction == "D"))
    found: dict[str, dict[str, Index]] = defaultdict(dict)
    for (table, name), (unique, kind, parts) in held.items():
        found[table][name] = Index(name, unique, tuple(parts), kind)
    return found


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
