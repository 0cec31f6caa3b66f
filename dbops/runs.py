"""The run log for the pages: what dbops.runlog wrote, read with the ORM."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from django.db.models.functions import Now

from dbops.history import running
from dbops.history.rules import NOTHING, Runs
from dbops.history.running import Row
from dbops.models import MigrationLease, MigrationRun


def open_rows() -> Iterator[Row]:
    """Runs that bear on a file's state: under way, revertable, recorded by hand. Two statements."""
    taken = dict(MigrationLease.objects.filter(until__gt=Now()).values_list("slug", "taken_at"))
    revertable = Q(revertable_until__gt=Now())
    ids = set(MigrationRun.objects.filter(revertable).values_list("id", flat=True))
    for run in MigrationRun.objects.filter(Q(ended_at=None) | Q(by_hand=True) | revertable):
        since = taken.get(run.slug)
        live = run.ended_at is None and since is not None and run.started_at >= since
        by_hand = run.by_hand and run.outcome == "applied"
        yield Row(run.slug, run.keyspace, run.tag, live, run.id in ids, by_hand)


def of(slug: str) -> Runs:
    """What the run log says about the schemas of one database. Two statements."""
    known = running.known(open_rows()).get(slug, {})
    return lambda schema: known.get(schema, NOTHING)
