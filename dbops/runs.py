"""The run log for the pages: what dbops.runlog wrote, read with the ORM."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Q, QuerySet, When
from django.db.models.functions import Now

from dbops.history import running
from dbops.history.rules import NOTHING, Runs
from dbops.history.running import Row
from dbops.models import MigrationLease, MigrationRun
from dbops.readings import Migration, iso

SHOWN = 20  # runs of one file, newest first


def open_rows() -> Iterator[Row]:
    """Runs that bear on a file's state: under way, revertable, recorded by hand. Two statements."""
    taken = dict(MigrationLease.objects.filter(until__gt=Now()).values_list("slug", "taken_at"))
    revertable = Q(revertable_until__gt=Now())
    undated = Q(
        kind="deploy",
        outcome="applied",
        revertable_until=None,
        ended_at__gt=Now() - timedelta(days=1),
    )
    rows = MigrationRun.objects.filter(Q(ended_at=None) | Q(by_hand=True) | revertable | undated)
    for run in rows.annotate(
        open_window=Case(When(revertable, then=True), default=False),
        no_window=Case(When(undated, then=True), default=False),
    ):
        since = taken.get(run.slug)
        live = run.ended_at is None and since is not None and run.started_at >= since
        by_hand = run.by_hand and run.outcome == "applied"
        window = (run.open_window, by_hand, run.revertable_until, run.no_window)
        yield Row(run.slug, run.keyspace, run.tag, live, *window)


def of(slug: str) -> Runs:
    """What the run log says about the schemas of one database. Two statements."""
    known = running.known(open_rows()).get(slug, {})
    return lambda schema: known.get(schema, NOTHING)


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of one file as a page shows it. `seconds` None: it has not ended."""

    keyspace: str
    tag: str
    kind: str
    ran_by: str
    ended: int
    statements: int
    started_at: datetime
    seconds: float | None
    outcome: str
    error: str

    def json(self) -> dict[str, Any]:
        """As JSON values."""
        return {**asdict(self), "started_at": iso(self.started_at)}


def by_label(slug: str, migrations: Iterable[Migration]) -> dict[str, RunRow]:
    """Label -> newest run of the file, where one is logged. One statement."""
    newest: dict[tuple[str, str], RunRow] = {}
    for row in _rows(_of(slug).order_by("id")):
        newest[row.keyspace, row.tag] = newest["", row.tag] = row
    return {
        one.label: newest[one.keyspace, one.tag]
        for one in migrations
        if (one.keyspace, one.tag) in newest
    }


def list_of(slug: str, migration: Migration) -> list[RunRow]:
    """The runs of one file, newest first. One statement."""
    found = _of(slug).filter(tag=migration.tag)
    if migration.keyspace:
        found = found.filter(keyspace=migration.keyspace)
    return list(_rows(found.order_by("-id")[:SHOWN]))


def _of(slug: str) -> QuerySet[MigrationRun]:
    return MigrationRun.objects.filter(slug=slug)


def _rows(found: QuerySet[MigrationRun]) -> Iterator[RunRow]:
    for run in found:
        ended = run.ended_at
        seconds = None if ended is None else (ended - run.started_at).total_seconds()
        yield RunRow(
            run.keyspace,
            run.tag,
            run.kind,
            run.ran_by,
            run.ended,
            run.statements,
            run.started_at,
            seconds,
            run.outcome or "not ended",
            run.error,
        )
