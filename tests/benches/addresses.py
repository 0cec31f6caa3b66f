"""Addresses that a page leads to: read from its markup, told apart by what they ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

from django.urls import Resolver404, resolve

from tests.routes import ROUTES

# Their values ask for different things; of the others (cursors, ids, days) one value is enough.
TELLING = frozenset({"tab", "view", "tool", "sort", "kind", "status", "balance"})
ORDERING = frozenset({"sort", "tool", "after", "before", "columns", "size"})
EACH = "ops."  # routes of which every object is walked: there are a few databases
OBJECTS_MAX = 2  # of another route, with the newest object that the walk begins with


class Markup(HTMLParser):
    """What the walk needs of a page: links, what htmx loads, the first row, panels."""

    def __init__(self, body: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[tuple[str, str]] = []  # address and id of the element that it fills
        self.first_row = ""
        self.peeks = self.lists = False
        self.states: dict[str, str] = {}  # of panels that are not kept from the viewer
        self.feed(body)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what an element says."""
        said = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in said:
            self.links.append(said["href"])
        if "hx-get" in said:
            target = said.get("hx-target", "").removeprefix("#")
            self.loads.append((said["hx-get"], said.get("id", "") if target == "this" else target))
        if tag == "tr" and "data-id" in said and not self.first_row:
            self.first_row = said["data-id"]
        if "data-panel-state" in said and said.get("data-reason") != "forbidden":
            self.states[said.get("data-panel", "")] = said["data-panel-state"]
        self.peeks = self.peeks or "data-peeks" in said
        self.lists = self.lists or said.get("id") == "list"


@dataclass(frozen=True, slots=True)
class Address:
    """A page of this site. keys: its object; told: what is asked of it, telling values only."""

    name: str
    keys: tuple[object, ...]
    told: tuple[tuple[str, str], ...]
    target: str

    @property
    def ordering(self) -> bool:
        """True if it only asks for another order, menu or page of the same."""
        return any(name in ORDERING for name, _ in self.told)


def address(target: str, here: str) -> Address | None:
    """What a link of the page `here` leads to; None elsewhere, within the page or no GET page."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or target.startswith("#"):
        return None
    path = parts.path or here
    try:
        match = resolve(path)
    except Resolver404:
        return None
    if match.view_name not in ROUTES:
        return None
    asked = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k != "orgId"]
    told = sorted({(k, v if k in TELLING else "") for k, v in asked})
    query = f"?{parts.query}" if parts.query else ""
    keys = tuple(match.kwargs.values()) or match.args
    return Address(match.view_name, keys, tuple(told), path + query)


class Walked:
    """What was asked already."""

    def __init__(self) -> None:
        self._asked: set[tuple[object, ...]] = set()
        self._objects: dict[str, set[object]] = {}

    def fresh(self, found: Iterable[Address]) -> Iterator[Address]:
        """Those that ask for something new: a few objects of a route, everything asked of each."""
        for one in found:
            asked, objects = (
                (one.name, one.keys, one.told),
                self._objects.setdefault(one.name, set()),
            )
            crowded = len(objects) >= OBJECTS_MAX and not one.name.startswith(EACH)
            if asked in self._asked or (crowded and one.keys not in objects):
                continue
            self._asked.add(asked)
            objects.add(one.keys)
            yield one
