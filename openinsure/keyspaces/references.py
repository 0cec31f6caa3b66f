"""Which rows name which: the relations of the models inside one keyspace, and what follows.

Vitess keeps no foreign keys, so this map is what knows in which order an organisation's rows can
be deleted and which rows may be left behind. Made of org_ref, read from the models.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from django.apps import apps
from django.db.models import Field, ForeignObject, Model

from openinsure.keyspaces.inventory import tables_of


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """`table.column` holds the id of a row of `to`, of the same organisation."""

    keyspace: str
    table: str
    column: str
    to: str
    nullable: bool


@dataclass(frozen=True, slots=True)
class Order:
    """How an organisation's rows of one keyspace go: references cleared first, then by step.

    Tables of one step do not name each other; those of a step name only tables of later ones.
    """

    keyspace: str
    cleared: tuple[Reference, ...]
    steps: tuple[tuple[str, ...], ...]


@lru_cache(maxsize=8)
def references(keyspace: str) -> tuple[Reference, ...]:
    """Every relation between tables of one keyspace, by table and column."""
    models = apps.get_app_config(keyspace).get_models()
    return tuple(sorted(one for model in models for one in _of(model, keyspace)))


def _of(model: type[Model], keyspace: str) -> Iterable[Reference]:
    for field in (*model._meta.local_fields, *model._meta.private_fields):
        other = field.related_model if isinstance(field, ForeignObject) else None
        if not isinstance(other, type) or "org_id" not in field.from_fields:
            continue
        column = next(name for name in field.from_fields if name != "org_id")
        held = cast("Field[Any, Any]", model._meta.get_field(column))
        yield Reference(
            keyspace, model._meta.db_table, str(held.column), other._meta.db_table, held.null
        )


def deletion_order(keyspace: str, known: Sequence[Reference] | None = None) -> Order:
    """Tables from those that nobody names to those that many name.

    A circle is opened at references that may be NULL, in the order of their names. Raises
    ValueError for a circle without one: such rows could not even be inserted one by one.
    """
    found = references(keyspace) if known is None else known
    tables = {one.table for one in found} | {one.to for one in found}
    if known is None:
        tables |= {table.name for table in tables_of(keyspace) if table.kind == "tenant"}
    open_, cleared = [one for one in found if one.table != one.to], []
    steps: list[tuple[str, ...]] = []
    left = set(tables)
    while left:
        named = {one.to for one in open_ if one.table in left}
        free = sorted(left - named)
        if not free:
            broken = next((one for one in open_ if one.nullable and _circles(one, open_)), None)
            if broken is None:
                raise ValueError(f"{keyspace}: {', '.join(sorted(left))} name each other")
            cleared.append(broken)
            open_.remove(broken)
            continue
        steps.append(tuple(free))
        left -= set(free)
        open_ = [one for one in open_ if one.table in left]
    return Order(keyspace, tuple(cleared), tuple(steps))


def _circles(one: Reference, others: Sequence[Reference]) -> bool:
    """True when following the references from its target leads back to its table."""
    reached, todo = set(), [one.to]
    while todo:
        here = todo.pop()
        if here == one.table:
            return True
        if here not in reached:
            reached.add(here)
            todo += [other.to for other in others if other.table == here]
    return False
