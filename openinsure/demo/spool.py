"""Rows on their way into text files, and from there into the tables, one table after another.

LOAD DATA costs client and server far less than INSERTs, and a table at a time keeps the server's
memory on the indexes of that table: a load of any size stays linear. The files hold one
organisation's rows each; a row of another one is refused here, as the guard would refuse it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from types import NoneType
from typing import Any

import MySQLdb
from django.conf import settings

from openinsure.demo.scribe import Scribe, Tables
from openinsure.demo.writer import Columns, alias_of, binary_columns, columned
from openinsure.keyspaces.inventory import TABLES
from openinsure.settings.databases import CONNECT_TIMEOUT_S, KEYSPACES
from openinsure.tenancy.scope import NoTenantContext, TenantLeak, active_scope

PIECE_BYTES = 6 * 2**20  # of one transaction: below its two seconds
LOADERS = 2  # tables at once
COLUMNS = "columns"  # the file that names them
NULL, SPECIAL = r"\N", re.compile(r"[\\\t\n\0]")
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\0": r"\0"})
Report = Callable[[str], None]


class Refused(Exception):
    """The server took fewer rows than a file holds, or changed one: a bug of the demo."""


class Spool(Scribe):
    """Writes the rows of the organisation entered into files: `<table>/<piece>.<org>`."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        scope = active_scope()
        if scope is None:
            raise NoTenantContext("rows are written inside a scope")
        self.folder, self.org_id = folder, scope.org_id
        self._pieces: dict[str, int] = {}

    def write(self, tables: Tables) -> None:
        """The rows of a basket."""
        for table, rows in tables.items():
            if rows:
                self._append(*columned(table, rows, whole=True))

    def put(self, columns: Columns, rows: Sequence[tuple[Any, ...]]) -> None:
        """Many rows of one table."""
        if rows:
            self._append(columns, [list(column) for column in zip(*rows, strict=True)])

    def _append(self, columns: Columns, values: list[list[Any]]) -> None:
        owner = TABLES[columns.table].org_column
        if owner and set(values[columns.names.split().index(owner)]) != {self.org_id}:
            raise TenantLeak(f"{columns.table}: a row of another organisation")
        lines = list(map("\t".join, zip(*map(texts, values), strict=True)))
        path = self._piece(columns)
        with path.open("ab") as file:
            file.write("\n".join([*lines, ""]).encode())
            if file.tell() > PIECE_BYTES:
                self._pieces[columns.table] += 1
        self.rows += len(lines)

    def _tell(self, file: Path, names: str) -> None:
        """Write the columns unless another organisation's process did; never a half-written file,
        which that process would read."""
        draft = file.with_name(f".{self.org_id}")
        draft.write_text(names)
        with suppress(FileExistsError):
            os.link(draft, file)
        draft.unlink()

    def _piece(self, columns: Columns) -> Path:
        """Where the rows go on. Raises ValueError for a second set of columns of a table."""
        folder = self.folder / columns.table
        if columns.table not in self._pieces:
            self._pieces[columns.table] = 0
            folder.mkdir(exist_ok=True)
            self._tell(folder / COLUMNS, columns.names)
        if (folder / COLUMNS).read_text() != columns.names:
            raise ValueError(f"{columns.table}: its rows are written with two sets of columns")
        return folder / f"{self._pieces[columns.table]:05d}.{self.org_id}"


def texts(values: Sequence[Any]) -> list[str]:
    """A column as LOAD DATA reads it; bytes in hexadecimal digits."""
    kinds = set(map(type, values))
    if kinds == {str}:
        plain = not SPECIAL.search("".join(values))
        return list(values) if plain else [value.translate(ESCAPES) for value in values]
    if kinds == {int}:
        return list(map(str, values))
    return [NULL] * len(values) if kinds == {NoneType} else list(map(_text, values))


def _text(value: Any) -> str:
    if value is None:
        return NULL
    if isinstance(value, str):
        return value.translate(ESCAPES) if SPECIAL.search(value) else value
    if isinstance(value, bytes):
        return value.hex()
    return str(int(value)) if isinstance(value, bool) else str(value)


def takes_files() -> bool:
    """Whether every server is a MariaDB that takes rows from a client's file."""
    for alias in ("default", *KEYSPACES):
        with closing(connect(alias)) as connection, closing(connection.cursor()) as cursor:
            cursor.execute("SELECT @@local_infile, VERSION()")
            allowed, version = cursor.fetchone()
            if not allowed or "MariaDB" not in version:
                return False
    return True


def load(folder: Path, *, report: Report) -> None:
    """Every file of a folder into its table; each is gone once it is in. Raises Refused."""
    tables = sorted(path for path in folder.iterdir() if path.is_dir())
    whole = sum(piece.stat().st_size for table in tables for piece in pieces(table))
    tables.sort(key=lambda table: -sum(piece.stat().st_size for piece in pieces(table)))
    done = 0
    with ThreadPoolExecutor(LOADERS) as pool:
        for size in pool.map(_load_table, tables):
            before, done = done, done + size
            if done * 10 // whole > before * 10 // whole:
                report(f"Loading tables: {done * 100 // whole} %")


def pieces(table: Path) -> Iterator[Path]:
    """A table's files in their order."""
    return (path for path in sorted(table.iterdir()) if path.name != COLUMNS)


def _load_table(folder: Path) -> int:
    """How many bytes."""
    names, size = (folder / COLUMNS).read_text().split(), 0
    binary = binary_columns(folder.name)
    listed = ", ".join(f"@{name}" if name in binary else f"`{name}`" for name in names)
    unhex = ", ".join(f"`{name}` = UNHEX(@{name})" for name in names if name in binary)
    with closing(connect(alias_of(folder.name))) as connection:
        for piece in pieces(folder):
            _load_piece(
                connection,
                piece,
                f"INTO TABLE `{folder.name}`",
                f"({listed})" + (f" SET {unhex}" if unhex else ""),
            )
            size += piece.stat().st_size
            piece.unlink()
    return size


def _load_piece(connection: Any, piece: Path, into: str, listed: str) -> None:
    """LOCAL only warns of what it leaves out or cuts, so both are counted."""
    with closing(connection.cursor()) as cursor:
        taken = cursor.execute(
            f"LOAD DATA LOCAL INFILE %s {into} CHARACTER SET utf8mb4 {listed}", [str(piece)]
        )
        cursor.execute("SHOW WARNINGS LIMIT 1")
        warned = cursor.fetchone()
    with piece.open("rb") as file:
        wanted = sum(1 for _ in file)
    if warned or taken != wanted:
        connection.rollback()
        raise Refused(f"{piece.parent.name}: {taken} of {wanted} rows, {warned or 'no warning'}")
    connection.commit()


def connect(alias: str) -> Any:
    """A connection of our own: Django's never offer files to a server."""
    values = settings.DATABASES[alias]
    return MySQLdb.connect(
        host=str(values["HOST"]),
        port=int(str(values["PORT"])),
        user=str(values["USER"]),
        password=str(values["PASSWORD"]),
        database=str(values["NAME"]),
        charset="utf8mb4",
        connect_timeout=CONNECT_TIMEOUT_S,
        local_infile=True,
    )
