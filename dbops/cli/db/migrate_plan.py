"""The plan of `db migrate` in words and as JSON; a dry run also shows the statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dbops import statements
from dbops.executing import Results
from dbops.history.states import FileState
from dbops.inventory import Target
from dbops.readings import Migration
from dbops.work import Work


def show(plan: Sequence[Work], detailed: Sequence[Target], *, now: datetime) -> None:
    """One line a file, or why there is none; of the `detailed` databases also the statements."""
    targets = {target.slug: target for target in detailed}
    for work in plan:
        word, reason = _against(work)
        if reason:
            print(f"{work.name}: {word}, {reason}")
        elif not work.steps:
            print(f"{work.name}: nothing pending")
        for step in work.steps:
            print(f"{work.name}: {step}")
            if work.slug in targets and work.kind != "owner":
                _statements(targets[work.slug], work, step, now)


def _statements(target: Target, work: Work, tag: str, now: datetime) -> None:
    keyspace = work.keyspace if "{keyspace}" in target.database.migrations else ""
    found = statements.of(target, Migration(tag, keyspace, FileState.PENDING), now=now)
    if found.reason:
        print(f"  {found.reason}")
    for row in found.rows:
        print(f"  {row.number}/{len(found.rows)} {row.what}")
        for remark in row.remarks:
            print(f"    {remark}")


def _against(work: Work) -> tuple[str, str]:
    if work.blocked:
        return "blocked", work.blocked
    if work.away:
        return "away", work.away
    return ("left out", work.left_out) if work.left_out else ("", "")


def as_json(plan: Sequence[Work], results: Results, code: int, *, dry_run: bool) -> dict[str, Any]:
    """{"dry_run", "exit_code", "works": [{name, state, reason, pending, applied}]}."""
    works = [_work(work, results) for work in plan]
    return {"dry_run": dry_run, "exit_code": code, "works": works}


def _work(work: Work, results: Results) -> dict[str, Any]:
    word, reason = _against(work)
    applied = results.done.get(work.name, [])
    state = word.replace(" ", "_") or ("pending" if work.steps else "nothing_pending")
    failed = results.failed.get(work.name)
    if failed is not None:
        state, reason, applied = "stopped", str(failed), failed.done
    elif work.name in results.done:
        state = "applied"
    waiting = [step for step in work.steps if step not in {tag.split("/")[-1] for tag in applied}]
    return {
        "name": work.name,
        "state": state,
        "reason": reason,
        "pending": [] if state == "applied" else waiting,
        "applied": [tag.split("/")[-1] for tag in applied],
    }
