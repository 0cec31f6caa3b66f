"""`openinsure db drift`: applied files replayed and held against the live schemas; acceptance.

Reads the inspected databases only. What was found goes to oi_console, where `db status` and the
pages look; without oi_console it is only printed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from importlib import import_module
from typing import Any

from dbops.catalog import comparing, replay
from dbops.catalog.findings import Finding, counted, worst_first
from dbops.catalog.verdict import words
from dbops.cli import operator as operators
from dbops.cli import printing
from dbops.cli.db.status import chosen, seconds
from dbops.cli.exits import FINDINGS, OK, UNREACHABLE, USAGE
from dbops.cli.main import setup_django
from dbops.history.rules import no_runs
from dbops.inventory import Target
from dbops.readings import Deadline, iso
from openinsure.arguments import Parser
from openinsure.plurals import many
from openinsure.problems import BadForm, Problem

PERMISSION = "ops.migrate"
COMPARED = ("drizzle", "d1", "prisma")
# Django: by name, so that the light half does not import it
STORE, COLLECT = "dbops.comparisons", "dbops.collect"
ACCOUNTS, LEDGER = "dbops.ledger_accounts", "tigerbeetle"
TONES = {"critical": "bad", "high": "bad", "medium": "warn", "low": "info"}
EPILOG = """\
examples:
  openinsure db drift                        every database with migration files
  openinsure db drift ai --fixes             with the DDL of both directions, to read
  openinsure db drift ai --accept 3f2a9c01d4e7 --reason "hotfix, file follows" --until 2026-12-01

exit codes: 0 nothing open, 5 a schema could not be compared, 6 open findings
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="openinsure db drift",
        description="Compare schemas with what their applied migrations make.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("slug", nargs="*", help="only these databases")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--plain", action="store_true", help="tab-separated")
    parser.add_argument("--fixes", action="store_true", help="print the DDL of both directions")
    parser.add_argument("--timeout", type=seconds, default=10.0, metavar="SECONDS")
    parser.add_argument("--no-color", action="store_true")
    parser.add_argument("--accept", metavar="FINDING", help="an id, or all; needs one SLUG")
    parser.add_argument("--reason", default="", help="why it may stay")
    parser.add_argument("--until", metavar="DATE", help="YYYY-MM-DD, at most 90 days from now")
    operators.add_arguments(parser)
    return parser


def main(words_: Sequence[str]) -> int:
    """Prints the findings; 0, 5 or 6 (3 for an unknown slug, 4 without identity to accept)."""
    asked = _parser().parse_args(words_)
    now = datetime.now(UTC)  # the entry point is where the clock is
    if asked.accept:
        return _accept(asked, now)
    targets = [one for one in chosen(asked.slug) if asked.slug or _compared(one)]
    compared = [_compare(target, asked.timeout, now) for target in targets]
    _look_again([target.slug for target in targets], now=datetime.now(UTC))
    if asked.json:
        databases = [_json(comparison, found) for comparison, found in compared]
        print(printing.json_text({"checked_at": iso(now), "databases": databases}))
    else:
        for comparison, found in compared:
            _print(comparison, found, asked)
    if any(not comparison.complete for comparison, _ in compared):
        return UNREACHABLE
    return FINDINGS if any(one.open for _, found in compared for one in found) else OK


def _compared(target: Target) -> bool:
    return target.database.tool in COMPARED or target.database.engine == LEDGER


def _store() -> Any:
    """The Django half, or None when oi_console cannot be used."""
    try:
        setup_django()
        store = import_module(STORE)
        store.newest()
    except Exception as error:
        printing.note(f"not stored: oi_console cannot be used ({type(error).__name__})")
        return None
    return store


def _compare(
    target: Target, timeout: float, now: datetime
) -> tuple[comparing.Comparison, list[Finding]]:
    store = _store()
    if store and target.database.engine == LEDGER:
        comparison = import_module(ACCOUNTS).compare(target, now=now)
        return comparison, store.save(comparison)
    cache = store.Expectations() if store else replay.Memory()
    seen = store.seen(target.slug) if store else {}
    deadline = Deadline.after(timeout, now)
    runs = store.runs.of(target.slug) if store else no_runs
    comparison = comparing.compare(target, deadline, cache=cache, seen=seen, runs=runs)
    if store is None:
        return comparison, worst_first(comparison.findings)
    store.remember_files(target.slug, comparison.looks, now=now)
    return comparison, store.save(comparison)


