"""Rows into tables: multi-row INSERTs through the guarded connections, columns from the models."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
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


@cache
def columns_of(table: str) -> tuple[tuple[str, Callable[[Any], Any], Any], ...]:
    """Column, converter and default of every column of a table."""
    fields = [f for f in model_of(table)._meta.concrete_fields if f.column]
    return tuple((str(f.column), _converter(f), _default(f)) for f in fields)


def _default(field: models.Field[Any, Any]) -> Any:
    if field.has_default():
        return field.get_default()
    return None


def _converter(field: models.Field[Any, Any]) -> Callable[[Any], Any]:
    if isinstance(field, models.JSONField):
        return lambda value: None if value is None else json.dumps(value, separators=(",", ":"))
    if isinstance(field, models.DateTimeField):
        return _naive_utc
    return lambda value: value


def _naive_utc(value: datetime | None) -> datetime | None:
    return value and value.replace(tzinfo=None)


def write(tables: dict[str, list[dict[str, Any]]]) -> int:
    """Insert every row of a basket inside the scope entered. Returns how many.

    Raises KeyError for a column that a table does not have: a misspelled fact is never dropped.
    """
    return sum(_insert(table, rows) for table, rows in tables.items())


def _insert(table: str, rows: list[dict[str, Any]]) -> int:
    columns = columns_of(table)
    known = {name for name, _, _ in columns}
    for row in rows:
        if unknown := row.keys() - known:
            raise KeyError(f"{table} has no column {sorted(unknown)[0]}")
    names = ", ".join(f"`{name}`" for name, _, _ in columns)
    places = ", ".join(["%s"] * len(columns))
    statement = f"INSERT INTO `{table}` ({names}) VALUES ({places})"
    with connections[alias_of(table)].cursor() as cursor:
        for start in range(0, len(rows), BATCH_ROWS):
            cursor.executemany(statement, list(_tuples(columns, rows[start : start + BATCH_ROWS])))
    return len(rows)


def insert(columns: Columns, rows: Sequence[tuple[Any, ...]]) -> int:
    """Insert rows whose values are as the driver takes them (instants as text). How many."""
    names = columns.names.split()
    statement = (
        f"INSERT INTO `{columns.table}` ({', '.join(names)})"
        f" VALUES ({', '.join(['%s'] * len(names))})"
    )
    with connections[alias_of(columns.table)].cursor() as cursor:
        for start in range(0, len(rows), BATCH_ROWS):
            cursor.executemany(statement, rows[start : start + BATCH_ROWS])
    return len(rows)


def _tuples(columns: Any, rows: list[dict[str, Any]]) -> Iterable[tuple[Any, ...]]:
    for row in rows:
        yield tuple(
            convert(row[name]) if row.get(name) is not None else convert(default)
            for name, convert, default in columns
        )


def alias_of(table: str) -> str:
    """The alias of a table's keyspace; the console's own tables are on `default`."""
    keyspace = TABLES[table].keyspace
    return keyspace if keyspace in KEYSPACES else "default"
