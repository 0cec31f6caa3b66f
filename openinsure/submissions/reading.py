"""From a queryset to frozen rows: the columns are the row's fields, nothing else is selected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from django.db.models import QuerySet

R = TypeVar("R")
ROWS_MAX = 500  # rows of one panel; a fleet of the book has at most 60 drivers


def rows_of(
    query: QuerySet[Any], row: type[R], columns: Mapping[str, str], *, without: Iterable[str] = ()
) -> list[R]:
    """At most ROWS_MAX rows, one statement. columns: field -> column where they differ.

    without: fields that the caller fills, which have a default.
    """
    left_out = frozenset(without)
    names = [f.name for f in fields(row) if f.name not in left_out]  # type: ignore[arg-type]
    selected = [columns.get(name, name) for name in names]
    found = query.values_list(*selected)[:ROWS_MAX]
    return [row(**dict(zip(names, values, strict=True))) for values in found]
