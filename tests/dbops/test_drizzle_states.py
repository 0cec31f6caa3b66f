"""Each state of a Drizzle file, from a folder and ledger rows; no server."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbops.history import drizzle
from dbops.history.drizzle_rows import Applied, digest
from dbops.history.states import FilesUnreadable, History
from dbops.readings import State
from tests.dbops.conftest import Drizzle


@pytest.fixture
def folder(tmp_path: Path) -> Drizzle:
    made = Drizzle(tmp_path / "drizzle")
    made.add("0000_first", "CREATE TABLE a (id int);", 1000)
    made.add("0001_second", "ALTER TABLE a ADD b int;", 2000)
    made.add("0002_third", "ALTER TABLE a ADD c int;", 3000)
    return made


def hashes(folder: Drizzle) -> list[str]:
    return [digest(file.content) for file in drizzle.files(folder.folder)]


def judged(folder: Drizzle, *rows: Applied) -> History:
    return drizzle.compare(drizzle.files(folder.folder), list(rows), "")


def states(history: History) -> list[str]:
    return [str(migration.state) for migration in history.migrations]


def test_it_calls_matching_files_applied(folder: Drizzle) -> None:
    a, b, c = hashes(folder)
    history = judged(folder, Applied(1, a, 1000), Applied(2, b, 2000), Applied(3, c, 3000))
    assert states(history) == ["applied"] * 3
    assert history.state is State.UNVERIFIED


def test_it_calls_files_behind_the_newest_row_pending(folder: Drizzle) -> None:
    a, *_ = hashes(folder)
    history = judged(folder, Applied(1, a, 1000))
    assert states(history) == ["applied", "pending", "pending"]
    assert [m.label for m in history.pending] == ["0001_second", "0002_third"]
    assert history.state is State.PENDING


def test_it_calls_an_edited_file_modified_with_both_hashes(folder: Drizzle) -> None:
    a, b, c = hashes(folder)
    (folder.folder / "0001_second.sql").write_text("ALTER TABLE a ADD b bigint;")
    history = judged(folder, Applied(1, a, 1000), Applied(2, b, 2000), Applied(3, c, 3000))
    assert states(history) == ["applied", "modified", "applied"]
    assert b[:12] in history.migrations[1].evidence
    assert hashes(folder)[1][:12] in history.migrations[1].evidence
    assert history.state is State.MODIFIED


def test_it_only_notes_changed_line_ends(folder: Drizzle) -> None:
    (folder.folder / "0000_first.sql").write_bytes(b"CREATE TABLE a (\n id int);")
    a, b, c = hashes(folder)
    (folder.folder / "0000_first.sql").write_bytes(b"CREATE TABLE a (\r\n id int);")
    history = judged(folder, Applied(1, a, 1000), Applied(2, b, 2000), Applied(3, c, 3000))
    assert "only line ends" in history.migrations[0].evidence
    assert history.state is State.UNVERIFIED


def test_it_calls_a_file_older_than_the_ledger_skipped(folder: Drizzle) -> None:
    a, _, c = hashes(folder)
    history = judged(folder, Applied(1, a, 1000), Applied(2, c, 3000))
    assert states(history) == ["applied", "skipped", "applied"]
    assert "3001" in history.migrations[1].repair
    assert history.state is State.SKIPPED


def test_it_calls_a_row_without_file_orphaned(folder: Drizzle) -> None:
    a, b, c = hashes(folder)
    rows = [Applied(1, a, 1000), Applied(2, "f" * 64, 1500), Applied(3, b, 2000)]
    history = judged(folder, *rows, Applied(4, c, 3000))
    assert states(history) == ["applied", "applied", "applied", "orphaned"]
    assert history.state is State.ORPHANED


def test_it_distrusts_a_folder_older_than_the_ledger(folder: Drizzle) -> None:
    a, b, c = hashes(folder)
    rows = [Applied(1, a, 1000), Applied(2, b, 2000), Applied(3, c, 3000)]
    assert judged(folder, *rows, Applied(4, "f" * 64, 4000)).behind
    assert not judged(folder, *rows).behind


def test_it_notes_what_ran_out_of_order(folder: Drizzle) -> None:
    a, b, c = hashes(folder)
    history = judged(folder, Applied(1, a, 1000), Applied(2, c, 3000), Applied(3, b, 2000))
    assert states(history) == ["applied", "out_of_order", "applied"]
    assert history.state is State.UNVERIFIED


def test_it_sees_a_file_that_would_run_again(folder: Drizzle) -> None:
    a, b, c = hashes(folder)
    history = judged(folder, Applied(1, a, 1000), Applied(2, b, 2000), Applied(3, c, 2500))
    assert states(history) == ["applied", "applied", "renumbered"]
    assert "run again" in history.migrations[2].evidence
    assert history.state is State.MODIFIED


def test_it_splits_on_the_breakpoint_wherever_it_stands() -> None:
    text = "CREATE TABLE a (x text);--> statement-breakpoint\nCREATE INDEX i ON a (x);"
    assert drizzle.statements(text) == ["CREATE TABLE a (x text);", "CREATE INDEX i ON a (x);"]


def test_it_reads_the_folders_of_drizzle_1(tmp_path: Path) -> None:
    inner = tmp_path / "20260406120000_first"
    inner.mkdir()
    (inner / "migration.sql").write_text("CREATE TABLE a (id int);")
    (file,) = drizzle.files(tmp_path)
    assert (file.tag, file.order) == (inner.name, 1775476800000)


@pytest.mark.parametrize("text", ["", "{", '{"entries": [{"tag": "a"}]}', '{"entries": 3}'])
def test_it_refuses_an_unreadable_journal(folder: Drizzle, text: str) -> None:
    (folder.folder / "meta" / "_journal.json").write_text(text)
    with pytest.raises(FilesUnreadable, match=r"_journal\.json"):
        drizzle.files(folder.folder)


def test_it_refuses_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(FilesUnreadable, match="is not there"):
        drizzle.files(tmp_path / "none")
