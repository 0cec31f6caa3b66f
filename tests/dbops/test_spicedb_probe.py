"""SpiceDB's datastore: the revision is a column name in a real MySQL schema."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dbops import migrating, owners
from dbops.inventory import Target
from dbops.readings import State, exit_code
from tests.dbops.conftest import MySql, look

INVENTORY = """
[[database]]
slug = "spicedb"
name = "pushdown/spicedb"
engine = "spicedb"
host = "planetscale"
tool = "spicedb"
owner = "self"
status = "active"
[database.expected]
head = "identifiers_case_sensitive"
[database.places.local]
url_env = "DATASTORE_URL"
schemas = ["{schema}"]
optional = {optional}
"""
Use = Callable[..., list[Target]]


def at(mysql: MySql, schema: str, revision: str, *, seeded: bool = True) -> None:
    mysql.run(
        f"CREATE TABLE mysql_migration_version (id int, `_meta_version_{revision}` int)",
        "CREATE TABLE mysql_metadata (id int, unique_id varchar(36))",
        schema=schema,
    )
    if seeded:
        mysql.run("INSERT INTO mysql_metadata VALUES (0, 'x')", schema=schema)


@pytest.fixture
def target(use: Use, mysql: MySql, schema: str) -> Target:
    toml = INVENTORY.format(schema=schema, optional="false")
    (found,) = use(toml, DATASTORE_URL=mysql.url())
    return found


def test_it_is_at_head(target: Target, mysql: MySql, schema: str) -> None:
    at(mysql, schema, "identifiers_case_sensitive")
    reading = look(target)
    assert (reading.state, reading.applied, reading.available) == (State.AT_HEAD, 13, 13)


def test_it_names_what_it_is_behind(target: Target, mysql: MySql, schema: str) -> None:
    at(mysql, schema, "add_schema_tables")
    reading = look(target)
    assert (reading.state, reading.pending) == (
        State.BEHIND, ("populate_schema_tables", "identifiers_case_sensitive"),
    )  # fmt: skip


def test_it_does_not_know_a_foreign_revision(target: Target, mysql: MySql, schema: str) -> None:
    at(mysql, schema, "from_the_future")
    assert look(target).state is State.UNKNOWN


def test_it_wants_the_unique_id(target: Target, mysql: MySql, schema: str) -> None:
    at(mysql, schema, "identifiers_case_sensitive", seeded=False)
    assert (look(target).state, look(target).detail) == (
        State.PARTIAL, "not seeded: no unique id row",
    )  # fmt: skip


def test_it_calls_an_empty_datastore_behind(target: Target) -> None:
    reading = look(target)
    assert (reading.state, reading.detail) == (State.BEHIND, "not initialized")


@pytest.mark.parametrize("schema_there", [True, False])
def test_it_sets_an_optional_one_apart(
    use: Use, mysql: MySql, schema: str, schema_there: bool
) -> None:
    name = schema if schema_there else "no_such_schema"
    toml = INVENTORY.format(schema=name, optional="true")
    (target,) = use(toml, DATASTORE_URL=mysql.url())
    reading = look(target)
    assert (reading.state, reading.detail, reading.counted) == (
        State.UNKNOWN, "not installed", False,
    )  # fmt: skip
    assert exit_code([(target.database, reading)]) == 0


def test_it_counts_an_optional_one_whose_server_is_away(use: Use, closed_port: int) -> None:
    toml = INVENTORY.format(schema="spicedb", optional="true")
    (target,) = use(toml, DATASTORE_URL=f"mysql://a:b@127.0.0.1:{closed_port}/")
    reading = look(target)
    assert (reading.state, exit_code([(target.database, reading)])) == (State.UNREACHABLE, 5)


def test_it_is_ahead_when_only_the_binary_knows_the_revision(
    target: Target, mysql: MySql, schema: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(mysql, schema, "add_something_new")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(owners, "spicedb_binary", lambda: None)
    assert look(target).state is State.UNKNOWN
    binary = tmp_path / "spicedb"
    binary.write_text("#!/bin/sh\n[ $1-$2-$4 = datastore-head-mysql ] && echo add_something_new\n")
    binary.chmod(0o755)
    monkeypatch.setattr(owners, "spicedb_binary", lambda: str(binary))
    reading = look(target)
    assert reading.state is State.AHEAD
    assert "at add_something_new, head of the binary here" in reading.detail


def test_it_says_that_safe_migrations_would_reject_its_migrate(
    use: Use, mysql: MySql, schema: str
) -> None:
    toml = INVENTORY.format(schema=schema, optional="false\nsafe_migrations = true")
    (target,) = use(toml, DATASTORE_URL=mysql.url())
    at(mysql, schema, "add_schema_tables")
    assert "would be rejected" in look(target).detail
    assert "safe migrations" in migrating.spicedb(target).blocked
