"""`openinsure db status` as a person and a script see it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dbops.cli.main import main
from dbops.inventory import Target
from tests.dbops.conftest import Drizzle, MySql
from tests.dbops.test_vitess_probe import ACCOUNTS, INVENTORY, LEDGER

ROOT = Path(__file__).resolve().parents[2]
Use = Callable[..., list[Target]]
KEYS = [
    *("slug", "name", "engine", "host", "tool", "owner", "state", "detail", "applied", "available"),
    *("pending", "drift", "drift_checked_at", "read_at", "age_s", "error", "keyspaces"),
]


@pytest.fixture
def healthy(use: Use, mysql: MySql, schema: str, tmp_path: Path) -> Drizzle:
    """A foreign project in step."""
    made = Drizzle(tmp_path / "drizzle")
    first = made.add("0000_accounts", "CREATE TABLE accounts (id int, name text);", 1000, ACCOUNTS)
    mysql.run(
        LEDGER,
        "CREATE TABLE accounts (id int, name text)",
        f"INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('{first}', 1000)",
        schema=schema,
    )
    use(INVENTORY.format(schema=schema, more=""), HOLDINGS_URL=mysql.url())
    return made


def status_json(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    code = main(["db", "status", "--json", *words])
    return code, json.loads(capsys.readouterr().out)


def test_it_prints_the_documented_json(
    healthy: Drizzle, schema: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = status_json(capsys)
    assert code == 0
    assert list(told) == ["checked_at", "elapsed_ms", "databases"]
    (database,) = told["databases"]
    assert list(database) == KEYS
    assert database["drift"] == {"critical": 0, "high": 0, "medium": 0, "low": 0}
    assert database["keyspaces"] == [
        {"name": schema, "tables": 1, "expected": 1, "state": "unverified"}
    ]
    assert (database["state"], database["error"], database["age_s"]) == ("unverified", None, 0.0)
    assert told["checked_at"].endswith("Z")
    assert database["read_at"] == told["checked_at"]


def test_it_exits_6_when_something_needs_work(
    healthy: Drizzle, capsys: pytest.CaptureFixture[str]
) -> None:
    healthy.add("0001_more", "ALTER TABLE accounts ADD more int;", 2000, ACCOUNTS)
    code, told = status_json(capsys)
    assert (code, told["databases"][0]["pending"]) == (6, ["0001_more"])


def test_it_exits_5_when_a_database_is_silent(
    use: Use, healthy: Drizzle, closed_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    both = INVENTORY.format(schema="x", more="")
    away = both.replace('"holdings"', '"away"').replace("HOLDINGS_URL", "AWAY_URL")
    use(both + away, AWAY_URL=f"mysql://a:b@127.0.0.1:{closed_port}/")
    code, told = status_json(capsys)
    assert code == 5
    assert [row["slug"] for row in told["databases"]] == ["holdings", "away"]


@pytest.mark.parametrize("status", ["legacy", "retired"])
def test_it_does_not_count_legacy_and_retired_ones(
    use: Use, closed_port: int, status: str, capsys: pytest.CaptureFixture[str]
) -> None:
    toml = INVENTORY.format(schema="x", more="").replace('"active"', f'"{status}"')
    use(toml, HOLDINGS_URL=f"mysql://a:b@127.0.0.1:{closed_port}/")
    code, told = status_json(capsys)
    assert (code, len(told["databases"])) == (0, 1 if status == "legacy" else 0)


def test_it_says_the_same_in_words_worst_first(
    use: Use, healthy: Drizzle, closed_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    one = Path(os.environ["OPENINSURE_INVENTORY"]).read_text()
    away = one.replace('"holdings"', '"away"', 1).replace("HOLDINGS_URL", "AWAY_URL")
    use(one + away, AWAY_URL=f"mysql://a:b@127.0.0.1:{closed_port}/")
    assert main(["db", "status"]) == 5
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["unreachable", "in sync (schema unverified)"]
    assert "\x1b" not in "".join(lines)


def test_it_prints_tabs_when_asked_plainly(
    healthy: Drizzle, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "status", "--plain", "holdings"]) == 0
    cells = capsys.readouterr().out.strip("\n").split("\t")
    assert cells == [
        "in sync (schema unverified)", "holdings", "we manage", "1/1", "", "1 table",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["db", "status", "nowhere"], 3, "No database nowhere in the inventory; it has holdings"),
        (["db", "status", "--timeout", "0"], 2, "must be seconds"),
        (["db", "status", "--timeout", "soon"], 2, "must be seconds"),
        (["db", "revert"], 2, "is not built yet"),
        (["db", "undo"], 2, "is no verb"),
        (["db"], 2, "usage: openinsure db"),
        (["undo"], 2, "is no verb"),
        ([], 2, "usage: openinsure VERB"),
    ],
)
def test_it_refuses_in_one_clear_line(
    healthy: Drizzle,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    says: str,
) -> None:
    assert main(words) == code
    captured = capsys.readouterr()
    assert says in captured.err
    assert captured.out == ""


def test_it_names_the_line_of_a_bad_inventory(
    use: Use, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "inventory.toml").write_text('[[database]]\nslug = "a"\ncolour = 1\n')
    os.environ["OPENINSURE_INVENTORY"] = str(tmp_path / "inventory.toml")
    try:
        assert main(["db", "status"]) == 2
    finally:
        del os.environ["OPENINSURE_INVENTORY"]
    assert "line 3: unknown key colour" in capsys.readouterr().err


def test_it_offers_only_verbs_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "--help"]) == 0
    offered = capsys.readouterr().out
    assert "status" in offered
    assert "drift" in offered
    assert "revert" not in offered


def test_it_imports_no_django(healthy: Drizzle) -> None:
    program = (
        "import sys; from dbops.cli.main import main; code = main(['db', 'status', '--json']);"
        "heavy = {'argparse', 'django', 'celery', 'sqlglot', 'psycopg2'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["databases"][0]["slug"] == "holdings"


def test_it_does_not_wait_for_a_hung_server_at_exit(use: Use, hung: int) -> None:
    toml = INVENTORY.format(schema="x", more="")
    use(toml, HOLDINGS_URL=f"mysql://a:b@127.0.0.1:{hung}/")
    done = subprocess.run(
        [sys.executable, "-m", "dbops.cli.main", "db", "status", "--timeout", "0.2", "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=20,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert done.returncode == 5
    assert 190 <= told["elapsed_ms"] < 3 * 200  # the driver's own timeout is 1 s
