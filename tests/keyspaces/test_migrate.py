"""The runner on a real server: fresh, again, changed, broken half-way, side by side."""

from __future__ import annotations

from pathlib import Path

import MySQLdb
import pytest

from openinsure.keyspaces import journal, migrate
from openinsure.keyspaces.inventory import KEYSPACES
from openinsure.keyspaces.migrate import MigrationStopped, StatementFailed
from tests.keyspaces.folders import ADD_KIND, INDEX_KIND, NOTES, write_folder
from tests.keyspaces.live import address, cursor_on, fresh_schema, read_tables, rows

LEDGER = "SELECT hash, created_at FROM __drizzle_migrations ORDER BY id"
BROKEN = "ALTER TABLE `nowhere` ADD `x` int NULL;"


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A migrations folder of this test's own; keyspace oi_x has two files."""
    monkeypatch.setattr(journal, "FOLDER", tmp_path)
    write_folder(tmp_path, "oi_x", ("0000_notes", 10, [NOTES]), ("0001_kind", 20, [ADD_KIND]))
    return tmp_path


def run(schema: str) -> list[str]:
    return migrate.apply_pending(address(schema), "oi_x")


@pytest.mark.parametrize("keyspace", KEYSPACES)
def test_it_records_every_file_as_drizzle_does(keyspace: str, replayed: dict[str, str]) -> None:
    files = journal.read_folder(journal.folder_of(keyspace))
    assert rows(replayed[keyspace], LEDGER) == [(one.sha256, one.when) for one in files]


@pytest.mark.parametrize("keyspace", KEYSPACES)
def test_it_has_nothing_left_to_do(keyspace: str, replayed: dict[str, str]) -> None:
    dsn = address(replayed[keyspace])
    assert migrate.pending(dsn, keyspace) == []
    assert migrate.apply_pending(dsn, keyspace) == []


def test_it_applies_in_order_and_says_so(folders: Path, empty: str) -> None:
    said: list[str] = []
    done = migrate.apply_pending(address("mysql"), "oi_x", schema=empty, report=said.append)
    assert done == ["0000_notes", "0001_kind"]
    assert said == [
        "oi_x/0000_notes 1/1 done",
        "oi_x/0000_notes applied",
        "oi_x/0001_kind 1/1 done",
        "oi_x/0001_kind applied",
    ]


def test_it_writes_nothing_when_asked_what_is_pending(folders: Path, empty: str) -> None:
    assert migrate.pending(address(empty), "oi_x") == ["0000_notes", "0001_kind"]
    assert rows(empty, "SHOW TABLES") == []


def test_it_refuses_an_applied_file_that_changed(folders: Path, empty: str) -> None:
    run(empty)
    edited = folders / "oi_x" / "0000_notes.sql"
    edited.write_text(edited.read_text() + "-- a comment\n")
    for attempt in (run, lambda schema: migrate.pending(address(schema), "oi_x")):
        with pytest.raises(MigrationStopped, match="^oi_x/0000_notes: was applied with other"):
            attempt(empty)


def test_it_refuses_a_file_that_drizzle_would_skip_for_ever(folders: Path, empty: str) -> None:
    run(empty)
    write_folder(
        folders, "oi_x",
        ("0000_notes", 10, [NOTES]), ("0002_late", 15, [INDEX_KIND]), ("0001_kind", 20, [ADD_KIND]),
    )  # fmt: skip
    with pytest.raises(MigrationStopped, match="^oi_x/0002_late: its when 15 is older"):
        run(empty)


def test_it_refuses_a_ledger_that_knows_more(folders: Path, empty: str) -> None:
    run(empty)
    write_folder(folders, "oi_x", ("0000_notes", 10, [NOTES]))
    with pytest.raises(MigrationStopped, match="^oi_x: ledger rows without a file, when 20"):
        run(empty)


def test_it_waits_for_nobody_when_another_run_is_active(folders: Path, empty: str) -> None:
    with cursor_on(empty) as cursor:
        cursor.execute(migrate.TAKE_LOCK)
        with pytest.raises(MigrationStopped, match="^oi_x: another run is active here"):
            run(empty)
    assert run(empty) == ["0000_notes", "0001_kind"]


