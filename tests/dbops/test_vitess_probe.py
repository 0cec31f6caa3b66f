"""A foreign Drizzle project on a real server, described by an inventory file only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dbops.inventory import Target
from dbops.readings import State
from tests.dbops.conftest import Drizzle, MySql, look

LEDGER = (
    "CREATE TABLE __drizzle_migrations"
    " (id bigint unsigned PRIMARY KEY AUTO_INCREMENT, hash text NOT NULL, created_at bigint)"
)
INVENTORY = """
[[database]]
slug = "holdings"
name = "acme/holdings"
engine = "mysql"
host = "own"
tool = "drizzle"
owner = "we"
status = "active"
migrations = "drizzle"
{more}
[database.places.local]
url_env = "HOLDINGS_URL"
schemas = ["{schema}"]
"""
ACCOUNTS = {"accounts": ["id", "name"]}
BOTH = {"accounts": ["id", "name"], "holdings": ["id", "units"]}
Use = Callable[..., list[Target]]


@pytest.fixture
def project(mysql: MySql, schema: str, tmp_path: Path) -> Drizzle:
    """Two files, both applied."""
    made = Drizzle(tmp_path / "drizzle")
    first = made.add("0000_accounts", "CREATE TABLE accounts (id int, name text);", 1000, ACCOUNTS)
    second = made.add("0001_holdings", "CREATE TABLE holdings (id int, units int);", 2000, BOTH)
    mysql.run(
        LEDGER,
        "CREATE TABLE accounts (id int, name text)",
        "CREATE TABLE holdings (id int, units int)",
        f"INSERT INTO __drizzle_migrations (hash, created_at)"
        f" VALUES ('{first}', 1000), ('{second}', 2000)",
        schema=schema,
    )
    return made


@pytest.fixture
def target(use: Use, mysql: MySql, schema: str, project: Drizzle) -> Target:
    (found,) = use(INVENTORY.format(schema=schema, more=""), HOLDINGS_URL=mysql.url())
    return found


def test_it_reads_a_healthy_database(target: Target, schema: str) -> None:
    reading = look(target)
    assert (reading.state, reading.error) == (State.UNVERIFIED, None)
    assert (reading.applied, reading.available, reading.pending) == (2, 2, ())
    (keyspace,) = reading.keyspaces
    assert (keyspace.name, keyspace.tables, keyspace.expected) == (schema, 2, 2)
    assert reading.detail == "2 tables"


def test_it_names_what_is_pending(target: Target, project: Drizzle) -> None:
    project.add("0002_lots", "CREATE TABLE lots (id int);", 3000, BOTH)
    reading = look(target)
    assert (reading.state, reading.pending) == (State.PENDING, ("0002_lots",))
    assert (reading.applied, reading.available) == (2, 3)


def test_it_sees_an_edited_file(target: Target, project: Drizzle) -> None:
    (project.folder / "0000_accounts.sql").write_text("CREATE TABLE accounts (id bigint);")
    reading = look(target)
    assert reading.state is State.MODIFIED
    assert "0000_accounts" in reading.detail


def test_it_sees_a_dropped_table(target: Target, mysql: MySql, schema: str) -> None:
    mysql.run("DROP TABLE holdings", schema=schema)
    reading = look(target)
    assert (reading.state, reading.drift.critical) == (State.DRIFTED, 1)
    assert reading.findings == (f"table_missing {schema}.holdings",)


def test_it_sees_a_dropped_column(target: Target, mysql: MySql, schema: str) -> None:
    mysql.run("ALTER TABLE holdings DROP COLUMN units", schema=schema)
    reading = look(target)
    assert reading.state is State.DRIFTED
    assert reading.findings == (f"column_missing {schema}.holdings.units",)


def test_it_sees_a_missing_ledger(target: Target, mysql: MySql, schema: str) -> None:
    mysql.run("DROP TABLE __drizzle_migrations", schema=schema)
    reading = look(target)
    assert reading.state is State.DRIFTED
    assert reading.findings == (f"ledger_missing {schema}",)


def test_it_calls_an_empty_schema_pending(target: Target, mysql: MySql, schema: str) -> None:
    mysql.run(
        "DROP TABLE __drizzle_migrations", "DROP TABLE accounts", "DROP TABLE holdings",
        schema=schema,
    )  # fmt: skip
    reading = look(target)
    assert (reading.state, len(reading.pending)) == (State.PENDING, 2)


def test_it_distrusts_a_stale_checkout(target: Target, mysql: MySql, schema: str) -> None:
    mysql.run(
        "INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('beef', 9000)", schema=schema
    )
    reading = look(target)
    assert reading.state is State.UNKNOWN
    assert "files behind" in reading.detail


def test_it_says_when_the_folder_is_gone(target: Target, project: Drizzle) -> None:
    project.folder.rename(project.folder.with_name("elsewhere"))
    reading = look(target)
    assert reading.state is State.UNKNOWN
    assert "migrations folder drizzle is not there" in reading.detail


def test_it_reads_with_an_account_that_only_reads(
    use: Use, mysql: MySql, schema: str, project: Drizzle, reader: Callable[[str], str]
) -> None:
    before = mysql.run(f"CHECKSUM TABLE {schema}.__drizzle_migrations, {schema}.accounts")
    url = reader(f"SELECT ON `{schema}`.*")
    (target,) = use(INVENTORY.format(schema=schema, more=""), HOLDINGS_URL=url)
    assert look(target).state is State.UNVERIFIED
    assert mysql.run(f"CHECKSUM TABLE {schema}.__drizzle_migrations, {schema}.accounts") == before
    assert len(mysql.run(f"SHOW TABLES FROM {schema}")) == 3


@pytest.mark.parametrize("grant", ["", "SELECT ON `{}`.accounts", "SELECT (id) ON `{}`.accounts"])
def test_it_does_not_take_missing_rights_for_missing_tables(
    use: Use, schema: str, project: Drizzle, reader: Callable[[str], str], grant: str
) -> None:
    url = reader(grant.format(schema))
    (target,) = use(INVENTORY.format(schema=schema, more=""), HOLDINGS_URL=url)
    reading = look(target)
    assert (reading.state, reading.drift.critical) == (State.UNKNOWN, 0)
    assert "privileges" in reading.detail


def test_it_sees_through_a_grant_on_ledger_and_one_table(
    use: Use, mysql: MySql, schema: str, project: Drizzle, reader: Callable[[str], str]
) -> None:
    url = reader(f"SELECT ON `{schema}`.__drizzle_migrations")
    (target,) = use(INVENTORY.format(schema=schema, more=""), HOLDINGS_URL=url)
    reading = look(target)
    assert (reading.state, "privileges" in reading.detail) == (State.UNKNOWN, True)


def test_it_calls_a_closed_port_unreachable(use: Use, schema: str, closed_port: int) -> None:
    url = f"mysql://someone:hunter2@127.0.0.1:{closed_port}/"
    (target,) = use(INVENTORY.format(schema=schema, more=""), HOLDINGS_URL=url)
    reading = look(target)
    assert (reading.state, reading.error) == (State.UNREACHABLE, "refused the connection")
    assert reading.keyspaces[0].tables is None


def test_it_calls_a_wrong_password_unreachable(use: Use, mysql: MySql, schema: str) -> None:
    url = mysql.url(user="nobody_here", password="hunter2")
    (target,) = use(INVENTORY.format(schema=schema, more=""), HOLDINGS_URL=url)
    reading = look(target)
    assert reading.state is State.UNREACHABLE
    assert "hunter2" not in repr(reading)
    assert "nobody_here" not in repr(reading)


def test_it_says_which_variable_is_not_set(use: Use, schema: str) -> None:
    (target,) = use(INVENTORY.format(schema=schema, more=""), HOLDINGS_URL="")
    assert look(target).detail == "HOLDINGS_URL is not set"


def test_it_counts_one_ledger_of_the_single_layout(
    use: Use, mysql: MySql, schema: str, project: Drizzle
) -> None:
    toml = INVENTORY.format(schema=schema, more='ledger_layout = "single"')
    (target,) = use(toml, HOLDINGS_URL=mysql.url())
    assert look(target).state is State.UNVERIFIED
    mysql.run("DROP TABLE __drizzle_migrations", schema=schema)
    reading = look(target)
    assert (reading.state, reading.drift.critical) == (State.DRIFTED, 1)
