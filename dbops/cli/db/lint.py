"""`openinsure db lint [FILE...]`: the hard rules on migration files; contacts no database."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
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
from dbops.lint.remarks import LEVELS, WARN, Place, Remark
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
        for place in places():
            found += folders.lint(place, now=now)
    found.sort(key=lambda one: LEVELS.index(one.level))
    _print(found, asked)
    return FINDINGS if any(one.level != WARN for one in found) else OK


def places() -> list[Place]:
    """The folders that we manage, of every database of the inventory."""
    found = []
    for database in inventory.databases():
        if database.owner == "we" and database.status == "active":
            found += _places(database)
    return found


def _places(database: Database) -> list[Place]:
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
        try:
            bound = d1.binding(files[0], database.name) if files else None
        except FilesUnreadable:
            return []
        return [Place(bound.migrations, "d1")] if bound else []
    return []


def name_of(path: Path) -> str:
    """How remarks call a file: of Prisma and Drizzle 1.x it is its folder that has the name."""
    return f"{path.resolve().parent.name}.sql" if path.name == MIGRATION else path.name


def place_of(path: Path) -> Place:
    """Whose rules a file follows: its folder's, when the inventory has it; else the eight."""
    inner = path.resolve().parent
    folder = inner.parent if path.name == MIGRATION else inner
    for database in inventory.databases():
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
