"""The rows of a list page outside its own request, got by asking the page itself.

An export re-runs the list's own view with the stored query: the same permission check, filters
and rows as on the page, so there is nothing to register and nothing that can differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, QueryDict
from django.urls import NoReverseMatch, resolve, reverse
from django_htmx.middleware import HtmxDetails

from openinsure.accounts.identity import Identity
from openinsure.audit.grants import CrossOrgGrant
from openinsure.authz.decorators import ensure_rights
from openinsure.console.lists import Ask
from openinsure.console.rendering import Captured
from openinsure.console.request import ConsoleRequest
from openinsure.problems import BadForm
from openinsure.tenancy.scope import Scope

# Of the address a file does not depend on.
NOT_PART = ("format", "peek", "orgId")
PLACE = ("after", "before", "size")
QUERY_LENGTH_MAX = 4_000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """For whom a list is read, and in which organisation. scope must be the one entered."""

    who: Identity
    scope: Scope
    grant: CrossOrgGrant | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class ListRead:
    """A list understood for a viewer. query: its canonical text, which reads the same again."""

    name: str
    query: str
    ask: Ask
    source: Any
    rights: frozenset[str]
    permission: str


def read_list(viewer: Viewer, name: str, query: str, *, keep_place: bool = False) -> ListRead:
    """The Ask and Source of a list page for this viewer.

    keep_place: the page that the query names; else the whole list. Raises BadForm for a name
    that is no list, and whatever the page itself raises: Forbidden, BadFilter, Unavailable.
    """
    match = _match(name)
    request = _request(viewer, match, _params(query, keep_place=keep_place))
    match.func(request, *match.args, **match.kwargs)
    captured: Captured | None = request.captured
    if captured is None or not captured.done:
        raise BadForm({"list": "must be the name of a list"})
    return ListRead(
        name=name,
        query=request.GET.urlencode(),
        ask=captured.ask,
        source=captured.source,
        rights=ensure_rights(request),
        permission=str(getattr(match.func, "permission", "")),
    )


def _match(name: str) -> Any:
    try:
        return resolve(reverse(name))
    except NoReverseMatch:
        raise BadForm({"list": "must be the name of a list"}) from None


def _params(query: str, *, keep_place: bool) -> QueryDict:
    if len(query) > QUERY_LENGTH_MAX:
        raise BadForm({"query": f"must be at most {QUERY_LENGTH_MAX:,} characters long"})
    params = QueryDict(query.removeprefix("?"), mutable=True)
    for name in NOT_PART if keep_place else (*NOT_PART, *PLACE):
        params.pop(name, None)
    return params


def _request(viewer: Viewer, match: Any, params: QueryDict) -> ConsoleRequest:
    request = cast(ConsoleRequest, HttpRequest())
    request.method = "GET"
    request.path = request.path_info = "/" + match.route
    request.META = {"SERVER_NAME": "console", "SERVER_PORT": "443", "HTTP_ACCEPT": "text/csv"}
    request.GET = cast(Any, params)
    request.resolver_match = match
    request.request_id = viewer.request_id
    request.who, request.scope, request.grant = viewer.who, viewer.scope, viewer.grant
    request.rows_returned = None
    request.htmx = HtmxDetails(request)
    request.captured = Captured()
    return request
