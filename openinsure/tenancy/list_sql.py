"""The text of list statements: org first, the index of the sort, an expanded keyset predicate.

Every shape here was chosen by counting rows read (Handler_read_*), not by EXPLAIN:
- without FORCE INDEX MariaDB may take any index on org_id and sort the whole organisation;
- `(s, id) < (%s, %s)` reads every skipped row, `s <= %s AND (s < %s OR id < %s)` its tie group;
- `s IN (%s, %s)` sorts all matches, so several values of a filter are UNION ALL branches.
Names come from ListSpec and Sort only; values are always parameters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Protocol

from django.db import models

SortValue = str | int | date | datetime
Statement = tuple[str, list[object]]


@dataclass(frozen=True, slots=True)
class Sort:
    """An offered order: a NOT NULL column and its index (org_id, column, key).

    within: filter column -> index (org_id, filter column, column, key), for filters whose
    combination with this order is exact.
    """

    column: str
    index: str
    within: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Span:
    """A range of a column: low <= column <= high, column < below; None is open."""

    low: SortValue | None = None
    high: SortValue | None = None
    below: SortValue | None = None


@dataclass(frozen=True, slots=True)
class Without:
    """All rows but a few: what this reader may never see. It costs no walk."""

    values: tuple[str, ...]


Condition = str | int | Sequence[str] | Span | Without
Where = Mapping[str, Condition]


@dataclass(frozen=True, slots=True)
class Position:
    """A row of a list: its sort value and key. backwards: the rows before it, not after."""

    value: SortValue
    key: str
    backwards: bool = False

    def turned(self, *, backwards: bool) -> Position:
        """The same row, for the asked direction."""
        return replace(self, backwards=backwards)


class Listed(Protocol):
    """What the text needs of a ListSpec."""

    @property
    def model(self) -> type[models.Model]: ...
    @property
    def selected(self) -> tuple[str, ...]: ...
    @property
    def key(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """How a list is read: index, one UNION branch per fixed value, and what is left to test.

    walked: no index answers the filters; rows come unfiltered, each with whether it matches.
    """

    sort: Sort
    index: str
    fixed: tuple[str, tuple[object, ...]] | None
    spans: tuple[tuple[str, Span], ...]
    rest: tuple[tuple[str, Condition], ...]
    hidden: tuple[tuple[str, Without], ...]
    falling: bool
    at: tuple[SortValue, str] | None

    @property
    def walked(self) -> bool:
        return bool(self.rest)

    def resumed(self, value: SortValue, key: str) -> Plan:
        """The same walk, from the last row read."""
        return replace(self, at=(value, key))


def plan(spec: Listed, sort: Sort, where: Where, *, descending: bool, at: Position | None) -> Plan:
    """Choose the index. Exact: no filter, one that `sort.within` serves, the sort's own range."""
    spans = tuple((c, v) for c, v in where.items() if c == sort.column and isinstance(v, Span))
    hidden = tuple((c, v) for c, v in where.items() if isinstance(v, Without) and v.values)
    others = {c: v for c, v in where.items() if (c, v) not in spans and not isinstance(v, Without)}
    index, fixed = sort.index, None
    for column in sort.within:
        values = _values(others.get(column))
        # Several values cost a branch each; only an exact list may pay that.
        if len(values) == 1 or (values and len(others) == 1):
            index, fixed = sort.within[column], (column, values)
            del others[column]
            break
    return Plan(
        sort=sort,
        index=index,
        fixed=fixed,
        spans=spans,
        rest=tuple(others.items()),
        hidden=hidden,
        falling=descending is not (at is not None and at.backwards),
        at=(at.value, at.key) if at else None,
    )


def page(spec: Listed, chosen: Plan, *, org_id: str, limit: int) -> Statement:
    """At most `limit` rows: the selected columns, sort value, key and (a walk) the match."""
    branches = [_branch(spec, chosen, value, org_id, limit) for value in _branch_values(chosen)]
    if len(branches) == 1:
        return branches[0]
    way = "DESC" if chosen.falling else "ASC"
    sql = " UNION ALL ".join(f"({text})" for text, _ in branches)
    sql += f" ORDER BY list_value {way}, list_key {way} LIMIT %s"
    return sql, [*(value for _, params in branches for value in params), limit]


def count(spec: Listed, chosen: Plan, *, org_id: str, limit: int) -> Statement:
    """Rows read and rows matching among the first `limit` of the list's index."""
    match, params = _match(chosen)
    conditions, bound = _conditions(chosen, None, org_id)
    if chosen.fixed:
        column, values = chosen.fixed
        conditions.append(f"{_name(column)} IN ({_marks(values)})")
        bound += values
    return (
        "SELECT COUNT(*), COALESCE(SUM(list_match), 0) FROM ("
        f"SELECT {match or '1'} AS list_match FROM {_table(spec)} "
        f"FORCE INDEX ({_name(chosen.index)}) WHERE {' AND '.join(conditions)} LIMIT %s"
        ") AS counted",
        [*params, *bound, limit],
    )


