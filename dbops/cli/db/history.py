"""`openinsure db history SLUG`: states over time and stored structures; any two of them compared.

Reads oi_console only; no inspected database is contacted.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from dbops.cli import printing
from dbops.cli.db.status import chosen
from dbops.cli.exits import FINDINGS, OK
from dbops.cli.main import setup_django
from dbops.readings import iso
from openinsure.arguments import Parser
from openinsure.plurals import many

QUERIES, SNAPSHOTS = "dbops.queries", "dbops.snapshots"  # Django: by name, the light half has none
DAYS_MAX = 90
FIELDS = ("kind", "severity", "object", "expected", "actual")


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= DAYS_MAX):
        raise argparse.ArgumentTypeError(f"{text!r} must be days, 1 to {DAYS_MAX}")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="openinsure db history",
        description="States of one database over time, and the structures its schemas had.",
        epilog="exit codes: 0, with --compare 6 when the structures differ",
    )
    parser.add_argument("slug")
    parser.add_argument("--days", type=_days, default=7, help="how far back, 1 to 90 (7)")
    parser.add_argument(
        "--compare", nargs=2, type=int, metavar=("EARLIER", "LATER"), help="two structures by id"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--no-color", action="store_true")
    return parser


def main(words: Sequence[str]) -> int:
    """Prints them; 0 or 6 (3 for an unknown slug or structure)."""
    asked = _parser().parse_args(words)
    now = datetime.now(UTC)  # the entry point is where the clock is
    chosen([asked.slug])
    setup_django()
    snapshots = import_module(SNAPSHOTS)
    if asked.compare:
        return _compare(snapshots.compare(asked.slug, *asked.compare), asked)
    since = now - timedelta(days=asked.days)
    periods = import_module(QUERIES).list_periods(asked.slug, since)
    structures = snapshots.of(asked.slug)
    if asked.json:
        told = {
            "slug": asked.slug,
            "states": [_period(one) for one in periods],
            "structures": [_structure(one) for one in structures],
        }
        print(printing.json_text(told))
        return OK
    rows = [[_instant(one.first_at), _instant(one.read_at), one.state, one.detail]
            for one in periods]  # fmt: skip
    print(printing.table(rows, ["neutral"] * len(rows), coloured=False))
    rows = [[str(one.id), one.keyspace, _instant(one.first_at), one.fingerprint[:12]]
            for one in structures]  # fmt: skip
    print(printing.table(rows, ["neutral"] * len(rows), coloured=False))
    held = ((len(periods), "state"), (len(structures), "structure"))
    printing.note(f"{asked.slug}: {', '.join(many(*one) for one in held)}")
    return OK


def _compare(change: Any, asked: argparse.Namespace) -> int:
    found = [{field: getattr(one, field) for field in FIELDS} for one in change.findings]
    if asked.json:
        sides = {"earlier": _structure(change.earlier), "later": _structure(change.later)}
        told = {"slug": asked.slug, **sides, "comparable": not change.outdated, "changes": found}
        print(printing.json_text(told))
    elif change.outdated:
        printing.note("not comparable: one was stored by an earlier release of the console")
    else:
        cells = [[one["severity"], one["kind"], one["object"],
                  f"{one['expected']} -> {one['actual']}"] for one in found]  # fmt: skip
        print(printing.table(cells, ["neutral"] * len(cells), coloured=False))
        printing.note(f"{change.later.keyspace}: {many(len(found), 'difference')}")
    return FINDINGS if found else OK


def _period(one: Any) -> dict[str, Any]:
    return {
        "state": one.state,
        "detail": one.detail,
        "first_at": iso(one.first_at),
        "read_at": iso(one.read_at),
    }


def _structure(one: Any) -> dict[str, Any]:
    return {
        "id": one.id,
        "keyspace": one.keyspace,
        "fingerprint": one.fingerprint,
        "first_at": iso(one.first_at),
        "seen_at": iso(one.seen_at),
        "before": one.before,
    }


def _instant(at: datetime) -> str:
    return iso(at) or ""
