"""Lists that fit into memory (a few hundred rows): ordered and paged like the big ones.

For rows without an index of their own, such as reference data or what was joined from several
reads. The same cursors, the same order, ending in the id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from openinsure.console.lists import Ask
from openinsure.tenancy.listing import Page, Position, SortValue

R = TypeVar("R")
ROWS_MAX = 2_000


def page_of(rows: Sequence[R], asked: Ask, *, value: Callable[[R, str], SortValue]) -> Page[R]:
    """The asked page of these rows. value: a row's sort value, never None, of one type a sort."""

    def place(row: Any) -> tuple[Any, str]:
        return value(row, asked.sort), row.id

    ordered = sorted(rows, key=place, reverse=asked.descending)
    at = asked.at
    first = 0
    if at is not None:
        here = (at.value, at.key)
        passed = [row for row in ordered if _before(place(row), here, asked.descending)]
        level = [row for row in ordered if place(row) == here]
        first = len(passed) - asked.size if at.backwards else len(passed) + len(level)
    first = max(0, first)
    shown = tuple(ordered[first : first + asked.size])
    more = first + len(shown) < len(ordered)
    return Page(
        shown,
        next=Position(*place(shown[-1])) if more and shown else None,
        previous=Position(*place(shown[0]), backwards=True) if first and shown else None,
    )


def _before(one: Any, other: Any, descending: bool) -> bool:
    return bool(one > other) if descending else bool(one < other)
