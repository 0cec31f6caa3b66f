"""The canonical model of a schema: plain values, the same for every engine, one fingerprint.

Readers fill it, normalise.py removes what only spelling or server makes different, drift.py
compares two of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

NORMALISER = "1"  # raise when a rule changes: old snapshots are then normalised again


@dataclass(frozen=True, slots=True)
class Column:
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


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an index: a column (or "(expression)"), a prefix length, its direction."""

    column: str
    prefix: int | None = None
    desc: bool = False


@dataclass(frozen=True, slots=True)
class Index:
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


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """One foreign key."""

    name: str
    columns: tuple[str, ...]
    table: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
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


def as_json(schema: Schema) -> dict[str, Any]:
    """Everything but the schema's own name: two schemas of one structure give the same."""
    return {
        "dialect": schema.dialect,
        "version": schema.version,
        "collation": schema.collation,
        "normaliser": NORMALISER,
        "tables": {name: asdict(schema.tables[name]) for name in sorted(schema.tables)},
    }


def from_json(name: str, stored: Mapping[str, Any]) -> Schema:
    """The inverse of as_json."""
    tables = {key: _table(value) for key, value in stored["tables"].items()}
    return Schema(name, stored["dialect"], tables, stored["version"], stored["collation"])


def _table(stored: Mapping[str, Any]) -> Table:
    indexes = {
        key: Index(**{**index, "parts": tuple(Part(**part) for part in index["parts"])})
        for key, index in stored["indexes"].items()
    }
    keys = {
        key: ForeignKey(one["name"], tuple(one["columns"]), one["table"], tuple(one["references"]))
        for key, one in stored["foreign_keys"].items()
    }
    return Table(
        **{
            **stored,
            "columns": {key: Column(**column) for key, column in stored["columns"].items()},
            "indexes": indexes,
            "foreign_keys": keys,
            "checks": {key: Check(**check) for key, check in stored["checks"].items()},
        }
    )


def fingerprint(schema: Schema) -> str:
    """sha256 hex of the structure: name, version and server defaults do not matter."""
    structure = as_json(schema)["tables"]
    text = json.dumps(structure, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
