"""From a queryset to frozen rows: the columns are the row's fields, nothing else is selected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db.models import QuerySet

from openinsure.tenancy.together import Reading, reading

R = TypeVar("R")
FIELDS = "__dataclass_fields__"  # dataclasses.fields takes no TypeVar without an ignored type
ROWS_MAX = 500  # rows of one panel; a fleet of the book has at most 60 drivers


def rows_of(
    query: QuerySet[Any],
    row: type[R],
    columns: Mapping[str, str],
    *,
    without: Iterable[str] = (),
    limit: int = ROWS_MAX,
) -> list[R]:
    """At most `limit` rows, one statement. columns: field -> column where they differ.

    without: fields that the caller fills, which have a default.
    """
    return list(reading_of(query, row, columns, without=without, limit=limit))


def reading_of(
    query: QuerySet[Any],
    row: type[R],
    columns: Mapping[str, str],
    *,
    without: Iterable[str] = (),
    limit: int = ROWS_MAX,
) -> Reading[R]:
    """As `rows_of`, to be read alone or together with others."""
    left_out = frozenset(without)
    names = [name for name in getattr(row, FIELDS) if name not in left_out]
    selected = [columns.get(name, name) for name in names]
    found = query.values_list(*selected)[:limit]
    return reading(found, lambda *values: row(**dict(zip(names, values, strict=True))))
