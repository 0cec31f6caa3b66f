"""Drizzle on SQLite (better-sqlite3, libsql, D1): files, a ledger without ids, hand edits."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from django.test import Client

from dbops import collect
from dbops.cli.main import main
from dbops.history import d1
from dbops.inventory import InventoryError, Target
from dbops.readings import State
from tests.dbops.conftest import NOW, Drizzle, look
from tests.dbops.test_d1_probe import DATABASE_ID, WRANGLER
from tests.dbops.test_reads_only import bytes_of

pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])
Use = Callable[..., list[Target]]
# As drizzle-orm 0.45 makes it: SERIAL is no INTEGER, so SQLite leaves every id NULL.
LEDGER = (
    "CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL,"
    " created_at numeric)"
)
# As 1.x does.
NAMED = (
    "CREATE TABLE __drizzle_migrations (id INTEGER PRIMARY KEY, hash text NOT NULL,"
    " created_at numeric, name text, applied_at TEXT)"
)
CUT = "--> statement-breakpoint\n"
FILES = {
    "0000_notes": f"CREATE TABLE `notes` (\n\t`id` integer PRIMARY KEY NOT NULL,\n"
    f"\t`title` text NOT NULL\n);\n{CUT}CREATE INDEX `by_title` ON `notes` (`title`);",
    "0001_tags": "CREATE TABLE `tags` (`id` integer PRIMARY KEY NOT NULL, `word` text);",
    # drizzle-kit changes a column by making the table anew
    "0002_title": f"PRAGMA foreign_keys=OFF;{CUT}CREATE TABLE `__new_notes` (\n"
    f"\t`id` integer PRIMARY KEY NOT NULL,\n\t`title` text\n);\n{CUT}"
    f'INSERT INTO `__new_notes`("id", "title") SELECT "id", "title" FROM `notes`;{CUT}'
    f"DROP TABLE `notes`;{CUT}ALTER TABLE `__new_notes` RENAME TO `notes`;{CUT}"
    f"PRAGMA foreign_keys=ON;{CUT}CREATE INDEX `by_title` ON `notes` (`title`);",
}
PLACES = {
    "file": 'file = "notes.db"',
    "d1": 'wrangler = "wrangler.toml"\nstate_dir = "state"',
}
ENTRY = """
[[database]]
slug = "notes"
name = "forms"
engine = "sqlite"
host = "own"
tool = "drizzle"
owner = "self"
status = "active"
migrations = "drizzle"
[database.places.local]
"""


class Bench:
    """A folder and a file, in two homes."""

    def __init__(self, folder: Path, use: Use, home: str) -> None:
        self.made = Drizzle(folder / "drizzle")
        self.hashes = {
            tag: self.made.add(tag, sql, 1000 * (n + 1))
            for n, (tag, sql) in enumerate(FILES.items())
        }
        (folder / "wrangler.toml").write_text(WRANGLER)
        self.file = folder / "notes.db"
        if home == "d1":
            self.file = d1.local_file(folder / "state", DATABASE_ID)
            self.file.parent.mkdir(parents=True)
        self.run(LEDGER)
        (self.target,) = use(ENTRY + PLACES[home])

    def run(self, sql: str) -> None:
        with closing(sqlite3.connect(self.file)) as one, one:
            one.executescript(sql)

    def apply(self, *tags: str, when: int = 0) -> None:
        for tag in tags:
            self.run(FILES[tag])
            at = when or 1000 * (list(FILES).index(tag) + 1)
            self.run(
                "INSERT INTO __drizzle_migrations (hash, created_at)"
                f" VALUES ('{self.hashes[tag]}', {at})"
            )


@pytest.fixture(params=["file", "d1"])
def bench(request: pytest.FixtureRequest, tmp_path: Path, use: Use) -> Bench:
    return Bench(tmp_path, use, request.param)


def pending(bench: Bench) -> None:
    bench.apply("0000_notes", "0001_tags")


def unverified(bench: Bench) -> None:
    bench.apply(*FILES)


def modified(bench: Bench) -> None:
    bench.apply(*FILES)
    path = bench.made.folder / "0001_tags.sql"
    path.write_text(path.read_text() + "\n-- edited")


def skipped(bench: Bench) -> None:
    bench.apply("0000_notes", "0002_title")


def partial(bench: Bench) -> None:
    bench.apply("0000_notes", "0001_tags")
    bench.run("CREATE TABLE `__new_notes` (`id` integer PRIMARY KEY NOT NULL, `title` text)")


def unrecorded(bench: Bench) -> None:
    bench.apply("0000_notes", "0001_tags")
    bench.run(FILES["0002_title"])


def orphaned(bench: Bench) -> None:
    bench.apply(*FILES)
    bench.run("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('abc', 2500)")


def drifted(bench: Bench) -> None:
    bench.apply(*FILES)
    bench.run("DROP TABLE tags")


@pytest.mark.parametrize(
    "bend", [pending, unverified, modified, skipped, partial, orphaned, drifted]
)
def test_it_says_the_same_by_command_and_page(
    bench: Bench, bend: Callable[[Bench], None], operator: Client, console: str,
    tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    bend(bench)
    before = bytes_of(tmp_path)
    code = main(["db", "status", "--json", "--timeout", "20"])
    (told,) = json.loads(capsys.readouterr().out)["databases"]
    assert (told["state"], code) == (bend.__name__, 0 if bend is unverified else 6)
    collect.check_now("notes", now=NOW)
    (row,) = operator.get("/ops", headers={"accept": "application/json"}).json()["rows"]
    same = ("state", "pending", "applied", "available", "detail")
    assert [row[one] for one in same] == [told[one] for one in same]
    for page in ("", "/migrations", "/drift", "/connections"):
        assert operator.get(f"/ops/db/notes{page}").status_code == 200
    assert bytes_of(tmp_path) == before


def test_it_sees_a_table_made_anew_that_nobody_recorded(
    bench: Bench, operator: Client, console: str, capsys: pytest.CaptureFixture[str]
) -> None:
    unrecorded(bench)
    assert main(["db", "status", "--json", "--timeout", "20"]) == 6
    (told,) = json.loads(capsys.readouterr().out)["databases"]
    assert (told["state"], told["pending"]) == ("partial", ["0002_title"])
    collect.check_now("notes", now=NOW)
    listed = operator.get("/ops/db/notes/migrations", headers={"accept": "application/json"})
    row = next(one for one in listed.json()["rows"] if one["tag"] == "0002_title")
    assert row["state"] == "partial"
    assert row["evidence"].startswith("complete, unrecorded")
    assert main(["db", "resume", "notes", "0002_title"]) == 0
    said = capsys.readouterr().out
    assert "INSERT INTO" in said
    assert "CREATE TABLE" not in said


def test_it_compares_with_a_replay_of_the_applied_files(
    bench: Bench, console: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.apply(*FILES)
    assert main(["db", "drift", "notes", "--json", "--timeout", "20"]) == 0
    assert json.loads(capsys.readouterr().out)["databases"][0]["findings"] == []
    bench.run("DROP INDEX by_title; ALTER TABLE tags ADD colour text")
    assert main(["db", "drift", "notes", "--json", "--timeout", "20"]) == 6
    found = json.loads(capsys.readouterr().out)["databases"][0]["findings"]
    assert {(one["kind"], one["object"]) for one in found} == {
        ("index_missing", "notes.by_title"), ("column_extra", "tags.colour"),
    }  # fmt: skip


def test_it_reads_the_ledger_of_1_x(tmp_path: Path, use: Use) -> None:
    tag = "20260301120000_notes"
    path = tmp_path / "drizzle" / tag
    path.mkdir(parents=True)
    (path / "migration.sql").write_text(FILES["0000_notes"])
    with closing(sqlite3.connect(tmp_path / "notes.db")) as one, one:
        one.executescript(f"{NAMED}; {FILES['0000_notes']}")
        one.execute(
            "INSERT INTO __drizzle_migrations (hash, created_at, name, applied_at)"
            " VALUES ('x', 1772366400000, ?, '2026-03-01T12:00:01.250Z')", (tag,)
        )  # fmt: skip
    (target,) = use(ENTRY + PLACES["file"])
    reading = look(target)
    assert (reading.state, reading.applied) == (State.MODIFIED, 1)  # its hash is another's
    assert reading.migrations[0].applied_at == "2026-03-01T12:00:01Z"


def test_it_names_a_file_that_is_not_there(tmp_path: Path, use: Use) -> None:
    Drizzle(tmp_path / "drizzle").add("0000_notes", FILES["0000_notes"], 1000)
    (target,) = use(ENTRY + PLACES["file"])
    reading = look(target)
    assert (reading.state, reading.detail) == (State.UNREACHABLE, "no local file notes.db")
    assert not (tmp_path / "notes.db").exists()


@pytest.mark.parametrize(("entry", "says"), [
    (ENTRY.replace('migrations = "drizzle"\n', "") + PLACES["file"], "migrations is missing"),
    (ENTRY.replace('"drizzle"', '"d1"', 1) + PLACES["file"], "that of D1 is found by its wrangler"),
])  # fmt: skip
def test_it_refuses_what_it_could_not_read(use: Use, entry: str, says: str) -> None:
    with pytest.raises(InventoryError, match=says):
        use(entry)
