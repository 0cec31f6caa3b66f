"""The real server killed after statement k of n, for every k: state, plan, nothing run twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import MySQLdb
import pytest

from dbops import inventory, runlog
from dbops.cli.main import main
from dbops.inventory import Target
from tests.dbops.conftest import Drizzle, MySql, fresh, look
from tests.dbops.private_server import PrivateServer
from tests.dbops.test_vitess_probe import INVENTORY

Use = Callable[..., list[Target]]
CUT = "\n--> statement-breakpoint\n"
FIRST, MORE = "0000_first", "0001_more"
ACCOUNTS = "CREATE TABLE accounts (id int NOT NULL, name varchar(40), PRIMARY KEY (id))"
STATEMENTS = [
    "ALTER TABLE accounts ADD nick varchar(40) NULL",
    "CREATE TABLE lots (units int NOT NULL, PRIMARY KEY (units))",
    "ALTER TABLE accounts ADD total int NOT NULL DEFAULT 0",
    "INSERT INTO accounts (id, name) VALUES (1, 'Ada')",
    "UPDATE accounts SET total = total + 10",  # a second run would be seen
    "CREATE INDEX accounts_total ON accounts (total)",
    "ALTER TABLE lots ADD closed int NULL",
]
DML = (4, 5)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateServer]:
    made = PrivateServer(tmp_path_factory.mktemp("private"))
    made.start()
    made.admin(
        "CREATE USER tester@'%' IDENTIFIED BY 'local'",
        "GRANT ALL PRIVILEGES ON *.* TO tester@'%'",
    )
    yield made
    made.kill()


@pytest.fixture
def holdings(server: PrivateServer) -> str:
    """An empty schema on the private server."""
    name = fresh("holdings")
    server.admin(f"CREATE DATABASE {name} COLLATE utf8mb4_bin")
    return name


@pytest.fixture
def folder(use: Use, server: PrivateServer, holdings: str, console: str, tmp_path: Path) -> Drizzle:
    made = Drizzle(tmp_path / "drizzle")
    made.add(FIRST, ACCOUNTS, 1000)
    url = server.url
    use(INVENTORY.format(schema=holdings, more=""), HOLDINGS_URL=url, MIGRATOR_URL=url)
    assert main(["db", "migrate", "--yes"]) == 0
    made.add(MORE, CUT.join(f"{one};" for one in STATEMENTS), 2000)
    return made


def kill_after(server: PrivateServer, k: int, patch: pytest.MonkeyPatch) -> None:
    """SIGKILL once statement k has ended (0: before the first begins)."""
    opened, ends = runlog.RunLog.opened, runlog.RunLog.ends

    def first(log: runlog.RunLog, *facts: Any) -> None:
        opened(log, *facts)
        if k == 0:
            server.kill()

    def then(log: runlog.RunLog, number: int) -> None:
        ends(log, number)
        if number == k:
            server.kill()

    patch.setattr(runlog.RunLog, "opened", first)
    patch.setattr(runlog.RunLog, "ends", then)


def status(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = main(["db", "status", "--json", "--timeout", "20"])
    (database,) = json.loads(capsys.readouterr().out)["databases"]
    return code, database


def rows(server: PrivateServer, schema: str, sql: str) -> list[tuple[Any, ...]]:
    one = MySQLdb.connect(
        host="127.0.0.1", port=server.port, user="tester", password="local", database=schema
    )
    with closing(one), one.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


@pytest.mark.parametrize("k", range(len(STATEMENTS) + 1))
def test_it_goes_on_where_the_server_was_killed(
    folder: Drizzle,
    server: PrivateServer,
    holdings: str,
    mysql: MySql,
    console: str,
    k: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = {one: server.reached(one) for one in STATEMENTS}
    with pytest.MonkeyPatch.context() as patch:
        kill_after(server, k, patch)
        assert main(["db", "migrate", "--yes"]) == 5
        assert main(["db", "status", "--timeout", "5"]) == 5  # nobody answers
    server.start()
    total = len(STATEMENTS)
    (run,) = mysql.run(
        f"SELECT ended, statements, outcome FROM dbops_migrationrun WHERE tag = '{MORE}'",
        schema=console,
    )
    assert run == (k, total, "unknown")

    code, found = status(capsys)
    traced = max((n for n in range(1, k + 1) if n not in DML), default=0)
    assert (code, found["state"]) == (6, "partial" if k else "pending")
    if k == total:
        assert "complete, unrecorded" in evidence()
    elif k:
        assert f"{traced} of {total} statements have run" in evidence()

    if k:
        assert main(["db", "migrate", "--yes"]) == 6, "a half-applied file must not run again"
        assert f"{MORE} ran in part" in capsys.readouterr().out
    asks = k + 1 in DML and k > 0  # the statement under way when the connection broke
    said = ["--not-ran", str(k + 1)] if asks else []
    if asks:
        assert main(["db", "resume", "holdings", MORE]) == 6
    assert main(["db", "resume", "holdings", MORE, "--yes", *said]) == 0
    ran = [line for line in capsys.readouterr().err.splitlines() if line.endswith(" done")]
    assert len(ran) == total - k

    assert {one: server.reached(one) - before[one] for one in STATEMENTS} == dict.fromkeys(
        STATEMENTS, 1
    )
    assert rows(server, holdings, "SELECT id, total FROM accounts") == [(1, 10)]
    assert rows(server, holdings, "SELECT COUNT(*) FROM __drizzle_migrations") == [(2,)]
    code, found = status(capsys)
    assert (code, found["state"], found["applied"]) == (0, "unverified", 2)


def evidence() -> str:
    """The probe's words about the file."""
    (target,) = inventory.contacted()
    return look(target, 20.0).migrations[1].evidence