def test_it_stops_at_the_failing_statement(folders: Path, empty: str) -> None:
    run(empty)
    write_folder(
        folders, "oi_x",
        ("0000_notes", 10, [NOTES]), ("0001_kind", 20, [ADD_KIND]),
        ("0002_half", 30, [INDEX_KIND, BROKEN]), ("0003_after", 40, [ADD_KIND]),
    )  # fmt: skip
    with pytest.raises(StatementFailed, match="^oi_x/0002_half: statement 2 of 2") as stopped:
        run(empty)
    assert (stopped.value.number, stopped.value.errno) == (2, 1146)
    assert [when for _hash, when in rows(empty, LEDGER)] == [10, 20]
    assert [key.name for key in read_tables(empty)["notes"].keys] == ["notes_kind"]


def test_it_goes_on_after_what_already_holds(folders: Path, empty: str) -> None:
    with cursor_on(empty) as cursor:
        for statement in (NOTES, ADD_KIND, INDEX_KIND):
            cursor.execute(statement)
    rest = "ALTER TABLE `notes` ADD `lines` int NOT NULL DEFAULT 0;"
    write_folder(folders, "oi_x", ("0000_all", 10, [NOTES, ADD_KIND, INDEX_KIND, rest]))
    said: list[str] = []
    migrate.apply_pending(address(empty), "oi_x", report=said.append)
    assert [line.split(" ", 2)[2] for line in said[:4]] == [*["already there"] * 3, "done"]
    assert [column.name for column in read_tables(empty)["notes"].columns][-1] == "lines"


@pytest.mark.parametrize(
    ("there", "wanted", "why"),
    [
        ("CREATE TABLE `notes` (`id` char(36))", NOTES, "table notes exists without body"),
        (f"{NOTES[:-1]}", "ALTER TABLE `notes` ADD `body` json NULL;", "exists as text NULL"),
        (f"{NOTES[:-1]}", "ALTER TABLE `notes` ADD `body` text NOT NULL;", "exists as text NULL"),
        (
            "CREATE TABLE `notes` (`id` int, `kind` int, KEY `notes_kind` (`id`))",
            INDEX_KIND,
            r"index notes_kind on notes exists over \(id\)",
        ),
        (
            "CREATE TABLE `notes` (`id` int, `kind` int, UNIQUE KEY `notes_kind` (`kind`, `id`))",
            INDEX_KIND,
            "index notes_kind on notes exists",
        ),
    ],
)
def test_it_stops_at_an_object_of_another_form(
    there: str, wanted: str, why: str, folders: Path, empty: str
) -> None:
    with cursor_on(empty) as cursor:
        cursor.execute(there)
    write_folder(folders, "oi_x", ("0000_a", 10, [wanted]))
    with pytest.raises(MigrationStopped, match=rf"^oi_x/0000_a: statement 1: .*{why}"):
        run(empty)
    assert rows(empty, LEDGER) == []


def test_it_runs_keyspaces_side_by_side_and_keeps_their_errors(folders: Path, empty: str) -> None:
    write_folder(folders, "oi_y", ("0000_broken", 10, [BROKEN]))
    write_folder(folders, "oi_z", ("0000_notes", 10, [NOTES]))
    (folders / "oi_z" / "0000_notes.sql").unlink()
    away = address(empty)._replace(port=1)
    with fresh_schema("runner") as second, fresh_schema("runner") as third:
        dsns = {
            "oi_x": address(empty),
            "oi_y": address(second),
            "oi_z": address(third),
            "oi_w": away,
        }
        results = migrate.apply_all(dsns)
    assert results["oi_x"] == ["0000_notes", "0001_kind"]
    assert isinstance(results["oi_y"], StatementFailed)
    assert isinstance(results["oi_z"], journal.JournalError)
    assert isinstance(results["oi_w"], MySQLdb.OperationalError)
    assert list(results) == list(dsns)
