"""`openinsure jobs list|run`: the nine jobs, their last and next run, running one now."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from openinsure.accounts.acting import add_arguments
from openinsure.arguments import Parser
from openinsure.audit.around import recorded
from openinsure.authz.permissions import Permission
from openinsure.authz.port import AuthorizationAway
from openinsure.jobs import reading, runs, starting
from openinsure.jobs.commanding import (
    DATABASE_ERRORS,
    FAILURE,
    OK,
    UNREACHABLE,
    TookTooLong,
    add_reading,
    code_of,
    event_of,
    organization,
    permit,
    why_of,
    within,
)
from openinsure.jobs.schedule import parse
from openinsure.keyspaces.ids import new_id
from openinsure.plurals import many
from openinsure.problems import Problem
from openinsure.settings.cron import Job
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import SystemScope, entered

EXAMPLES = """\
examples:
  openinsure jobs list
  openinsure jobs run health-rollup --as dbops@openinsure.test
  openinsure jobs run health-rollup --date 2026-11-20 --token TOKEN
  openinsure jobs run renewal-notices --org 0190a000-0000-7000-8000-00000000000a --token TOKEN
exit codes: 0 done (or done before), 1 it failed or may not run here, 2 usage, 3 no such job or
organization, 4 no identity or permission, 5 away
"""


def main(argv: Sequence[str]) -> int:
    """The exit code. argv starts with the verb itself."""
    parser = Parser(
        prog="openinsure jobs", epilog=EXAMPLES, formatter_class=RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["list", "run"])
    parser.add_argument("name", nargs="?", default="", help="the job (run)")
    parser.add_argument("--date", type=_due, metavar="DATE", help="the day, or due time, UTC")
    parser.add_argument("--org", type=organization, metavar="UUID", help="only this")
    add_reading(parser)
    add_arguments(parser)
    asked = parser.parse_args(argv[1:])
    if bool(asked.name) != (asked.action == "run"):
        parser.error("run needs the name of a job" if not asked.name else "list takes no name")
    try:
        with within(asked.timeout), entered(SystemScope(PLATFORM_ORG_ID, runs.SUBJECT, new_id())):
            return _list(as_json=asked.json) if asked.action == "list" else _run(asked)
    except Problem as problem:
        print(f"openinsure jobs: {problem.message}", file=sys.stderr)
        return code_of(problem)
    except DATABASE_ERRORS as error:
        told, code = why_of(error)
        print(f"openinsure jobs: {told}", file=sys.stderr)
        return code
    except (AuthorizationAway, TookTooLong) as away:
        print(f"openinsure jobs: {str(away) or 'no answer in time'}", file=sys.stderr)
    return UNREACHABLE


def _due(text: str) -> date | datetime:
    """A day, or an instant of it. Raises ArgumentTypeError."""
    try:
        if len(text) == len("2026-11-20"):
            return date.fromisoformat(text)
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except ValueError:
        told = f"{text!r} is not a day like 2026-11-20 or a time like 2026-11-20T05:00"
        raise ArgumentTypeError(told) from None


def _list(*, as_json: bool) -> int:
    found = reading.list_jobs(now=timezone.now())
    if as_json:
        told = {"jobs": [row.json() for row in found]}
        print(json.dumps(told, cls=DjangoJSONEncoder))
        return OK
    for row in found:
        last = f"{row.last.scheduled_for:%Y-%m-%d %H:%M}" if row.last else "never"
        print(f"{row.name:<22}{row.state:<11}{last:<18}{row.next_at:%Y-%m-%d %H:%M}  {row.words}")
    return OK


def _of_day(job: Job, day: date, now: datetime) -> datetime:
    """The newest due time of a day; its midnight, which is refused, where there is none."""
    found = parse(job.cron).previous(min(datetime.combine(day, time.max, UTC), now))
    return found if found.date() == day else datetime.combine(day, time(), UTC)


def _run(asked: Namespace) -> int:
    job, now, as_json = starting.job_named(asked.name), timezone.now(), asked.json
    who = permit(asked, Permission.JOBS_RUN)
    due = asked.date
    if due is not None and not isinstance(due, datetime):
        due = _of_day(job, due, now)
    told = event_of(
        who, "job.requested", org_id=PLATFORM_ORG_ID, table="cron_runs", object=job.name
    )
    with recorded(told):
        run = starting.start(job, now=now, scheduled_for=due, only=asked.org or "")
    if run is None:
        print(json.dumps({"status": "done already"}) if as_json else "done already, or under way")
        return OK
    ended = {"status": run.status, "rows": run.rows_processed, "attempt": run.attempt}
    print(
        json.dumps(ended)
        if as_json
        else f"{job.name}: {run.status}, {many(run.rows_processed, 'row')}"
    )
    return FAILURE if run.status == "failed" else OK
