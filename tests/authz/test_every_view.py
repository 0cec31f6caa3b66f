"""Every route of the console while SpiceDB is stopped, black-holed, slow or unsure: no row leaves.

How long one request waits is tested by test_failing_server; here every view stands for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from authzed.api.v1 import CheckPermissionResponse
from django.test import Client as Browser

from openinsure.authz import port
from openinsure.authz.client import Client
from openinsure.authz.client import client as configured_client
from openinsure.authz.decorators import ANYONE, SIGNED_IN
from openinsure.authz.permissions import CROSS_ORG_ROLES, ROLES
from openinsure.settings.databases import KEYSPACES
from tests import people, staff
from tests.authz.faults import Proxy, answering
from tests.routes import ROUTES
from tests.test_routes import World, allowed, asked_of, call, standing_world, text, world

__all__ = ["standing_world", "world"]
pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES])
CONDITIONAL = CheckPermissionResponse.PERMISSIONSHIP_CONDITIONAL_PERMISSION
GUARDED = [name for name in ROUTES if asked_of(name) != ANYONE]
ATTEMPTS_MAX = 2  # of 250 ms: what a request waits at most before it says so


@pytest.fixture
def pointed(settings: Any) -> Iterator[Callable[[str], Client]]:
    """Point the whole console at another address; the client it then uses."""

    def point(address: str) -> Client:
        settings.AUTHZ_BACKEND, settings.SPICEDB_ENDPOINT = "spicedb", address
        port.authorizer.cache_clear()
        return configured_client()

    yield point
    settings.AUTHZ_BACKEND = "roles"
    port.authorizer.cache_clear()


@pytest.fixture(params=["stopped", "black-holed", "slow"])
def failing(
    request: pytest.FixtureRequest, spice: Client, pointed: Callable[[str], Client]
) -> Iterator[Client]:
    """The console on a server that fails in one way."""
    proxy = Proxy(spice.endpoint.address)
    client = pointed(proxy.address)
    if request.param == "stopped":
        proxy.stop()
    else:
        proxy.mode = "hole" if request.param == "black-holed" else "slow"
    yield client
    client.close()
    proxy.mode = "open"
    proxy.stop()


def who_may(name: str) -> str:
    """A role whose cell gives the route, so that only SpiceDB stands before it."""
    at_home = sorted(ROLES, key=lambda role: role in CROSS_ORG_ROLES)
    return next((role for role in at_home if allowed(role, name)), "org_admin")


def leaks(words: tuple[str, ...], name: str, numbers: Mapping[str, str], body: str) -> bool:
    """Whether the body tells anything that its own address does not."""
    path = ROUTES[name].path.format_map(numbers)
    return any(word in body for word in words if word not in path)


def test_it_answers_503_from_every_view(world: World, failing: Client) -> None:
    for name in GUARDED:
        script = people.bearer(world.acme.org_id, who_may(name))
        before = failing.calls
        answer: Any = call(script, name, world.acme_numbers)
        body = text(answer)
        assert answer.status_code == 503, (name, answer.status_code, body)
        assert answer["Retry-After"] == "5"
        assert answer.json()["error"] == "authorization_unavailable"
        assert not leaks(world.acme_words, name, world.acme_numbers, body), name
        assert failing.calls - before <= ATTEMPTS_MAX, name


def test_it_shows_a_page_that_says_why(world: World, failing: Client) -> None:
    for name in (name for name in GUARDED if ROUTES[name].verb == "get"):
        browser = people.browser(world.acme.org_id, who_may(name))
        answer: Any = call(browser, name, world.acme_numbers)
        body = text(answer)
        assert answer.status_code == 503, (name, answer.status_code)
        assert 'data-error="authorization_unavailable"' in body, name
        assert "SpiceDB" in body, name
        assert not leaks(world.acme_words, name, world.acme_numbers, body), name


def test_it_lets_nobody_cross_meanwhile(world: World, failing: Client) -> None:
    staff.organization(world.borealis)
    for name in (name for name in GUARDED if ROUTES[name].tenant):
        script = people.bearer(world.acme.org_id, "superadmin")
        query = f"?orgId={world.borealis.org_id}"
        answer: Any = call(script, name, world.borealis_numbers, query)
        assert answer.status_code in (403, 503), (name, answer.status_code)
        assert not leaks(world.borealis_words, name, world.borealis_numbers, text(answer)), name


def test_it_stays_up_where_nobody_is_asked(world: World, failing: Client) -> None:
    for name in (name for name in ROUTES if asked_of(name) == ANYONE):
        answer: Any = call(Browser(), name)
        assert answer.status_code < 500, name


def test_it_takes_a_conditional_answer_for_no(
    world: World, pointed: Callable[[str], Client], spice: Client
) -> None:
    with answering(CONDITIONAL) as address:
        client = pointed(address)
        for name in GUARDED:
            script = people.bearer(world.acme.org_id, who_may(name))
            answer: Any = call(script, name, world.acme_numbers)
            body = text(answer)
            refused = {403} if asked_of(name) != SIGNED_IN else {*range(200, 500)}
            assert answer.status_code in refused, (name, answer.status_code, body)
            assert not leaks(world.acme_words, name, world.acme_numbers, body), name
        client.close()