def _look_again(slugs: Sequence[str], *, now: datetime) -> None:
    """The pages' stored readings, taken anew: states and counts follow what was stored just now."""
    if "django" not in sys.modules:
        return  # oi_console could not be used: nothing was stored
    try:
        for slug in slugs:
            import_module(COLLECT).check_now(slug, now=now)
    except Exception as error:
        printing.note(f"the pages follow within a minute ({type(error).__name__})")


def _json(comparison: comparing.Comparison, found: list[Finding]) -> dict[str, Any]:
    return {
        "slug": comparison.slug,
        "compared_at": iso(comparison.at),
        "complete": comparison.complete,
        "schemas": [
            {
                "name": one.name,
                "reason": one.reason or None,
                "tables": one.tables,
                "columns": one.columns,
                "indexes": one.indexes,
                "skipped": list(one.skipped),
            }
            for one in comparison.schemas
        ],
        "findings": [finding.json() for finding in found],
    }


def _print(
    comparison: comparing.Comparison, found: list[Finding], asked: argparse.Namespace
) -> None:
    cells = [
        [
            one.severity if one.open else "accepted",
            f"{comparison.slug}/{one.keyspace}",
            one.kind,
            one.object,
            f"{one.expected} -> {one.actual}",
            one.cause,
            one.id,
        ]
        for one in found
    ]
    if cells and asked.plain:
        print(printing.tabbed(cells))
    elif cells:
        tones = [TONES[one.severity] if one.open else "neutral" for one in found]
        print(printing.table(cells, tones, printing.colours(not asked.no_color)))
    for one in found if asked.fixes else []:
        print(f"\n-- {one.id} {one.kind} {one.object}\n-- live as expected:\n{one.fix_live}")
        print(f"-- files as live:\n{one.fix_code}")
    for schema in comparison.schemas:
        if schema.reason:
            print(f"{comparison.slug}/{schema.name}: not compared, {schema.reason}")
        if schema.skipped:
            tables = ", ".join(schema.skipped)
            why = "their file was edited and nobody kept the bytes that ran"
            print(f"{comparison.slug}/{schema.name}: left out {tables}: {why}")
        if schema.note:
            printing.note(f"{comparison.slug}/{schema.name}: {schema.note}")
    whole = [one for one in comparison.schemas if not one.reason]
    if not whole:
        return
    tables, columns, indexes = (
        sum(getattr(one, what) for one in whole) for what in ("tables", "columns", "indexes")
    )
    held = (("table", tables), ("column", columns), ("index", indexes))
    sizes = ", ".join(many(count, what) for what, count in held)
    sizes = many(tables, "account") if whole[0].name == "accounts" else sizes
    said = words(counted(found)) or "no open finding"
    printing.note(f"{comparison.slug}: {said}; {sizes} compared")


def _accept(asked: argparse.Namespace, now: datetime) -> int:
    if len(asked.slug) != 1:
        printing.note("--accept needs exactly one SLUG")
        return USAGE
    (target,) = chosen(asked.slug)
    until = _day(asked.until)
    acting = operators.operator(asked, PERMISSION, now=now, migrator=False)
    after = {"finding": asked.accept, "reason": asked.reason, "until": asked.until}
    acting.record("db.drift_accept.intent", now=now, about=target.slug, after=after)
    store = import_module(STORE)
    try:
        found = store.accept(
            target.slug, asked.accept, by=acting.name, reason=asked.reason, until=until, now=now
        )
    except Problem:
        acting.record("db.drift_accept.failed", now=now, about=target.slug, after=after)
        raise
    acting.record("db.drift_accept", now=now, about=target.slug, after=after)
    _look_again([target.slug], now=now)
    left = sum(one.open for one in found)
    print(f"{target.slug}: accepted; {many(left, 'open finding')} left")
    return OK


def _day(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(23, 59, 59), UTC)
    except ValueError:
        raise BadForm({"until": "Write the day as YYYY-MM-DD."}) from None
