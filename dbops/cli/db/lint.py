"""`openinsure db lint [FILE...]`: the hard rules on migration files; contacts no database."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from dbops import inventory
from dbops.cli import printing
from dbops.cli.exits import FINDINGS, OK, missing
from dbops.history import d1, drizzle
from dbops.history.states import FilesUnreadable
from dbops.inventory import Database
from dbops.lint import folders, hard
from dbops.lint.remarks import LEVELS, REFUSE, WARN, Place, Remark
from openinsure.arguments import Parser
from openinsure.problems import BadForm

MIGRATION = "migration.sql"
TONES = {"refuse": "bad", "review": "warn", "warn": "info"}


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="openinsure db lint",
        description="The eight hard rules and the known troubles, on migration files.",
        epilog="without FILE: every folder that we manage. exit codes: 0 fine (warnings only), "
        "3 no such file, 6 something is refused or needs review",
    )
    parser.add_argument("file", nargs="*", type=Path, help="only these .sql files")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--plain", action="store_true", help="tab-separated")
    parser.add_argument("--no-color", action="store_true")
    return parser


def main(words: Sequence[str]) -> int:
    """Prints the remarks, worst first; 0, 3 or 6."""
    asked = _parser().parse_args(words)
    now = datetime.now(UTC)  # the entry point is where the clock is
    found: list[Remark] = []
    for path in asked.file:
        if not path.is_file():
            raise missing("file", str(path))
        if path.suffix != ".sql":
            raise BadForm({"FILE": f"{path.name} is no .sql file."})
        found += folders.lint(place_of(path), now=now, only=frozenset({name_of(path)}))
    if not asked.file:
        for database in _managed():
            found += _of(database, now)
    found.sort(key=lambda one: LEVELS.index(one.level))
    _print(found, asked)
    return FINDINGS if any(one.level != WARN for one in found) else OK


def _managed() -> list[Database]:
    return [one for one in inventory.databases() if one.owner == "we" and one.status == "active"]


def _of(database: Database, now: datetime) -> list[Remark]:
    try:
        found = _places(database)
    except FilesUnreadable as error:  # nothing was read: that is no "nothing to say"
        return [Remark(database.slug, 0, "unreadable", REFUSE, error.reason)]
    return [remark for place in found for remark in folders.lint(place, now=now)]


def _places(database: Database) -> list[Place]:
    """Its folders. Raises FilesUnreadable."""
    if database.tool == "drizzle":
        names = next((place.schemas for place in database.places.values() if place.schemas), ())
        several = "{keyspace}" in database.migrations
        return [
            Place(
                *(database.folder(name), "drizzle", name if several else "", database.engine),
                house=hard.house(database),
            )
            for name in (names if several else names[:1] or ("",))
        ]
    if database.tool == "prisma":
        return [Place(database.folder(""), "prisma", engine=database.engine)]
    if database.tool == "d1":
        files = [place.wrangler for place in database.places.values() if place.wrangler]
        return [Place(d1.binding(files[0], database.name).migrations, "d1")] if files else []
    return []


def name_of(path: Path) -> str:
    """How remarks call a file: of Prisma and Drizzle 1.x it is its folder that has the name."""
    return f"{path.resolve().parent.name}.sql" if path.name == MIGRATION else path.name


def place_of(path: Path) -> Place:
    """Whose rules a file follows: its folder's, when the inventory has it; else the eight."""
    inner = path.resolve().parent
    folder = inner.parent if path.name == MIGRATION else inner
    for database in inventory.databases():
        with suppress(FilesUnreadable):
            for place in _places(database):
                if place.path.resolve() == folder:
                    return place
    named = path.name == MIGRATION  # Drizzle 1.x keeps a snapshot beside it, Prisma nothing
    said = inner / "snapshot.json" if named else folder / "meta" / "_journal.json"
    engine = drizzle.engine_of(said)
    if not engine:
        return Place(folder, "prisma" if named else "d1")
    keyspace = "" if named else folder.name
    return Place(folder, "drizzle", keyspace, "" if engine == "mysql" else engine)


def _print(found: Sequence[Remark], asked: argparse.Namespace) -> None:
    if asked.json:
        print(printing.json_text({"remarks": [asdict(one) for one in found]}))
        return
    cells = [[one.level, one.file, str(one.number or ""), one.rule, one.text] for one in found]
    if cells and asked.plain:
        print(printing.tabbed(cells))
    elif cells:
        tones = [TONES[one.level] for one in found]
        print(printing.table(cells, tones, printing.colours(not asked.no_color)))
    counts = {level: sum(one.level == level for one in found) for level in LEVELS}
    said = ", ".join(f"{count} {level}" for level, count in counts.items() if count)
    printing.note(said or "nothing to say")
