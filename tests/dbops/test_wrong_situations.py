"""What people and editors do to folders and ledgers: command, JSON and page say so, and why."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from dbops import collect, queries
from dbops.cli.main import main
from dbops.inventory import Target
from tests.dbops.conftest import NOW, Drizzle
from tests.dbops.test_d1_probe import INVENTORY, WRANGLER
from tests.dbops.test_drizzle_sqlite import CUT, ENTRY, FILES, LEDGER, PLACES

pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])
Use = Callable[..., list[Target]]
MORE = "CREATE TABLE `more` (`id` integer);"


class Notes:
    """A Drizzle folder on SQLite, its files applied."""

    slug = "notes"

    def __init__(self, folder: Path, use: Use) -> None:
        self.made, self.file = Drizzle(folder / "drizzle"), folder / "notes.db"
        self.folder = self.made.folder
        self.run(LEDGER)
        for number, (tag, sql) in enumerate(FILES.items(), 1):
            when = 1000 * number
            self.run(sql)
            hashed = self.made.add(tag, sql, when)
            self.run(
                f"INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('{hashed}', {when})"
            )
        use(ENTRY + PLACES["file"])

    def run(self, sql: str) -> None:
        with closing(sqlite3.connect(self.file)) as one, one:
            one.executescript(sql)

    @property
    def journal(self) -> Path:
        return self.folder / "meta" / "_journal.json"


class Forms(Notes):
    """A D1 project, its files applied."""

    slug = "forms"

    def __init__(self, folder: Path, use: Use) -> None:
        from dbops.estate import d1_apply
        from tests.dbops.test_d1_probe import local

        (folder / "wrangler.toml").write_text(WRANGLER)
        self.folder = folder / "sql"
        self.folder.mkdir()
        (self.folder / "0001_a.sql").write_text("CREATE TABLE a (id TEXT, b TEXT);")
        (self.folder / "0002_c.sql").write_text(
            "CREATE TABLE c (id TEXT);\nCREATE INDEX i ON c(id);\n"
        )
        use(INVENTORY)
        d1_apply.apply(local(folder), lambda _line: None)
        self.file = local(folder).path


def hash_edited(bench: Notes) -> None:
    bench.run("UPDATE __drizzle_migrations SET hash = 'abc' WHERE created_at = 2000")


def time_edited(bench: Notes) -> None:
    bench.run("UPDATE __drizzle_migrations SET created_at = 'yesterday' WHERE created_at = 2000")


def journal_cut(bench: Notes) -> None:
    text = bench.journal.read_text()
    bench.journal.write_text(text[: len(text) // 2])


def journal_lost_an_applied_file(bench: Notes) -> None:
    kept = json.loads(bench.journal.read_text())
    kept["entries"].pop()
    bench.journal.write_text(json.dumps(kept))


def journal_lost_a_new_file(bench: Notes) -> None:
    (bench.folder / "0003_more.sql").write_text(MORE)


def journal_lists_one_twice(bench: Notes) -> None:
    bench.made.add("0003_more", MORE, 4000)
    bench.made.add("0003_more", MORE, 5000)


def two_files_of_one_time(bench: Notes) -> None:
    bench.made.entries.insert(1, {"idx": 1, "when": 2000, "tag": "0001_more", "version": "5"})
    (bench.folder / "0001_more.sql").write_text(MORE)
    bench.made.add("0003_more", MORE.replace("more", "last"), 4000)


def line_ends(bench: Notes) -> None:
    for path in bench.folder.glob("*.sql"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def byte_order_mark(bench: Notes) -> None:
    """In front of a file that ran without record."""
    bench.made.add("0003_more", f"\ufeff{MORE}{CUT}CREATE INDEX `j` ON `more` (`id`);", 4000)
    bench.run("CREATE TABLE `more` (`id` integer)")


def empty_file(bench: Notes) -> None:
    bench.made.add("0003_more", "", 4000)


def ledger_dropped(bench: Notes) -> None:
    bench.run("DROP TABLE __drizzle_migrations")


def folder_gone(bench: Notes) -> None:
    bench.folder.rename(bench.folder.with_name("elsewhere"))


ON_DRIZZLE: list[tuple[Callable[[Notes], None], str, str]] = [
    (hash_edited, "modified", "1 modified: 0001_tags"),
    (time_edited, "unknown", "ledger row 2: created_at is no number"),
    (journal_cut, "unknown", "files: meta/_journal.json cannot be read"),
    (journal_lost_an_applied_file, "unknown", "files behind the ledger"),
    (journal_lost_a_new_file, "unverified",
     "not in meta/_journal.json, so no tool runs it: 0003_more.sql"),
    (journal_lists_one_twice, "unknown", "meta/_journal.json lists 0003_more twice"),
    (two_files_of_one_time, "skipped", "1 skipped: 0001_more; 1 pending: 0003_more"),
    (line_ends, "unverified", "2 tables"),
    (byte_order_mark, "partial", "1 partial: 0003_more"),
    (empty_file, "pending", "1 pending: 0003_more"),
    (ledger_dropped, "drifted", "ledger missing"),
    (folder_gone, "unknown", "migrations folder drizzle is not there"),
]  # fmt: skip


def name_edited(bench: Notes) -> None:
    bench.run("UPDATE applied SET name = '0002_C.SQL' WHERE name = '0002_c.sql'")


def applied_at_edited(bench: Notes) -> None:
    bench.run("UPDATE applied SET applied_at = 'yesterday' WHERE name = '0002_c.sql'")


def two_of_one_number(bench: Notes) -> None:
    (bench.folder / "0002_b.sql").write_text("CREATE TABLE b (id TEXT);")


def nothing_in_it(bench: Notes) -> None:
    (bench.folder / "0003_more.sql").write_text("")


def marked_and_run(bench: Notes) -> None:
    (bench.folder / "0003_more.sql").write_text("\ufeffCREATE TABLE more (id TEXT);")
    bench.run("CREATE TABLE more (id TEXT)")


def wrangler_cut(bench: Notes) -> None:
    path = bench.folder.parent / "wrangler.toml"
    path.write_text(path.read_text()[:40])


def ledger_gone(bench: Notes) -> None:
    bench.run("DROP TABLE applied")


def file_cut(bench: Notes) -> None:
    bench.file.write_bytes(bench.file.read_bytes()[:5000])


ON_D1: list[tuple[Callable[[Notes], None], str, str]] = [
    (name_edited, "partial", "1 partial: 0002_c.sql; 1 orphaned: 0002_C.SQL"),
    (applied_at_edited, "unverified", "2 tables"),
    (two_of_one_number, "orphaned", "1 out of order: 0002_b.sql"),
    (line_ends, "unverified", "2 tables"),
    (nothing_in_it, "pending", "1 pending: 0003_more.sql"),
    (marked_and_run, "partial", "1 partial: 0003_more.sql"),
    (wrangler_cut, "unknown", "wrangler.toml holds no readable d1_databases"),
    (folder_gone, "unknown", "migrations folder sql is not there"),
    (ledger_gone, "drifted", "ledger missing"),
    (file_cut, "unknown", "the file is no readable database"),
]


def told(
    bench: Notes, operator: Client, capsys: pytest.CaptureFixture[str]
) -> tuple[dict[str, Any], int]:
    """What command, JSON and page say of it, which is one thing."""
    code = main(["db", "status", "--json", "--timeout", "20"])
    (said,) = json.loads(capsys.readouterr().out)["databases"]
    collect.check_now(bench.slug, now=NOW)
    (row,) = operator.get("/ops", headers={"accept": "application/json"}).json()["rows"]
    same = ("state", "pending", "applied", "available", "detail", "error")
    assert [row[one] for one in same] == [said[one] for one in same]
    for page in ("", "/migrations", "/drift", "/connections", "/history"):
        assert operator.get(f"/ops/db/{bench.slug}{page}").status_code == 200
    assert said["detail"] in operator.get(f"/ops/db/{bench.slug}").content.decode()
    return said, code


def judged(
    bench: Notes, state: str, words: str, operator: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    said, code = told(bench, operator, capsys)
    assert (said["state"], words in said["detail"]) == (state, True), said["detail"]
    assert code == {"unknown": 5, "unverified": 0}.get(state, 6)


@pytest.mark.parametrize(("bend", "state", "words"), ON_DRIZZLE)
def test_it_tells_what_happened_to_a_drizzle_folder(
    bend: Callable[[Notes], None], state: str, words: str, tmp_path: Path, use: Use,
    operator: Client, console: str, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    bench = Notes(tmp_path, use)
    bend(bench)
    judged(bench, state, words, operator, capsys)


@pytest.mark.parametrize(("bend", "state", "words"), ON_D1)
def test_it_tells_what_happened_to_a_d1_project(
    bend: Callable[[Notes], None], state: str, words: str, tmp_path: Path, use: Use,
    operator: Client, console: str, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    bench = Forms(tmp_path, use)
    bend(bench)
    judged(bench, state, words, operator, capsys)


def test_it_takes_no_word_for_a_time(
    tmp_path: Path, use: Use, operator: Client, console: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = Forms(tmp_path, use)
    applied_at_edited(bench)
    told(bench, operator, capsys)
    listed = operator.get("/ops/db/forms/migrations", headers={"accept": "application/json"})
    assert [row["applied_at"] is None for row in listed.json()["rows"]] == [False, True]


def test_lint_is_not_silent_about_what_it_could_not_read(
    tmp_path: Path, use: Use, capsys: pytest.CaptureFixture[str]
) -> None:
    wrangler_cut(Forms(tmp_path, use))
    assert main(["db", "lint", "--plain"]) == 6
    assert "wrangler.toml holds no readable d1_databases" in capsys.readouterr().out


def test_lint_names_a_byte_order_mark(
    tmp_path: Path, use: Use, capsys: pytest.CaptureFixture[str]
) -> None:
    marked_and_run(Forms(tmp_path, use))
    assert main(["db", "lint", "--plain"]) == 0
    assert "byte order mark" in capsys.readouterr().out


@pytest.mark.parametrize("off", [timedelta(hours=2), timedelta(hours=-2)])
def test_it_trusts_no_reading_of_a_clock_that_is_two_hours_off(
    tmp_path: Path, use: Use, console: str, off: timedelta
) -> None:
    Notes(tmp_path, use)
    collect.check_now("notes", now=NOW)
    row = queries.get_database("notes", now=NOW - off)
    assert (row.stale, row.healthy) == (True, False)
