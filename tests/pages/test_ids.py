"""No id occurs twice on a page, in any of its tabs: labels and errors point at one field."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest

from openinsure.authz.permissions import Role
from openinsure.settings.databases import KEYSPACES
from tests import people
from tests.hostile.places import PAGES as FORM_PAGES
from tests.routes import ROUTES
from tests.test_query_counts import TAB, VIEWERS
from tests.test_routes import World, allowed, standing_world, world

__all__ = ["standing_world", "world"]  # the fixture
ADDRESSES = sorted({
    *(route.path for route in ROUTES.values() if route.verb == "get"),
    *FORM_PAGES.values(),
})  # fmt: skip


class Ids(HTMLParser):
    """The ids of a page, how often each, and what its labels and descriptions name."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: Counter[str] = Counter()
        self.named: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collects."""
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.found[given["id"]] += 1
        if tag == "label" and "for" in given:
            self.named.add(given["for"])
        self.named.update(given.get("aria-describedby", "").split())


def faults(client: Any, address: str) -> tuple[list[str], list[str]]:
    """Ids that occur twice or are named without being there; further tabs of the page."""
    answer: Any = client.get(address)
    if answer.status_code != 200 or "html" not in answer.headers["content-type"]:
        return [], []
    text = answer.content.decode()
    ids = Ids(text)
    twice = [f"{one} twice" for one, times in ids.found.items() if times > 1]
    lost = [f"{one} is nowhere" for one in sorted(ids.named - ids.found.keys())]
    return twice + lost, sorted(set(TAB.findall(text)))


@pytest.mark.django_db(databases=["default", *KEYSPACES])
@pytest.mark.parametrize("role", VIEWERS)
def test_it_names_each_place_once(world: World, role: Role) -> None:
    client = people.browser(world.acme.org_id, role)
    seen = {route.path for name, route in ROUTES.items() if allowed(role, name)}
    found: dict[str, list[str]] = {}
    for pattern in ADDRESSES:
        if pattern.partition("?")[0] not in seen:
            continue
        address = pattern.format_map(world.acme_numbers)
        found[pattern], tabs = faults(client, address)
        for tab in tabs if "?" not in address else ():
            found[f"{pattern}?tab={tab}"], _ = faults(client, f"{address}?tab={tab}")
    assert {page: wrong for page, wrong in found.items() if wrong} == {}
