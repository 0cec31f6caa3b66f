"""What the list templates need, worked out from the request, what it asked and the rows.

Addresses, chips, heads and the range; no SQL, no markup. Every address keeps what the page does
not change (orgId, sort, columns, size, filters), so all of it works without JavaScript.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter
from typing import Any

from openinsure.authz.asks import ORG_ROLES
from openinsure.console import dates, links
from openinsure.console.columns import Column, plain
from openinsure.console.filters import Filter
from openinsure.console.list_tools import FRESH, Link, Tools
from openinsure.console.lists import Ask, View
from openinsure.console.request import ConsoleRequest
from openinsure.console.saved_views import Saved, is_changed
from openinsure.tenancy.listing import Page, SortValue

ALL_ROWS = View("all", "All")

# kind, clipped, value, currency of a money column
Cell = tuple[str, bool, Any, str]


@dataclass(frozen=True, slots=True)
class Head:
    """One column head. href: the order it offers, "" for none. sorted: the aria-sort value."""

    column: Column
    href: str
    sorted: str


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter: its words and the address without it."""

    label: str
    words: str
    href: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A filter that may be added or changed: a GET form. values: what it has now, by parameter."""

    filter: Filter
    values: dict[str, str]
    chosen: tuple[str, ...]
    hidden: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class ListView:
    """The list as templates see it."""

    request: ConsoleRequest
    ask: Ask
    page: Page[Any]
    countable: bool
    peeks: bool = False

    def to(self, **changes: object) -> str:
        """This address with changes, from the first page."""
        return links.query(self.request, **(FRESH | changes))

    @cached_property
    def rows(self) -> tuple[Any, ...]:
        return self.page.rows

    @property
    def lines(self) -> Iterator[tuple[str, str, str, list[Cell]]]:
        """Each row as id, state, address and cells: values here, markup in the template."""
        columns = [(c.kind, c.clip, attrgetter(c.name), c) for c in self.ask.columns]
        href = self.ask.page.href
        for row in self.rows:
            cells: list[Cell] = [
                (
                    "nil" if column.blank and not value(row) else kind,
                    clip,
                    value(row),
                    column.currency_of(row) if kind == "money" else "",
                )
                for kind, clip, value, column in columns
            ]
            yield row.id, self.state_of(row), href(row) if href else "", cells

    @cached_property
    def start(self) -> int:
        """Rows before this page, as counted on the way here; 0 where the list begins."""
        if self.page.previous is None:
            return 0
        backwards = self.ask.at is not None and self.ask.at.backwards
        return max(0, self.ask.place - (len(self.rows) if backwards else 0))

    @cached_property
    def next_href(self) -> str | None:
        """The address of the next page, None at the end."""
        cursor = self.ask.cursor(self.page.next, place=self.start + len(self.rows))
        return cursor and self.to(after=cursor)

    @cached_property
    def previous_href(self) -> str | None:
        """The address of the page before, None on the first."""
        cursor = self.ask.cursor(self.page.previous, place=self.start)
        return cursor and self.to(before=cursor)

    @cached_property
    def heads(self) -> tuple[Head, ...]:
        """The heads of the chosen columns."""
        return tuple(self._head(column) for column in self.ask.columns)

    @property
    def dropped(self) -> str:
        """Places (from 1) of the columns that a narrow screen leaves out, for data-drop."""
        places = enumerate(self.ask.columns, 1)
        return " ".join(str(place) for place, column in places if not column.narrow)

    @cached_property
    def chips(self) -> tuple[Chip, ...]:
        """Active filters, in the order the page declares them."""
        made = [
            Chip(
                wanted.label, wanted.words(name, values, self.ask.options), self.to(**{name: None})
            )
            for wanted in self.ask.page.filters
            for name in wanted.parameters
            if (values := self.ask.many(name))
        ]
        return tuple([*made, Chip("Text", self.ask.q, self.to(q=None))] if self.ask.q else made)

    @cached_property
    def offers(self) -> tuple[Offer, ...]:
        """Every filter as a form."""
        return tuple(
            Offer(
                wanted,
                {name: self.ask.one(name) or "" for name in wanted.parameters},
                tuple(value for name in wanted.parameters for value in self.ask.many(name)),
                self.hidden(*wanted.parameters, *self._excluded(wanted)),
            )
            for wanted in self.ask.page.filters
        )

    def _excluded(self, wanted: Filter) -> tuple[str, ...]:
        """What a filter with an order of its own cannot be combined with."""
        fixed = self.ask.page.fixed_sort
        return ("sort", *fixed) if fixed & set(wanted.parameters) else ()

    def hidden(self, *without: str) -> tuple[tuple[str, str], ...]:
        """What a GET form must carry along: a form drops the query of its address."""
        dropped = {*without, *FRESH}
        return tuple(
            (name, value)
            for name, values in self.request.GET.lists()
            if name not in dropped
            for value in values
        )

    @cached_property
    def cleared_href(self) -> str:
        """The list without any filter."""
        names = [name for wanted in self.ask.page.filters for name in wanted.parameters]
        return self.to(q=None, view=None, **dict.fromkeys(names))

    @cached_property
    def views(self) -> tuple[Link, ...]:
        """Named views; All first."""
        made = [
            Link(
                view.label,
                links.query(self.request, **self._without_filters(view.name)),
                current=not self.saved and (self.ask.view or "all") == view.name,
            )
            for view in self.ask.page.views or ((ALL_ROWS,) if self.saved_views else ())
        ]
        return tuple(made) + tuple(
            Link(
                view.name,
                links.with_org(self.request.path, {"view": view.id}),
                current=view is self.saved,
            )
            for view in self.saved_views
        )

    @property
    def saved_views(self) -> tuple[Saved, ...]:
        """The views that the viewer may open."""
        return self.ask.opened.offered if self.ask.opened else ()

    @property
    def saved(self) -> Saved | None:
        """The view that this page was begun from."""
        return self.ask.opened.saved if self.ask.opened else None

    @property
    def unsaved(self) -> bool:
        """True if the page differs from that view."""
        return self.saved is not None and is_changed(self.ask, self.saved)

    @property
    def roles(self) -> tuple[str, ...]:
        """Of whom a view can be the default."""
        return ORG_ROLES

    @property
    def may_save(self) -> bool:
        """Views are kept in the own organisation; a visit writes nothing."""
        return self.request.who is not None and self.request.scope.mode == "own"

    @cached_property
    def tools(self) -> Tools:
        """Its menus and filter forms, which are read when they are opened."""
        return Tools(self.request, self.ask)

    @cached_property
    def csv_href(self) -> str:
        """The whole filtered result as a file."""
        return self.to(format="csv", size=None)

    @cached_property
    def count_href(self) -> str:
        """Where the figure comes from, after the page."""
        return self.to(size=None, columns=None)

    @property
    def searched_to(self) -> str:
        """How far an unfinished search looked, in words."""
        return _words(self.page.searched_to)

    def state_of(self, row: Any) -> str:
        """The status that `data-state` carries."""
        return str(getattr(row, self.ask.page.state, ""))

    def json(self) -> dict[str, Any]:
        """rows, next, and partial with how far the search looked."""
        columns = self.ask.page.columns
        told: dict[str, Any] = {
            "rows": [
                {"id": row.id, **{column.name: column.plain(row) for column in columns}}
                for row in self.rows
            ],
            "next": self.next_href,
        }
        if self.page.partial:
            told |= {"partial": True, "searched_to": self.searched_to}
        if self.page.read_at:
            told["read_at"] = plain(self.page.read_at)
        return told

    def _head(self, column: Column) -> Head:
        if not column.sort or self.ask.page.fixed_sort & self.ask.values.keys():
            return Head(column, "", "")
        if column.name == self.ask.sort:
            way = "descending" if self.ask.descending else "ascending"
            return Head(column, self._sorted_by(column, falling=not self.ask.descending), way)
        return Head(column, self._sorted_by(column, falling=column.sort == "descending"), "")

    def _sorted_by(self, column: Column, *, falling: bool) -> str:
        return self.to(sort=f"-{column.name}" if falling else column.name)

    def _without_filters(self, view: str) -> dict[str, object]:
        names = [name for wanted in self.ask.page.filters for name in wanted.parameters]
        changes: dict[str, object] = dict.fromkeys(names)
        defaults = any(saved.default_for for saved in self.saved_views)
        kept = None if view == "all" and not defaults else view
        return FRESH | changes | {"q": None, "sort": None, "view": kept}


def _words(value: SortValue | None) -> str:
    if isinstance(value, datetime):
        return f"{dates.format_day(value.date())}, {value:%H:%M} UTC"
    return dates.format_day(value) if isinstance(value, date) else str(value or "")
