"""`openinsure db generate NAME`: the next migration file of a keyspace, from the models."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module

from dbops.cli import printing
from dbops.cli.exits import OK, USAGE
from dbops.cli.main import setup_django
from openinsure import environment
from openinsure.arguments import Parser
from openinsure.keyspaces import generate, journal, snapshot
from openinsure.keyspaces.generate import CannotGenerate
from openinsure.keyspaces.inventory import KEYSPACES

MODELS = "openinsure.keyspaces.modelled"  # Django: by name, so that the light half imports none


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="openinsure db generate",
        description="Write the next migration file: models against the newest snapshot.",
        epilog="without a difference nothing is written and the exit code is 0",
    )
    parser.add_argument("name", help="a-z 0-9 _, for the file: 0007_NAME.sql")
    parser.add_argument("--keyspace", choices=KEYSPACES, metavar="KS", help="only this one")
    parser.add_argument(
        "--rename", action="append", default=[], metavar="TABLE.OLD=NEW", help="a column's new name"
    )
    parser.add_argument("--dry-run", action="store_true", help="print the SQL, write nothing")
    return parser


def main(words: Sequence[str]) -> int:
    """Writes the files and names them; 0, or 2 for what cannot be written."""
    asked = _parser().parse_args(words)
    now = datetime.now(UTC)  # the entry point is where the clock is
    if environment.name() != "local":
        printing.note("files are generated in local only, and reviewed")
        return USAGE
    setup_django()
    try:
        renames = dict(_pair(text) for text in asked.rename)
        for keyspace in (asked.keyspace,) if asked.keyspace else KEYSPACES:
            _one(keyspace, asked, renames, int(now.timestamp() * 1000))
    except CannotGenerate as error:
        printing.note(f"openinsure: {error}")
        return USAGE
    return OK


def _pair(text: str) -> tuple[str, str]:
    old, sign, new = text.partition("=")
    if not sign or "." not in old:
        raise CannotGenerate(f"--rename {text}: say TABLE.OLD=NEW")
    return old, new


def _one(keyspace: str, asked: argparse.Namespace, renames: dict[str, str], now_ms: int) -> None:
    folder = journal.folder_of(keyspace)
    stored, _ = generate.newest(folder)
    old = snapshot.tables_in(stored)
    new = import_module(MODELS).tables_modelled(keyspace)
    mine = {where: to for where, to in renames.items() if where.partition(".")[0] in old}
    made = generate.steps(asked.name, old, new, mine)
    if not made:
        printing.note(f"{keyspace}: no difference")
        return
    if asked.dry_run:
        for step in made:
            print(
                f"-- {keyspace}: {step.slug}\n"
                + "\n--> statement-breakpoint\n".join(step.statements)
            )
        return
    for path in generate.write(folder, made, now_ms=now_ms):
        print(path)
    printing.note(f"{keyspace}: read the SQL, then: openinsure db lint && make db-migrate")
