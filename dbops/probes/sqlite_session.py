"""A D1 file at rest, read without changing or creating anything beside it.

`mode=ro` on a database in WAL mode creates `-wal` and `-shm`; `immutable` ignores committed rows
that are only in the `-wal`. So: no WAL content, open immutable; else read a private copy of the
files, taken while nobody wrote.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from dbops.probes.sessions import Away, Names, NoSuchTable, Row, no_answer
from dbops.readings import Deadline, State

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

COPY_TRIES = 3
COPY_BYTES = 1 << 20


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns


def _beside(path: Path) -> tuple[Path, Path]:
    return path, path.with_name(path.name + "-wal")


class SqliteSession:
    """One read-only look at a file. `folder` holds the private copy while it is open."""

    dialect = "sqlite"

    def __init__(self, path: Path, deadline: Deadline) -> None:
        """Opens. Raises Away naming the file when it is absent or no database."""
        self._folder: TemporaryDirectory[str] | None = None
        self._deadline = deadline
        if not path.is_file():
            raise Away(State.UNREACHABLE, f"no local file {path.name}")
        try:
            address = self._address(path)
            self._connection = sqlite3.connect(address, uri=True, timeout=0)
            self._connection.execute("PRAGMA query_only = ON")
            self._connection.set_progress_handler(lambda: int(deadline.left_s <= 0), 10_000)
        except sqlite3.Error:
            self.close()
            raise Away(State.UNKNOWN, "the file cannot be opened") from None
        except Away:
            self.close()
            raise

    def _address(self, path: Path) -> str:
        wal = _stamp(_beside(path)[1])
        if wal is None or wal[0] == 0:
            return f"file:{quote(str(path))}?mode=ro&immutable=1"
        for _ in range(COPY_TRIES):
            copy = self._copied(path)
            if copy is not None:
                return f"file:{quote(str(copy))}?mode=rw"  # ours: recovery may write -shm there
        raise Away(State.UNKNOWN, "the file is being written")

    def _copied(self, path: Path) -> Path | None:
        """A private copy of file and WAL; None if one of them changed meanwhile."""
        from tempfile import TemporaryDirectory  # only a busy file is copied

        self._folder = self._folder or TemporaryDirectory(prefix="openinsure-d1-")
        before = [_stamp(part) for part in _beside(path)]
        try:
            for part in _beside(path):
                self._copy(part, Path(self._folder.name) / part.name)
        except OSError:
            return None
        after = [_stamp(part) for part in _beside(path)]
        return Path(self._folder.name) / path.name if before == after else None

    def _copy(self, source: Path, copy: Path) -> None:
        """Piece by piece, for a big file takes longer than a look may. Raises Away."""
        with source.open("rb") as reading, copy.open("wb") as writing:
            while piece := reading.read(COPY_BYTES):
                if self._deadline.left_s <= 0:
                    raise no_answer(self._deadline.timeout_s)
                writing.write(piece)

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        """All rows of one SELECT. Raises NoSuchTable or Away."""
        try:
            return self._connection.execute(sql, tuple(params)).fetchall()
        except sqlite3.Error as error:
            if "no such table" in str(error):
                raise NoSuchTable from None
            raise self._unread() from None

    def names(self, schema: str) -> Names:
        """Tables and columns of the file; `schema` is always `main` here. Raises Away."""
        try:
            return table_names(self._connection)
        except Away:
            raise self._unread() from None

    def _unread(self) -> Away:
        """Why nothing could be read: past its deadline a statement is broken off."""
        if self._deadline.left_s <= 0:
            return no_answer(self._deadline.timeout_s)
        return Away(State.UNKNOWN, "the file is no readable database")

    def close(self) -> None:
        """Close and delete the private copy; never raises."""
        if hasattr(self, "_connection"):
            self._connection.close()
        if self._folder is not None:
            self._folder.cleanup()


def table_names(connection: sqlite3.Connection) -> Names:
    """Base tables and columns of an open SQLite database. Raises Away."""
    sql = (
        "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c"
        " WHERE m.type = 'table'"
    )
    found: dict[str, set[str]] = {}
    try:
        for table, column in connection.execute(sql):
            found.setdefault(table.lower(), set()).add(column.lower())
    except sqlite3.Error:
        raise Away(State.UNKNOWN, "the file is no readable database") from None
    return {table: frozenset(held) for table, held in found.items()}
