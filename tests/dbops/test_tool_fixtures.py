"""Folders and ledgers made by the real tools (tests/fixtures, `make fixtures`), read unchanged."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dbops.catalog import comparing, replay
from dbops.inventory import Target
from dbops.readings import Deadline, State
from openinsure import environment
from tests.dbops.conftest import NOW, MySql, look

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


@pytest.fixture
def drizzle(use: Use, mysql: MySql, schema: str, monkeypatch: pytest.MonkeyPatch) -> Target:
    """What drizzle-orm's migrator left behind, beside the folder that drizzle-kit wrote."""
    for statement in (FIXTURES / "drizzle" / "live.sql.txt").read_text().split(";\n"):
        if statement.strip():
            mysql.run(statement, schema=schema)
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
