"""A file killed after statement k of n, for every k: state, plan, and nothing run twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dbops.cli.main import main
from dbops.inventory import Target
from dbops.readings import State
from tests.dbops.conftest import Drizzle, MySql, look
from tests.dbops.test_vitess_probe import INVENTORY, LEDGER

Use = Callable[..., list[Target]]
CUT = "\n--> statement-breakpoint\n"
FIRST = "CREATE TABLE accounts (id int NOT NULL, name varchar(40), PRIMARY KEY (id))"
STATEMENTS = [
    "ALTER TABLE accounts ADD nick varchar(40) NULL",
    "CREATE TABLE lots (id int NOT NULL, units int NOT NULL DEFAULT 0, PRIMARY KEY (id))",
    "CREATE INDEX lots_units ON lots (units)",
    "ALTER TABLE accounts MODIFY name varchar(80)",
    "INSERT INTO lots (id, units) VALUES (1, 10)",
    "ALTER TABLE lots ADD closed int NULL",
]
DML = 5
MORE = "0001_more"


@pytest.fixture
def target(use: Use, mysql: MySql, schema: str, console: str, tmp_path: Path) -> Target:
    made = Drizzle(tmp_path / "drizzle")
    digest = made.add("0000_first", FIRST, 1000)
    made.add(MORE, CUT.join(f"{one};" for one in STATEMENTS), 2000)
    mysql.run(
        LEDGER, FIRST,
        f"INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('{digest}', 1000)",
        schema=schema,
    )  # fmt: skip
    url = mysql.url()
    (found,) = use(INVENTORY.format(schema=schema, more=""), HOLDINGS_URL=url, MIGRATOR_URL=url)
    return found


def killed_after(mysql: MySql, schema: str, done: int) -> None:
    if done:
        mysql.run(*STATEMENTS[:done], schema=schema)


@pytest.mark.parametrize("done", range(len(STATEMENTS) + 1))
def test_it_knows_how_far_a_killed_file_came(
    target: Target,
    mysql: MySql,
    schema: str,
    done: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    killed_after(mysql, schema, done)
    traced = done if done != DML else DML - 1  # the INSERT leaves no trace
    reading = look(target)
    assert reading.state is (State.PARTIAL if done else State.PENDING)
    migration = reading.migrations[1]
    if done == len(STATEMENTS):
        assert migration.evidence.startswith("complete, unrecorded")
    elif done:
        assert migration.evidence == f"{traced} of {len(STATEMENTS)} statements have run"
    said = ["--ran", str(DML)] if done == DML else ["--not-ran", str(DML)]
    if traced == DML - 1:  # right behind the last trace stands what leaves none
        assert main(["db", "resume", "holdings", MORE]) == 6
        assert f"--ran {DML} or --not-ran {DML}" in capsys.readouterr().out
    assert main(["db", "resume", "holdings", MORE, "--yes", *said]) == 0
    captured = capsys.readouterr()
    ran = [line for line in captured.err.splitlines() if line.endswith(" done")]
    assert len(ran) == len(STATEMENTS) - done
    assert look(target).state is State.UNVERIFIED
    assert mysql.run("SELECT id, units, closed FROM lots", schema=schema) == [(1, 10, None)]
    assert mysql.run("SELECT COUNT(*) FROM __drizzle_migrations", schema=schema) == [(2,)]


def test_it_prints_and_runs_nothing_by_itself(
    target: Target, mysql: MySql, schema: str, capsys: pytest.CaptureFixture[str]
) -> None:
    killed_after(mysql, schema, 2)
    assert main(["db", "resume", "holdings", MORE, "--not-ran", str(DML)]) == 0
    out = capsys.readouterr().out
    assert "1/6 add column: done" in out
    assert "CREATE INDEX lots_units" in out
    assert "INSERT INTO `__drizzle_migrations`" in out
    assert look(target).state is State.PARTIAL


def test_it_prints_the_plan_as_json(
    target: Target, mysql: MySql, schema: str, capsys: pytest.CaptureFixture[str]
) -> None:
    killed_after(mysql, schema, 4)
    assert main(["db", "resume", "holdings", MORE, "--json"]) == 6
    told = json.loads(capsys.readouterr().out)
    assert told["file"] == f"{schema}/{MORE}"
    verdicts = [one["verdict"] for one in told["statements"]]
    assert verdicts == ["done", "done", "done", "done", "ask", "run"]
    assert told["record"].startswith("INSERT INTO `__drizzle_migrations`")


def test_it_refuses_what_is_applied_or_absent(
    target: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "resume", "holdings", "0000_first"]) == 3
    assert "is applied: nothing to resume" in capsys.readouterr().err
    assert main(["db", "resume", "holdings", "0009_none"]) == 3


def test_it_stops_at_a_statement_that_fails(
    target: Target, mysql: MySql, schema: str, capsys: pytest.CaptureFixture[str]
) -> None:
    killed_after(mysql, schema, 2)
    mysql.run("ALTER TABLE lots ADD CONSTRAINT c UNIQUE lots_units (id)", schema=schema)
    words = ["db", "resume", "holdings", MORE, "--yes", "--not-ran", str(DML)]
    assert main(words) == 1
    assert "statement 3 failed, errno 1061" in capsys.readouterr().err
    assert look(target).state is State.PARTIAL
