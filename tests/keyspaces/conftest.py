"""The five keyspaces, replayed once into schemas of these tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from openinsure.keyspaces import migrate
from openinsure.keyspaces.inventory import KEYSPACES
from openinsure.keyspaces.snapshot import TableSpec
from tests.keyspaces.live import address, fresh_schema, read_tables


@pytest.fixture(scope="session")
def replayed() -> Iterator[dict[str, str]]:
    """Keyspace -> schema with every migration applied."""
    with ExitStack() as stack:
        schemas = {name: stack.enter_context(fresh_schema(name)) for name in KEYSPACES}
        results = migrate.apply_all({name: address(of) for name, of in schemas.items()})
        assert not [one for one in results.values() if isinstance(one, Exception)], results
        yield schemas


@pytest.fixture(scope="session")
def live(replayed: dict[str, str]) -> dict[str, dict[str, TableSpec]]:
    """Keyspace -> tables as information_schema has them."""
    return {keyspace: read_tables(schema) for keyspace, schema in replayed.items()}


@pytest.fixture
def empty() -> Iterator[str]:
    """One empty schema."""
    with fresh_schema("runner") as schema:
        yield schema
