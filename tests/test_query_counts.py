"""Statements per page and database, held by query_counts.json: an N+1 becomes a diff in review.

Every rendering counts: the page, its tabs, the fragments of htmx, JSON of all of them, files; and
the form of a change, where it has an address of its own.
UPDATE_QUERY_COUNTS=1 rewrites the file. Counted on the second request, as a person meets it.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from openinsure.authz.permissions import Role
from openinsure.console.rendering import COUNT_TARGET
from openinsure.settings.databases import KEYSPACES
from tests import people, staff
from tests.routes import ROUTES
from tests.test_routes import World, allowed, call, standing_world, world

__all__ = ["standing_world", "world"]  # the fixture

BASELINE = Path(__file__).with_name("query_counts.json")
AT_MOST = 6  # statements of one page on tenants' databases; the console's own table apart
AUDITED = {"audit.list": 5}  # looking is itself recorded: the head, the row, their transaction
AUDITED_FILE = 6  # and so is a file that leaves the console, with its transaction
TAB = re.compile(r"[?&;]tab=([a-z_]+)")
PAGE, JSON, FRAGMENT, FILE, COUNT = "", "json", "fragment", "csv", "count"
VIEWERS = (
    Role.ORG_ADMIN, Role.UNDERWRITER, Role.FINANCE, Role.DB_OPERATOR, Role.SUPERADMIN,
)  # fmt: skip
PAGES = sorted(name for name, route in ROUTES.items() if route.verb == "get")
FORMS = sorted(set(ROUTES) - set(PAGES))  # those of them that answer a GET


def viewer_of(name: str, world: World) -> Client:
    """A browser of the first role that may see the page; of an adjuster if a relation decides."""
    role = next((role for role in VIEWERS if allowed(role, name)), Role.ADJUSTER)
    return people.browser(world.acme.org_id, role)


def written(baseline: dict[str, dict[str, int]]) -> str:
    """The file: one line a rendering."""
    lines = [
        f"{json.dumps(words)}: {json.dumps(baseline[words], sort_keys=True)}"
        for words in sorted(baseline)
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def form(client: Client, name: str, world: World) -> dict[str, tuple[str, dict[str, str]]]:
    """As `renderings`, of a form at its own address; nothing for a route that only takes posts."""
    answer: Any = client.get(ROUTES[name].path.format_map(world.acme_numbers))
    if answer.status_code != 200:
        return {}
    return {PAGE: ("", {}), JSON: ("", {"accept": "application/json"})}


def renderings(client: Client, name: str, world: World) -> dict[str, tuple[str, dict[str, str]]]:
    """Query and headers of each rendering of a page, by its words in the baseline."""
    page: Any = call(client, name, world.acme_numbers)
    if page.status_code != 200:
        return {PAGE: ("", {})}
    shown = "" if page.streaming else page.content.decode()
    asked = {JSON: ("", {"accept": "application/json"}), FRAGMENT: ("", {"hx-request": "true"})}
    for tab in sorted(set(TAB.findall(shown))):
        asked[f"tab={tab}"] = (f"?tab={tab}", {})
        asked[f"tab={tab} json"] = (f"?tab={tab}", {"accept": "application/json"})
    address = ROUTES[name].path.format_map(world.acme_numbers)
    file: Any = client.get(f"{address}?format=csv")
    if file.status_code == 200 and file["Content-Type"].startswith("text/csv"):
        asked[FILE] = ("?format=csv", {})
        asked[COUNT] = ("", {"hx-request": "true", "hx-target": COUNT_TARGET})
    return {PAGE: ("", {}), **asked}


def counted(name: str, world: World) -> dict[str, dict[str, int]]:
    """Statements per alias of each rendering, warm; 0 is left out."""
    staff.organization(world.acme)  # the directory is never empty
    client = viewer_of(name, world)
    asked = renderings(client, name, world) if name in PAGES else form(client, name, world)
    return {
        f"{name} {words}".rstrip(): fewest(client, name, world, query, headers)
        for words, (query, headers) in asked.items()
    }


def fewest(
    client: Client, name: str, world: World, query: str, headers: dict[str, str]
) -> dict[str, int]:
    """The fewest of three: on a busy machine the copy of the account may come of age in between."""
    told = (once(client, name, world, query, headers) for _ in range(3))
    return min(told, key=lambda counts: sum(counts.values()))


def once(
    client: Client, name: str, world: World, query: str, headers: dict[str, str]
) -> dict[str, int]:
    """The statements of one request."""
    with ExitStack() as stack:
        caught = {
            alias: stack.enter_context(CaptureQueriesContext(connections[alias]))
            for alias in ("default", *KEYSPACES)
        }
        address = ROUTES[name].path.format_map(world.acme_numbers)
        answer: Any = client.get(address + query, headers=headers)
        if answer.streaming:
            list(answer.streaming_content)
    return {alias: len(queries) for alias, queries in caught.items() if len(queries)}


@pytest.mark.django_db(databases=["default", *KEYSPACES])
@pytest.mark.parametrize("name", [*PAGES, *FORMS])
def test_it_makes_the_statements_of_the_baseline(world: World, name: str) -> None:
    found = counted(name, world)
    kept = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        others = {words: counts for words, counts in kept.items() if words.split()[0] != name}
        BASELINE.write_text(written(others | found))
        return
    told = {words: counts for words, counts in kept.items() if words.split()[0] == name}
    assert found == told, f"{name}: if meant, UPDATE_QUERY_COUNTS=1 rewrites the baseline"


def test_the_baseline_names_only_pages_that_exist() -> None:
    named = {words.split()[0] for words in json.loads(BASELINE.read_text())}
    assert named - set(FORMS) == set(PAGES)
    assert named <= set(ROUTES)


@pytest.mark.parametrize("name", [*PAGES, *FORMS])
def test_it_stays_within_the_budget(name: str) -> None:
    for words, found in json.loads(BASELINE.read_text()).items():
        page, _, rendering = words.partition(" ")
        if page == name:
            spent = sum(count for alias, count in found.items() if alias != "default")
            file = AUDITED_FILE if rendering == FILE else 0
            assert spent <= AT_MOST + AUDITED.get(name, 0) + file, words
