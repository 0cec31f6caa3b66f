"""`openinsure db migrate`: plan, ask, run; databases side by side, statements one by one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Lock

from dbops import inventory, migrating
from dbops.cli import operator as operators
from dbops.cli import printing
from dbops.cli.exits import FAILURE, FINDINGS, INTERRUPTED, OK, PERMISSION, UNREACHABLE, USAGE
from dbops.migrating import Failed, Work
from openinsure import environment

PERMISSION_NAME = "ops.migrate"
EPILOG = """\
examples:
  openinsure db migrate --dry-run            what would run, here
  openinsure db migrate --ps --local --yes   the five keyspaces of this machine
  openinsure db migrate --d1 --local         the two D1 files of this machine
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="openinsure db migrate",
        description="Run pending migrations of the databases we manage.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--ps", action="store_true", help="the Drizzle keyspaces only")
    parser.add_argument("--d1", action="store_true", help="the D1 databases only")
    parser.add_argument("--spicedb", action="store_true", help="run the owner's own migrate head")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--local", action="store_true", help="this machine (the default in local)")
    place.add_argument("--remote", action="store_true", help="the hosted databases")
    parser.add_argument("--dry-run", action="store_true", help="print the plan, run nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    operators.add_arguments(parser)
    return parser


def main(words: Sequence[str]) -> int:
    """0 done or nothing to do, 1 failed, 2 usage, 4 permission, 5 partial or away, 6 blocked."""
    asked = _parser().parse_args(words)
    now = datetime.now(UTC)  # the entry point is where the clock is
    if asked.remote or environment.name() != "local":
        return _refuse_remote(asked)
    acting = None
    if not asked.dry_run:
        acting = operators.operator(asked, PERMISSION_NAME, now=now, migrator=True)
    plan = _plan(asked, now)
    _print(plan)
    ready = [work for work in plan if work.run and work.steps and not work.blocked]
    if asked.dry_run or not ready or acting is None:
        return _code(plan, {}, {})
    if not _agreed(asked.yes, ready):
        return USAGE
    acting.record(
        "db.migrate.intent",
        now=now,
        about=", ".join(work.name for work in ready),
        after={work.name: list(work.steps) for work in ready},
    )
    printing.note(f"running as {acting.name}")
    return _run(plan, ready)


def _refuse_remote(asked: argparse.Namespace) -> int:
    if asked.local:
        printing.note("--local works in local only")
        return USAGE
    safe = [
        database.slug
        for database in inventory.databases()
        if "production" in database.places and database.places["production"].safe_migrations
    ]
    if safe and (asked.ps or not (asked.d1 or asked.spicedb)):
        printing.note(f"{safe[0]} has safe migrations: direct DDL is rejected, use db deploy")
        return PERMISSION
    printing.note("hosted databases are not migrated by this version; use --local")
    return USAGE


def _plan(asked: argparse.Namespace, now: datetime) -> list[Work]:
    every = not (asked.ps or asked.d1 or asked.spicedb)
    plan: list[Work] = []
    for target in inventory.contacted():
        tool = target.database.tool
        if tool == "spicedb" and asked.spicedb:
            plan.append(migrating.spicedb(target))
        elif every or (tool == "drizzle" and asked.ps) or (tool == "d1" and asked.d1):
            plan += migrating.plan(target, now=now)
    return plan


def _print(plan: Sequence[Work]) -> None:
    for work in plan:
        reason = work.blocked or work.away or work.left_out
        word = "blocked" if work.blocked else "away" if work.away else "left out"
        if reason:
            print(f"{work.name}: {word}, {reason}")
        elif not work.steps:
            print(f"{work.name}: nothing pending")
        for step in work.steps:
            print(f"{work.name}: {step}")


def _agreed(yes: bool, ready: Sequence[Work]) -> bool:
    if yes:
        return True
    if not sys.stdin.isatty():
        printing.note("not a terminal: add --yes to run this plan")
        return False
    files = sum(len(work.steps) for work in ready)
    names = ", ".join(work.name for work in ready)
    sys.stderr.write(f"Run {files} migrations on {names}? Type yes: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() == "yes"


def _run(plan: Sequence[Work], ready: Sequence[Work]) -> int:
    lock = Lock()
    done: dict[str, list[str]] = {}
    failed: dict[str, Failed] = {}

    def report(line: str) -> None:
        with lock:
            printing.note(line)

    def one(work: Work) -> None:
        run: Callable[[migrating.Report], list[str]] | None = work.run
        try:
            done[work.name] = run(report) if run else []
        except Failed as error:
            failed[work.name] = error

    try:
        with ThreadPoolExecutor(max_workers=len(ready)) as pool:
            list(pool.map(one, ready))
    except KeyboardInterrupt:
        waiting = [work.name for work in ready if work.name not in done]
        printing.note(f"stopped; done: {', '.join(done) or 'none'}; not: {', '.join(waiting)}")
        return INTERRUPTED
    for name, tags in done.items():
        print(f"{name}: {len(tags)} applied")
    for name, error in failed.items():
        print(f"{name}: stopped, {error}")
    return _code(plan, done, failed)


def _code(plan: Sequence[Work], done: dict[str, list[str]], failed: dict[str, Failed]) -> int:
    if any(work.away for work in plan) or any(error.unreachable for error in failed.values()):
        return UNREACHABLE
    if failed:
        partly = any(error.done for error in failed.values()) or any(done.values())
        return UNREACHABLE if partly else FAILURE
    return FINDINGS if any(work.blocked for work in plan) else OK
