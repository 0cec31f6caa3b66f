"""The one reader of lists: keyset pages of one organisation's rows, at a bounded cost.

The ORM has no index hints and its OFFSET reads every skipped row, so lists are built by
`list_sql` and read here as tuples. An exact list (list_sql.plan says which) reads page + 1 rows
at any depth. Any other combination of filters walks the sort's index and stops after
WALK_LIMIT_ROWS: the page then says how far it searched, and resumes there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connections, models, router

from openinsure.tenancy import list_sql
from openinsure.tenancy.list_sql import (
    Condition,
    Plan,
    Position,
    Sort,
    SortValue,
    Span,
    Where,
    Without,
)
from openinsure.tenancy.scope import Scope, TenantLeak, active_scope

__all__ = [
    "Condition",
    "Count",
    "ListSpec",
    "Page",
    "Position",
    "Sort",
    "SortValue",
    "Span",
    "Where",
    "Without",
    "count_rows",
    "list_page",
    "rows_by_key",
]

R = TypeVar("R")

# Rows read by one request of a list that no index answers (about 6 ms); decisions on lists.
WALK_LIMIT_ROWS = 2_000
# A walk reads this many pages first: common values fill the page without the whole walk.
FIRST_WALK_PAGES = 4
# Counting reads each row twice; beyond this the page says "1,000+".
COUNT_CAP_ROWS = 1_000


@dataclass(frozen=True, kw_only=True)
class ListSpec(Generic[R]):
    """A list of one tenant table: frozen row type and the sorts that an index serves.

    row: a dataclass whose field names are columns, or are mapped to them by `columns`.
    sorts: by the name that the query string uses. key: the column that makes every order total.
    """

    model: type[models.Model]
    row: type[R]
    sorts: Mapping[str, Sort]
    columns: Mapping[str, str] = field(default_factory=dict)
    key: str = "id"

    @cached_property
    def selected(self) -> tuple[str, ...]:
        """Columns read, in the order of the row's fields."""
        names = (f.name for f in fields(self.row))  # type: ignore[arg-type]
        return tuple(self.columns.get(name, name) for name in names)

    @cached_property
    def instants(self) -> tuple[int, ...]:
        """Places of the instants: the driver hands them over without a zone, they are UTC."""
        kinds = {f.column: f for f in self.model._meta.concrete_fields}
        return tuple(
            place
            for place, column in enumerate(self.selected)
            if isinstance(kinds[column], models.DateTimeField)
        )

    def to_row(self, values: Sequence[Any]) -> R:
        """One frozen row from a tuple of the selected columns."""
        if self.instants:
            values = list(values)
            for place in self.instants:
                if values[place] is not None:
                    values[place] = values[place].replace(tzinfo=UTC)
        return self.row(*values)


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """At most `size` rows in the asked order, and where to go on.

    searched_to: the sort value up to which a walk looked when it stopped before the page was
    full; None if the page is full or the list ended. read_at: the age of a roll-up it came from.
    """

    rows: tuple[R, ...]
    next: Position | None = None
    previous: Position | None = None
    searched_to: SortValue | None = None
    read_at: datetime | None = None

    @property
    def partial(self) -> bool:
        """True if rows further on may match as well."""
        return self.searched_to is not None


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows a list has: `rows`, or at least that many."""

    rows: int
    at_least: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """Rows as the database gave them, each followed by sort value, key and (a walk) match."""

    rows: list[tuple[Any, ...]]
    walked_to: tuple[Any, ...] | None = None


def list_page(
    scope: Scope,
    spec: ListSpec[R],
    *,
    where: Where,
    sort: str,
    descending: bool = True,
    at: Position | None = None,
    size: int = 50,
) -> Page[R]:
    """One page, at most `size` rows. One statement; a walk takes one or two.

    where: column -> value, tuple of values (any of them) or Span. at: the row to go on from,
    forwards or (Position.backwards) towards the first page.
    """
    order = spec.sorts[sort]
    plan = list_sql.plan(spec, order, where, descending=descending, at=at)
    found = _walk(scope, spec, plan, size) if plan.walked else _exact(scope, spec, plan, size)
    return _page(spec, found, at=at, size=size)


def count_rows(scope: Scope, spec: ListSpec[R], *, where: Where, sort: str) -> Count:
    """How many rows match, reading at most COUNT_CAP_ROWS + 1 of them. One statement."""
    plan = list_sql.plan(spec, spec.sorts[sort], where, descending=True, at=None)
    sql, params = list_sql.count(spec, plan, org_id=scope.org_id, limit=COUNT_CAP_ROWS + 1)
    ((read, matched),) = _fetch(scope, spec, sql, params)
    return Count(min(int(matched), COUNT_CAP_ROWS), at_least=int(read) > COUNT_CAP_ROWS)


def rows_by_key(
    scope: Scope, spec: ListSpec[R], keys: Iterable[str], *, where: Where | None = None
) -> dict[str, R]:
    """The organisation's rows with these keys, by key; unknown and foreign keys are absent.

    where: what the rows must meet besides. One statement; keys are padded to a power of two so
    that few statement shapes exist.
    """
    wanted = list_sql.padded(list(keys))
    if not wanted:
        return {}
    sql, params = list_sql.by_key(spec, wanted, where or {}, org_id=scope.org_id)
    return {values[-1]: spec.to_row(values[:-1]) for values in _fetch(scope, spec, sql, params)}


def _exact(scope: Scope, spec: ListSpec[R], plan: Plan, size: int) -> _Found:
    sql, params = list_sql.page(spec, plan, org_id=scope.org_id, limit=size + 1)
    return _Found(_fetch(scope, spec, sql, params))


def _walk(scope: Scope, spec: ListSpec[R], plan: Plan, size: int) -> _Found:
    """Matching rows of at most WALK_LIMIT_ROWS, read in a short and (if needed) a long stretch."""
    matched: list[tuple[Any, ...]] = []
    first = min(FIRST_WALK_PAGES * size, WALK_LIMIT_ROWS)
    for limit in (first, WALK_LIMIT_ROWS - first):
        if limit == 0:
            continue
        sql, params = list_sql.page(spec, plan, org_id=scope.org_id, limit=limit)
        read = _fetch(scope, spec, sql, params)
        matched += [row for row in read if row[-1]]
        if len(read) < limit:
            return _Found([row[:-1] for row in matched])
        if len(matched) >= size:
            break
        *_, value, key, _match = read[-1]
        plan = plan.resumed(value, key)
    return _Found([row[:-1] for row in matched], walked_to=read[-1][:-1])


def _page(spec: ListSpec[R], found: _Found, *, at: Position | None, size: int) -> Page[R]:
    """Cut to the size, turn a backward page round, and say where both directions go on."""
    kept = found.rows[:size]
    further: Position | None = None
    searched_to: SortValue | None = None
    if len(found.rows) > size:
        further = _position(kept[-1])
    elif found.walked_to is not None:
        further = _position(found.walked_to)
        searched_to = further.value if len(kept) < size else None
    backwards = at is not None and at.backwards
    back = at and (_position(kept[0]) if kept else at)
    if backwards:
        kept.reverse()
    rows = tuple(spec.to_row(values[:-2]) for values in kept)
    onward = further and further.turned(backwards=backwards)
    opposite = back and back.turned(backwards=not backwards)
    if backwards:
        return Page(rows, next=opposite, previous=onward, searched_to=searched_to)
    return Page(rows, next=onward, previous=opposite, searched_to=searched_to)


def _position(values: tuple[Any, ...]) -> Position:
    return Position(value=values[-2], key=values[-1])


def _fetch(
    scope: Scope, spec: ListSpec[Any], sql: str, params: Sequence[object]
) -> list[tuple[Any, ...]]:
    """Rows of one statement; the guard hangs on this connection and judges it."""
    if scope != active_scope():
        raise TenantLeak(f"{spec.model.__name__}: not the scope entered")
    with connections[router.db_for_read(spec.model)].cursor() as cursor:
        cursor.execute(sql, [_bare(value) for value in params])
        return list(cursor.fetchall())


def _bare(value: Any) -> Any:
    """Instants without their zone, as the driver takes them."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value
