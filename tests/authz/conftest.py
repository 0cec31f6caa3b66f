"""The real SpiceDB of the suite's engines; without one these tests are skipped, in CI they fail."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from openinsure.authz import freshness, port, schema
from openinsure.authz.asks import EXPIRING, RELATIONS
from openinsure.authz.client import DEADLINE_S, IN_ALL_S, Client, Endpoint
from openinsure.authz.client import client as configured_client
from openinsure.authz.permissions import Role
from openinsure.authz.port import Subject
from openinsure.authz.relationships import Tuple, touch, write
from openinsure.authz.spicedb import SpiceAuthorizer
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from tests.people import PLATFORM_ROLES

PATIENCE_S = 5.0  # what these tests ask is not how fast a busy machine is


@pytest.fixture(scope="session")
def spice() -> Iterator[Client]:
    """A client of the real server, its schema applied."""
    if not settings.SPICEDB_ENDPOINT:
        if os.environ.get("CI") == "true":
            pytest.fail("SPICEDB_ENDPOINT is not set: in CI the real server is tested")
        pytest.skip("no SpiceDB here: `make engines` builds it where Go is")
    client = Client(Endpoint.configured(), deadline_s=PATIENCE_S)
    schema.apply(client)
    yield client
    client.close()


@pytest.fixture
def on_spicedb(settings: Any, spice: Client) -> Iterator[Client]:
    """The whole console answers by the real server, patiently; the client it uses."""
    settings.AUTHZ_BACKEND = "spicedb"
    port.authorizer.cache_clear()
    made = configured_client()
    made.deadline_s, made.in_all_s = PATIENCE_S, PATIENCE_S
    yield made
    settings.AUTHZ_BACKEND = "roles"
    port.authorizer.cache_clear()
    made.deadline_s, made.in_all_s = DEADLINE_S, IN_ALL_S


@pytest.fixture
def adapter(spice: Client) -> SpiceAuthorizer:
    """An adapter with nothing kept."""
    return SpiceAuthorizer(spice)


def organization(org_id: str, *, active: bool = True) -> list[Tuple]:
    """What every organisation has."""
    own = [Tuple("organization", org_id, "platform", "platform", "main")]
    if active:
        own += [Tuple("organization", org_id, "active", kind, "*") for kind in ("user", "service")]
    return own


def role_tuple(role: Role, user_id: str, org_id: str) -> Tuple:
    """The relationship that the role is."""
    kind, relation = RELATIONS[role]
    ends = timezone.now() + timedelta(days=90) if (kind, relation) in EXPIRING else None
    key = "main" if kind == "platform" else org_id
    if role is Role.SYSTEM:
        return Tuple(kind, key, relation, "service", "system")
    return Tuple(kind, key, relation, "user", user_id, ends)


def enrol(client: Client, role: Role, user_id: str, org_id: str) -> Subject:
    """Write the role of a person (platform roles: at home in the platform) and return them."""
    freshness.keep_token(org_id, write(client, touch(role_tuple(role, user_id, org_id))))
    home = PLATFORM_ORG_ID if role in PLATFORM_ROLES else org_id
    return Subject(user_id, home, frozenset({role.value}), service=role is Role.SYSTEM)
