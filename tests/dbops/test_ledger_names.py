"""A ledger that its project named otherwise: said in the inventory, used wherever it is met."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dbops.cli.main import main
from dbops.inventory import InventoryError, Target
from dbops.inventory_file import read
from dbops.probes import vitess
from dbops.readings import Deadline, State
from dbops.resuming import plan
from tests.dbops.conftest import NOW, Drizzle, MySql, Postgres, look
from tests.dbops.test_inventory_databases import Gate

Use = Callable[..., list[Target]]
CUT = "\n--> statement-breakpoint\n"
ENTRY = """
[[database]]
slug = "books"
name = "acme/books"
engine = "{engine}"
host = "own"
tool = "{tool}"
owner = "we"
status = "active"
migrations = "drizzle"
{more}
[database.places.local]
url_env = "BOOKS_URL"
schemas = ["{schema}"]
"""
LEDGER = "(id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)"
MORE = f"ALTER TABLE accounts ADD nick int;{CUT}ALTER TABLE accounts ADD total int;"


def entry(engine: str, tool: str, *more: str, schema: str = "public") -> str:
    return ENTRY.format(engine=engine, tool=tool, schema=schema, more="\n".join(more))


@pytest.mark.parametrize(("engine", "tool", "line", "rule"), [
    ("postgres", "prisma", 'ledger_table = "x"', "Prisma's is always _prisma_migrations"),
    ("postgres", "django", 'ledger_table = "x"', "Django's is always django_migrations"),
    ("sqlite", "d1", 'ledger_table = "x"', "wrangler's own file names it (migrations_table)"),
    ("mysql", "none", 'ledger_table = "x"', "tool none has no such table"),
    ("mysql", "drizzle", 'ledger_lock_table = "x"', "tool drizzle has no such table"),
    ("mysql", "drizzle", 'ledger_schema = "x"', "ledger_schema is for postgres"),
    ("mysql", "drizzle", 'ledger_table = "a b"', "ledger_table must be a plain name"),
    ("postgres", "drizzle", 'ledger_table = "x;--"', "ledger_table must be a plain name"),
    ("postgres", "kysely", "ledger_lock_table = 1", "ledger_lock_table must be text"),
])  # fmt: skip
def test_it_refuses_a_ledger_that_the_tool_cannot_have(
    tmp_path: Path, engine: str, tool: str, line: str, rule: str
) -> None:
    file = tmp_path / "inventory.toml"
    file.write_text(entry(engine, tool, line))
    with pytest.raises(InventoryError) as refused:
        read(file)
    assert rule in refused.value.rule
    assert refused.value.line == 11


def test_it_takes_the_tools_own_names_by_default(tmp_path: Path) -> None:
    file = tmp_path / "inventory.toml"
    file.write_text(entry("postgres", "drizzle"))
    (database,) = read(file)
    assert database.ledger == ("", "drizzle", "")


@pytest.fixture
def folder(tmp_path: Path) -> Drizzle:
    made = Drizzle(tmp_path / "drizzle")
    made.add("0000_first", "CREATE TABLE accounts (id int NOT NULL, PRIMARY KEY (id));", 1000)
    return made


def test_it_runs_and_reads_drizzle_with_another_table(
    use: Use, mysql: MySql, schema: str, console: str, folder: Drizzle,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("SHADOW_URL", mysql.url())
    toml = entry("mysql", "drizzle", 'ledger_table = "schema_history"', schema=schema)
    (target,) = use(toml, BOOKS_URL=mysql.url(), MIGRATOR_URL=mysql.url())
    assert main(["db", "migrate", "--yes"]) == 0
    tables = {name for (name,) in mysql.run("SHOW TABLES", schema=schema)}
    assert tables == {"accounts", "schema_history"}
    reading = look(target)
    assert (reading.state, reading.applied) == (State.UNVERIFIED, 1)
    assert reading.keyspaces[0].tables == 1
    assert main(["db", "drift", "books", "--timeout", "20"]) == 0
    assert "no open finding; 1 table, 1 column, 1 index compared" in capsys.readouterr().err

    folder.add("0001_more", MORE, 2000)
    mysql.run("ALTER TABLE accounts ADD nick int", schema=schema)
    assert look(target).state is State.PARTIAL
    assert main(["db", "resume", "books", "0001_more", "--timeout", "20", "--yes"]) == 0
    assert mysql.run("SELECT COUNT(*) FROM schema_history", schema=schema) == [(2,)]
    assert look(target).applied == 2


def test_it_reads_drizzle_of_postgres_in_its_own_schema(
    use: Use, postgres: Postgres, pg_database: str, folder: Drizzle
) -> None:
    more = ('ledger_table = "History"', 'ledger_schema = "ops"')
    (target,) = use(entry("postgres", "drizzle", *more), BOOKS_URL=postgres.url(pg_database))
    folder.add("0001_more", MORE, 2000)
    digest = folder.add("0000_first", "CREATE TABLE accounts (id int PRIMARY KEY);", 1000)
    folder.entries[:] = [folder.entries[2], folder.entries[1]]
    folder.add("0002_last", "CREATE TABLE lots (id int);", 3000)
    postgres.run(
        "CREATE SCHEMA ops",
        f'CREATE TABLE ops."History" {LEDGER}',
        f"INSERT INTO ops.\"History\" (hash, created_at) VALUES ('{digest}', 1000)",
        "CREATE TABLE accounts (id int PRIMARY KEY)",
        "ALTER TABLE accounts ADD nick int",
        database=pg_database,
    )
    reading = look(target)
    assert [m.state for m in reading.migrations] == ["applied", "partial", "pending"]
    assert "drizzle-kit migrate" in reading.migrations[2].repair, "db migrate leaves it out"
    made = plan(target, "0001_more", Deadline.after(10, NOW))
    assert made.record.startswith('INSERT INTO "ops"."History" ("hash", "created_at") VALUES')
    postgres.run('ALTER TABLE ops."History" RENAME TO history', database=pg_database)
    assert "ledger_missing public" in look(target).findings


def test_it_reads_kysely_and_its_lock_under_other_names(
    use: Use, postgres: Postgres, pg_database: str, tmp_path: Path
) -> None:
    (tmp_path / "drizzle").mkdir()
    (tmp_path / "drizzle" / "2026_01_first.ts").write_text("export async function up() {}")
    names = ("ledger_table", "history"), ("ledger_schema", "ops"), ("ledger_lock_table", "locked")
    more = [f'{key} = "{value}"' for key, value in names]
    (target,) = use(entry("postgres", "kysely", *more), BOOKS_URL=postgres.url(pg_database))
    postgres.run(
        "CREATE SCHEMA ops",
        "CREATE TABLE ops.history (name text, timestamp text)",
        "CREATE TABLE ops.locked (id text, is_locked int)",
        "INSERT INTO ops.history VALUES ('2026_01_first', '2026-01-01T00:00:00Z')",
        "INSERT INTO ops.locked VALUES ('migration_lock', 1)",
        "CREATE TABLE history (id int)",
        database=pg_database,
    )
    reading = look(target)
    assert [m.state for m in reading.migrations] == ["applied"]
    assert reading.findings == ("migration_lock_stuck public",)
    assert reading.keyspaces[0].tables == 1, "a table of that name elsewhere is no ledger"


def test_it_routes_no_ledger_of_another_name() -> None:
    gate = Gate("8.0.40-Vitess", "dual", "policies", "schema_history")
    live = {"policies": frozenset({"id"})}
    assert vitess.routing(gate, "oi_policies", live, ("schema_history",)) == ()
