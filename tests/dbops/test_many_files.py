"""Folders, snapshots and comparisons that do not say what they seem to; and very many files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from dbops.catalog import verdict
from dbops.catalog.verdict import Outcome, Stored
from dbops.history import by_name, drizzle, drizzle_snapshot, prisma
from dbops.history.drizzle_rows import Applied, digest
from dbops.history.prisma import Run
from dbops.history.states import File, FileState, FilesUnreadable, History
from dbops.readings import Keyspace, Reading, State
from tests.dbops.conftest import NOW, Drizzle

MORE = "CREATE TABLE `more` (`id` integer);"


def test_it_names_the_prisma_folder_that_is_empty(tmp_path: Path) -> None:
    for name in ("20260101000000_a", "20260102000000_b"):
        (tmp_path / name).mkdir()
    (tmp_path / "20260101000000_a" / "migration.sql").write_text(MORE)
    with pytest.raises(FilesUnreadable) as told:
        prisma.files(tmp_path)
    assert "20260102000000_b/migration.sql cannot be read" in told.value.reason


def test_it_takes_no_snapshot_that_may_be_of_another_file(tmp_path: Path) -> None:
    """Two files of one number, as after a merge: the snapshot is that of the last one made."""
    made = Drizzle(tmp_path)
    made.add("0002_title", MORE, 1000, {"more": ["id"]})
    applied = drizzle.files(tmp_path)
    assert drizzle_snapshot.names(tmp_path, applied) == {"more": frozenset({"id"})}
    (tmp_path / "meta" / "0002_snapshot.json").write_text('{"tables": {"mo')
    with pytest.raises(FilesUnreadable, match="meta/0002_snapshot.json cannot be read"):
        drizzle_snapshot.names(tmp_path, applied)
    made.add("0002_other", MORE, 2000, {"other": ["id"]})
    assert drizzle_snapshot.names(tmp_path, applied) is None
    (tmp_path / "meta" / "0002_snapshot.json").unlink()
    assert drizzle_snapshot.names(tmp_path, applied) is None


@pytest.mark.parametrize(
    ("off", "state"),
    [
        (timedelta(0), State.IN_SYNC),
        (timedelta(hours=2), State.UNVERIFIED),
        (timedelta(hours=-2), State.UNVERIFIED),
    ],
)
def test_it_proves_nothing_by_a_comparison_of_another_time(off: timedelta, state: State) -> None:
    one = Keyspace("main", 1, 1, State.UNVERIFIED, "b")
    reading = Reading(State.UNVERIFIED, "1 table", NOW, keyspaces=(one,))
    stored = Stored(NOW + off, {"main": Outcome("b")})
    assert verdict.joined(reading, stored, NOW, timedelta(minutes=60)).state is state


class Counted(str):
    """A name that counts how often it is compared with another."""

    compared = 0

    def __lt__(self, other: str) -> bool:
        Counted.compared += 1
        return str.__lt__(self, other)

    def __gt__(self, other: str) -> bool:
        Counted.compared += 1
        return str.__gt__(self, other)


class CountedTime(int):
    """A time that counts how often it is compared with another."""

    def __lt__(self, other: int) -> bool:
        Counted.compared += 1
        return int.__lt__(self, other)

    def __gt__(self, other: int) -> bool:
        Counted.compared += 1
        return int.__gt__(self, other)

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return int.__eq__(self, other)

    __hash__ = int.__hash__


def of_drizzle(files: list[File], done: int) -> History:
    rows = [
        Applied(n, digest(one.content), CountedTime(one.order))
        for n, one in enumerate(files[:done])
    ]
    return drizzle.compare(files, rows, "")


def of_drizzle_folders(files: list[File], done: int) -> History:
    rows = [
        Applied(n, digest(one.content), int(one.order), Counted(one.tag))
        for n, one in enumerate(files[:done])
    ]
    return drizzle.compare([file._replace(by_name=True) for file in files], rows, "")


def of_d1(files: list[File], done: int) -> History:
    rows: dict[str, str | None] = {Counted(one.tag): None for one in files[:done]}
    return by_name.compare(files, rows, "", run="x")


def of_prisma(files: list[File], done: int) -> History:
    runs = [
        Run(Counted(one.tag), digest(one.content), NOW + timedelta(n), NOW + timedelta(n), None)
        for n, one in enumerate(files[:done])
    ]
    return prisma.compare(files, {run.name: run for run in runs}, "")


@pytest.mark.parametrize("compare", [of_drizzle, of_drizzle_folders, of_d1, of_prisma])
def test_it_holds_each_of_many_files_against_few_rows(
    compare: Callable[[list[File], int], History], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not each file against all rows: ten thousand would be fifty million."""
    many = 2_000
    sql = b"CREATE TABLE t%d (id int);"
    files = [File(f"{n:05}_f", (n + 1) * 1000, sql % n, 1) for n in range(many)]
    monkeypatch.setattr(Counted, "compared", 0)
    states = [one.state for one in compare(files, many - 10).migrations]
    assert states.count(FileState.APPLIED) == many - 10
    assert states.count(FileState.PENDING) == 10
    assert Counted.compared < 40 * many
