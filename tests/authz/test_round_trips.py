"""How often a request asks SpiceDB: once, and once more where one object or a page is checked."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.utils import timezone

from openinsure.accounts import sessions
from openinsure.authz import freshness
from openinsure.authz.client import Client
from openinsure.authz.decorators import ANYONE
from openinsure.authz.permissions import ROLES, Role
from openinsure.authz.relationships import touch, write
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.grants import CROSS_ORG_ROLES, PLATFORM_ORG_ID
from openinsure.tenancy.scope import Scope
from tests import people
from tests.authz.conftest import organization, role_tuple
from tests.routes import ROUTES
from tests.test_routes import World, allowed, asked_of, call, standing_world, world

__all__ = ["standing_world", "world"]
pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES])
PAGES = sorted(name for name, route in ROUTES.items() if route.verb == "get")
GUARDED = [name for name in PAGES if asked_of(name) != ANYONE]
BULK = {"users.review"}  # the lists whose rows are themselves answers


def trips(name: str) -> int:
    """Round trips that a page may cost: the organisation's answer, and one for its object."""
    return 2 if "{" in ROUTES[name].path or name in BULK else 1


def browser_of(scope: Scope, role: str, client: Client) -> Browser:
    """A new person of the role, known to SpiceDB; nothing is kept about them yet."""
    made, now = people.account(scope.org_id, role), timezone.now()
    write(client, touch(*organization(scope.org_id), *organization(PLATFORM_ORG_ID)))
    token = write(client, touch(role_tuple(Role(role), made.user_id, made.org_id)))
    freshness.keep_token(made.org_id, token)
    key = sessions.start(
        made, via="password", now=now, stepped_up_at=now, ip="127.0.0.1", user_agent="test"
    )
    browser = Browser(headers={"accept": "text/html"})
    browser.cookies[settings.SESSION_COOKIE_NAME] = key
    return browser


def who_may(name: str) -> str:
    """A role at home in the organisation where one may, else of the platform."""
    at_home = sorted(ROLES, key=lambda role: role in CROSS_ORG_ROLES)
    return next((role for role in at_home if allowed(role, name) and role != Role.SYSTEM), "")


@pytest.mark.parametrize("name", GUARDED)
def test_it_asks_once_a_page(name: str, world: World, on_spicedb: Client) -> None:
    browser = browser_of(world.acme, who_may(name), on_spicedb)
    before = on_spicedb.calls
    answer: Any = call(browser, name, world.acme_numbers)
    spent = on_spicedb.calls - before
    assert answer.status_code < 500
    if ROUTES[name].tenant:
        assert answer.status_code == 200, (name, answer.status_code)
    assert spent <= trips(name), (name, spent)


@pytest.mark.parametrize("name", sorted(set(ROUTES) - set(PAGES)))
def test_it_asks_twice_at_most_before_a_change(name: str, world: World, on_spicedb: Client) -> None:
    if asked_of(name) == ANYONE:
        return
    browser = browser_of(world.acme, who_may(name) or "org_admin", on_spicedb)
    before = on_spicedb.calls
    call(browser, name, world.acme_numbers)  # an empty form: refused after the rights are known
    assert on_spicedb.calls - before <= 2, name


def test_it_keeps_lists_at_one() -> None:
    assert [name for name in PAGES if trips(name) > 1 and "{" not in ROUTES[name].path] == [*BULK]
