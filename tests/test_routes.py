"""Every route x every role x {own id, other's id, random id, ?orgId=other}: nobody sees a foreign
row, a foreign id answers exactly like an unknown one. A route without a line here fails.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from openinsure.authz.decorators import ANYONE, SIGNED_IN
from openinsure.authz.permissions import CROSS_ORG_ROLES, ROLES, Cell, Permission, Role, cell
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import Scope
from tests import people
from tests.conftest import fresh_scope
from tests.route_numbers import numbers_of
from tests.routes import ROUTES
from tests.standing import Standing

ALL = ["default", *KEYSPACES]


@dataclass(frozen=True, slots=True)
class World:
    """Two organisations with one policy each and the words that give a leak away."""

    acme: Scope
    borealis: Scope
    acme_numbers: dict[str, str]
    borealis_numbers: dict[str, str]
    acme_words: tuple[str, ...]
    borealis_words: tuple[str, ...]


@pytest.fixture(scope="module")
def standing_world(standing: Standing) -> World:
    """One policy each, with a canary in the insured's name; made once a module."""
    acme, borealis = fresh_scope(), fresh_scope()
    with standing():
        ours, our_words = numbers_of(acme, "ZEPHYRONLY")
        theirs, their_words = numbers_of(borealis, "QUARTZONLY")
    return World(acme, borealis, ours, theirs, our_words, their_words)


@pytest.fixture
def world(standing_world: World, db: None, nothing_kept: None) -> World:
    """Both as they were made."""
    return standing_world


def views() -> Iterator[tuple[str, Any]]:
    """Name and callback of every route of the URLconf."""

    def walk(resolver: URLResolver) -> Iterator[tuple[str, Any]]:
        for entry in resolver.url_patterns:
            if isinstance(entry, URLPattern):
                yield str(entry.name), entry.callback
            else:
                yield from walk(entry)

    return walk(get_resolver())


def test_it_knows_every_route() -> None:
    assert {name for name, _ in views()} == set(ROUTES)


def test_every_view_asks_for_exactly_one_permission() -> None:
    for name, view in views():
        asked = view.permission
        assert asked in {SIGNED_IN, ANYONE} or Permission(asked), name


UNKNOWN: Mapping[str, str] = defaultdict(lambda: "ZZZ-2026-999999")


def call(
    client: Client, name: str, numbers: Mapping[str, str] = UNKNOWN, query: str = ""
) -> HttpResponseBase:
    """Call a route as its table says."""
    route = ROUTES[name]
    send = client.post if route.verb == "post" else client.get
    answer: HttpResponseBase = send(route.path.format_map(numbers) + query)
    return answer


def text(answer: Any) -> str:
    """The whole body."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(body.decode())


def without_request_id(body: str) -> dict[str, Any]:
    """A JSON error without what differs each time."""
    told: dict[str, Any] = json.loads(body)
    told.pop("request_id", None)
    return told


def asked_of(name: str) -> str:
    """The permission of a route's view."""
    return str(dict(views())[name].permission)


def allowed(role: str, name: str) -> bool:
    """Whether the matrix gives the role the route in its own organisation."""
    asked = asked_of(name)
    if asked in {SIGNED_IN, ANYONE}:
        return True
    found = cell(Role(role), Permission(asked))
    if found == Cell.GRANT:
        return not ROUTES[name].tenant
    return found in {Cell.OWN, Cell.PLATFORM}


@pytest.mark.django_db(databases=ALL)
@pytest.mark.parametrize("name", ROUTES)
def test_it_answers_by_the_matrix_and_leaks_nothing(world: World, name: str) -> None:
    for role in ROLES:
        answer: Any = call(people.bearer(world.acme.org_id, role), name, world.acme_numbers)
        body = text(answer)
        assert answer.status_code < 500, (name, role, body)
        assert not any(word in body for word in world.borealis_words), (name, role)
        if ROUTES[name].verb == "get" and not allowed(role, name):
            assert answer.status_code in {401, 403}, (name, role, answer.status_code)
        if ROUTES[name].verb == "get" and allowed(role, name) and ROUTES[name].tenant:
            assert answer.status_code == 200, (name, role, body)


@pytest.mark.django_db(databases=ALL)
@pytest.mark.parametrize("name", [n for n, r in ROUTES.items() if "{" in r.path])
def test_it_answers_a_foreign_id_like_a_random_one(world: World, name: str) -> None:
    for role in ROLES:
        client = people.bearer(world.acme.org_id, role)
        foreign: Any = call(client, name, world.borealis_numbers)
        random: Any = call(client, name)
        assert foreign.status_code == random.status_code
        assert foreign.status_code in {403, 404}
        first, second = without_request_id(text(foreign)), without_request_id(text(random))
        swapped = json.dumps(first)
        for number in world.borealis_numbers.values():
            swapped = swapped.replace(number, "ZZZ-2026-999999")
        assert json.loads(swapped) == second, (name, role)


@pytest.mark.django_db(databases=ALL)
@pytest.mark.parametrize("name", ROUTES)
def test_it_crosses_only_for_the_three_roles(world: World, name: str) -> None:
    if asked_of(name) == ANYONE:
        return
    for role in ROLES:
        client = people.bearer(world.acme.org_id, role)
        answer: Any = call(client, name, world.borealis_numbers, f"?orgId={world.borealis.org_id}")
        body = text(answer)
        assert answer.status_code < 500, (name, role, body)
        assert not any(word in body for word in world.acme_words), (name, role)
        if role not in CROSS_ORG_ROLES:
            assert answer.status_code == 403, (name, role, body)
            assert json.loads(body)["error"] == "org_override_forbidden"
            assert not any(word in body for word in world.borealis_words), (name, role)


@pytest.mark.django_db(databases=ALL)
@pytest.mark.parametrize("name", ROUTES)
def test_it_shows_nothing_to_the_signed_out(world: World, name: str) -> None:
    client = Client(headers={"accept": "application/json"})
    answer: Any = call(client, name, world.acme_numbers)
    body = text(answer)
    assert not any(word in body for word in (*world.acme_words, *world.borealis_words))
    if asked_of(name) != ANYONE:
        assert answer.status_code == 401, (name, body)
