"""Saved views of lists: filters, order, columns and density under a name, own or shared.

`view=<id>` alone opens a view: its state is put into the request's address, so every link of the
page carries it. Once the address names any state itself, that counts, and the view only says what
it was begun from. What a view saved and the list no longer knows is left out with a notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from django.http import QueryDict

from openinsure.console.filters import Options
from openinsure.console.models import SavedView
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.problems import BadFilter
from openinsure.tenancy.scope import CANONICAL_UUID, Scope

if TYPE_CHECKING:
    from openinsure.console.lists import Ask, ListPage

VIEWS_MAX = 50  # read for the tabs of one list
# What says where in a list one is, not which list it is.
NOT_STATE = frozenset({"view", "orgId", "after", "before", "size", "peek", "format", "t", "tool"})
ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A view as its readers see it. state: base view, params, sort, columns, density.

    dropped: names of the state that the list no longer knows.
    """

    id: str
    name: str
    mine: bool
    shared: bool
    default_for: str
    state: Mapping[str, Any]
    dropped: tuple[str, ...] = ()

    @property
    def density(self) -> str:
        """compact, roomy, or "" for the reader's own."""
        return str(self.state.get("density", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The address as the list reads it, the view it came from, and the views on offer."""

    query: QueryDict
    saved: Saved | None = None
    offered: tuple[Saved, ...] = field(default=())


def opened(request: ConsoleRequest, page: ListPage, options: Options) -> Opened:
    """Resolve `view`, or the default of the viewer's role on a bare address.

    At most one statement on oi_console; none for programs that name no saved view. Raises
    BadFilter for a view that is not there or not the viewer's to see.
    """
    query = cast(QueryDict, request.GET)
    wanted = query.get("view", "")
    by_id = bool(CANONICAL_UUID.fullmatch(wanted))
    shown = not wants_json(request) and getattr(request, "captured", None) is None
    who = getattr(request, "who", None)
    if who is None or not (by_id or (shown and not query.get("format"))):
        return Opened(query=_plain(query, page))
    offered = list_views(request.scope, page, user_id=who.user_id, options=options)
    saved = _chosen(offered, wanted, query, who.role) if shown or by_id else None
    if saved is None:
        if by_id:
            raise BadFilter("view", rule="names no view that you may see")
        return Opened(query=_plain(query, page), offered=offered)
    if not set(query) - NOT_STATE:
        query = _expanded(query, saved, page)
        request.GET = cast(Any, query)
    return Opened(query=_based(query, saved), saved=saved, offered=offered)


def list_views(
    scope: Scope, page: ListPage, *, user_id: str, options: Options
) -> tuple[Saved, ...]:
    """The viewer's own views of the list and the shared ones, by name. One statement."""
    rows = SavedView.objects.within(scope).filter(list_name=page.name).order_by("name", "id")
    mine = [row for row in rows[: 4 * VIEWS_MAX] if row.shared or row.owner_id == user_id]
    return tuple(_saved(row, page, options, user_id) for row in mine[:VIEWS_MAX])


def state_of(ask: Ask, *, density: str = "") -> dict[str, Any]:
    """What a view keeps of a list, in one canonical form."""
    params = {name: list(values) for name, values in sorted(ask.values.items())}
    return {
        "base": ask.view,
        "params": params | ({"q": [ask.q]} if ask.q else {}),
        "sort": f"{'-' if ask.descending else ''}{ask.sort}",
        "columns": [column.name for column in ask.columns],
        "density": density,
    }


def is_changed(ask: Ask, saved: Saved) -> bool:
    """True if the list no longer is as the view saved it: the unsaved dot."""
    return state_of(ask, density=saved.density) != dict(saved.state)


def _saved(row: SavedView, page: ListPage, options: Options, user_id: str) -> Saved:
    state, dropped = _known(dict(row.state), page, options)
    return Saved(
        id=row.id,
        name=row.name,
        mine=row.owner_id == user_id,
        shared=row.shared,
        default_for=row.default_for,
        state=state,
        dropped=dropped,
    )


def _known(
    state: dict[str, Any], page: ListPage, options: Options
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The state without what the list does not know, and the names left out."""
    dropped = [name for name in state["columns"] if page.column(name) is None]
    state["columns"] = [name for name in state["columns"] if name not in dropped]
    if not state["columns"]:
        state["columns"] = [column.name for column in page.columns if column.shown]
    column = page.column(state["sort"].removeprefix("-"))
    if column is None or not column.sort:
        dropped.append(state["sort"].removeprefix("-"))
        state["sort"] = page.default_sort
    readers = {name: wanted for wanted in page.filters for name in wanted.parameters}
    params: dict[str, list[str]] = {}
    for name, values in state["params"].items():
        try:
            if name in readers:
                readers[name].read(name, list(values), options)
            elif name != "q" or page.search is None:
                raise BadFilter(name, rule="is not known")
            params[name] = list(values)
        except BadFilter:
            dropped.append(name)
    state["params"] = params
    if state["base"] and state["base"] not in {view.name for view in page.views}:
        dropped.append(state["base"])
        state["base"] = ""
    return state, tuple(dict.fromkeys(dropped))


def _chosen(offered: tuple[Saved, ...], wanted: str, query: QueryDict, role: str) -> Saved | None:
    if wanted:
        return next((view for view in offered if view.id == wanted), None)
    if set(query) - {"orgId"}:
        return None
    return next((view for view in offered if view.shared and view.default_for == role), None)


def _expanded(query: QueryDict, saved: Saved, page: ListPage) -> QueryDict:
    """The address with the whole state of the view in it; no order beside a filter that has one."""
    full = query.copy()
    full["view"] = saved.id
    for name, values in saved.state["params"].items():
        full.setlist(name, values)
    if not page.fixed_sort & saved.state["params"].keys():
        full["sort"] = saved.state["sort"]
    full["columns"] = ",".join(saved.state["columns"])
    return full


def _based(query: QueryDict, saved: Saved) -> QueryDict:
    """As the list reads it: the built-in view that the saved one began from stands in `view`."""
    read = query.copy()
    del read["view"]
    if saved.state["base"]:
        read["view"] = saved.state["base"]
    return read


def _plain(query: QueryDict, page: ListPage) -> QueryDict:
    """`view=all` is understood by every list: it says that no default is wanted."""
    if query.get("view") != ALL or page.views:
        return query
    read = query.copy()
    del read["view"]
    return read
