"""Refusals and failures as answers: one problem, four renderings, never a stack trace.

JSON for programs, a fragment for htmx, a page for people, a redirect to /login for the signed
out. Domain code raises `Problem`; anything else is our fault, logged, and says only "internal".
"""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.core.exceptions import BadRequest, RequestDataTooBig
from django.db.utils import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string

from openinsure.console import links
from openinsure.console.corrections import kept
from openinsure.console.request import request_id_of, wants_fragment, wants_json
from openinsure.problems import (
    BadForm,
    Conflict,
    Forbidden,
    NeedsSignIn,
    Problem,
    TooMany,
    Unavailable,
)
from openinsure.tenancy.scope import NoTenantContext, TenantLeak

log = logging.getLogger(__name__)

HEADINGS = {
    400: "This request cannot be read",
    401: "Sign in to continue",
    403: "You may not open this",
    404: "Not found",
    405: "This address does not do that",
    409: "This changed in the meantime",
    413: "This is too large",
    422: "Something needs a correction",
    429: "Too many requests",
    500: "Something failed on our side",
    503: "Not available right now",
}
INTERNAL = "This page failed and nothing was changed. Try again, or give support the request id."
NO_PAGE = "There is no page at this address. Check the address or look it up."
UNREADABLE = "The request could not be read, so nothing was done. Check the address or the form."
TOO_LARGE = "The request is larger than this address takes, so nothing was done."
STALE_FORM = "The form is too old or came from another site, so nothing was done. Reload the page."
WRONG_METHOD = "This address does not take that method, so nothing was done."
DATABASE_AWAY = "The database of this page does not answer, so nothing is shown. Try again soon."
TOO_SLOW = "The database took too long, so nothing is shown. Narrow your search or try again."
BUSY_ROW = "Somebody else is changing this record. Try again in a few seconds."

# MySQL and MariaDB error numbers (engines.md 1); all other driver errors are our bugs.
AWAY = frozenset({1040, 1044, 1045, 1129, 1203, 1226, 2002, 2003, 2005, 2006, 2013, 3118, 4151})
SLOW = frozenset({1317, 1969, 3024})
CONTENDED = frozenset({1205, 1213})


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What errors/page.html shows."""

    status: int
    code: str
    heading: str
    message: str
    request_id: str
    field: str = ""
    rule: str = ""


def render_problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The answer to a refusal in the form its sender asked for. Never raises."""
    if isinstance(problem, NeedsSignIn) and not wants_json(request):
        return _to_sign_in(request)
    page = ErrorPage(
        status=problem.status,
        code=problem.code,
        heading=HEADINGS.get(problem.status, HEADINGS[400]),
        message=problem.message,
        request_id=request_id_of(request),
        field=problem.field,
        rule=problem.rule,
    )
    response = _json(page, problem) if wants_json(request) else _html(request, page, problem)
    if isinstance(problem, (TooMany, Unavailable)):
        response["Retry-After"] = str(problem.retry_after_s)
    if problem.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def problem_of(error: BaseException) -> Problem | None:
    """The refusal that an exception stands for; None if it is our bug."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, (OperationalError, InterfaceError)):
        return _database_problem(error)
    return None


def _database_problem(error: OperationalError | InterfaceError) -> Problem | None:
    code = error.args[0] if error.args else None
    if code in CONTENDED:
        return Conflict(BUSY_ROW, code="busy")
    if code in SLOW:
        return Unavailable(TOO_SLOW, code="too_slow", retry_after_s=5)
    if code in AWAY or type(code) is not int:  # PostgreSQL's driver has no numbers
        return Unavailable(DATABASE_AWAY, code="database_unavailable")
    return None


def internal_error(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """500 "internal", logged with its frames; a tenant leak alerts and says no more."""
    if isinstance(error, (TenantLeak, NoTenantContext)):
        log.critical("tenant leak stopped", exc_info=error, extra={"alert": "tenant_leak"})
    else:
        log.error("unhandled exception", exc_info=error, extra={"alert": "unhandled"})
    problem = Problem(INTERNAL, code="internal")
    problem.status = 500
    return render_problem(request, problem)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 `csrf_failed` (settings.CSRF_FAILURE_VIEW); reason is Django's own English text."""
    log.warning("csrf refused", extra={"reason": reason})
    return render_problem(request, Forbidden(STALE_FORM, code="csrf_failed"))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: suspicious or unreadable requests; 413 for too large ones."""
    if isinstance(exception, RequestDataTooBig):
        problem = Problem(TOO_LARGE, code="too_large")
        problem.status = 413
        return render_problem(request, problem)
    text = str(exception) if type(exception) is BadRequest else ""
    return render_problem(request, Problem(text or UNREADABLE))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403: Django's PermissionDenied; ours is Forbidden with its own words."""
    return render_problem(request, Forbidden("Your role may not do this."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404: no route."""
    problem = Problem(NO_PAGE, code="not_found")
    problem.status = 404
    return render_problem(request, problem)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: also where a Problem raised by a middleware arrives."""
    error = sys.exc_info()[1]
    problem = problem_of(error) if error else None
    return render_problem(request, problem) if problem else internal_error(request, error)


def method_not_allowed(request: HttpRequest, bare: HttpResponse) -> HttpResponse:
    """A body for Django's empty 405; Allow is kept."""
    problem = Problem(WRONG_METHOD, code="method_not_allowed")
    problem.status = 405
    response = render_problem(request, problem)
    response["Allow"] = bare["Allow"]
    return response


def _json(page: ErrorPage, problem: Problem) -> HttpResponse:
    body: dict[str, object] = {
        "error": page.code,
        "message": page.message,
        "request_id": page.request_id,
    }
    if page.field:
        body["field"] = page.field
    if page.rule:
        body["rule"] = page.rule
    if isinstance(problem, BadForm):
        body["errors"] = problem.errors
    return JsonResponse(body, status=page.status)


def _html(request: HttpRequest, page: ErrorPage, problem: Problem | None = None) -> HttpResponse:
    template = "errors/_part.html" if wants_fragment(request) else "errors/page.html"
    try:
        named = f"error.{page.status}"
        context: dict[str, Any] = {"error": page, "page_name": named, "kept": ()}
        if isinstance(problem, BadForm):
            context |= {"errors": problem.errors, "kept": kept(request, problem)}
        body: str = render_to_string(template, context, request)
    except Exception as error:  # the shell itself is broken; still answer, in its plainest form
        log.critical("error page failed", exc_info=error, extra={"alert": "error_page"})
        body = LAST_RESORT.format(status=page.status, code=page.code, request_id=page.request_id)
    return HttpResponse(body, status=page.status)


LAST_RESORT = (
    '<!doctype html><html lang="en" data-page="error.{status}" data-org="" data-scope="none">'
    "<title>OpenInsure Console</title><main><h1>This page failed</h1>"
    '<p data-error="{code}">Nothing was changed. Request id {request_id}</p></main></html>'
)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    address = f"/login?{urlencode({'next': _resume_at(request)})}"
    if request.headers.get("HX-Request") == "true":
        # Never 302: XHR follows it and the sign-in page lands inside the table.
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _resume_at(request: HttpRequest) -> str:
    """Where to go after signing in: the page in the address bar; "/" for what cannot repeat."""
    if request.headers.get("HX-Request") == "true":
        current = urlsplit(request.headers.get("HX-Current-URL", ""))
        wanted = f"{current.path}?{current.query}" if current.query else current.path
    else:
        wanted = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
    return wanted if links.is_local(wanted) else "/"
