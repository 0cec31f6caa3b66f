"""One folder and one ledger for several schemas: read, compared as one, never run from here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dbops import migrating
from dbops.catalog import comparing, replay
from dbops.history.rules import no_runs
from dbops.inventory import Target
from dbops.readings import Deadline, State
from openinsure import environment
from tests.dbops.conftest import NOW, Drizzle, MySql, fresh, look
from tests.dbops.test_vitess_probe import INVENTORY, LEDGER

Use = Callable[..., list[Target]]
ONE, TWO = "CREATE TABLE accounts (id int)", "CREATE TABLE lots (id int)"


@pytest.fixture
def other(mysql: MySql) -> Iterator[str]:
    name = fresh("lots")
    mysql.run(f"CREATE DATABASE {name}")
    yield name
    mysql.run(f"DROP DATABASE {name}")


@pytest.fixture
def target(
    use: Use, mysql: MySql, schema: str, other: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Target:  # fmt: skip
    """Two files, both applied; each made a table of another schema."""
    if not environment.optional("SHADOW_URL"):
        monkeypatch.setenv("SHADOW_URL", mysql.url())
    made = Drizzle(tmp_path / "drizzle")
    rows = [made.add("0000_a", f"{ONE};", 1000), made.add("0001_b", f"{TWO};", 2000)]
    values = ", ".join(f"('{digest}', {n}000)" for n, digest in enumerate(rows, 1))
    mysql.run(
        LEDGER, ONE,
        f"INSERT INTO __drizzle_migrations (hash, created_at) VALUES {values}", schema=schema,
    )  # fmt: skip
    mysql.run(TWO, schema=other)
    toml = INVENTORY.format(schema=schema, more='ledger_layout = "single"')
    toml = toml.replace(f'["{schema}"]', f'["{schema}", "{other}"]')
    (found,) = use(toml, HOLDINGS_URL=mysql.url())
    return found


def compared(target: Target) -> comparing.Comparison:
    return comparing.compare(target, Deadline.after(20, NOW), cache=replay.Memory())


def test_it_compares_all_schemas_as_one(target: Target, mysql: MySql, other: str) -> None:
    assert look(target).state is State.UNVERIFIED
    found = compared(target)
    assert (found.complete, found.findings, found.schemas[0].tables) == (True, (), 2)
    assert found.schemas[0].basis == look(target).keyspaces[0].basis  # so that it can be in sync
    mysql.run("ALTER TABLE lots ADD units int", schema=other)
    assert [one.kind for one in compared(target).findings] == ["column_extra"]


def test_it_takes_two_ledgers_for_none(target: Target, mysql: MySql, other: str) -> None:
    mysql.run(LEDGER, schema=other)
    reading = look(target)
    assert (reading.state, reading.drift.critical) == (State.DRIFTED, 1)
    assert "2 ledgers, where one is wanted" in reading.detail
    assert [one.kind for one in compared(target).findings] == ["ledger_missing"]


def test_it_runs_nothing_there(target: Target, mysql: MySql, schema: str, other: str) -> None:
    (work,) = migrating.plan(target, no_runs, now=NOW)
    assert (work.steps, work.blocked) == ((), "")
    mysql.run("DELETE FROM __drizzle_migrations ORDER BY id DESC LIMIT 1", schema=schema)
    (work,) = migrating.plan(target, no_runs, now=NOW)
    assert (work.ready, work.blocked) == (
        False, "0001_b: one folder for several schemas; its own tool runs it",
    )  # fmt: skip


def test_it_says_that_a_name_stands_twice(target: Target, mysql: MySql, other: str) -> None:
    mysql.run(ONE, schema=other)
    found = compared(target)
    assert found.schemas[0].reason == "cannot compare: two schemas hold a table of one name"
