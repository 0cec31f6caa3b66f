"""`openinsure db orphans`: rows that name a row which is not there, and the deletion order.

Counts by organisation through the reading account; no value of a row is read.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from dbops.cli import printing
from dbops.cli.db.status import chosen, seconds
from dbops.cli.exits import FINDINGS, OK, UNREACHABLE
from dbops.cli.main import setup_django
from dbops.readings import Deadline, iso
from openinsure.arguments import Parser
from openinsure.plurals import many

COUNTING = "dbops.orphans"  # Django: by name, so that the light half does not import it
MAP = "openinsure.keyspaces.references"


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="openinsure db orphans",
        description="Count rows that name a row which is not there; say in which order rows go.",
        epilog="exit codes: 0 none, 5 a reference could not be counted, 6 rows were left behind",
    )
    parser.add_argument("slug", nargs="*", help="only these databases")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--order", action="store_true", help="print the deletion order, count not")
    parser.add_argument("--timeout", type=seconds, default=120.0, metavar="SECONDS")
    parser.add_argument("--no-color", action="store_true")
    return parser


def main(words: Sequence[str]) -> int:
    """Prints what was counted; 0, 5 or 6 (3 for an unknown slug)."""
    asked = _parser().parse_args(words)
    now = datetime.now(UTC)  # the entry point is where the clock is
    targets = chosen(asked.slug)
    setup_django()
    counting, known = import_module(COUNTING), import_module(MAP)
    targets = [target for target in targets if counting.keyspaces_of(target)]
    orders = {
        target.slug: [known.deletion_order(name) for name in counting.keyspaces_of(target)]
        for target in targets
    }
    reports = {}
    for target in targets if not asked.order else ():
        report = counting.count(target, Deadline.after(asked.timeout, now))
        counting.store(target.slug, report)
        reports[target.slug] = report
    if asked.json:
        databases = [_told(slug, orders[slug], reports.get(slug)) for slug in orders]
        print(printing.json_text({"counted_at": iso(now), "databases": databases}))
    else:
        _print(orders if asked.order else {}, reports)
    if any(report.uncounted for report in reports.values()):
        return UNREACHABLE
    return FINDINGS if any(report.found for report in reports.values()) else OK


def _told(slug: str, orders: list[Any], report: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"slug": slug, "order": [asdict(one) for one in orders]}
    if report is not None:
        told["references"] = len(report.rows)
        told["orphans"] = [{**asdict(one), "total": one.total} for one in report.found]
        told["uncounted"] = [asdict(one) for one in report.uncounted]
    return told


def _print(orders: dict[str, list[Any]], reports: dict[str, Any]) -> None:
    for slug, found in orders.items():
        for order in found:
            for one in order.cleared:
                print(f"{slug}/{order.keyspace}  set to NULL  {one.table}.{one.column}")
            for number, step in enumerate(order.steps, 1):
                print(f"{slug}/{order.keyspace}  step {number}  {', '.join(step)}")
    for slug, report in reports.items():
        cells = [
            [f"{slug}/{one.keyspace}", f"{one.table}.{one.column}", one.to, org, f"{rows:,}"]
            for one in report.found
            for org, rows in one.orphans.items()
        ]
        if cells:
            print(printing.table(cells, ["bad"] * len(cells), coloured=False))
        for one in report.uncounted:
            print(f"{slug}/{one.keyspace}  {one.table}.{one.column} not counted: {one.reason}")
        left = sum(one.total for one in report.found)
        printing.note(
            f"{slug}: {many(len(report.rows), 'reference')}, {many(left, 'row')} leading nowhere"
        )
