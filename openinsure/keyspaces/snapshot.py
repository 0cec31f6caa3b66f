"""Drizzle 0.x snapshots (`meta/NNNN_snapshot.json`): tables as plain values, read and written.

Pure: no Django, no database. A snapshot states what the schema is after its migration; `prevId`
chains it to the one before. The format is version 5 of drizzle-kit 0.31 for MySQL, which
`drizzle-kit check` accepts. Column types carry their character set, as Drizzle's customType does,
because an id of another collation compares differently.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

ORIGIN = "00000000-0000-0000-0000-000000000000"
NOW = "CURRENT_TIMESTAMP(3)"


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column. `default` is SQL text (`0`, `''`, `CURRENT_TIMESTAMP(3)`) or None for none."""

    name: str
    type: str
    nullable: bool
    default: str | None = None
    on_update: bool = False

    def sql(self) -> str:
        """The definition as it stands in CREATE TABLE and ALTER TABLE ... ADD."""
        parts = [f"`{self.name}` {self.type}", "NULL" if self.nullable else "NOT NULL"]
        if self.default is not None:
            parts.append(f"DEFAULT {self.default}")
        if self.on_update:
            parts.append(f"ON UPDATE {NOW}")
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class KeySpec:
    """One secondary index."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table: columns in order, primary key, secondary indexes."""

    name: str
    columns: tuple[ColumnSpec, ...]
    primary_key: tuple[str, ...]
    keys: tuple[KeySpec, ...] = ()


def build(tables: Iterable[TableSpec], *, snapshot_id: str, previous_id: str) -> dict[str, Any]:
    """The snapshot of these tables. `previous_id` of the first one is ORIGIN."""
    return {
        "version": "5",
        "dialect": "mysql",
        "id": snapshot_id,
        "prevId": previous_id,
        "tables": {table.name: _table(table) for table in sorted(tables, key=lambda t: t.name)},
        "views": {},
        "_meta": {"schemas": {}, "tables": {}, "columns": {}},
        "internal": {"tables": {}, "indexes": {}},
    }


def _table(table: TableSpec) -> dict[str, Any]:
    key_name = f"{table.name}_{'_'.join(table.primary_key)}"
    return {
        "name": table.name,
        "columns": {column.name: _column(column) for column in table.columns},
        "indexes": {
            key.name: {"name": key.name, "columns": list(key.columns), "isUnique": key.unique}
            for key in table.keys
        },
        "foreignKeys": {},
        # Drizzle writes even a one-column key here and leaves the column's own mark false.
        "compositePrimaryKeys": {key_name: {"name": key_name, "columns": list(table.primary_key)}},
        "uniqueConstraints": {},
        "checkConstraint": {},
    }


def _column(column: ColumnSpec) -> dict[str, Any]:
    written: dict[str, Any] = {
        "name": column.name,
        "type": column.type,
        "primaryKey": False,
        "notNull": not column.nullable,
        "autoincrement": False,
    }
    if column.on_update:
        written["onUpdate"] = True
    if column.default is not None:
        text = column.default
        written["default"] = int(text) if text.lstrip("-").isdigit() else text
    return written


def tables_in(snapshot: dict[str, Any]) -> dict[str, TableSpec]:
    """The tables of a snapshot by name: the inverse of `build`."""
    return {
        name: TableSpec(
            name=name,
            columns=tuple(_column_spec(column) for column in table["columns"].values()),
            primary_key=_primary_key(table),
            keys=tuple(
                KeySpec(key["name"], tuple(key["columns"]), bool(key["isUnique"]))
                for key in table["indexes"].values()
            ),
        )
        for name, table in snapshot["tables"].items()
    }


def _primary_key(table: dict[str, Any]) -> tuple[str, ...]:
    for key in table["compositePrimaryKeys"].values():
        return tuple(key["columns"])
    return tuple(name for name, column in table["columns"].items() if column["primaryKey"])


def _column_spec(column: dict[str, Any]) -> ColumnSpec:
    default = column.get("default")
    return ColumnSpec(
        name=column["name"],
        type=column["type"],
        nullable=not column["notNull"],
        default=None if default is None else str(default),
        on_update=bool(column.get("onUpdate")),
    )


def dumps(snapshot: dict[str, Any]) -> str:
    """The file's text: one line per column and index, LF, the same for the same snapshot."""
    return _written(snapshot, 0) + "\n"


def _written(value: Any, depth: int) -> str:
    if not isinstance(value, dict) or not value or not _holds_objects(value):
        return json.dumps(value, ensure_ascii=False)
    inner = "  " * (depth + 1)
    lines = [
        f"{inner}{json.dumps(key)}: {_written(item, depth + 1)}" for key, item in value.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n" + "  " * depth + "}"


def _holds_objects(value: dict[str, Any]) -> bool:
    return any(isinstance(item, dict) for item in value.values())
