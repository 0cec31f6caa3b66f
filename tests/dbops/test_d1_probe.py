"""D1 files in wrangler's layout: read at rest, byte for byte unchanged."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from dbops.estate import d1_apply
from dbops.history import d1
from dbops.inventory import Target
from dbops.probes.sessions import Away
from dbops.probes.sqlite_session import SqliteSession
from dbops.readings import Deadline, State
from tests.dbops.conftest import NOW, look

DATABASE_ID = "5a0c6c1e-94c1-4d52-9c3e-6a7f2c1d0b01"
# What wrangler 4.164 made of that id on disk.
FILE = "f21594719fcbc90f6644338f903070545dd8f8e0e41222fd4a02d58b175e475d.sqlite"
WRANGLER = f"""
name = "forms"
[[d1_databases]]
binding = "DB"
database_name = "forms"
database_id = "{DATABASE_ID}"
migrations_dir = "sql"
migrations_table = "applied"
"""
INVENTORY = """
[[database]]
slug = "forms"
name = "forms"
engine = "sqlite"
host = "cloudflare"
tool = "d1"
owner = "we"
status = "active"
[database.places.local]
wrangler = "wrangler.toml"
state_dir = "state"
"""


@pytest.fixture
def target(use: Callable[..., list[Target]], tmp_path: Path) -> Target:
    """Two files, both applied, in WAL mode and at rest."""
    (tmp_path / "wrangler.toml").write_text(WRANGLER)
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "0001_a.sql").write_text("CREATE TABLE a (id TEXT, b TEXT);")
    (tmp_path / "sql" / "0002_c.sql").write_text(
        "CREATE TABLE c (id TEXT); CREATE INDEX i ON c(id)"
    )
    (found,) = use(INVENTORY)
    assert d1_apply.apply(local(tmp_path), lambda _: None) == ["0001_a.sql", "0002_c.sql"]
    return found


def local(folder: Path) -> d1_apply.Local:
    binding = d1.binding(folder / "wrangler.toml", "forms")
    return d1_apply.Local(d1.local_file(folder / "state", binding.database_id), binding)


def database(folder: Path) -> Path:
    return folder / "state" / "v3" / "d1" / "miniflare-D1DatabaseObject" / FILE


def held(folder: Path) -> dict[str, str]:
    """Every file beside the database with its hash."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in database(folder).parent.iterdir()
    }


def test_it_names_the_file_as_wrangler_does(tmp_path: Path) -> None:
    assert d1.local_file(tmp_path / "state", DATABASE_ID) == database(tmp_path)


def test_it_reads_a_healthy_file(target: Target) -> None:
    reading = look(target)
    assert (reading.state, reading.applied, reading.available) == (State.UNVERIFIED, 2, 2)
    assert [m.applied_at is not None for m in reading.migrations] == [True, True]
    assert [m.statements for m in reading.migrations] == [1, 2]


def test_it_changes_and_creates_nothing(target: Target, tmp_path: Path) -> None:
    before = held(tmp_path)
    look(target)
    assert held(tmp_path) == before
    assert list(before) == [FILE]


def test_it_stops_copying_a_busy_file_at_the_deadline(tmp_path: Path) -> None:
    path = tmp_path / "d1.sqlite"
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute("CREATE TABLE kept (id INTEGER)")
        writer.commit()
        with pytest.raises(Away, match="no answer within 0 s"):
            SqliteSession(path, Deadline.after(0.0, NOW))


def test_it_calls_no_file_unreadable_that_only_takes_too_long(tmp_path: Path) -> None:
    path = tmp_path / "d1.sqlite"
    with closing(sqlite3.connect(path)) as writer:
        writer.executescript("CREATE TABLE kept (id INTEGER)")
    deadline = Deadline.after(0.05, NOW)
    session = SqliteSession(path, deadline)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with pytest.raises(Away, match="no answer within 0.05 s"):
        session.rows(endless)
    session.close()


def test_it_reads_rows_that_are_only_in_the_wal(target: Target, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database(tmp_path), isolation_level=None)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.execute("INSERT INTO applied (name) VALUES ('0003_later.sql')")
        (tmp_path / "sql" / "0003_later.sql").write_text("SELECT 1;")
        before = held(tmp_path)
        reading = look(target)
        assert (reading.applied, reading.available) == (3, 3)
        assert held(tmp_path) == before
        assert f"{FILE}-wal" in before


def test_it_names_what_is_pending(target: Target, tmp_path: Path) -> None:
    (tmp_path / "sql" / "0003_d.sql").write_text("CREATE TABLE d (id TEXT);")
    reading = look(target)
    assert (reading.state, reading.pending) == (State.PENDING, ("0003_d.sql",))


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("DROP TABLE c", "table_missing forms.c"),
        ("ALTER TABLE a DROP COLUMN b", "column_missing forms.a.b"),
    ],
)
def test_it_sees_what_is_missing(
    target: Target, tmp_path: Path, statement: str, finding: str
) -> None:
    with closing(sqlite3.connect(database(tmp_path))) as writer:
        writer.execute(statement)
    reading = look(target)
    assert (reading.state, reading.findings) == (State.DRIFTED, (finding,))


def test_it_names_an_absent_file_and_takes_no_other(target: Target, tmp_path: Path) -> None:
    database(tmp_path).rename(database(tmp_path).with_name("other.sqlite"))
    reading = look(target)
    assert (reading.state, FILE in reading.detail) == (State.UNREACHABLE, True)


def test_it_calls_garbage_unknown(target: Target, tmp_path: Path) -> None:
    database(tmp_path).write_bytes(b"<html>" * 1000)
    assert look(target).state is State.UNKNOWN


def test_it_rolls_a_failing_file_back_whole(target: Target, tmp_path: Path) -> None:
    bad = "CREATE TABLE d (id TEXT); ALTER TABLE a ADD COLUMN b TEXT;"
    (tmp_path / "sql" / "0003_d.sql").write_text(bad)
    with pytest.raises(d1_apply.FileFailed, match=r"0003_d\.sql: duplicate column name.*d1\.md"):
        d1_apply.apply(local(tmp_path), lambda _: None)
    reading = look(target)
    assert (reading.state, reading.keyspaces[0].tables) == (State.PENDING, 2)


def test_it_says_what_is_wrong_with_the_wrangler_file(target: Target, tmp_path: Path) -> None:
    (tmp_path / "wrangler.toml").write_text('name = "forms"')
    reading = look(target)
    assert (reading.state, "d1_databases" in reading.detail) == (State.UNKNOWN, True)
