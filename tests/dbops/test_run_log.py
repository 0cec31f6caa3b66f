"""The run log and the lease: one runner a database, who ran what, stopping between statements."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dbops import migrating, owners, runlog
from dbops.cli.main import main
from dbops.executing import Execution
from dbops.history.rules import no_runs
from dbops.inventory import Target
from dbops.runlog import Lease
from openinsure.keyspaces.migrate import MigrationStopped
from openinsure.problems import Conflict
from tests.dbops.benches import DrizzleBench
from tests.dbops.conftest import NOW, MySql
from tests.dbops.test_spicedb_probe import INVENTORY as SPICEDB

Use = Callable[..., list[Target]]
RUNS = (
    "SELECT keyspace, tag, kind, ran_by, begun, ended, outcome FROM dbops_migrationrun ORDER BY id"
)


@pytest.fixture
def books(
    use: Use, mysql: MySql, schema: str, console: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> DrizzleBench:  # fmt: skip
    """A foreign Drizzle project, one file applied, two waiting."""
    monkeypatch.setenv("MIGRATOR_URL", mysql.url())
    monkeypatch.delenv("OPENINSURE_TOKEN", raising=False)
    bench = DrizzleBench(tmp_path, use, mysql, schema)
    bench.apply(1)
    return bench


def test_it_records_who_ran_what(
    books: DrizzleBench, mysql: MySql, console: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "migrate", "--yes", "--json"]) == 0
    captured = capsys.readouterr()
    work = f"books/{books.schema}"
    assert json.loads(captured.out) == {
        "dry_run": False, "exit_code": 0,
        "works": [{"name": work, "state": "applied", "reason": "", "pending": [],
                   "applied": ["0002_file", "0003_file"]}],
    }  # fmt: skip
    assert f"{books.schema}/0002_file 2/2 done" in captured.err
    who = "service:local-setup"
    assert mysql.run(RUNS, schema=console) == [
        (books.schema, "0002_file", "migrate", who, 2, 2, "applied"),
        (books.schema, "0003_file", "migrate", who, 1, 1, "applied"),
    ]


def test_it_lets_one_runner_in_at_a_time(
    books: DrizzleBench, capsys: pytest.CaptureFixture[str]
) -> None:
    with Lease("books", "ada@example.com"):
        assert main(["db", "migrate", "--yes"]) == 1
        assert "another run is active, by ada@example.com" in capsys.readouterr().out
        with pytest.raises(Conflict, match="by ada@example.com"):
            Lease("books", "bob@example.com")
        with Lease("other", "bob@example.com"):
            pass
    assert main(["db", "migrate", "--yes"]) == 0


def test_it_frees_a_database_whose_runner_died(
    console: str, mysql: MySql, monkeypatch: pytest.MonkeyPatch
) -> None:
    mysql.run(
        "INSERT INTO dbops_migrationlease (slug, holder, taken_at, `until`) VALUES"
        " ('books', 'ada host:1', UTC_TIMESTAMP(), UTC_TIMESTAMP() - INTERVAL 1 SECOND)",
        schema=console,
    )
    with Lease("books", "bob@example.com") as lease:
        (held,) = mysql.run("SELECT holder FROM dbops_migrationlease", schema=console)
        assert held == (lease.holder,)


def test_it_names_nobody_in_a_lease_that_was_given_back(console: str, mysql: MySql) -> None:
    with Lease("books", "ada@example.com") as lease:
        pass
    state = "SELECT holder, `until` < UTC_TIMESTAMP(6) FROM dbops_migrationlease"
    assert mysql.run(state, schema=console) == [("", 1)]
    late = f"UPDATE dbops_migrationlease SET `until` = '2999-01-01' WHERE holder = '{lease.holder}'"
    mysql.run(late, schema=console)  # a renewal that was under way meanwhile
    assert mysql.run(state, schema=console) == [("", 1)]
    with Lease("books", "bob@example.com"):
        pass


def test_it_takes_a_lease_that_is_given_back_while_it_asks(
    console: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one ends between the two questions: nobody is to be waited for."""
    with Lease("books", "ada@example.com") as first:
        write = Lease.write

        def ended(self: Lease, sql: str, *params: object) -> int:
            changed = write(self, sql, *params)
            if sql == runlog.TAKE_OVER and not changed:
                write(first, runlog.RELEASE, "books", first.holder)
            return changed

        monkeypatch.setattr(Lease, "write", ended)
        with Lease("books", "bob@example.com") as second:
            assert second.still_held()


