"""`openinsure db resume SLUG TAG`: what is left of a half-applied file; with --yes, run it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import MySQLdb
import psycopg2

from dbops import migrating, resuming, resuming_runs
from dbops.catalog import stored
from dbops.cli import operator as operators
from dbops.cli import printing
from dbops.cli.db.status import chosen, seconds
from dbops.cli.exits import FAILURE, FINDINGS, OK, UNREACHABLE, USAGE
from dbops.cli.exits import PERMISSION as REFUSED
from dbops.estate.d1_apply import FILE_S
from dbops.estate.local import local_d1
from dbops.history.rules import NOTHING
from dbops.history.states import File
from dbops.inventory import Target
from dbops.probes import d1 as d1_probe
from dbops.probes import d1_http
from dbops.probes.sessions import Away
from dbops.readings import Deadline
from dbops.resuming import CannotResume, Plan, Verdict
from dbops.runlog import Lease, Logged, last_run
from openinsure import environment
from openinsure.arguments import Parser
from openinsure.keyspaces.migrate import Log
from openinsure.plurals import many
from openinsure.problems import BadForm, NotFound, Unavailable

PERMISSION = "ops.migrate"
WORDS = {
    Verdict.DONE: "done, not run again",
    Verdict.PASSED: "leaves no trace; a later statement or the run log says that it ran",
    Verdict.RUN: "to run",
    Verdict.ASK: "leaves no trace: say --ran {n} or --not-ran {n}",
}
TONES = {Verdict.DONE: "ok", Verdict.PASSED: "neutral", Verdict.RUN: "info", Verdict.ASK: "warn"}
EPILOG = """\
examples:
  openinsure db resume ai oi_claims/0004_more          print the plan
  openinsure db resume ai oi_claims/0004_more --yes    run it
  openinsure db resume oi-auth 0002_more.sql --remote  of the hosted database

exit codes: 0 printed or done, 1 failed, 3 no such file, 4 permission, 5 away, 6 a question is open
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="openinsure db resume",
        description="What is left of a half-applied migration, from what is live.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("slug")
    parser.add_argument("tag", help="the file's tag, or KEYSPACE/TAG")
    parser.add_argument("--ran", type=int, action="append", default=[], metavar="N")
    parser.add_argument("--not-ran", type=int, action="append", default=[], metavar="N")
    parser.add_argument("--yes", action="store_true", help="run what is left")
    parser.add_argument("--remote", action="store_true", help="the hosted database")
    parser.add_argument("--production", action="append", default=[], metavar="SLUG")
    parser.add_argument("--json", action="store_true", help="the plan as one JSON object")
    parser.add_argument("--timeout", type=seconds, default=10.0, metavar="SECONDS")
    parser.add_argument("--no-color", action="store_true")
    operators.add_arguments(parser)
    return parser


def main(words: Sequence[str]) -> int:
    """Prints the plan, and with --yes runs it."""
    asked = _parser().parse_args(words)
    now = datetime.now(UTC)  # the entry point is where the clock is
    hosted = asked.remote and environment.name() == "local"
    (target,) = chosen([asked.slug], "production" if hosted else "")
    deadline = Deadline.after(asked.timeout, now)
    known = stored.newest(deadline)
    of = known[target.slug].runs if target.slug in known else {}
    try:
        plan = resuming.plan(
            target,
            asked.tag,
            deadline,
            ran=asked.ran,
            not_ran=asked.not_ran,
            runs=lambda schema: of.get(schema, NOTHING),
            logged=lambda schema, file: _logged(target, schema, file),
        )
    except resuming.NoSuchStatement as error:
        raise BadForm({"--ran, --not-ran": str(error)}) from None
    except CannotResume as error:
        raise NotFound("file", message=str(error)) from None
    except Away as away:
        raise Unavailable(f"{asked.slug}: {away.reason}") from None
    if asked.json:
        print(printing.json_text(as_json(plan)))
    else:
        _print(plan, asked.no_color)
    if plan.questions:
        return FINDINGS
    return _run(asked, target, plan, now) if asked.yes else OK


