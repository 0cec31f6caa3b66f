"""What a list page is, and the one reader of its query string.

`ListPage` declares a list once; `ask` reads a request against it and refuses, naming parameter
and rule, whatever it does not know: a mistyped filter must never show everything.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.http import QueryDict

from openinsure.console import cursors, filters, saved_views
from openinsure.console.columns import Column
from openinsure.console.filters import TEXT_LENGTH_MAX, Filter, Options, text_of
from openinsure.console.request import ConsoleRequest
from openinsure.console.saved_views import Opened
from openinsure.problems import BadFilter
from openinsure.tenancy.listing import Position
from openinsure.tenancy.scope import CANONICAL_UUID

PLACE = ("sort", "after", "before", "size", "columns")
COMMON = frozenset(("t", *PLACE, "view", "peek", "q", "format", "orgId", filters.TOOL))
SIZE_MIN, SIZE_DEFAULT, SIZE_MAX, SIZES_OFFERED = 10, 50, 200, (25, 50, 100)
Format = Literal["", "csv", "xlsx"]
FORMATS: Mapping[str, Format] = {"csv": "csv", "xlsx": "xlsx"}
SHOWN_LENGTH_MAX = 60  # characters of an unknown name that a message repeats
DIGITS = re.compile(r"[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class View:
    """A named starting point. sort: its order unless the address names one, as `sort` spells it."""

    name: str
    label: str
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """What `q` finds: a label, the pattern of the text, the rule in words, the order it brings."""

    label: str
    pattern: str
    rule: str
    sort: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """The declaration of a list. name: URL name and data-page. default_sort as `sort` spells it.

    href: the address of a row's own page, None if it has none. state: the row's attribute that
    `data-state` carries. search: what `q` finds, None if the list offers none. fixed_sort: filters
    that bring their own order. empty: what this is and the next step, for a list without rows.
    """

    name: str
    title: str
    noun: str
    nouns: str
    columns: tuple[Column, ...]
    default_sort: str
    filters: tuple[Filter, ...] = ()
    views: tuple[View, ...] = ()
    href: Callable[[Any], str] | None = None
    state: str = "status"
    search: Search | None = None
    fixed_sort: frozenset[str] = frozenset()
    empty: str = "Nothing has been recorded here yet."

    def column(self, name: str) -> Column | None:
        """The column of this JSON field."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One list request, understood.

    values: parameter of a filter -> canonical values, never (). bound_to: organisation, order and
    filters as one digest; cursors of another one do not open. given: the parameters named by the
    address. place: rows before the page (behind it, if at.backwards), counted on the way here.
    """

    page: ListPage
    sort: str
    descending: bool
    size: int
    columns: tuple[Column, ...]
    values: Mapping[str, tuple[str, ...]]
    options: Options
    bound_to: str
    at: Position | None = None
    place: int = 0
    view: str = ""
    peek: str = ""
    q: str = ""
    format: Format = ""
    tool: str = ""
    given: frozenset[str] = frozenset()
    opened: Opened | None = None

    def many(self, name: str) -> tuple[str, ...]:
        """The chosen values of a filter, () if it does not limit."""
        return self.values.get(name, ())

    def one(self, name: str) -> str | None:
        """The single value of a filter."""
        values = self.values.get(name, ())
        return values[0] if values else None

    def day(self, name: str) -> date | None:
        """The date of one end of a range."""
        text = self.one(name)
        return date.fromisoformat(text) if text else None

    @property
    def filtered(self) -> bool:
        """True if anything limits the rows."""
        return bool(self.values or self.q or (self.view and self.view != "all"))

    def cursor(self, position: Position | None, *, place: int) -> str | None:
        """The sealed form of a row of this list, with `place` rows before the page it opens."""
        if position is None:
            return None
        return cursors.seal(position, bound_to=self.bound_to, place=place)


def ask(request: ConsoleRequest, page: ListPage, *, options: Options | None = None) -> Ask:
    """Read the query string of a list. options: the offers of filters that depend on the org.

    Raises BadFilter for anything unknown, repeated where it may not be, or unreadable.
    """
    opened = saved_views.opened(request, page, options or {})
    query, offers = opened.query, options or {}
    own = {name: wanted.may_repeat() for wanted in page.filters for name in wanted.parameters}
    refuse_unknown(query, dict.fromkeys(COMMON, False) | own, f"the list of {page.nouns}")
    if "t" in query:  # only the look-up page stores searches
        raise BadFilter("t", rule="names no stored search of this organization")
    values = _filter_values(query, page, offers)
    view = _view(query, page)
    sort, descending = _sort(query, page, view, values)
    q = _search(query, page)
    bound_to = _bound_to(request.scope.org_id, page.name, sort, descending, view, q, values)
    at, place = _position(query, bound_to)
    return Ask(
        page=page,
        sort=sort,
        descending=descending,
        size=_size(query),
        columns=_columns(query, page),
        values=values,
        options=offers,
        bound_to=bound_to,
        at=at,
        place=place,
        view=view.name if view else "",
        peek=_peek(query),
        q=q,
        format=_format(query),
        tool=filters.tool_of(query, page.filters),
        given=frozenset(query) - {"tool"},
        opened=opened,
    )


def refuse_unknown(query: QueryDict, known: Mapping[str, bool], where: str) -> None:
    """Raise BadFilter for a parameter that is not known, or repeated where it may not be.

    known: parameter -> whether it may repeat. where: the page in words.
    """
    for name in query:
        if name not in known:
            raise BadFilter(_shown(name), rule=f"is not known to {where}")
        if len(query.getlist(name)) > 1 and not known[name]:
            raise BadFilter(name, rule="may stand only once")


def _filter_values(
    query: QueryDict, page: ListPage, options: Options
) -> dict[str, tuple[str, ...]]:
    values: dict[str, tuple[str, ...]] = {}
    for wanted in page.filters:
        for name in wanted.parameters:
            if name in query:
                read = wanted.read(name, query.getlist(name), options)
                values |= {name: read} if read else {}
        given = [values[name][0] for name in wanted.parameters if name in values]
        if len(given) > 1 and given[0] > given[1]:
            first, last = wanted.parameters
            raise BadFilter(last, rule=f"must not be before {first}")
    return values


def _view(query: QueryDict, page: ListPage) -> View | None:
    if "view" not in query:
        return None
    for view in page.views:
        if view.name == query["view"]:
            return view
    if not page.views:
        raise BadFilter("view", rule=f"is not offered by the list of {page.nouns}")
    raise BadFilter("view", rule="must be one of " + ", ".join(v.name for v in page.views))


def _sort(
    query: QueryDict, page: ListPage, view: View | None, values: Mapping[str, tuple[str, ...]]
) -> tuple[str, bool]:
    searched = page.search.sort if page.search and "q" in query else ""
    text = query.get("sort", searched or (view and view.sort) or page.default_sort)
    fixing = page.fixed_sort & values.keys()
    if "sort" in query and fixing:
        raise BadFilter("sort", rule=f"cannot be combined with {min(fixing)}, which has its own")
    name = text.removeprefix("-")
    column = page.column(name)
    if column is None or not column.sort:
        offered = ", ".join(column.name for column in page.columns if column.sort)
        rule = f"must be one of {offered}, with - before it for descending"
        raise BadFilter("sort", rule=rule)
    return name, text.startswith("-")


def _size(query: QueryDict) -> int:
    text = query.get("size", str(SIZE_DEFAULT))
    if not DIGITS.fullmatch(text) or not SIZE_MIN <= int(text) <= SIZE_MAX:
        raise BadFilter("size", rule=f"must be a whole number from {SIZE_MIN} to {SIZE_MAX}")
    return int(text)


def _columns(query: QueryDict, page: ListPage) -> tuple[Column, ...]:
    if "columns" not in query:
        return tuple(column for column in page.columns if column.shown)
    names = text_of(query, "columns").split(",")
    found = [page.column(name) for name in names]
    chosen = tuple(column for column in found if column is not None)
    if len(chosen) < len(names) or len(set(names)) < len(names):
        known = ", ".join(column.name for column in page.columns)
        raise BadFilter("columns", rule=f"must be different names of {known}, with commas between")
    return chosen


def _position(query: QueryDict, bound_to: str) -> tuple[Position | None, int]:
    if "after" in query and "before" in query:
        raise BadFilter("before", rule="cannot be combined with after")
    for name in ("after", "before"):
        if name in query:
            return cursors.unseal(text_of(query, name), field=name, bound_to=bound_to)
    return None, 0


def _peek(query: QueryDict) -> str:
    text = text_of(query, "peek")
    if "peek" in query and not CANONICAL_UUID.fullmatch(text):
        raise BadFilter("peek", rule="must be the id of a row")
    return text


def _search(query: QueryDict, page: ListPage) -> str:
    if "q" not in query:
        return ""
    if page.search is None:
        raise BadFilter("q", rule=f"is not offered by the list of {page.nouns}")
    text = text_of(query, "q").strip()
    if len(text) > TEXT_LENGTH_MAX or not re.fullmatch(page.search.pattern, text):
        raise BadFilter("q", rule=page.search.rule)
    return text


def _format(query: QueryDict) -> Format:
    wanted = FORMATS.get(query.get("format", "csv"))
    if wanted is None:
        raise BadFilter("format", rule="must be csv or xlsx")
    return wanted if "format" in query else ""


def _bound_to(
    org_id: str,
    name: str,
    sort: str,
    descending: bool,
    view: View | None,
    q: str,
    values: Mapping[str, tuple[str, ...]],
) -> str:
    told = [org_id, name, sort, descending, view.name if view else "", q, sorted(values.items())]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _shown(name: str) -> str:
    """An unknown parameter's name as a message may repeat it: short, printable."""
    text = "".join(character if character.isprintable() else "?" for character in name)
    return text[:SHOWN_LENGTH_MAX] or "without a name"
