"""What a waiting statement meets: rows, bytes, and how the server changes the table."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from dbops import costs
from dbops.cli.main import main
from dbops.inventory import Target
from openinsure import environment
from tests.dbops.benches import D1Bench, DrizzleBench, PrismaBench
from tests.dbops.conftest import NOW, MySql, Postgres

Use = Callable[..., list[Target]]
WAITING = """ALTER TABLE accounts ADD fax varchar(20);
--> statement-breakpoint
CREATE INDEX accounts_fax ON accounts (fax);
--> statement-breakpoint
ALTER TABLE accounts MODIFY COLUMN nick int;
--> statement-breakpoint
UPDATE accounts SET nick = 1 WHERE id = 3;
--> statement-breakpoint
CREATE TABLE later (id int);
--> statement-breakpoint
ALTER TABLE later ADD more int;
"""


@pytest.fixture
def drizzle(
    tmp_path: Path, use: Use, mysql: MySql, schema: str, monkeypatch: pytest.MonkeyPatch
) -> DrizzleBench:
    """Two files applied, three rows in, the third file waiting."""
    monkeypatch.setenv("SHADOW_URL", mysql.url())
    bench = DrizzleBench(tmp_path, use, mysql, schema)
    bench.apply(1, 2)
    bench.path(3).write_text(WAITING)
    bench.run("INSERT INTO accounts (id) VALUES (1), (2), (3)")
    return bench


def shadows(mysql: MySql, schema: str) -> list[object]:
    return [name for (name,) in mysql.run("SHOW DATABASES") if str(name).endswith(schema[:20])]


def test_it_tries_each_change_on_the_same_server_version(
    drizzle: DrizzleBench, mysql: MySql, schema: str
) -> None:
    before = mysql.run("CHECKSUM TABLE accounts, lots", schema=schema)
    found = costs.of(drizzle.target, schema, [drizzle.tag(3)], now=NOW)
    assert {key[1]: (one.table, one.algorithm) for key, one in found.items()} == {
        1: ("accounts", "instant"),
        2: ("accounts", "in place"),
        3: ("accounts", "copy"),
        4: ("accounts", ""),
    }
    (version,) = mysql.run("SELECT VERSION()")[0]
    assert found[drizzle.tag(3), 1].evidence == f"tried on an empty table of {version}"
    assert found[drizzle.tag(3), 1].size.words.startswith("3 rows, ")
    assert mysql.run("CHECKSUM TABLE accounts, lots", schema=schema) == before
    assert shadows(mysql, schema) == [schema]


def test_it_knows_nothing_without_a_shadow(
    drizzle: DrizzleBench, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHADOW_URL")
    monkeypatch.setattr(environment, "_written_by_make_run", dict)  # nor what a stack wrote
    one = costs.of(drizzle.target, schema, [drizzle.tag(3)], now=NOW)[drizzle.tag(3), 1]
    assert (one.algorithm, one.size.rows) == ("not known", 3)
    assert "SHADOW_URL is not set" in one.evidence


def test_it_takes_no_other_versions_word(
    drizzle: DrizzleBench, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dbops.probes.mysql_session import MySqlSession

    monkeypatch.setattr(MySqlSession, "version", lambda _self: "8.0.36")
    one = costs.of(drizzle.target, schema, [drizzle.tag(3)], now=NOW)[drizzle.tag(3), 1]
    assert one.algorithm == "not known"
    assert one.evidence.endswith("not 8.0.36")


def test_it_stops_trying_at_a_statement_that_is_refused(drizzle: DrizzleBench, schema: str) -> None:
    bad = "ALTER TABLE accounts DROP COLUMN nobody;\n--> statement-breakpoint\n"
    drizzle.path(3).write_text(bad + WAITING)
    found = costs.of(drizzle.target, schema, [drizzle.tag(3)], now=NOW)
    assert {one.algorithm for one in found.values()} == {"not known", ""}


def test_it_estimates_beyond_the_limit(
    drizzle: DrizzleBench, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(costs, "COUNTED", 2)
    one = costs.of(drizzle.target, schema, [drizzle.tag(3)], now=NOW)[drizzle.tag(3), 1]
    assert (one.size.counted, one.size.words.startswith("about ")) == (False, True)


def test_it_counts_rows_of_a_d1_file(tmp_path: Path, use: Use) -> None:
    bench = D1Bench(tmp_path, use)
    bench.apply(1, 2)
    with closing(sqlite3.connect(bench.file)) as one, one:
        one.execute("INSERT INTO accounts (id) VALUES (7)")
    cost = costs.of(bench.target, "", [bench.tag(3)], now=NOW)[bench.tag(3), 1]
    assert cost.words == "accounts: 1 row; instant (the text of the schema only)"


def test_it_counts_rows_of_postgres(
    tmp_path: Path, use: Use, postgres: Postgres, pg_database: str
) -> None:
    bench = PrismaBench(tmp_path, use, postgres, pg_database)
    bench.apply(1, 2)
    bench.run("INSERT INTO accounts (id) SELECT generate_series(1, 12)")
    cost = costs.of(bench.target, "", [bench.tag(3)], now=NOW)[bench.tag(3), 1]
    assert (cost.size.rows, cost.algorithm) == (12, "instant")
    assert cost.size.bytes


def test_it_prints_them_in_a_dry_run(
    drizzle: DrizzleBench, console: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["db", "migrate", "--ps", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "  1/6 add column\n    accounts: 3 rows, 16 KB; instant (tried on an empty table" in said
    assert "  5/6 create table\n  6/6 add column\n" in said
    assert main(["db", "migrate", "--ps", "--dry-run", "--json"]) == 0
    (work,) = json.loads(capsys.readouterr().out)["works"]
    assert [one["number"] for one in work["statements"]] == [1, 2, 3, 4, 5, 6]
    assert work["statements"][2]["cost"]["algorithm"] == "copy"
    assert work["statements"][4]["cost"] is None
