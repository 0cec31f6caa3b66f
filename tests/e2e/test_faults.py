"""Engines made to fail under the running program: the right row changes, the rest stays whole."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import MySQLdb
import pytest

from dbops.inventory import SHIPPED
from openinsure.dsn import Dsn
from tests.e2e.conftest import ROOT, Api, Console

SUPPORT = "support@acme.test"
FINDINGS, PARTIAL = 6, 5


@contextmanager
def fault(console: Console, name: str, mode: str) -> Iterator[None]:
    """One engine fails inside the block."""
    broken = console.engines("fault", "--name", name, "--mode", mode)
    assert broken.returncode == 0, broken.stderr
    try:
        yield
    finally:
        console.engines("fault", "--name", name, "--mode", "clear")


def status(console: Console) -> tuple[int, dict[str, Any]]:
    """Exit code of `db status` and its databases by slug."""
    done = console.run("db", "status", "--json")
    told = json.loads(done.stdout)
    return done.returncode, {row["slug"]: row for row in told["databases"]}


def statement(console: Console, sql: str) -> None:
    """One statement as the migrator, on oi_claims."""
    lines = (Path(console.environment["OPENINSURE_STATE_DIR"]) / "run" / "env").read_text()
    values = dict(line.split("=", 1) for line in lines.splitlines() if "=" in line)
    dsn = Dsn.parse(values["MIGRATOR_URL"], "MIGRATOR_URL")
    with MySQLdb.connect(
        host=dsn.host, port=dsn.port, user=dsn.user, password=dsn.password, database="oi_claims"
    ) as connection:
        connection.cursor().execute(sql)


def test_it_tells_a_stopped_postgres_and_its_return(console: Console) -> None:
    with fault(console, "postgres", "refuse"):
        code, rows = status(console)
        assert code == PARTIAL
        assert rows["documenso-db"]["state"] == "unreachable"
        assert rows["ai"]["state"] not in {"unknown", "unreachable"}
    code, rows = status(console)
    assert rows["documenso-db"]["state"] not in {"unknown", "unreachable"}
    assert code == 0, rows


def test_it_finds_a_table_that_is_gone(console: Console) -> None:
    statement(console, "RENAME TABLE siu_referrals TO siu_referrals_gone")
    try:
        code, rows = status(console)
        assert code == FINDINGS
        assert rows["ai"]["state"] == "drifted"
        assert rows["ai"]["drift"]["critical"] >= 1
        assert "siu_referrals" in rows["ai"]["detail"]
    finally:
        statement(console, "RENAME TABLE siu_referrals_gone TO siu_referrals")
    assert status(console)[0] == 0


def test_it_finds_an_edited_migration(console: Console, tmp_path: Path) -> None:
    copy = tmp_path / "migrations"
    shutil.copytree(ROOT / "openinsure" / "keyspaces" / "migrations", copy)
    edited = sorted((copy / "oi_claims").glob("*.sql"))[0]
    edited.write_text(edited.read_text() + "\n-- edited by hand\n")
    folder = f'migrations = "{copy}/{{keyspace}}"'
    text, found = re.subn(r"(?m)^migrations = .*\{keyspace\}.*$", folder, SHIPPED.read_text())
    assert found == 1
    inventory = tmp_path / "inventory.toml"
    inventory.write_text(text)
    elsewhere = Console(console.url, console.environment | {"OPENINSURE_INVENTORY": str(inventory)})
    done = elsewhere.run("db", "status", "ai", "--json")
    assert done.returncode == FINDINGS, done.stderr
    assert json.loads(done.stdout)["databases"][0]["state"] == "modified"


@pytest.mark.parametrize("mode", ["refuse", "hang"])
def test_it_serves_policies_while_claims_are_away(console: Console, api: Api, mode: str) -> None:
    api.get("/policies", SUPPORT)
    with fault(console, "oi_claims", mode):
        assert api.get("/policies", SUPPORT).status == 200
        assert api.get("/policies/ACM-2026-000001", SUPPORT).status == 200


def test_it_serves_without_redis(console: Console, api: Api) -> None:
    api.get("/policies", SUPPORT)
    with fault(console, "redis", "refuse"):
        assert api.get("/policies", SUPPORT).status == 200


def test_it_says_when_its_own_database_is_away(console: Console, api: Api) -> None:
    api.get("/policies", SUPPORT)
    with fault(console, "oi_policies", "refuse"):
        answer = api.get("/policies", SUPPORT)
        assert answer.status == 503
        assert answer.headers["retry-after"]
        assert answer.json["request_id"]
    assert api.get("/policies", SUPPORT).status == 200
