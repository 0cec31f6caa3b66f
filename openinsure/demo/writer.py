"""Rows into tables: multi-row INSERTs through the guarded connections, columns from the models."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connections, models

from openinsure.keyspaces.inventory import TABLES
from openinsure.settings.databases import KEYSPACES

BATCH_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table that a bulk of rows fills, by spaced names; the rest have defaults."""

    table: str
    names: str


@cache
def model_of(table: str) -> type[models.Model]:
    """The model of a table. Raises KeyError for an unknown one."""
    return {m._meta.db_table: m for m in apps.get_models(include_auto_created=True)}[table]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its value when a row gives none, and how the driver takes the others."""

    name: str
    default: Any
    convert: Callable[[Any], Any] | None


@cache
def columns_of(table: str) -> tuple[Column, ...]:
    """Every column of a table."""
    made = []
    for field in model_of(table)._meta.concrete_fields:
        convert = _converter(field)
        default = field.get_default() if field.has_default() else None
        if convert and default is not None:
            default = convert(default)
        made.append(Column(str(field.column), default, convert))
    return tuple(made)


def _converter(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    if isinstance(field, models.JSONField):
        return _json
    if isinstance(field, models.DateTimeField):
        return instant
    return date.isoformat if isinstance(field, models.DateField) else None


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def instant(when: datetime) -> str:
    """A UTC instant as a timestamp(3) column takes it: ten times as fast as the driver's way."""
    return when.isoformat(" ", "milliseconds")[:23]


def write(tables: dict[str, list[dict[str, Any]]]) -> int:
    """Insert every row of a basket inside the scope entered. Returns how many.

    Raises KeyError for a column that a table does not have: a misspelled fact is never dropped.
    """
    return sum(_insert(table, rows) for table, rows in tables.items())


def _insert(table: str, rows: list[dict[str, Any]]) -> int:
    """Columns that no row gives and that have no default are left out."""
    given = set().union(*rows)
    columns = [c for c in columns_of(table) if c.name in given or c.default is not None]
    if unknown := given - {column.name for column in columns}:
        raise KeyError(f"{table} has no column {sorted(unknown)[0]}")
    names = Columns(table, " ".join(column.name for column in columns))
    return insert(names, list(zip(*(_values(column, rows) for column in columns), strict=True)))


def _values(column: Column, rows: list[dict[str, Any]]) -> list[Any]:
    """One column of all rows."""
    name, default, convert = column.name, column.default, column.convert
    values = [row.get(name) for row in rows]
    if convert:
        return [default if value is None else convert(value) for value in values]
    return values if default is None else [default if v is None else v for v in values]


def insert(columns: Columns, rows: Sequence[tuple[Any, ...]]) -> int:
    """Insert rows whose values are as the driver takes them (instants as text). How many."""
    names = columns.names.split()
    statement = (
        f"INSERT INTO `{columns.table}` ({', '.join(f'`{name}`' for name in names)})"
        f" VALUES ({', '.join(['%s'] * len(names))})"
    )
    with connections[alias_of(columns.table)].cursor() as cursor:
        for start in range(0, len(rows), BATCH_ROWS):
            cursor.executemany(statement, rows[start : start + BATCH_ROWS])
    return len(rows)


def alias_of(table: str) -> str:
    """The alias of a table's keyspace; the console's own tables are on `default`."""
    keyspace = TABLES[table].keyspace
    return keyspace if keyspace in KEYSPACES else "default"
