"""/find: one box for every number, vehicle, phone and name of the organisation."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from openinsure.authz.decorators import allow
from openinsure.console.links import url
from openinsure.console.lists import refuse_unknown
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.pages import find_recent, find_stored
from openinsure.pages.claim_people import hidden_from
from openinsure.pages.find_hits import Found, look_up
from openinsure.pages.find_keys import Typed
from openinsure.problems import BadFilter, BadForm

PARAMETERS = {"q": False, "t": False, "go": False, "orgId": False}


@dataclass(frozen=True, slots=True)
class HitLine:
    """One hit as JSON tells it. via: what matched where it is not the number or name."""

    kind: str
    id: str
    number: str
    title: str
    status: str
    exact: bool
    via: str
    href: str


@require_safe
@allow("org.view")
def find(request: ConsoleRequest) -> HttpResponse:
    """Hits of ?q=, or of the stored text of ?t=; ?go=1 opens the one exact number."""
    refuse_unknown(request.GET, PARAMETERS, "the look-up")
    text = _text(request)
    typed = Typed.of(text) if text.strip() else None
    found = _look_up(request, typed) if typed else Found()
    if _go(request) and (hit := found.only_exact):
        find_recent.remember(request, hit)
        return HttpResponseRedirect(hit.href)
    return _answer(request, text, found)


@require_POST
@allow("org.view")
def searches(request: ConsoleRequest) -> HttpResponse:
    """Take a text out of addresses and logs: JSON gets the hits, a browser goes to its token.

    Only personal text is stored; a plain number may stand in the address. 422 for no text.
    """
    try:
        typed = Typed.of(request.POST.get("q", ""))
    except BadFilter as problem:
        raise BadForm({"q": problem.rule}) from None
    if wants_json(request):
        return _answer(request, typed.text, _look_up(request, typed))
    if not typed.personal:
        return _see_other(url("find", q=typed.text, go="1"))
    token = find_stored.store(request.scope, request.who, typed.text, now=timezone.now())
    return _see_other(url("find", t=token, go="1"))


@require_safe
@allow("org.view")
def recents(request: ConsoleRequest) -> HttpResponse:
    """What this person opened last, newest first; for the palette."""
    refuse_unknown(request.GET, {"orgId": False}, "the recent objects")
    rows = find_recent.recent(request)
    return render_page(
        request,
        "find/recents.html",
        data=lambda: {"rows": [_told(row) for row in rows]},
        rows=rows,
    )


def _look_up(request: ConsoleRequest, typed: Typed) -> Found:
    return look_up(request.scope, typed, request.rights, lambda: hidden_from(request))


def _answer(request: ConsoleRequest, text: str, found: Found) -> HttpResponse:
    request.rows_returned = len(found.hits)
    return render_page(
        request,
        "find/find.html",
        "find/_hits.html",
        data=lambda: {
            "rows": [_told(hit) for hit in found.hits],
            "next": None,
            "silent": list(found.silent),
        },
        text=text,
        found=found,
    )


def _told(hit: find_recent.Shown) -> dict[str, object]:
    return {name: getattr(hit, name) for name in HitLine.__slots__}


def _text(request: ConsoleRequest) -> str:
    token, text = request.GET.get("t"), request.GET.get("q")
    if token is not None and text is not None:
        raise BadFilter("t", rule="cannot be combined with q")
    return find_stored.read(request.scope, token) if token is not None else text or ""


def _go(request: ConsoleRequest) -> bool:
    go = request.GET.get("go")
    if go not in (None, "1"):
        raise BadFilter("go", rule="must be 1")
    return go == "1" and not wants_json(request)


def _see_other(address: str) -> HttpResponse:
    return HttpResponse(status=303, headers={"Location": address})


urlpatterns = [
    path("find", find, name="find"),
    path("find/searches", searches, name="find.searches"),
    path("find/recents", recents, name="find.recents"),
]
