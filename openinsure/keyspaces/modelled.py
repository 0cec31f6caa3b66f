"""What the models say a keyspace looks like, in the terms of snapshots (TableSpec).

The other side of `models and live schema agree`; `db generate` compares it with the newest
snapshot. A default that is a function stands for the time of writing (StampField).
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models

from openinsure.keyspaces.fields import (
    BytesField,
    FixedCharField,
    IdField,
    StampField,
    TextColumn,
    TimestampField,
)
from openinsure.keyspaces.indexes import key_name
from openinsure.keyspaces.snapshot import NOW, ColumnSpec, KeySpec, TableSpec

OWN_TYPES = (BytesField, FixedCharField, IdField, TextColumn, TimestampField)
PLAIN_TYPES = {
    "BigIntegerField": "bigint",
    "BooleanField": "tinyint(1)",
    "DateField": "date",
    "IntegerField": "int",
    "JSONField": "json",
    "PositiveBigIntegerField": "bigint unsigned",
    "SmallIntegerField": "smallint",
}


class NotPlaceable(Exception):
    """A field that no keyspace column can hold; names model and field."""


def tables_modelled(keyspace: str) -> dict[str, TableSpec]:
    """Every table that the models of one label declare, by name."""
    specs = (table_spec(model) for model in apps.get_app_config(keyspace).get_models())
    return {spec.name: spec for spec in specs}


def table_spec(model: type[models.Model]) -> TableSpec:
    """One model's table: columns in order (`id` first), primary key, secondary keys."""
    table = model._meta.db_table
    fields = [field for field in model._meta.local_fields if field.column]
    fields.sort(key=lambda field: field.name != "id")
    keys = [_index(table, index) for index in model._meta.indexes]
    keys += [_unique(one) for one in model._meta.constraints]
    return TableSpec(
        name=table,
        columns=tuple(column_spec(field) for field in fields),
        primary_key=tuple(str(field.column) for field in model._meta.pk_fields),
        keys=tuple(keys),
    )


def column_spec(field: models.Field[Any, Any]) -> ColumnSpec:
    """One column: type, null, default, on update. Raises NotPlaceable."""
    return ColumnSpec(
        name=str(field.column),
        type=_type(field),
        nullable=field.null,
        default=_default(field),
        on_update=isinstance(field, StampField) and field.name == "updated_at",
    )


def _type(field: models.Field[Any, Any]) -> str:
    if isinstance(field, OWN_TYPES):
        return str(field.db_type(None))
    if isinstance(field, models.DecimalField):
        return f"decimal({field.max_digits},{field.decimal_places})"
    kind = field.get_internal_type()
    if kind == "CharField":
        return f"varchar({field.max_length})"
    if kind not in PLAIN_TYPES:
        raise NotPlaceable(f"{field}: {kind} has no keyspace column type")
    return PLAIN_TYPES[kind]


def _default(field: models.Field[Any, Any]) -> str | None:
    if isinstance(field, StampField):
        return NOW
    if not field.has_default():
        return None
    value = field.get_default()
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, int):  # bool too: false is 0
        return str(int(value))
    raise NotPlaceable(f"{field}: the default {value!r} has no SQL form here")


def _index(table: str, index: models.Index) -> KeySpec:
    columns = tuple(index.fields)
    return KeySpec(index.name or key_name(table, columns), columns)


def _unique(constraint: models.BaseConstraint) -> KeySpec:
    if not isinstance(constraint, models.UniqueConstraint):
        raise NotPlaceable(f"{constraint.name}: only unique keys are known to keyspaces")
    return KeySpec(constraint.name, tuple(constraint.fields), unique=True)
