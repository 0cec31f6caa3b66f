"""Function middlewares of the shell: request id and access log, security headers, errors.

Order in settings: request_id and content_security_policy are outermost, so even an answer that
Django or another middleware makes by itself carries both.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import cast

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from uuid_utils import uuid7

from openinsure.console.errors import bad_request, method_not_allowed, problem_of, render_problem
from openinsure.console.logs import current_request_id
from openinsure.console.request import ConsoleRequest, is_signed_in

Handler = Callable[[HttpRequest], HttpResponseBase]

access = logging.getLogger("openinsure.access")

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Nothing here is used by the console; a script that got in could not use it either.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)


def request_id(get_response: Handler) -> Handler:
    """Give the request an id of our own making, answer with it, write one access line."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        identity = str(uuid7())
        cast(ConsoleRequest, request).request_id = identity
        token = current_request_id.set(identity)
        started = perf_counter()
        try:
            response = get_response(request)
            response["X-Request-ID"] = identity
            _log_access(request, response, perf_counter() - started)
            return response
        finally:
            current_request_id.reset(token)

    return middleware


def content_security_policy(get_response: Handler) -> Handler:
    """CSP, Permissions-Policy and CORP on every response, errors included."""
    policy = getattr(settings, "CONTENT_SECURITY_POLICY", CONTENT_SECURITY_POLICY)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["Content-Security-Policy"] = policy
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        return response

    return middleware


class Errors:
    """Refusals become answers; dynamic answers are told apart by caches and never kept.

    Inner middlewares cannot be caught here (Django turns their exceptions into answers first):
    they return `request.refuse(problem)`; what they raise reaches errors.server_error.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        cast(ConsoleRequest, request).refuse = partial(render_problem, request)
        try:
            request.get_host()
        except DisallowedHost as forged:
            response: HttpResponseBase = bad_request(request, forged)
        else:
            response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            response = method_not_allowed(request, response)
        patch_vary_headers(response, ["HX-Request", "Accept", "Cookie"])
        if is_signed_in(request) or "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer to a Problem of a view; None leaves our bugs to errors.server_error."""
        problem = problem_of(error)
        return render_problem(request, problem) if problem else None


errors = Errors


def _log_access(request: HttpRequest, response: HttpResponseBase, took_s: float) -> None:
    """Route, not path; no query, no address, no name: a number in a path may lead to a person."""
    if request.path_info.startswith(settings.STATIC_URL):
        return
    match = request.resolver_match
    who = getattr(request, "who", None)
    access.info(
        "request",
        extra={
            "method": request.method,
            "route": f"/{match.route}" if match else "",
            "status": response.status_code,
            "ms": round(took_s * 1000, 1),
            "user_id": getattr(who, "user_id", ""),
            "org_id": getattr(getattr(request, "scope", None), "org_id", ""),
        },
    )
