"""Several bounded reads of one keyspace as one statement: UNION ALL of rows packed as JSON.

A page about one object shows a dozen short lists. Each stays the query it was, with its
organisation, index, order and limit; only its columns are packed into one JSON array, so that
lists of different width fit into one answer. Values come back through the converters of their own
fields: the rows are those that each query alone gives, in its order. A branch keeps its order
because it has a limit (without one the server drops it), and UNION ALL hands its rows on as they
come.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.db.models import F, Func, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.db.models.query import FlatValuesListIterable, ValuesIterable, ValuesListIterable

R = TypeVar("R")
S = TypeVar("S")

# How a value of JSON becomes what the driver would have given, by the kind of its field.
DRIVER: dict[str, Callable[[Any], Any] | None] = {
    **dict.fromkeys(("CharField", "TextField", "JSONField", "BooleanField")),
    **dict.fromkeys(("SmallIntegerField", "IntegerField", "BigIntegerField")),
    **dict.fromkeys(
        ("PositiveSmallIntegerField", "PositiveIntegerField", "PositiveBigIntegerField")
    ),
    "DecimalField": Decimal,
    "DateField": date.fromisoformat,
    "DateTimeField": datetime.fromisoformat,
    "BinaryField": bytes.fromhex,
}
SHAPES: dict[Any, Callable[[tuple[str, ...], list[Any]], Any]] = {
    ValuesListIterable: lambda _, values: tuple(values),
    ValuesIterable: lambda names, values: dict(zip(names, values, strict=True)),
    FlatValuesListIterable: lambda _, values: values[0],
}


class Packed(Func):
    """The columns of a row as the text of one JSON array."""

    function = "JSON_ARRAY"
    output_field = TextField()


class Hexed(Func):
    """Bytes as text that JSON can carry."""

    function = "HEX"
    output_field = TextField()


@dataclass(frozen=True, slots=True, eq=False)
class Reading(Generic[R]):
    """Rows made of what one or more queries of one keyspace find; iterating it reads them.

    queries: values or values_list of plain columns; one with an order has a limit. make: takes the
    rows of each query, in their order, and reads nothing itself.
    """

    queries: tuple[QuerySet[Any, Any], ...]
    make: Callable[..., Iterable[R]]

    def __iter__(self) -> Iterator[R]:
        return iter(read_together([self])[0])

    @property
    def keyspace(self) -> str:
        """Where it reads; "" if it needs no query."""
        return self.queries[0].model._meta.app_label if self.queries else ""

    def then(self, change: Callable[[Sequence[R]], Iterable[S]]) -> Reading[S]:
        """What `change` makes of its rows; read with this one, the queries run once."""
        make = self.make
        return Reading(self.queries, lambda *found: change(tuple(make(*found))))


def reading(query: QuerySet[Any, Any], row: Callable[..., R]) -> Reading[R]:
    """One query whose tuples are the arguments of `row`."""
    return Reading((query,), lambda found: [row(*values) for values in found])


def nothing() -> Reading[Any]:
    """No rows, and no query for them."""
    return Reading((), lambda: ())


def read_together(readings: Sequence[Reading[Any]]) -> list[tuple[Any, ...]]:
    """The rows of each reading: one statement for each database they read, shared queries once.

    Raises TypeError for an order without a limit, and for more than plain columns.
    """
    found: dict[int, list[Any]] = {}
    by_alias: dict[str, list[QuerySet[Any, Any]]] = {}
    for query in {id(query): query for one in readings for query in one.queries}.values():
        by_alias.setdefault(query.db, []).append(query)
    for alias, queries in by_alias.items():
        found |= zip(map(id, queries), _rows(alias, queries), strict=True)
    return [tuple(one.make(*(found[id(query)] for query in one.queries))) for one in readings]


def _rows(alias: str, queries: Sequence[QuerySet[Any, Any]]) -> list[list[Any]]:
    """The rows of each query, in one statement."""
    if len(queries) == 1:
        return [list(queries[0])]
    unpack = [_unpacking(alias, query) for query in queries]
    first, *others = (_packed(place, query) for place, query in enumerate(queries))
    rows: list[list[Any]] = [[] for _ in queries]
    for place, text in first.union(*others, all=True):
        rows[place].append(unpack[place](json.loads(text, parse_float=Decimal)))
    return rows


def _packed(place: int, query: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """The same rows, as their query's place and their packed columns."""
    columns = [
        _PACKED_AS.get(column.output_field.get_internal_type(), F)(name)
        for name, column in zip(_names(query), query.query.select, strict=True)
    ]
    return query.values_list(Value(place), Packed(*columns))


_PACKED_AS: dict[str, Callable[[str], Any]] = {
    "JSONField": lambda name: Cast(F(name), TextField()),
    "BinaryField": lambda name: Hexed(F(name)),
}


def _unpacking(alias: str, query: QuerySet[Any, Any]) -> Callable[[list[Any]], Any]:
    """How a packed row becomes the row that the query alone would give."""
    connection, names = query.query.get_compiler(alias).connection, _names(query)
    steps = []
    columns: Sequence[Any] = query.query.select
    for name, column in zip(names, columns, strict=True):
        kind = column.output_field.get_internal_type()
        if kind not in DRIVER:
            raise TypeError(f"{name}: a {kind} cannot be packed")
        converters = [
            *connection.ops.get_db_converters(column),
            *column.get_db_converters(connection),
        ]
        steps.append((DRIVER[kind], converters, column))
    shape = SHAPES[query._iterable_class]

    def unpacked(values: list[Any]) -> Any:
        made = []
        for value, (read, converters, column) in zip(values, steps, strict=True):
            told = read(value) if read is not None and value is not None else value
            for convert in converters:
                told = convert(told, column, connection)
            made.append(told)
        return shape(names, made)

    return unpacked


def _names(query: QuerySet[Any, Any]) -> tuple[str, ...]:
    inner = query.query
    if inner.order_by and not inner.is_sliced and not inner.is_empty():
        raise TypeError(f"{query.model.__name__}: an order without a limit is lost in a branch")
    plain = not inner.annotation_select and not inner.combinator and not inner.extra_select
    if not inner.values_select or not plain or query._iterable_class not in SHAPES:
        raise TypeError(f"{query.model.__name__}: only values of plain columns are read together")
    return tuple(inner.values_select)
