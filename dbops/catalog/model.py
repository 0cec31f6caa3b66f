"""The canonical model of a schema: plain values, the same for every engine, one fingerprint.

Readers fill it, normalise.py removes what only spelling or server makes different, drift.py
compares two of them. Columns, parts and indexes come by the thousand, so they are named tuples:
made and compared four times as fast as frozen dataclasses.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

NORMALISER = "3"  # raise when a rule changes: old snapshots are then normalised again


class Column(NamedTuple):
    """One column. `default` and `generated` are SQL text; None and "" mean there is none."""

    name: str
    type: str
    nullable: bool = True
    position: int = 0
    default: str | None = None
    on_update: str = ""
    generated: str = ""
    charset: str = ""
    collation: str = ""
    comment: str = ""
    auto_increment: bool = False


class Part(NamedTuple):
    """One part of an index: a column (or "(expression)"), a prefix length, its direction."""

    column: str
    prefix: int | None = None
    desc: bool = False


class Index(NamedTuple):
    """One index; the primary key is called PRIMARY on every engine."""

    name: str
    unique: bool
    parts: tuple[Part, ...]
    type: str = "btree"
    where: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its parts in order."""
        return tuple(part.column for part in self.parts)


class ForeignKey(NamedTuple):
    """One foreign key."""

    name: str
    columns: tuple[str, ...]
    table: str
    references: tuple[str, ...]


class Check(NamedTuple):
    """One check constraint."""

    name: str
    clause: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table or view."""

    name: str
    columns: Mapping[str, Column]
    indexes: Mapping[str, Index] = field(default_factory=dict)
    foreign_keys: Mapping[str, ForeignKey] = field(default_factory=dict)
    checks: Mapping[str, Check] = field(default_factory=dict)
    kind: str = "table"
    engine: str = ""
    collation: str = ""
    comment: str = ""

    @property
    def primary_key(self) -> tuple[str, ...]:
        """Its columns; empty without one."""
        found = self.indexes.get(PRIMARY)
        return found.columns if found else ()


PRIMARY = "PRIMARY"


@dataclass(frozen=True, slots=True)
class Schema:
    """One schema as read. `collation` is its own default; `ledger` says whether one was there."""

    name: str
    dialect: str  # mysql | postgres | sqlite
    tables: Mapping[str, Table]
    version: str = ""
    collation: str = ""

    @property
    def counts(self) -> tuple[int, int, int]:
        """Tables, columns, indexes."""
        tables = self.tables.values()
        return (
            len(self.tables),
            sum(len(table.columns) for table in tables),
            sum(len(table.indexes) for table in tables),
        )


class Outdated(Exception):
    """A stored schema of another normaliser: its spelling cannot be held against today's."""


def as_json(schema: Schema) -> dict[str, Any]:
    """Everything but the schema's own name: two schemas of one structure give the same.

    Tables are lists in field order: a third of the time to write and to read.
    """
    return {
        "dialect": schema.dialect,
        "version": schema.version,
        "collation": schema.collation,
        "normaliser": NORMALISER,
        "tables": [_row(schema.tables[name]) for name in sorted(schema.tables)],
    }


def _row(table: Table) -> list[Any]:
    """Columns in their order, everything else by name: only the order of columns is structure."""
    named = (table.indexes, table.foreign_keys, table.checks)
    lists = [[one[name] for name in sorted(one)] for one in named]
    about = (table.kind, table.engine, table.collation, table.comment)
    return [table.name, list(table.columns.values()), *lists, *about]


def from_json(name: str, stored: Mapping[str, Any]) -> Schema:
    """The inverse of as_json. Raises Outdated."""
    if stored["normaliser"] != NORMALISER:
        raise Outdated
    tables = {row[0]: _table(*row) for row in stored["tables"]}
    return Schema(name, stored["dialect"], tables, stored["version"], stored["collation"])


def _table(
    name: str,
    columns: list[Any],
    indexes: list[Any],
    foreign_keys: list[Any],
    checks: list[Any],
    *about: str,
) -> Table:
    return Table(
        name,
        {row[0]: Column(*row) for row in columns},
        {
            row[0]: Index(row[0], row[1], tuple(Part(*part) for part in row[2]), *row[3:])
            for row in indexes
        },
        {row[0]: ForeignKey(row[0], tuple(row[1]), row[2], tuple(row[3])) for row in foreign_keys},
        {row[0]: Check(*row) for row in checks},
        *about,
    )


def fingerprint(schema: Schema) -> str:
    """sha256 hex of the structure: name, version and server defaults do not matter."""
    text = json.dumps(as_json(schema)["tables"], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