def test_it_stops_when_another_has_taken_its_lease(console: str, mysql: MySql) -> None:
    with Lease("books", "ada@example.com") as lease:
        log = lease.log("main")
        log.opened("0001_a", "0" * 64, 2)
        log.begins(1)
        mysql.run("UPDATE dbops_migrationlease SET holder = 'bob host:2'", schema=console)
        with pytest.raises(MigrationStopped, match="no longer holds its lease"):
            log.begins(2)


def test_it_runs_nothing_without_a_log(
    books: DrizzleBench, monkeypatch: pytest.MonkeyPatch, closed_port: int,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("DATABASE_URL", f"mysql://a:b@127.0.0.1:{closed_port}/x")
    assert main(["db", "migrate", "--yes"]) == 5
    assert "The run log in oi_console cannot be written" in capsys.readouterr().out
    assert books.mysql.run("SELECT COUNT(*) FROM __drizzle_migrations", schema=books.schema) == [
        (1,)
    ]


def test_it_ends_a_statement_and_begins_no_other(
    books: DrizzleBench, mysql: MySql, console: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    works = migrating.plan(books.target, no_runs, now=NOW)
    execution = Execution(works, "ada@example.com", lambda _line: None)
    ends = runlog.RunLog.ends

    def stopping(log: runlog.RunLog, number: int) -> None:
        ends(log, number)
        execution.stop()

    monkeypatch.setattr(runlog.RunLog, "ends", stopping)
    results = execution.run()
    assert "stopped before statement 2" in str(results.failed[works[0].name])
    assert [row[-3:] for row in mysql.run(RUNS, schema=console)] == [(1, 1, "stopped")]


@pytest.mark.parametrize(("place", "said", "code"), [
    ("production", [], 4),
    ("production", ["--production", "other"], 4),
])  # fmt: skip
def test_it_wants_the_name_of_a_production_database(
    books: DrizzleBench, mysql: MySql, place: str, said: list[str], code: int,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    import dbops.cli.operator as operators

    toml = Path(str(books.folder.parent / "inventory.toml"))
    toml.write_text(toml.read_text().replace("places.local", f"places.{place}"))
    someone: Any = operators.Operator("ada@example.com")
    monkeypatch.setattr(operators, "operator", lambda *_args, **_more: someone)
    assert main(["db", "migrate", "--remote", "--yes", *said]) == code
    assert "type the name of what may change: --production books" in capsys.readouterr().err
    assert main(["db", "migrate", "--remote", "--yes", "--production", "books"]) == 0


def test_it_runs_spicedbs_own_migration(
    use: Use, mysql: MySql, schema: str, console: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    if owners.spicedb_binary() is None:
        pytest.skip("the spicedb binary is not there (make engines builds it)")
    url = mysql.url()
    toml = SPICEDB.format(schema=schema, optional="false")
    use(toml, DATASTORE_URL=url, MIGRATOR_URL=url)
    monkeypatch.delenv("OPENINSURE_TOKEN", raising=False)
    monkeypatch.setenv("SPICEDB_DATASTORE_URL", url)
    assert main(["db", "migrate", "--spicedb", "--yes"]) == 0
    assert "spicedb datastore migrate head" in capsys.readouterr().out
    assert mysql.run(RUNS, schema=console)[0][1:4] == (
        "datastore migrate head", "owner", "service:local-setup",
    )  # fmt: skip
    assert main(["db", "status", "--timeout", "20"]) == 6
    assert "not seeded" in capsys.readouterr().out  # its first start does that
    mysql.run("INSERT INTO mysql_metadata (id, unique_id) VALUES (0, 'x')", schema=schema)
    assert main(["db", "status", "--timeout", "20"]) == 0
