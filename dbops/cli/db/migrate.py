"""`openinsure db migrate`: plan, ask, run; databases side by side, statements one by one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from dbops import inventory, migrating
from dbops.catalog import stored
from dbops.cli import operator as operators
from dbops.cli import printing
from dbops.cli.db import migrate_plan
from dbops.cli.exits import FAILURE, FINDINGS, INTERRUPTED, OK, PERMISSION, UNREACHABLE, USAGE
from dbops.executing import Execution, Results
from dbops.history.rules import NOTHING, Runs
from dbops.inventory import EMPTY, Target
from dbops.readings import Deadline
from dbops.work import Work
from openinsure import environment
from openinsure.arguments import Parser
from openinsure.plurals import many

PERMISSION_NAME = "ops.migrate"
KNOWN_S = 5.0  # for reading the run log
NOT_RUN = Results({}, {})
EPILOG = """\
examples:
  openinsure db migrate --dry-run            what would run, here
  openinsure db migrate --ps --local --yes   the five keyspaces of this machine
  openinsure db migrate --d1 --local         the two D1 files of this machine
  openinsure db migrate --d1 --remote --production oi-auth --production oi-submissions
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="openinsure db migrate",
        description="Run pending migrations of the databases we manage.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--ps", action="store_true", help="the Drizzle databases only")
    parser.add_argument("--d1", action="store_true", help="the D1 databases only")
    parser.add_argument("--spicedb", action="store_true", help="run the owner's own migrate head")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--local", action="store_true", help="this machine (the default in local)")
    place.add_argument("--remote", action="store_true", help="the hosted databases")
    parser.add_argument("--dry-run", action="store_true", help="print the plan, run nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--production",
        action="append",
        default=[],
        metavar="SLUG",
        help="type the name of each production database that may change",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    operators.add_arguments(parser)
    return parser


def main(words: Sequence[str]) -> int:
    """0 done or nothing to do, 1 failed, 2 usage, 4 permission, 5 partial or away, 6 blocked."""
    asked = _parser().parse_args(words)
    now = datetime.now(UTC)  # the entry point is where the clock is
    local = environment.name() == "local" and not asked.remote
    if asked.local and not local:
        printing.note("--local works in local only")
        return USAGE
    targets = _chosen(asked, "production" if asked.remote and _is_local() else "")
    if refused := _safe(targets):
        printing.note(f"{refused} has safe migrations: direct DDL is rejected, use db deploy")
        if not asked.dry_run:  # a plan runs nothing
            return PERMISSION
    acting = None
    if not asked.dry_run:
        acting = operators.operator(asked, PERMISSION_NAME, now=now, migrator=local)
    plan = _plan(targets, now, owners_way=asked.spicedb)
    ready = [work for work in plan if work.ready]
    detailed = migrate_plan.details(plan, targets, now=now) if asked.dry_run else {}
    if not asked.json:
        migrate_plan.show(plan, detailed)
    if acting is None or not ready:
        return _end(asked, plan, NOT_RUN, detailed)
    if code := _refused(asked, targets, ready):
        return code
    acting.record(
        "db.migrate.intent",
        now=now,
        about=", ".join(work.name for work in ready),
        after={work.name: list(work.steps) for work in ready},
    )
    printing.note(f"running as {acting.name}")
    execution = Execution(ready, acting.name, printing.note)
    try:
        results = execution.run()
    except KeyboardInterrupt:
        return _interrupted(asked, plan, ready, execution.results)
    acting.record(
        "db.migrate",
        now=now,
        about=", ".join(work.name for work in ready),
        after={"applied": results.done, "stopped": {n: str(e) for n, e in results.failed.items()}},
    )
    return _end(asked, plan, results)


def _is_local() -> bool:
    return environment.name() == "local"


def _chosen(asked: argparse.Namespace, place: str) -> list[Target]:
    """The databases that the words name: all without --ps, --d1, --spicedb."""
    every = not (asked.ps or asked.d1 or asked.spicedb)
    tools = {
        name
        for name, wanted in (("drizzle", asked.ps), ("d1", asked.d1), ("spicedb", asked.spicedb))
        if wanted
    }
    found = inventory.contacted(place)
    return [target for target in found if every or target.database.tool in tools]


def _safe(targets: Sequence[Target]) -> str:
    """The first database that we manage and whose place takes no direct DDL."""
    ours = (one for one in targets if one.database.owner == "we" and one.place.safe_migrations)
    return next((one.slug for one in ours), "")


def _plan(targets: Sequence[Target], now: datetime, *, owners_way: bool) -> list[Work]:
    known = stored.newest(Deadline.after(KNOWN_S, now))

    def runs(slug: str) -> Runs:
        of = known[slug].runs if slug in known else {}
        return lambda schema: of.get(schema, NOTHING)

    plan: list[Work] = []
    for target in targets:
        if target.database.tool == "spicedb" and owners_way:
            plan.append(migrating.spicedb(target))
        else:
            plan += migrating.plan(target, runs(target.slug), now=now)
    return plan


def _refused(asked: argparse.Namespace, targets: Sequence[Target], ready: Sequence[Work]) -> int:
    """The exit code of a plan that nobody agreed to; 0 when it may run."""
    hosted = {target.slug for target in targets if target.place.name == "production"}
    untyped = [
        slug
        for slug in dict.fromkeys(work.slug for work in ready)
        if slug in hosted and slug not in asked.production
    ]
    if untyped:
        printing.note(f"production: type the name of what may change: --production {untyped[0]}")
        return PERMISSION
    return OK if _agreed(asked.yes, ready) else USAGE


def _agreed(yes: bool, ready: Sequence[Work]) -> bool:
    if yes:
        return True
    if not sys.stdin.isatty():
        printing.note("not a terminal: add --yes to run this plan")
        return False
    files = sum(len(work.steps) for work in ready)
    names = ", ".join(work.name for work in ready)
    sys.stderr.write(f"Run {many(files, 'migration')} on {names}? Type yes: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() == "yes"


def _interrupted(
    asked: argparse.Namespace, plan: Sequence[Work], ready: Sequence[Work], results: Results
) -> int:
    not_done = [work.name for work in ready if work.name not in results.done]
    said = f"stopped; done: {', '.join(results.done) or 'none'}; not: {', '.join(not_done)}"
    printing.note(said)
    _say(asked, plan, results, INTERRUPTED)
    return INTERRUPTED


def _end(
    asked: argparse.Namespace,
    plan: Sequence[Work],
    results: Results,
    detailed: migrate_plan.Details = EMPTY,
) -> int:
    code = _code(plan, results)
    _say(asked, plan, results, code, detailed)
    return code


def _say(
    asked: argparse.Namespace,
    plan: Sequence[Work],
    results: Results,
    code: int,
    detailed: migrate_plan.Details = EMPTY,
) -> None:
    if asked.json:
        dry = asked.dry_run
        said: dict[str, Any] = migrate_plan.as_json(plan, results, code, detailed, dry_run=dry)
        print(printing.json_text(said))
        return
    for name, tags in results.done.items():
        print(f"{name}: {len(tags)} applied")
    for name, error in results.failed.items():
        print(f"{name}: stopped, {error}")


def _code(plan: Sequence[Work], results: Results) -> int:
    done, failed = results
    if any(work.away for work in plan) or any(error.unreachable for error in failed.values()):
        return UNREACHABLE
    if failed:
        partly = any(error.done for error in failed.values()) or any(done.values())
        return UNREACHABLE if partly else FAILURE
    return FINDINGS if any(work.blocked for work in plan) else OK
