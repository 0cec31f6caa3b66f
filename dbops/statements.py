"""One migration file as a page shows it: its statements, what each does, what lint says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path

from dbops.history import d1
from dbops.history.states import File, FilesUnreadable
from dbops.inventory import Target
from dbops.lint import folders, hard
from dbops.lint.remarks import Place, Remark
from dbops.readings import Migration
from dbops.sql import parser


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One statement; `what` is its class in words, "needs review" when not understood."""

    number: int
    what: str
    sql: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statements:
    """All statements of one file, or why they cannot be shown."""

    rows: tuple[StatementRow, ...] = ()
    reason: str = ""


def place_of(target: Target, migration: Migration) -> Place:
    """The folder of one migration and whose rules it follows. Raises FilesUnreadable."""
    tool = target.database.tool
    if tool not in folders.TOOLS:
        raise FilesUnreadable("its migration files are programs")
    if tool == "d1":
        wrangler = target.place.wrangler
        if wrangler is None:
            raise FilesUnreadable("the inventory names no wrangler file")
        return Place(d1.binding(wrangler, target.database.name).migrations, tool)
    database, keyspace = target.database, migration.keyspace
    return Place(database.folder(keyspace), tool, keyspace, database.engine, hard.house(database))


def of(target: Target, migration: Migration, *, now: datetime) -> Statements:
    """The statements of one file on disk; the database is not contacted."""
    try:
        place = place_of(target, migration)
        file = _file(place, migration.tag)
    except FilesUnreadable as error:
        return Statements(reason=error.reason)
    name = file.tag if file.tag.endswith(".sql") else f"{file.tag}.sql"
    remarks = folders.lint(place, now=now, only=frozenset({name}))
    split = import_module(f"dbops.history.{place.tool}").SPLIT
    rows = tuple(
        StatementRow(n, parser.read(sql, place.dialect).what, sql, _about(remarks, n))
        for n, sql in enumerate(split(file.text), 1)
    )
    return Statements(rows)


def _file(place: Place, tag: str) -> File:
    folder: Path = place.path
    for file in import_module(f"dbops.history.{place.tool}").files(folder):
        if file.tag == tag:
            found: File = file
            return found
    raise FilesUnreadable("there is no such file in the folder")


def _about(remarks: list[Remark], number: int) -> tuple[str, ...]:
    return tuple(f"{one.level}: {one.text}" for one in remarks if one.number == number)
