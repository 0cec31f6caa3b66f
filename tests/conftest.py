"""The suite's databases, organisations and signed-in clients. Real engines, always.

Keyspace tables come from replaying the SQL migrations into `test_<schema>`: unmanaged models
create nothing, and syncdb would test the models against themselves.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.test.utils import setup_databases, teardown_databases
from hypothesis import settings as properties

from openinsure.dsn import Dsn
from openinsure.keyspaces import migrate
from openinsure.keyspaces.ids import new_id
from openinsure.ledger import embedded
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy import guard
from openinsure.tenancy.scope import OrgScope, Scope, entered
from tests import people
from tests.letters import letters as letters
from tests.scheduling import OneProgram

pytest_plugins = ["tests.ledgers", "tests.standing"]
ALL_ALIASES = ["default", *KEYSPACES]
# Cases of a property: 200 in a run, 1,000 by `make properties`. Machines differ: no deadline.
properties.register_profile("run", max_examples=200, deadline=None)
properties.register_profile("properties", max_examples=1_000, deadline=None)
properties.load_profile(os.environ.get("OPENINSURE_PROPERTIES", "run"))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneProgram:
    """Browser tests on one worker."""
    return OneProgram(config, log)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: Any,
) -> Iterator[None]:
    """Create `test_*` on every alias, replay the keyspace migrations, assert the guard hangs."""
    with django_db_blocker.unblock():
        with guard.schema_changes():
            created = setup_databases(
                verbosity=0, interactive=False, keepdb=False, serialized_aliases=[]
            )
        for keyspace in KEYSPACES:
            migrate.apply_pending(dsn_of(keyspace), keyspace)
        embedded.create_tables()
        guard.install_all()
    yield
    with django_db_blocker.unblock(), guard.schema_changes():
        teardown_databases(created, verbosity=0)


def dsn_of(alias: str) -> Dsn:
    """The address of an alias' test database."""
    values = settings.DATABASES[alias]
    return Dsn(
        scheme="mysql",
        host=str(values["HOST"]),
        port=int(str(values["PORT"])),
        user=str(values["USER"]),
        password=str(values["PASSWORD"]),
        database=str(values["NAME"]),
    )


def fresh_scope() -> OrgScope:
    """A scope of an organisation nobody else has: tests are isolated by organisation."""
    return OrgScope(org_id=new_id(), subject=new_id(), request_id=new_id())


@pytest.fixture
def acme() -> Scope:
    """One organisation, fresh for this test."""
    return fresh_scope()


@pytest.fixture
def borealis() -> Scope:
    """Another organisation, fresh for this test."""
    return fresh_scope()


@pytest.fixture
def inside() -> Callable[[Scope], Any]:
    """`with inside(acme): ...` enters a scope."""
    return entered


@pytest.fixture
def acme_support(db: None, acme: Scope) -> Client:
    """A browser of acme's support; the test names the keyspaces it reads."""
    return people.browser(acme.org_id, "support")


@pytest.fixture
def borealis_support(db: None, borealis: Scope) -> Client:
    """A browser of borealis' support."""
    return people.browser(borealis.org_id, "support")


@pytest.fixture
def acme_admin(db: None, acme: Scope) -> Client:
    """A browser of acme's administrator."""
    return people.browser(acme.org_id, "org_admin")


@pytest.fixture
def auditor(db: None) -> Client:
    """A browser of a platform auditor, without a grant."""
    return people.browser("", "auditor")


@pytest.fixture
def operator(db: None) -> Client:
    """A browser of a database operator."""
    return people.browser("", "db_operator")
