"""`openinsure db backup`: the newest recorded backup, recording one, and its restore test."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from dbops.cli import operator as operators
from dbops.cli import printing
from dbops.cli.db.status import chosen
from dbops.cli.exits import FINDINGS, OK
from dbops.cli.main import setup_django
from openinsure.arguments import Parser

PERMISSION = "ops.migrate"
BACKUPS = "dbops.backups"  # Django: by name, so that the light half does not import it
EPILOG = """\
examples:
  openinsure db backup                              the newest of each database
  openinsure db backup ai --record dump.sql.gz      its bytes and when it was written
  openinsure db backup ai --restored 3f9a1c         it was restored and looked at

exit codes: 0 all have one of the last 24 hours, 2 no such file, 3 unknown, 4 permission, 6 not all
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="openinsure db backup",
        description="Backup age and last restore test.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("slug", nargs="*", help="only these databases")
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--record", type=Path, metavar="FILE")
    change.add_argument("--restored", metavar="SHA256", help="its first digits")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    operators.add_arguments(parser)
    return parser


def main(words: Sequence[str]) -> int:
    """Prints the newest backups, after recording what was asked."""
    parser = _parser()
    asked = parser.parse_args(words)
    now = datetime.now(UTC)  # the entry point is where the clock is
    targets = chosen(asked.slug)
    if (asked.record or asked.restored) and len(asked.slug) != 1:
        parser.error("name the one database")
    setup_django()
    backups = import_module(BACKUPS)
    if asked.record or asked.restored:
        acting = operators.operator(asked, PERMISSION, now=now, migrator=True)
        if asked.record:
            made = backups.record(asked.slug[0], asked.record, by=acting.name, now=now)
        else:
            made = backups.restored(asked.slug[0], asked.restored, now=now)
        action = "db.backup.recorded" if asked.record else "db.backup.restored"
        acting.record(action, now=now, about=asked.slug[0], after=made.json(now=now))
    found = {target.slug: backups.newest(target.slug) for target in targets}
    if asked.json:
        told = {slug: one and one.json(now=now) for slug, one in found.items()}
        print(printing.json_text({"backups": told}))
    else:
        for slug, one in found.items():
            age = f"{one.age(now).total_seconds() / 3600:.1f} h old" if one else "none recorded"
            print(f"{slug}: {age}" + (f", sha256 {one.sha256[:12]}" if one else ""))
    return OK if all(one and one.fresh(now) for one in found.values()) else FINDINGS
