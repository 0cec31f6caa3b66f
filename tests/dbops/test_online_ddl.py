"""SHOW VITESS_MIGRATIONS, over the wire: which files Vitess is at, how far, as of when."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dbops.inventory import Target
from dbops.probes import online_ddl
from dbops.readings import Reading, State
from tests.dbops.benches import DrizzleBench
from tests.dbops.conftest import MySql, look
from tests.dbops.vtgate_double import Answer, vtgate

Use = Callable[..., list[Target]]
# As Vitess documents them; only the names count, so their order is not its own.
COLUMNS = (
    *("id", "migration_uuid", "keyspace", "shard", "mysql_schema", "mysql_table"),
    *("migration_statement", "strategy", "liveness_timestamp", "migration_status"),
    *("progress", "message", "eta_seconds", "ddl_action"),
)
SQL = "alter table accounts add column total int"
AT = "2026-04-06 11:59:30"
Read = Callable[..., Reading]


def row(status: str, shard: str = "0", **said: Any) -> dict[str, Any]:
    about = {"migration_uuid": "9748c3b7_7fdb", "keyspace": "books", "mysql_table": "accounts"}
    found = {**about, "shard": shard, "migration_statement": SQL, "migration_status": status}
    return {**found, "liveness_timestamp": AT, "progress": 0, "eta_seconds": -1, **said}


def answer(*rows: dict[str, Any]) -> Answer:
    return COLUMNS, [[one.get(column) for column in COLUMNS] for one in rows]


@pytest.fixture
def books(tmp_path: Path, use: Use, mysql: MySql, schema: str) -> DrizzleBench:
    """Two files applied; the third is the one that Vitess is at."""
    bench = DrizzleBench(tmp_path, use, mysql, schema)
    bench.apply(1, 2)
    return bench


@pytest.fixture
def read(books: DrizzleBench, mysql: MySql, monkeypatch: pytest.MonkeyPatch) -> Read:
    def make(*rows: dict[str, Any], refused: int = 0) -> Reading:
        tables = ["accounts", "lots", "__drizzle_migrations"]
        answers: dict[str, Answer | int] = {
            "SHOW VSCHEMA TABLES": (["Tables"], [[name] for name in tables]),
            online_ddl.SHOW: refused or answer(*rows),
        }
        with vtgate(mysql.dsn, answers) as double:
            monkeypatch.setenv("BOOKS_URL", double.url)
            return look(books.target)

    return make


def test_it_says_how_far_vitess_is(books: DrizzleBench, read: Read) -> None:
    reading = read(row("running", progress=42.5, eta_seconds=30))
    assert (reading.state, str(reading.migrations[2].state)) == (State.PENDING, "in_flight")
    said = "online change of accounts: copying 42.5 %, about 30 s left (as of 11:59:30 UTC)"
    assert reading.migrations[2].evidence == said
    assert f"1 in flight: {books.tag(3)}" in reading.detail


def test_it_takes_the_slowest_shard_and_counts_those_that_are_done(read: Read) -> None:
    reading = read(
        row("complete", "-80", progress=100),
        row("running", "80-c0", progress=70, eta_seconds=12),
        row("running", "c0-", progress=20, eta_seconds=-1),
    )
    said = reading.migrations[2].evidence
    assert "copying 20 %, time left not known, 1 of 3 shards done" in said


def test_it_says_that_a_change_waits(read: Read) -> None:
    reading = read(row("queued", progress=None))
    assert reading.migrations[2].evidence.startswith("online change of accounts: waiting")


def test_it_forgets_changes_that_are_over(read: Read) -> None:
    reading = read(row("complete", progress=100), row("cancelled"), row("failed"))
    assert str(reading.migrations[2].state) == "pending"
    assert reading.notes == ()


def test_it_tells_of_a_change_that_no_file_holds(read: Read) -> None:
    foreign = "alter table lots drop column id"
    reading = read(row("running", progress=5, migration_statement=foreign, mysql_table="lots"))
    assert str(reading.migrations[2].state) == "pending"
    (note,) = reading.notes
    assert note.startswith("online change of lots: copying 5 %")
    assert note.endswith("in no file here")


def test_it_tells_of_a_shard_that_failed_while_another_goes_on(read: Read) -> None:
    reading = read(row("failed", "-80", message="boom"), row("running", "80-", progress=9))
    assert str(reading.migrations[2].state) == "in_flight"
    assert "online change of accounts failed on a shard" in reading.notes


def test_it_says_when_it_may_not_look(read: Read) -> None:
    reading = read(refused=1105)
    assert (reading.state, reading.notes) == (State.PENDING, (online_ddl.NOT_READ,))


def test_it_asks_a_mysql_server_for_nothing_of_the_kind(
    books: DrizzleBench, mysql: MySql, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.dbops import vtgate_double

    monkeypatch.setattr(vtgate_double, "VERSION", b"8.4.6")
    with vtgate(mysql.dsn, {}) as double:
        monkeypatch.setenv("BOOKS_URL", double.url)
        assert look(books.target).state is State.PENDING
        assert double.heard
        assert online_ddl.SHOW not in double.heard
