"""Seventeen changes that somebody makes by hand on a live keyspace, chosen for any schema.

Each takes a table of its own, so that all can stand together. Definitions come from the server's
SHOW CREATE TABLE, not from the console's own DDL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dbops.catalog.model import PRIMARY, Column, Index, Schema, Table
from tests.dbops.conftest import MySql

NAMES = (
    *("column added", "column dropped", "type", "nullability", "default", "on update removed"),
    *("index missing", "index extra", "index renamed", "index reordered", "collation convert"),
    *("foreign key", "table extra", "table missing", "column moved", "comment", "engine"),
)
HELD = "_oi_hold_1"  # where the missing table waits: no part of anybody's schema


@dataclass(frozen=True)
class Edit:
    """A change, what must be said about it, and its undoing where the finding's fix is none."""

    do: str
    kind: str
    severity: str
    object: str
    undo: str = ""


class Editor:
    """Chooses an untouched table for each edit of one schema."""

    def __init__(self, mysql: MySql, schema: str, live: Schema) -> None:
        self._mysql, self._schema = mysql, schema
        self._free = [
            live.tables[name]
            for name in sorted(live.tables)
            if live.tables[name].primary_key == ("org_id", "id")
        ]

    def table(self, fits: Callable[[Table], bool] = bool) -> Table:
        """The next table that fits; nobody else gets it."""
        found = next(table for table in self._free if fits(table))
        self._free.remove(found)
        return found

    def column(self, fits: Callable[[Column], bool]) -> tuple[str, str, str]:
        """Table, column and the column's definition; the column is in no index."""

        def free(table: Table) -> Iterator[str]:
            held = {name for index in table.indexes.values() for name in index.columns}
            return (
                one.name for one in table.columns.values() if one.name not in held and fits(one)
            )

        table = self.table(lambda one: next(free(one), None) is not None)
        column = next(free(table))
        return table.name, column, self._definition(table.name, column)

    def index(self, parts: int = 1) -> tuple[str, Index]:
        """Table and an ordinary index of at least so many parts."""

        def plain(table: Table) -> Iterator[Index]:
            return (
                one
                for one in table.indexes.values()
                if one.name != PRIMARY and not one.unique and len(one.parts) >= parts
            )

        table = self.table(lambda one: next(plain(one), None) is not None)
        return table.name, next(plain(table))

    def _definition(self, table: str, column: str) -> str:
        ((_, text),) = self._mysql.run(f"SHOW CREATE TABLE {table}", schema=self._schema)
        found = re.search(rf"^\s*`{column}` (.*?),?$", text, re.M)
        assert found, (table, column)
        return found[1]


def edits_of(mysql: MySql, schema: str, live: Schema) -> dict[str, Edit]:
    """The seventeen, by name."""
    editor = Editor(mysql, schema, live)
    made = {**_columns(editor), **_indexes(editor), **_tables(editor)}
    return {name: made[name] for name in NAMES}


def _columns(editor: Editor) -> dict[str, Edit]:
    def changed(name: str, column: tuple[str, str, str], old: str, new: str, kind: str) -> Edit:
        table, named, definition = column
        assert re.search(old, definition), (name, definition)
        altered = re.sub(old, new, definition, count=1)
        severity = "medium" if kind == "on_update_changed" else "high"
        do = f"ALTER TABLE {table} MODIFY {named} {altered}"
        return Edit(do, kind, severity, f"{table}.{named}")

    def required(one: Column) -> bool:
        return one.type.startswith("varchar") and not one.nullable and one.default is None

    added = editor.table().name
    dropped, lost, _ = editor.column(lambda one: one.nullable)
    moved, first, definition = editor.column(lambda one: one.position > 3)
    return {
        "column added": Edit(
            f"ALTER TABLE {added} ADD COLUMN hotfix_note varchar(40)",
            "column_extra", "medium", f"{added}.hotfix_note"),
        "column dropped": Edit(
            f"ALTER TABLE {dropped} DROP COLUMN {lost}",
            "column_missing", "critical", f"{dropped}.{lost}"),
        "type": changed(
            "type", editor.column(required), r"varchar\(\d+\)", "varchar(7)",
            "column_type_narrowed"),
        "nullability": changed(
            "nullability", editor.column(required), "NOT NULL", "NULL", "nullability_changed"),
        "default": changed(
            "default", editor.column(lambda one: one.default == "0"), r"DEFAULT '?0'?", "DEFAULT 7",
            "default_changed"),
        "on update removed": changed(
            "on update", editor.column(lambda one: one.on_update != ""), " ON UPDATE .*", "",
            "on_update_changed"),
        "column moved": Edit(
            f"ALTER TABLE {moved} MODIFY {first} {definition} FIRST",
            "column_order", "low", f"{moved}.{first}"),
    }  # fmt: skip


def _indexes(editor: Editor) -> dict[str, Edit]:
    missing, lost = editor.index()
    extra, column, _ = editor.column(lambda one: one.type.startswith("varchar"))
    renamed, old = editor.index()
    table, turned = editor.index(parts=2)
    back = ", ".join(reversed(turned.columns))
    return {
        "index missing": Edit(
            f"DROP INDEX {lost.name} ON {missing}",
            "index_missing", "high", f"{missing}.{lost.name}"),
        "index extra": Edit(
            f"CREATE INDEX hotfix ON {extra} ({column})",
            "index_extra", "medium", f"{extra}.hotfix"),
        "index renamed": Edit(
            f"ALTER TABLE {renamed} RENAME INDEX {old.name} TO by_hand",
            "index_renamed", "low", f"{renamed}.{old.name}"),
        "index reordered": Edit(
            f"ALTER TABLE {table} DROP INDEX {turned.name}, ADD INDEX {turned.name} ({back})",
            "index_changed", "medium", f"{table}.{turned.name}"),
    }  # fmt: skip


def _tables(editor: Editor) -> dict[str, Edit]:
    converted, missing, commented, moved = (editor.table().name for _ in range(4))
    child, parent = editor.table().name, editor.table().name
    return {
        "collation convert": Edit(
            f"ALTER TABLE {converted} CONVERT TO CHARACTER SET utf8mb4"
            " COLLATE utf8mb4_unicode_520_ci",
            "collation_changed", "high", converted),
        "foreign key": Edit(
            f"ALTER TABLE {child} ADD CONSTRAINT fk_hotfix FOREIGN KEY (org_id, id)"
            f" REFERENCES {parent} (org_id, id)",
            "foreign_key_present", "high", f"{child}.fk_hotfix"),
        "table extra": Edit(
            "CREATE TABLE hotfix_backup (id int)", "table_extra", "medium", "hotfix_backup"),
        "table missing": Edit(
            f"RENAME TABLE {missing} TO {HELD}", "table_missing", "critical", missing,
            undo=f"RENAME TABLE {HELD} TO {missing}"),
        "comment": Edit(
            f"ALTER TABLE {commented} COMMENT 'do not touch'",
            "comment_changed", "low", commented),
        "engine": Edit(
            f"ALTER TABLE {moved} ENGINE=MyISAM", "engine_changed", "medium", moved),
    }  # fmt: skip
