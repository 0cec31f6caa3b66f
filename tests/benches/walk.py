"""One visitor's walk: every page they may open and may not, in every form, and where links lead."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from openinsure.console.rendering import COUNT_TARGET, DRAWER_TARGET
from tests.benches import stack
from tests.benches.addresses import Address, Markup, Walked, address
from tests.benches.objects import path_of
from tests.benches.visitors import FORBIDDEN, OK, PERSONAL, Visitor
from tests.routes import ROUTES
from tests.test_query_counts import AUDITED

LIMIT_MS, FILE_LIMIT_MS, STATEMENTS_MAX = 300.0, 2_000.0, 6
READS_MAX = 2_000 + 100  # a list that walks (decisions.md 8), and its panels; files read it all
CROSSING = 8  # statements that a visit spends on its own record: two rows, their transactions
REFUSING = 6  # and a refusal on its: the row, its place in the chain, their transaction
TIMES = 3  # a request that breaks a gate is asked again: the fewest of three count
NEVER = {"signin.login", "signin.logout", "signin.confirm"}  # these end the walk
FILES = ("csv", "xlsx")
HTMX = {"accept": "text/html", "hx-request": "true"}
HTML, JSON = {"accept": "text/html"}, {"accept": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request and what came of it. faults: what is wrong with it, in words."""

    visitor: Visitor
    name: str
    form: str
    target: str
    status: int
    cost: stack.Cost
    states: dict[str, str]
    faults: tuple[str, ...]


def walk(visitor: Visitor) -> Iterator[Call]:
    """Every call of one visitor; those that a page leads to come after it."""
    walked, waiting = Walked(), deque(_begin(visitor))
    list(walked.fresh(waiting))
    while waiting:
        here = waiting.popleft()
        for call, markup in _forms(visitor, here):
            yield call
            if markup is not None:
                waiting += walked.fresh(_leads(visitor, here, markup))


def _begin(visitor: Visitor) -> Iterator[Address]:
    """A page of each route that there is an object for."""
    for name, route in ROUTES.items():
        if route.verb != "get" or name in PERSONAL | NEVER:
            continue
        try:
            path = path_of(name, visitor.numbers)
        except KeyError:
            continue
        if found := address(path, path):
            yield found


def _leads(visitor: Visitor, here: Address, markup: Markup) -> Iterator[Address]:
    """Where links lead, but for a second wish of the same list: wishes are not combined."""
    path = here.target.partition("?")[0]
    for link in markup.links:
        found = address(link, path)
        if found is None or found.name in NEVER or "format" in dict(found.told):
            continue  # files are asked for below
        combined = here.told and found.told and here.name == found.name
        if not combined and (visitor.deep or not found.ordering):
            yield found


def _forms(visitor: Visitor, here: Address) -> Iterator[tuple[Call, Markup | None]]:
    """The forms of one page; the first comes with its markup, if it is one."""
    if visitor.scripted:
        yield _call(visitor, here, "json", JSON)[0], None
        return
    call, body = _call(visitor, here, "html", HTML)
    markup = Markup(body) if call.status in OK else None
    yield call, markup
    if not here.told:
        yield _call(visitor, here, "json", JSON)[0], None
    if markup is None or here.ordering:
        return
    yield _call(visitor, here, "htmx", HTMX)[0], None
    if here.told:
        return
    for target, element in markup.loads:
        if element == COUNT_TARGET and (loaded := address(target, here.target)):
            yield _call(visitor, loaded, "count", HTMX | {"hx-target": element})[0], None
    if markup.peeks and markup.first_row:
        peeked = _asking(here, peek=markup.first_row)
        yield _call(visitor, peeked, "peek", HTML)[0], None
        yield _call(visitor, peeked, "drawer", HTMX | {"hx-target": DRAWER_TARGET})[0], None
    if markup.lists:
        for file in FILES if visitor.deep else FILES[:1]:
            yield _call(visitor, _asking(here, format=file), file, HTML)[0], None


def _asking(here: Address, **query: str) -> Address:
    mark = "&" if "?" in here.target else "?"
    return Address(here.name, here.keys, here.told, f"{here.target}{mark}{urlencode(query)}")


def _call(visitor: Visitor, here: Address, form: str, headers: dict[str, str]) -> tuple[Call, str]:
    """One address in one form, asked again while it breaks a gate; and the body of a page."""
    target = here.target
    if visitor.query and "orgId=" not in target:
        target += ("&" if "?" in target else "?") + urlencode(visitor.query)
    best: Call | None = None
    for _ in range(TIMES):
        with stack.costing() as cost:
            answer: Any = visitor.client.get(target, headers=headers)
            streamed = b"".join(answer.streaming_content) if answer.streaming else b""
        body = "" if streamed or form in FILES else answer.content.decode()
        states = Markup(body).states if form == "html" else {}
        faults = tuple(_faults(visitor, here.name, form, answer.status_code, cost, states))
        call = Call(
            visitor=visitor, name=here.name, form=form, target=target, status=answer.status_code,
            cost=cost, states=states, faults=faults,
        )  # fmt: skip
        if best is None or len(faults) < len(best.faults) or cost.wall_ms < best.cost.wall_ms:
            best = call
        if not best.faults:
            break
    assert best is not None
    return best, body


def _faults(
    visitor: Visitor, name: str, form: str, status: int, cost: stack.Cost, states: dict[str, str]
) -> Iterator[str]:
    file = form in FILES
    if status not in visitor.expected(name, "file" if file else form):
        yield f"status {status}"
    most = STATEMENTS_MAX + AUDITED.get(name, 0) + (CROSSING if visitor.visiting else 0)
    if status in FORBIDDEN:
        most += REFUSING
    if cost.statements > most and not file:
        yield f"{cost.statements} statements"
    spent = cost.cpu_ms if stack.busy() else cost.wall_ms
    if spent > (FILE_LIMIT_MS if file else LIMIT_MS):
        yield f"{spent:.0f} ms"
    if cost.reads > READS_MAX and not file:
        yield f"{cost.reads:,} rows read"
    yield from (f"{panel} unavailable" for panel, said in states.items() if said == "unavailable")