def _logged(target: Target, schema: str, file: File) -> Logged | None:
    """The run log's word; a console database that is away has none."""
    keyspace = schema if target.database.tool == "drizzle" else ""
    try:
        return last_run(target.slug, keyspace, file.tag, sha256(file.content).hexdigest())
    except Unavailable as away:
        printing.note(f"openinsure: {away.message}")
        return None


def as_json(plan: Plan) -> dict[str, Any]:
    """{"file", "statements": [{number, verdict, what, sql}], "record"}; verdicts as in Verdict."""
    return {
        "file": plan.label,
        "statements": [asdict(step) for step in plan.steps],
        "record": _record(plan),
    }


def _record(plan: Plan) -> str:
    values = tuple(f"'{one}'" if isinstance(one, str) else one for one in plan.values)
    return f"{plan.record % values if values else plan.record};"


def _print(plan: Plan, plain: bool) -> None:
    coloured = printing.colours(not plain)
    for step in plan.steps:
        said = printing.paint(
            WORDS[step.verdict].format(n=step.number), TONES[step.verdict], coloured
        )
        print(f"-- {step.number}/{len(plan.steps)} {step.what}: {said}")
        if step.verdict in (Verdict.RUN, Verdict.ASK):
            print(step.sql.rstrip().removesuffix(";") + ";")
    print(f"-- the ledger, last\n{_record(plan)}")


def _run(asked: argparse.Namespace, target: Target, plan: Plan, now: datetime) -> int:
    try:
        runner = _runner(target, now)
    except Away as away:
        printing.note(f"openinsure: {asked.slug}: {away.reason}")
        return UNREACHABLE
    if runner is None:
        database = target.database
        ours = f"this command does not run {database.tool} files of {database.engine}"
        why = ours if database.owner == "we" else "it is self-managed"
        printing.note(f"{asked.slug} is not run from here ({why}): run the plan by its own tools")
        return USAGE
    if target.place.safe_migrations:
        printing.note(f"{asked.slug} has safe migrations: use db deploy")
        return REFUSED
    if target.place.name == "production" and asked.slug not in asked.production:
        printing.note(f"production: type the name of what may change: --production {asked.slug}")
        return REFUSED
    acting = operators.operator(asked, PERMISSION, now=now, migrator=target.place.name == "local")
    after = {"statements": [step.number for step in plan.left], "by_hand": plan.by_hand}
    acting.record("db.resume.intent", now=now, about=plan.label, after=after)
    try:
        with Lease(target.slug, acting.name) as lease:
            keyspace = plan.keyspace if target.database.tool == "drizzle" else ""
            log = lease.log(keyspace, "resume", by_hand=plan.by_hand)
            runner(plan, printing.note, log)
    except (CannotResume, MySQLdb.Error, psycopg2.Error) as error:
        acting.record("db.resume.failed", now=now, about=plan.label, after={"error": str(error)})
        printing.note(f"openinsure: {error}")
        return UNREACHABLE if isinstance(error, resuming_runs.OutcomeUnknown) else FAILURE
    acting.record("db.resume", now=now, about=plan.label, after=after)
    print(f"{plan.label}: {many(len(plan.left), 'statement')} run, recorded")
    return OK


def _runner(
    target: Target, now: datetime
) -> Callable[[Plan, Callable[[str], None], Log], None] | None:
    """How a plan runs on this database; None where its owner does. Raises Away."""
    database = target.database
    if database.owner != "we" or database.ledger_layout == "single":
        return None
    if database.tool == "drizzle" and database.engine in ("vitess", "mysql"):
        _, dsn = migrating.writer(target)
        return lambda plan, report, log: resuming_runs.run(plan, dsn, report, log)
    if database.tool == "prisma" and database.engine == "postgres":
        _, dsn = migrating.writer(target)
        return lambda plan, report, log: resuming_runs.run_prisma(plan, dsn, report, log)
    if database.tool == "d1" and target.place.token_env:
        source = d1_http.api(target.place, d1_probe.bound(target).remote_id)
        return lambda plan, report, log: resuming_runs.run_d1_remote(
            plan, source, Deadline.after(FILE_S, now), report, log
        )
    if database.tool == "d1":
        local = local_d1(target)
        return lambda plan, report, log: resuming_runs.run_d1(plan, local, report, log)
    return None
