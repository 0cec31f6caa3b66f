"""Middleware: the organisation of a request, from the verified identity, entered round the view.

`?orgId=` never chooses a tenant: it only names which grant is meant. What is allowed when is in
`console.crossing`; here it is applied, the scope is entered, and streaming bodies re-enter it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar, cast

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from openinsure.audit import access
from openinsure.console import crossing
from openinsure.console.crossing import Admission
from openinsure.console.request import ConsoleRequest
from openinsure.problems import Problem, Unavailable
from openinsure.tenancy.scope import Scope, entered

Handler = Callable[[HttpRequest], HttpResponseBase]
T = TypeVar("T")

log = logging.getLogger(__name__)


def scope(get_response: Handler) -> Handler:
    """Put `request.scope` and `request.grant`, refuse what may not cross, enter the scope."""

    def middleware(bare: HttpRequest) -> HttpResponseBase:
        request = cast(ConsoleRequest, bare)
        request.grant, request.rows_returned = None, None
        if request.who is None:
            return get_response(request)
        request.scope = crossing.own_scope(request)
        try:
            admitted = crossing.admit(request)
        except Problem as problem:
            return request.refuse(problem)
        if isinstance(admitted, HttpResponse):
            return admitted
        request.scope, request.grant = admitted.scope, admitted.grant
        with entered(admitted.scope):
            response = get_response(request)
        return _completed(request, admitted, response)

    return middleware


def streaming(scope: Scope, pages: Iterable[T]) -> Iterator[T]:
    """The same items, each fetched with the scope entered.

    A streaming body runs after the middleware has left the scope. The scope is entered anew for
    each fetch and never held across a yield, where it would leak into whatever runs next.
    """
    iterator = iter(pages)
    try:
        while True:
            with entered(scope):
                try:
                    item = next(iterator)
                except StopIteration:
                    return
            yield item
    finally:
        close = getattr(iterator, "close", None)
        if close is not None:
            with entered(scope):
                close()


def _completed(
    request: ConsoleRequest, admitted: Admission, response: HttpResponseBase
) -> HttpResponseBase:
    if isinstance(response, StreamingHttpResponse) and not response.is_async:
        body = cast(Iterator[bytes], response.streaming_content)
        response.streaming_content = _counted(request, admitted, body)
    else:
        _record_rows(request, admitted)
    return response


def _counted(
    request: ConsoleRequest, admitted: Admission, body: Iterator[bytes]
) -> Iterator[bytes]:
    try:
        yield from streaming(admitted.scope, body)
    finally:
        _record_rows(request, admitted)


def _record_rows(request: ConsoleRequest, admitted: Admission) -> None:
    """Complete the access row. The read is on record already, so a failure here only warns."""
    if admitted.access_id is None or request.rows_returned is None:
        return
    try:
        access.record_rows(
            org_id=admitted.scope.org_id,
            access_id=admitted.access_id,
            subject=admitted.scope.subject,
            rows=request.rows_returned,
        )
    except Unavailable:
        log.warning("rows_returned of a cross-org read is not recorded")
