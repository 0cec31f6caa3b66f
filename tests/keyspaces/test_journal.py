"""Reading folders, cutting files, comparing a folder with a ledger."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from openinsure.keyspaces import journal
from openinsure.keyspaces.inventory import KEYSPACES
from openinsure.keyspaces.journal import JournalError, LedgerRow, Migration
from tests.keyspaces.folders import ADD_KIND, NOTES, write_folder


def file(when: int, content: str = "x") -> Migration:
    return Migration(f"{when:04d}_x", when, Path("x.sql"), content, ("SELECT 1",))


def test_it_cuts_at_the_token_wherever_it_stands() -> None:
    text = "CREATE TABLE a (id int);--> statement-breakpoint\nDROP TABLE a;\n"
    assert journal.split(text) == ("CREATE TABLE a (id int);", "DROP TABLE a;")


def test_it_does_not_cut_at_semicolons_or_comments() -> None:
    text = "-- a; b\nINSERT INTO a VALUES (';');\n--> statement-breakpoint\n\n"
    assert journal.split(text) == ("-- a; b\nINSERT INTO a VALUES (';');",)


def test_it_hashes_the_bytes_as_drizzle_does(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, "oi_x", ("0000_notes", 10, [NOTES]))
    unix = journal.read_folder(folder)[0]
    content = (folder / "0000_notes.sql").read_bytes()
    assert unix.sha256 == hashlib.sha256(content).hexdigest()
    (folder / "0000_notes.sql").write_bytes(content.replace(b"\n", b"\r\n"))
    assert journal.read_folder(folder)[0].sha256 != unix.sha256


def test_it_reads_in_the_order_of_the_journal(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, "oi_x", ("0009_b", 20, [NOTES]), ("0001_a", 30, [ADD_KIND]))
    assert [one.tag for one in journal.read_folder(folder)] == ["0009_b", "0001_a"]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("{", "is no JSON"),
        ("[]", "dialect must be mysql"),
        ('{"dialect": "postgresql", "entries": []}', "dialect must be mysql"),
        ('{"dialect": "mysql"}', "entries must be a list"),
        ('{"dialect": "mysql", "entries": [{"tag": "a", "when": "1"}]}', "entry 0 needs"),
        ('{"dialect": "mysql", "entries": [{"tag": "a", "when": true}]}', "entry 0 needs"),
        ('{"dialect": "mysql", "entries": [7]}', "entry 0 needs"),
    ],
)
def test_it_refuses_a_journal_that_is_none(tmp_path: Path, content: str, rule: str) -> None:
    folder = write_folder(tmp_path, "oi_x")
    (folder / "meta" / "_journal.json").write_text(content)
    with pytest.raises(JournalError, match=rf"_journal\.json: {rule}"):
        journal.read_folder(folder)


def test_it_refuses_a_folder_without_journal(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="is missing"):
        journal.read_folder(tmp_path)


@pytest.mark.parametrize(("tag", "when"), [("0001_b", 10), ("0000_a", 20)])
def test_it_refuses_two_files_of_one_identity(tmp_path: Path, tag: str, when: int) -> None:
    folder = write_folder(tmp_path, "oi_x", ("0000_a", 10, [NOTES]), (tag, when, [NOTES]))
    with pytest.raises(JournalError, match="stands twice"):
        journal.read_folder(folder)


def test_it_names_a_file_that_is_missing(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, "oi_x", ("0000_a", 10, [NOTES]))
    (folder / "0000_a.sql").unlink()
    with pytest.raises(JournalError, match=r"0000_a\.sql: is in the journal but missing"):
        journal.read_folder(folder)


def test_it_names_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, "oi_x", ("0000_a", 10, [NOTES]))
    (folder / "0000_a.sql").write_bytes(b"-- caf\xe9")
    with pytest.raises(JournalError, match="is not UTF-8"):
        journal.read_folder(folder)


def test_it_plans_what_is_newer_than_the_newest_row() -> None:
    plan = journal.plan([file(10), file(20), file(30)], [LedgerRow(1, "x", 10)])
    assert [one.when for one in plan.applied] == [10]
    assert [one.when for one in plan.pending] == [20, 30]
    assert not plan.modified
    assert not plan.skipped
    assert not plan.orphaned


def test_it_sees_what_drizzle_would_not_say() -> None:
    rows = [LedgerRow(1, "other", 10), LedgerRow(2, "x", 30), LedgerRow(3, "x", 15)]
    plan = journal.plan([file(10), file(20), file(30), file(40)], rows)
    assert [one.when for one in plan.modified] == [10]
    assert [one.when for one in plan.skipped] == [20]
    assert [one.created_at for one in plan.orphaned] == [15]
    assert [one.when for one in plan.pending] == [40]


def test_it_plans_everything_for_an_empty_ledger() -> None:
    plan = journal.plan([file(0), file(10)], [])
    assert [one.when for one in plan.pending] == [0, 10]


@pytest.mark.parametrize("keyspace", KEYSPACES)
def test_it_keeps_the_checked_in_folders_readable(keyspace: str) -> None:
    folder = journal.folder_of(keyspace)
    files = journal.read_folder(folder)
    assert [one.tag for one in files] == sorted(path.stem for path in folder.glob("*.sql"))
    assert [one.when for one in files] == sorted(one.when for one in files)
    entries = json.loads((folder / "meta" / "_journal.json").read_text())["entries"]
    assert [entry["idx"] for entry in entries] == list(range(len(files)))
    for one in files:
        for statement in one.statements:
            assert statement.count(";") == 1, f"{one.tag}: one statement a piece"
            assert "REFERENCES" not in statement
            assert statement.startswith(
                ("CREATE TABLE IF NOT EXISTS `", "ALTER TABLE `", "CREATE ")
            )


def test_it_needs_no_django() -> None:
    code = (
        "import sys; from openinsure.keyspaces import inventory, journal, migrate, snapshot; "
        "sys.exit('django' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