def by_key(spec: Listed, keys: Sequence[str], where: Where, *, org_id: str) -> Statement:
    """Rows of given keys that meet the conditions: the selected columns, then the key."""
    key = _name(spec.key)
    pairs = ", ".join(["(%s, %s)"] * len(keys))
    conditions = ["`org_id` = %s", f"(`org_id`, {key}) IN ({pairs})"]
    params: list[object] = [org_id, *(part for wanted in keys for part in (org_id, wanted))]
    tested = ((c, v) for c, v in where.items() if not isinstance(v, Without) or v.values)
    for text, values in (_test(column, condition) for column, condition in tested):
        conditions.append(text)
        params += values
    return (
        f"SELECT {_columns(spec)}, {key} AS list_key FROM {_table(spec)} "
        f"FORCE INDEX (PRIMARY) WHERE {' AND '.join(conditions)}",
        params,
    )


def padded(keys: list[str]) -> list[str]:
    """Keys repeated up to a power of two: few lengths, few statements to parse."""
    if not keys:
        return keys
    length = 1 << (len(keys) - 1).bit_length()
    return keys + [keys[-1]] * (length - len(keys))


def _branch(spec: Listed, chosen: Plan, fixed: object | None, org_id: str, limit: int) -> Statement:
    match, params = _match(chosen)
    conditions, bound = _conditions(chosen, fixed, org_id)
    sort, key = _name(chosen.sort.column), _name(spec.key)
    if chosen.at is not None:
        beyond = "<" if chosen.falling else ">"
        conditions.append(f"({sort} {beyond} %s OR ({sort} = %s AND {key} {beyond} %s))")
        value, row = chosen.at
        bound += [value, value, row]
    way = "DESC" if chosen.falling else "ASC"
    return (
        f"SELECT {_columns(spec)}, {sort} AS list_value, {key} AS list_key"
        f"{f', {match} AS list_match' if match else ''} FROM {_table(spec)} "
        f"FORCE INDEX ({_name(chosen.index)}) WHERE {' AND '.join(conditions)} "
        f"ORDER BY {sort} {way}, {key} {way} LIMIT %s",
        [*params, *bound, limit],
    )


def _conditions(chosen: Plan, fixed: object | None, org_id: str) -> tuple[list[str], list[object]]:
    conditions, bound = ["`org_id` = %s"], [org_id]
    params: list[object] = [*bound]
    if chosen.fixed and fixed is not None:
        conditions.append(f"{_name(chosen.fixed[0])} = %s")
        params.append(fixed)
    always: tuple[tuple[str, Condition], ...] = (*chosen.spans, *chosen.hidden)
    for column, condition in always:
        text, values = _test(column, condition)
        conditions.append(text)
        params += values
    return conditions, params


def _match(chosen: Plan) -> Statement:
    """One truth value per row of a walk, so that the filter is SQL there too."""
    tests = [_test(column, condition) for column, condition in chosen.rest]
    text = " AND ".join(text for text, _ in tests)
    return (f"({text})" if text else "", [value for _, values in tests for value in values])


def _test(column: str, condition: Condition) -> Statement:
    name = _name(column)
    if isinstance(condition, Without):
        kept_out = padded(list(condition.values))
        return f"COALESCE({name}, '') NOT IN ({_marks(kept_out)})", [*kept_out]
    if not isinstance(condition, Span):
        values = _values(condition)
        return f"{name} IN ({_marks(values)})", [*values]
    bounds = ((">=", condition.low), ("<=", condition.high), ("<", condition.below))
    given = [(sign, value) for sign, value in bounds if value is not None]
    return " AND ".join(f"{name} {sign} %s" for sign, _ in given), [value for _, value in given]


def _branch_values(chosen: Plan) -> Sequence[object | None]:
    return chosen.fixed[1] if chosen.fixed else (None,)


def _values(condition: Any) -> tuple[object, ...]:
    if condition is None or isinstance(condition, Span | Without):
        return ()
    return (condition,) if isinstance(condition, str | int) else tuple(condition)


def _marks(values: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(values))


def _columns(spec: Listed) -> str:
    return ", ".join(_name(column) for column in spec.selected)


def _table(spec: Listed) -> str:
    return _name(spec.model._meta.db_table)


def _name(identifier: str) -> str:
    return f"`{identifier}`"
