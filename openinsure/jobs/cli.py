"""`openinsure jobs list|run`: the nine jobs, their last and next run, running one now."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from datetime import UTC, datetime

from django.core.serializers.json import DjangoJSONEncoder
from django.db.utils import InterfaceError, OperationalError
from django.utils import timezone

from openinsure.jobs import reading, runs, starting
from openinsure.keyspaces.ids import new_id
from openinsure.problems import Problem
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import SystemScope, entered

OK, FAILURE, USAGE, NOT_FOUND, UNREACHABLE = 0, 1, 2, 3, 5
EXAMPLES = """\
examples:
  openinsure jobs list
  openinsure jobs run health-rollup
  openinsure jobs run health-rollup --date 2026-11-20T05:00
  openinsure jobs run renewal-notices --org 0190a000-0000-7000-8000-00000000000a
exit codes: 0 done (or done before), 1 it failed or may not run here, 2 usage, 3 no such job, 5 away
"""
BY_STATUS = {404: NOT_FOUND, 422: USAGE}


def main(argv: Sequence[str]) -> int:
    """The exit code. argv starts with the verb itself."""
    parser = ArgumentParser(
        prog="openinsure jobs", epilog=EXAMPLES, formatter_class=RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["list", "run"])
    parser.add_argument("name", nargs="?", default="", help="the job (run)")
    parser.add_argument("--date", type=_instant, help="the due time, UTC (default: the newest)")
    parser.add_argument("--org", default="", metavar="UUID", help="only this organization (run)")
    parser.add_argument("--json", action="store_true", help="JSON instead of lines")
    asked = parser.parse_args(argv[1:])
    try:
        with entered(SystemScope(PLATFORM_ORG_ID, runs.SUBJECT, new_id())):
            if asked.action == "list":
                return _list(as_json=asked.json)
            return _run(asked.name, asked.date, asked.org.lower(), as_json=asked.json)
    except Problem as problem:
        print(f"openinsure jobs: {problem}", file=sys.stderr)
        return BY_STATUS.get(problem.status, FAILURE)
    except (OperationalError, InterfaceError):
        print("openinsure jobs: oi_global does not answer", file=sys.stderr)
        return UNREACHABLE


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


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


def _run(name: str, due: datetime | None, org: str, *, as_json: bool) -> int:
    job = starting.job_named(name)
    run = starting.start(job, now=timezone.now(), scheduled_for=due, only=org)
    if run is None:
        print(json.dumps({"status": "done already"}) if as_json else "done already, or under way")
        return OK
    told = {"status": run.status, "rows": run.rows_processed, "attempt": run.attempt}
    print(json.dumps(told) if as_json else f"{job.name}: {run.status}, {run.rows_processed} rows")
    return FAILURE if run.status == "failed" else OK
