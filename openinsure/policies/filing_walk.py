"""Rows of several tables in one order by day: each read from the same place on, then merged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db.models import Q

from openinsure.tenancy.listing import Page, Position

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Walk:
    """One page of a walk. newest: the latest day first. size: rows of the page; limit: rows read
    of each kind, which is one more unless there is a stricter bound.
    """

    newest: bool
    size: int
    limit: int
    at: Position | None = None

    @property
    def back(self) -> bool:
        """Whether it goes to the page before."""
        return self.at is not None and self.at.backwards

    @property
    def falling(self) -> bool:
        """Whether the days fall while it reads."""
        return self.newest != self.back

    def first(self, rows: Any, day: str) -> Any:
        """The next rows of one kind. day: its column or alias of a date."""
        mark, side = ("-", "lt") if self.falling else ("", "gt")
        if self.at is not None:
            further = Q(**{f"{day}__{side}": self.at.value}) | Q(**{f"id__{side}": self.at.key})
            rows = rows.filter(further, **{f"{day}__{side}e": self.at.value})
        return rows.order_by(f"{mark}{day}", f"{mark}id")[: self.limit]

    def page(self, kinds: Sequence[Sequence[R]], place: Callable[[R], tuple[date, str]]) -> Page[R]:
        """The kinds merged. place: day and id of a row. Where a kind may have more than was read,
        the page ends before what could stand behind that.
        """
        found = sorted((row for rows in kinds for row in rows), key=place, reverse=self.falling)
        ends = [place(rows[-1]) for rows in kinds if len(rows) == self.limit]
        if ends:
            end = max(ends) if self.falling else min(ends)
            found = found[: 1 + [place(row) for row in found].index(end)]
        more, shown = bool(ends) or len(found) > self.size, found[: self.size]
        if self.back:
            shown.reverse()
        onward, before = (True, more) if self.back else (more, self.at is not None)
        return Page(
            tuple(shown),
            next=Position(*place(shown[-1])) if onward and shown else None,
            previous=Position(*place(shown[0]), backwards=True) if before and shown else None,
        )
