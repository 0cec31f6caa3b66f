"""What was just done, told on the next page, with Undo where the act can be taken back.

A signed cookie carries it over the redirect, so no address holds it; the next full page shows it
once. The same signed text is what the Undo button posts: nothing is stored for an undo that
nobody asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from openinsure.console.request import ConsoleRequest
from openinsure.problems import BadForm
from openinsure.tenancy.scope import Scope

COOKIE, FIELD, SALT = "oi-done", "token", "openinsure.console.undo.v1"
LIFE = timedelta(minutes=10)  # an Undo pressed later is refused
SHOWN_FOR_S = 60  # a cookie that no page took
COOKIE_MAX = 2_000  # characters


@dataclass(frozen=True, slots=True)
class Told:
    """One message of the page. token: what Undo posts, "" where nothing can be taken back."""

    text: str
    token: str


@dataclass(frozen=True, slots=True)
class Wish:
    """An Undo that was asked for. facts: what the act left, as texts. back: where it was done."""

    kind: str
    facts: Mapping[str, str]
    back: str
    id: str


def tell(
    request: ConsoleRequest,
    response: HttpResponse,
    text: str,
    *,
    undo: str = "",
    facts: Mapping[str, str] | None = None,
    back: str = "",
    id: str = "",
) -> None:
    """Have the next page say it. undo: the kind of act; id: of the form that did it."""
    scope = request.scope
    said = {
        "text": text, "undo": undo, "facts": dict(facts or {}), "back": back, "id": id,
        "org": scope.org_id, "by": scope.subject,
    }  # fmt: skip
    value = signing.dumps(said, salt=SALT, compress=True)
    if len(value) <= COOKIE_MAX:
        response.set_cookie(
            COOKIE, value, max_age=SHOWN_FOR_S, httponly=True, samesite="Lax",
            secure=request.is_secure(),
        )  # fmt: skip


def back(
    request: ConsoleRequest,
    address: str,
    text: str,
    *,
    undo: str = "",
    facts: Mapping[str, str] | None = None,
    id: str = "",
) -> HttpResponse:
    """303 to a page that says what was done: how every form that wrote something ends."""
    response = HttpResponseRedirect(address, status=303)
    tell(request, response, text, undo=undo, facts=facts, back=address, id=id)
    return response


def told(request: HttpRequest) -> Told | None:
    """What the cookie says to this person in this organisation; None without one."""
    token = request.COOKIES.get(COOKIE, "")
    said = _read(request, token) if token else None
    if said is None:
        return None
    return Told(said["text"], token if said["undo"] else "")


def forget(request: HttpRequest, response: HttpResponse) -> None:
    """The page showed it."""
    if COOKIE in request.COOKIES:
        response.delete_cookie(COOKIE, samesite="Lax")


def asked(request: HttpRequest) -> Wish:
    """The Undo of a post. Raises BadForm for what is not this person's, or too old."""
    said = _read(request, request.POST.get(FIELD, ""))
    if said is None or not said["undo"]:
        raise BadForm({FIELD: "must be an undo of your own from the last ten minutes"})
    return Wish(said["undo"], said["facts"], said["back"], said["id"])


def _read(request: HttpRequest, token: str) -> dict[str, Any] | None:
    scope: Scope | None = getattr(request, "scope", None)
    if scope is None:
        return None
    try:
        said: dict[str, Any] = signing.loads(token, salt=SALT, max_age=LIFE)
    except signing.BadSignature:
        return None
    return said if (said["org"], said["by"]) == (scope.org_id, scope.subject) else None
