"""The request as views see it, and what form of answer its sender wants. Knows no app."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse

from openinsure.problems import Problem
from openinsure.tenancy.scope import Scope

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from openinsure.accounts.identity import Identity
    from openinsure.audit.grants import CrossOrgGrant
    from openinsure.console.rendering import Captured


class ConsoleRequest(HttpRequest):
    """HttpRequest plus what the middlewares and the `allow` decorator have put on it.

    scope is set for every view whose permission needs an identity; rights hold the permissions
    of this request (one bulk check). refuse renders a Problem where raising would be too late.
    """

    request_id: str
    who: Identity | None
    scope: Scope
    grant: CrossOrgGrant | None
    rows_returned: int | None
    rights: frozenset[str]
    htmx: HtmxDetails
    refuse: Callable[[Problem], HttpResponse]
    captured: Captured | None


def wants_json(request: HttpRequest) -> bool:
    """True if JSON is preferred to HTML; a bearer token without a wish for HTML means JSON."""
    if request.headers.get("Authorization", "").lower().startswith("bearer "):
        return "text/html" not in request.headers.get("Accept", "")
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def wants_fragment(request: HttpRequest) -> bool:
    """True if htmx swaps part of a page. Never a question of permission."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def is_signed_in(request: HttpRequest) -> bool:
    """True once a verified identity hangs on the request."""
    return getattr(request, "who", None) is not None


def request_id_of(request: HttpRequest) -> str:
    """The id of X-Request-ID, or "" outside the middleware (a unit test)."""
    return str(getattr(request, "request_id", ""))
