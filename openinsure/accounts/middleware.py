"""The two middlewares of settings: whose session the request carries, and who that is.

With `Authorization` present the cookie is ignored. Everything a request's own code asks for (a
new key, an ended session) becomes a cookie on the way out, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.middleware.csrf import rotate_token
from django.utils import timezone

from openinsure.accounts import bearer, rates, trail
from openinsure.accounts import sessions as store
from openinsure.accounts.network import client_ip
from openinsure.accounts.stepup import StepUpNeeded
from openinsure.problems import Problem

Handler = Callable[[HttpRequest], HttpResponseBase]
# No I/O for these: they must answer while everything else is away.
PROBES = frozenset({"/healthz", "/readyz", "/version"})
IP_PER_MINUTE, SESSION_PER_MINUTE = 1_200, 600


def sessions(get_response: Handler) -> Handler:
    """Set client_ip and session_record, exempt a bearer without cookie from CSRF, keep cookies."""

    def middleware(request: Any) -> HttpResponseBase:
        request.client_ip = client_ip(request.META, settings.PROXY_COUNT)
        request.session_record = request.new_session_key = None
        request.session_is_over = False
        if request.path in PROBES:
            return get_response(request)
        try:
            rates.limit("ip", request.client_ip, IP_PER_MINUTE)
        except Problem as refusal:
            return refused(request, refusal)
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if "HTTP_AUTHORIZATION" in request.META:
            request._dont_enforce_csrf_checks = key is None
        elif key is not None:
            request.session_record = store.read(key, now=timezone.now())
            request.session_is_over = request.session_record is None
        return _with_cookie(request, get_response(request))

    return middleware


def refused(request: Any, problem: Problem) -> HttpResponseBase:
    """The shell's rendering of a refusal."""
    answer: HttpResponseBase = request.refuse(problem)
    return answer


def _with_cookie(request: Any, response: HttpResponseBase) -> HttpResponseBase:
    if request.new_session_key:
        response.set_cookie(
            settings.SESSION_COOKIE_NAME,
            request.new_session_key,
            max_age=int(store.ABSOLUTE.total_seconds()),
            secure=bool(settings.SESSION_COOKIE_SECURE),
            httponly=True,
            samesite="Lax",
        )
    elif request.new_session_key == "":
        response.delete_cookie(settings.SESSION_COOKIE_NAME, samesite="Lax")
    return response


def give_key(request: Any, key: str) -> None:
    """Send the browser this session key, and a new CSRF secret with it (no fixation)."""
    request.new_session_key = key
    rotate_token(request)


def take_key(request: Any) -> None:
    """Remove the session cookie from the browser."""
    request.new_session_key = ""
    rotate_token(request)


def renew_key(request: Any) -> None:
    """A new key for the session of this request; call it when a person enters or leaves."""
    who = request.who
    if who is not None and who.via == "session":
        key = store.renew(who.session_id)
        if key is not None:
            give_key(request, key)


class _Identity:
    """Put `request.who`: an Identity or None; answer a step-up that a view asked for."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        request.who = None
        if request.path in PROBES:
            return self.get_response(request)
        try:
            header = request.META.get("HTTP_AUTHORIZATION")
            if header is not None:
                origin = trail.origin_of(request)
                token = bearer.token_of(header)
                request.token = bearer.believe(token, now=timezone.now(), origin=origin)
                request.who = request.token.identity
            elif request.session_record is not None:
                request.who = request.session_record.identity
            if request.who is not None:
                request.org_name = request.who.org_name
                rates.limit("session", request.who.session_id, SESSION_PER_MINUTE)
        except Problem as refusal:
            return refused(request, refusal)
        return self.get_response(request)

    def process_exception(self, request: Any, error: Exception) -> HttpResponseBase | None:
        """Lead a browser to /login/confirm; 307 keeps the method and the form for afterwards."""
        wants_html = "text/html" in request.headers.get("Accept", "")
        if not isinstance(error, StepUpNeeded) or not wants_html or request.who.via != "session":
            return None
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=403, headers={"HX-Redirect": "/login/confirm"})
        address = f"/login/confirm?{urlencode({'next': request.get_full_path()})}"
        response = HttpResponseRedirect(address)
        if request.method == "POST":
            response.status_code = 307
        return response


identity = _Identity
