"""The plan of `db migrate` in words and as JSON; a dry run also shows the statements, how many
rows each meets, and how the server would change the table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dbops import costs, statements
from dbops.costs import Cost
from dbops.executing import Results
from dbops.history.states import FileState
from dbops.inventory import Target
from dbops.readings import Migration
from dbops.statements import Statements
from dbops.work import Work


@dataclass(frozen=True, slots=True)
class Detail:
    """The statements of one waiting file."""

    said: Statements
    costs: Mapping[int, Cost]  # by number

    def json(self, tag: str) -> list[dict[str, Any]]:
        """[{file, number, what, remarks, cost}]; cost null where no table is met."""
        return [
            {
                "file": tag,
                "number": row.number,
                "what": row.what,
                "remarks": list(row.remarks),
                "cost": self.costs[row.number].json() if row.number in self.costs else None,
            }
            for row in self.said.rows
        ]


Details = Mapping[tuple[str, str], Detail]  # name of the work, file


def details(plan: Sequence[Work], targets: Sequence[Target], *, now: datetime) -> Details:
    """What a dry run tells of each waiting file. Reads; runs nothing there."""
    by_slug = {target.slug: target for target in targets}
    found: dict[tuple[str, str], Detail] = {}
    for work in plan:
        if work.blocked or work.away or not work.steps or work.kind == "owner":
            continue
        target = by_slug[work.slug]
        met = costs.of(target, work.keyspace, work.steps, now=now)
        keyspace = work.keyspace if "{keyspace}" in target.database.migrations else ""
        for tag in work.steps:
            said = statements.of(target, Migration(tag, keyspace, FileState.PENDING), now=now)
            mine = {number: cost for (file, number), cost in met.items() if file == tag}
            found[work.name, tag] = Detail(said, mine)
    return found


def show(plan: Sequence[Work], detailed: Details) -> None:
    """One line a file, or why there is none; below it what a dry run tells of its statements."""
    for work in plan:
        word, reason = _against(work)
        if reason:
            print(f"{work.name}: {word}, {reason}")
        elif not work.steps:
            print(f"{work.name}: nothing pending")
        for step in work.steps:
            print(f"{work.name}: {step}")
            if (work.name, step) in detailed:
                _statements(detailed[work.name, step])


def _statements(detail: Detail) -> None:
    found = detail.said
    if found.reason:
        print(f"  {found.reason}")
    for row in found.rows:
        print(f"  {row.number}/{len(found.rows)} {row.what}")
        if row.number in detail.costs:
            print(f"    {detail.costs[row.number].words}")
        for remark in row.remarks:
            print(f"    {remark}")


def _against(work: Work) -> tuple[str, str]:
    if work.blocked:
        return "blocked", work.blocked
    if work.away:
        return "away", work.away
    return ("left out", work.left_out) if work.left_out else ("", "")


def as_json(
    plan: Sequence[Work], results: Results, code: int, detailed: Details, *, dry_run: bool
) -> dict[str, Any]:
    """{"dry_run", "exit_code", "works": [{name, state, reason, pending, applied}]}.

    Of a dry run each work also has "statements".
    """
    works = [_work(work, results) for work in plan]
    for work, said in zip(plan, works, strict=True) if dry_run else ():
        said["statements"] = [
            row
            for tag in work.steps
            if (work.name, tag) in detailed
            for row in detailed[work.name, tag].json(tag)
        ]
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
