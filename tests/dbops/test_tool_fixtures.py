"""Folders and ledgers made by the real tools (tests/fixtures, `make fixtures`), read unchanged."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import MySQLdb
import pytest

from dbops.catalog import comparing, replay
from dbops.inventory import Target
from dbops.readings import Deadline, State
from openinsure import environment
from tests.dbops.conftest import NOW, MySql, Postgres, look
from tests.dbops.test_spicedb_probe import INVENTORY as SPICEDB

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests" / "fixtures"
Use = Callable[..., list[Target]]
INVENTORY = """
[[database]]
slug = "foreign"
name = "{name}"
engine = "{engine}"
host = "own"
tool = "{tool}"
owner = "we"
status = "active"
{more}
"""


def restore(mysql: MySql, schema: str, dump: Path) -> None:
    """The live result that the tool left, statement by statement."""
    for statement in dump.read_text().split(";\n"):
        if statement.strip():
            mysql.run(statement, schema=schema)


@pytest.fixture
def drizzle(use: Use, mysql: MySql, schema: str, monkeypatch: pytest.MonkeyPatch) -> Target:
    """What drizzle-orm's migrator left behind, beside the folder that drizzle-kit wrote."""
    restore(mysql, schema, FIXTURES / "drizzle" / "live.sql.txt")
    if not environment.optional("SHADOW_URL"):
        monkeypatch.setenv("SHADOW_URL", mysql.url())
    more = f"""
migrations = "{FIXTURES / "drizzle"}"
[database.places.local]
url_env = "FOREIGN_URL"
schemas = ["{schema}"]
"""
    toml = INVENTORY.format(name="foreign", engine="mysql", tool="drizzle", more=more)
    (target,) = use(toml, FOREIGN_URL=mysql.url())
    return target


def test_it_reads_what_drizzle_made(drizzle: Target) -> None:
    reading = look(drizzle)
    assert (reading.state, reading.applied, reading.available) == (State.UNVERIFIED, 2, 2)
    assert [m.state for m in reading.migrations] == ["applied", "applied"]


def test_it_finds_no_drift_in_what_drizzle_made(drizzle: Target) -> None:
    found = comparing.compare(drizzle, Deadline.after(20, NOW), cache=replay.Memory())
    assert (found.complete, found.findings) == (True, ())


def test_it_sees_drizzles_half_way(drizzle: Target, mysql: MySql, schema: str) -> None:
    mysql.run(
        "DELETE FROM __drizzle_migrations ORDER BY id DESC LIMIT 1",
        "DROP INDEX accounts_nick ON accounts",
        schema=schema,
    )
    reading = look(drizzle)
    assert reading.state is State.PARTIAL
    assert reading.migrations[1].evidence == "1 of 2 statements have run"


def d1(use: Use, folder: Path) -> Target:
    more = f"""
[database.places.local]
wrangler = "{folder / "wrangler.toml"}"
state_dir = "{folder / "state"}"
"""
    toml = INVENTORY.format(name="ledgerbook", engine="sqlite", tool="d1", more=more)
    (target,) = use(toml)
    return target


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_it_reads_what_wrangler_made_and_changes_nothing(use: Use, tmp_path: Path) -> None:
    folder = tmp_path / "d1"
    shutil.copytree(FIXTURES / "d1", folder)
    target, before = d1(use, folder), hashes(folder)
    reading = look(target)
    assert (reading.state, reading.applied, reading.available) == (State.UNVERIFIED, 2, 2)
    found = comparing.compare(target, Deadline.after(20, NOW), cache=replay.Memory())
    assert (found.complete, found.findings) == (True, ())
    assert found.schemas[0].tables == 1
    assert hashes(folder) == before


def test_it_sees_a_wrangler_file_that_waits(use: Use, tmp_path: Path) -> None:
    folder = tmp_path / "d1"
    shutil.copytree(FIXTURES / "d1", folder)
    (folder / "migrations" / "0003_more.sql").write_text("ALTER TABLE entries ADD COLUMN x TEXT;")
    assert look(d1(use, folder)).state is State.PENDING


def test_it_calls_a_duplicate_column_complete_and_unrecorded(use: Use, tmp_path: Path) -> None:
    folder = tmp_path / "d1"
    shutil.copytree(FIXTURES / "d1", folder)
    repeated = folder / "migrations" / "0003_again.sql"
    repeated.write_text("CREATE INDEX entries_memo ON entries (memo);")
    import sqlite3

    (path,) = (folder / "state").rglob("*.sqlite")
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE INDEX entries_memo ON entries (memo)")
    reading = look(d1(use, folder))
    assert reading.state is State.PARTIAL
    assert reading.migrations[-1].evidence.startswith("complete, unrecorded")


