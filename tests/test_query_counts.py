"""Statements per page and database, held by query_counts.json: an N+1 becomes a diff in review.

UPDATE_QUERY_COUNTS=1 rewrites the file. Counted on the second request, as a person meets it.
"""

from __future__ import annotations

import json
import os
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from openinsure.authz.permissions import Role
from openinsure.settings.databases import KEYSPACES
from tests import people, staff
from tests.test_routes import ROUTES, World, allowed, call, world

__all__ = ["world"]  # the fixture

BASELINE = Path(__file__).with_name("query_counts.json")
AT_MOST = 6  # statements of one page on tenants' databases; the console's own table apart
AUDITED = {"audit.list": 5}  # looking is itself recorded: the head, the row, their transaction
VIEWERS = (Role.ORG_ADMIN, Role.UNDERWRITER, Role.DB_OPERATOR, Role.SUPERADMIN)
PAGES = sorted(name for name, route in ROUTES.items() if route.verb == "get")


def viewer_of(name: str, world: World) -> Client:
    """A browser of the first role that may see the page."""
    role = next(role for role in VIEWERS if allowed(role, name))
    return people.browser(world.acme.org_id, role)


def counted(name: str, world: World) -> dict[str, int]:
    """Statements per alias of a warm request; 0 is left out.

    The fewest of three: on a busy machine the copy of the account may come of age in between.
    """
    staff.organization(world.acme)  # the directory is never empty
    client = viewer_of(name, world)
    call(client, name, world.acme_numbers)
    return min((once(client, name, world) for _ in range(3)), key=lambda told: sum(told.values()))


def once(client: Client, name: str, world: World) -> dict[str, int]:
    """The statements of one request."""
    with ExitStack() as stack:
        caught = {
            alias: stack.enter_context(CaptureQueriesContext(connections[alias]))
            for alias in ("default", *KEYSPACES)
        }
        call(client, name, world.acme_numbers)
    return {alias: len(queries) for alias, queries in caught.items() if len(queries)}


@pytest.mark.django_db(databases=["default", *KEYSPACES])
@pytest.mark.parametrize("name", PAGES)
def test_it_makes_the_statements_of_the_baseline(world: World, name: str) -> None:
    found = counted(name, world)
    kept = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(kept | {name: found}, indent=1, sort_keys=True) + "\n")
        return
    assert found == kept.get(name), f"{name}: if meant, UPDATE_QUERY_COUNTS=1 rewrites the baseline"


def test_the_baseline_names_only_pages_that_exist() -> None:
    assert set(json.loads(BASELINE.read_text())) == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_it_stays_within_the_budget(name: str) -> None:
    found = json.loads(BASELINE.read_text())[name]
    spent = sum(count for alias, count in found.items() if alias != "default")
    assert spent <= AT_MOST + AUDITED.get(name, 0)
