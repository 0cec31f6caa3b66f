"""Index and key declarations of keyspace models, named by one rule.

A name is the table and its columns: `org_id` is `org`, and `_at`, `_date`, `_cents`, `_norm` and
`_id` fall away; a unique key ends in `_uq`. So (org_id, updated_at, id) of policies is
`policies_org_updated_id`, which is what FORCE INDEX says. A name above 64 characters keeps the
first two columns and the last.
"""

from __future__ import annotations

from typing import Any

from django.db import models

DROPPED_ENDINGS = ("_at", "_date", "_cents", "_norm", "_id")
LONGEST_NAME = 64  # characters, MySQL's limit; Django's own is 30, for Oracle


def key_name(table: str, columns: tuple[str, ...], *, unique: bool = False) -> str:
    """The name of an index, at most 64 characters for every table of the registry."""
    parts = [table]
    for column in columns:
        ending = next((end for end in DROPPED_ENDINGS if column.endswith(end)), "")
        parts.append(column.removesuffix(ending))
    name = "_".join(parts) + ("_uq" if unique else "")
    if len(name) > LONGEST_NAME and len(columns) > 3:
        return key_name(table, (*columns[:2], columns[-1]), unique=unique)
    return name


class PlainIndex(models.Index):
    """An index over the columns as given (tables without organisation)."""

    max_name_length = LONGEST_NAME
    leading: tuple[str, ...] = ()

    def __init__(
        self, *columns: str, fields: tuple[str, ...] | list[str] = (), name: str | None = None
    ) -> None:
        super().__init__(fields=fields or (*self.leading, *columns), name=name)

    def set_name_with_model(self, model: type[models.Model]) -> None:
        """Called by Django for a nameless index once the model is known."""
        self.name = key_name(model._meta.db_table, tuple(self.fields))


class OrgIndex(PlainIndex):
    """An index of a tenant table: `org_id` leads it."""

    leading = ("org_id",)


def unique_key(table: str, *columns: str, **options: Any) -> models.UniqueConstraint:
    """A unique key over the columns as given."""
    name = key_name(table, columns, unique=True)
    return models.UniqueConstraint(fields=columns, name=name, **options)


def org_unique(table: str, *columns: str) -> models.UniqueConstraint:
    """A unique key of a tenant table: `org_id` leads it."""
    return unique_key(table, "org_id", *columns)
