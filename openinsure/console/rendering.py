"""The only renderers: one query, four renderings (page, htmx fragment, JSON, CSV of lists)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

from openinsure.console import undo
from openinsure.console.exports_csv import file_response
from openinsure.console.list_view import ListView
from openinsure.console.lists import Ask
from openinsure.console.panels import Panel, fields_json, panel_json
from openinsure.console.request import ConsoleRequest, wants_fragment, wants_json
from openinsure.tenancy.listing import Count, Page

R = TypeVar("R")
COUNT_TARGET, DRAWER_TARGET = "list-count", "drawer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Generic[R]):
    """Where a list's rows come from. Each callable is one call into the domain.

    read: the page of an Ask. count: how many rows it has, without reading them all; None if the
    list does not offer a figure. peek: what the drawer shows of one id (raises NotFound).
    """

    read: Callable[[Ask], Page[R]]
    count: Callable[[Ask], Count] | None = None
    peek: Callable[[str], Any] | None = None
    peek_template: str = ""


class Captured:
    """Hung on a request, it takes what the list would show instead of having it rendered."""

    ask: Ask
    source: Source[Any]
    done = False

    def take(self, ask: Ask, source: Source[Any]) -> None:
        """Keep them for whoever made the request (exports_capture)."""
        self.ask, self.source, self.done = ask, source, True


def render_page(
    request: ConsoleRequest,
    template: str,
    part: str | None = None,
    *,
    data: Mapping[str, Any] | Callable[[], Mapping[str, Any]] | None = None,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """The page; its `part` if htmx swaps one; what `data` tells, page and org if JSON is wanted."""
    name = page_name(request)
    if data is not None and wants_json(request):
        scope = getattr(request, "scope", None)
        body = data() if callable(data) else data
        told = {"page": name, "org": scope.org_id if scope else None, **body}
        return JsonResponse(told, status=status)
    chosen = part if part and wants_fragment(request) else template
    context = {"page_name": name, **context}
    response = render(request, chosen, context, status=status)
    if chosen == template and not wants_fragment(request):
        undo.forget(request, response)
    return response


def render_list(
    request: ConsoleRequest,
    ask: Ask,
    source: Source[Any],
    *,
    template: str = "ui/list.html",
    part: str = "ui/_list.html",
    **context: Any,
) -> HttpResponse:
    """A list in the form that was asked for: file, the count, the drawer, JSON, fragment, page."""
    captured: Captured | None = getattr(request, "captured", None)
    if captured is not None:
        captured.take(ask, source)
        return HttpResponse(status=204)
    if ask.format:
        return file_response(request, ask, source.read)
    target = request.headers.get("HX-Target", "") if wants_fragment(request) else ""
    if target == COUNT_TARGET and source.count:
        return render_page(request, "ui/_list_count.html", count=source.count(ask))
    if ask.tool and wants_fragment(request):
        return render_page(request, "ui/_list_tool.html", list=_unread(request, ask))
    peeked = source.peek(ask.peek) if ask.peek and source.peek else None
    request.rows_returned = int(peeked is not None)
    if target == DRAWER_TARGET and peeked is not None:
        return render_page(request, source.peek_template, peek=peeked, **context)
    page = source.read(ask)
    request.rows_returned += len(page.rows)
    view = ListView(
        request=request,
        ask=ask,
        page=page,
        countable=source.count is not None,
        peeks=source.peek is not None,
    )
    return render_page(
        request,
        template,
        part,
        data=view.json,
        list=view,
        peek=peeked,
        peek_template=source.peek_template,
        **context,
    )


def render_detail(
    request: ConsoleRequest,
    template: str,
    part: str | None = None,
    *,
    row: Any,
    panels: Mapping[str, Panel],
    **context: Any,
) -> HttpResponse:
    """One object: a frozen row and its panels by name; JSON tells both."""
    request.rows_returned = 1
    return render_page(
        request,
        template,
        part,
        data=lambda: {
            "row": fields_json(row),
            "panels": {name: panel_json(panel) for name, panel in panels.items()},
        },
        row=row,
        panels=panels,
        **context,
    )


def _unread(request: ConsoleRequest, ask: Ask) -> ListView:
    """A list of which no row is read: its filters and menus only."""
    return ListView(request=request, ask=ask, page=Page((), None, None), countable=False)


def page_name(request: ConsoleRequest) -> str:
    """The URL name, which is data-page and the "page" of JSON."""
    match = request.resolver_match
    return match.view_name if match else ""