@pytest.mark.django_db(databases=["default"])
def test_it_reads_what_djangos_migrate_made(use: Use, mysql: MySql) -> None:
    from django.conf import settings

    more = f"""
migrations = "{ROOT / "dbops"}"
[database.places.local]
url_env = "FOREIGN_URL"
schemas = ["{settings.DATABASES["default"]["NAME"]}"]
"""
    toml = INVENTORY.format(name="console", engine="mysql", tool="django", more=more)
    (target,) = use(toml, FOREIGN_URL=mysql.url())
    reading = look(target)
    assert (reading.state, reading.applied) == (State.UNVERIFIED, reading.available)
    assert {m.state for m in reading.migrations} == {"applied"}


def kysely(use: Use, mysql: MySql, schema: str) -> Target:
    more = f"""
migrations = "{FIXTURES / "kysely" / "migrations"}"
[database.places.local]
url_env = "FOREIGN_URL"
schemas = ["{schema}"]
"""
    toml = INVENTORY.format(name="foreign", engine="mysql", tool="kysely", more=more)
    (target,) = use(toml, FOREIGN_URL=mysql.url())
    return target


def test_it_reads_what_kysely_made(use: Use, mysql: MySql, schema: str) -> None:
    restore(mysql, schema, FIXTURES / "kysely" / "live.sql.txt")
    reading = look(kysely(use, mysql, schema))
    assert (reading.state, reading.applied, reading.available) == (State.PENDING, 2, 3)
    assert reading.pending == ("2026_03_01_index",)


def test_it_reports_kyselys_lock_when_nobody_migrates(use: Use, mysql: MySql, schema: str) -> None:
    restore(mysql, schema, FIXTURES / "kysely" / "live.sql.txt")
    mysql.run("UPDATE kysely_migration_lock SET is_locked = 1", schema=schema)
    target = kysely(use, mysql, schema)
    reading = look(target)
    assert (reading.state, reading.drift.high) == (State.DRIFTED, 1)
    assert reading.findings == (f"migration_lock_stuck {schema}",)
    holder = MySQLdb.connect(
        host=mysql.dsn.host, port=mysql.dsn.port, user=mysql.dsn.user, password=mysql.dsn.password
    )
    with closing(holder), holder.cursor() as cursor:  # as Kysely's MySQL adapter holds it
        cursor.execute("SELECT GET_LOCK('ea586330-2c93-47c8-908d-981d9d270f9d', 0)")
        reading = look(target)
    assert (reading.state, reading.migrations[2].state) == (State.PENDING, "in_flight")


@pytest.fixture
def prisma(use: Use, postgres: Postgres, pg_database: str) -> Target:
    """Two deployed, one marked as applied, one failed half-way: all by Prisma itself."""
    postgres.run((FIXTURES / "prisma" / "live.sql.txt").read_text(), database=pg_database)
    more = f"""
migrations = "{FIXTURES / "prisma" / "migrations"}"
[database.places.local]
url_env = "FOREIGN_URL"
schemas = ["public"]
"""
    toml = INVENTORY.format(name="foreign", engine="postgres", tool="prisma", more=more)
    (target,) = use(toml, FOREIGN_URL=postgres.url(pg_database))
    return target


def test_it_reads_what_prisma_made(prisma: Target) -> None:
    reading = look(prisma)
    assert reading.state is State.FAILED
    assert [m.state for m in reading.migrations] == ["applied", "applied", "marked", "failed"]
    assert "No such table: Nothing" in reading.migrations[3].evidence


def test_it_finds_no_drift_in_what_prisma_deployed(
    prisma: Target, postgres: Postgres, pg_database: str
) -> None:
    postgres.run(
        'ALTER TABLE "Account" DROP COLUMN fax',
        "DELETE FROM _prisma_migrations WHERE finished_at IS NULL",
        database=pg_database,
    )
    assert look(prisma).state is State.PENDING
    found = comparing.compare(prisma, Deadline.after(20, NOW), cache=replay.Memory())
    assert (found.complete, found.findings) == (True, ())


@pytest.mark.parametrize(("dump", "state", "missing"), [
    ("add_expiration_to_relation_tuple", State.BEHIND, 3),
    ("head", State.PARTIAL, 0),  # migrated, never started: no unique id yet
])  # fmt: skip
def test_it_reads_what_spicedb_made(
    use: Use, mysql: MySql, schema: str, dump: str, state: State, missing: int
) -> None:
    restore(mysql, schema, FIXTURES / "spicedb" / f"{dump}.sql.txt")
    toml = SPICEDB.format(schema=schema, optional="false")
    (target,) = use(toml, DATASTORE_URL=mysql.url())
    reading = look(target)
    assert (reading.state, len(reading.pending)) == (state, missing)
