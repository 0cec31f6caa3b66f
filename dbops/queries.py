"""Stored readings for the pages: one statement each, no database is contacted."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max

from dbops import collect, inventory
from dbops.inventory import Target
from dbops.models import StoredMigrations, StoredReading
from dbops.packing import unpack, unpack_migrations
from dbops.readings import Reading, State
from dbops.rows import Folder, Migrations, Period, StatusRow, merged, ordered

HISTORY_SHOWN = 8  # on the summary; the history has all
PERIODS_MAX = 500
NEVER = "not read yet; the collector looks each minute"


def latest_readings(*, now: datetime) -> list[StatusRow]:
    """Every contacted database of the inventory, worst first, with its newest stored reading."""
    newest = StoredReading.objects.values("slug").annotate(newest=Max("id")).values("newest")
    stored = {row.slug: row for row in StoredReading.objects.filter(id__in=newest)}
    rows = [_row(target, stored.get(target.slug), now) for target in inventory.contacted()]
    return ordered(rows)


def get_database(slug: str, *, now: datetime) -> StatusRow:
    """One database with its newest stored reading. Raises NotFound."""
    target = collect.find(slug)
    stored = StoredReading.objects.filter(slug=slug).order_by("-id").first()
    return _row(target, stored, now)


def _row(target: Target, stored: StoredReading | None, now: datetime) -> StatusRow:
    if stored is None:
        reading = Reading(state=State.UNKNOWN, detail=NEVER, read_at=now, error=NEVER)
        return StatusRow(target.database, target.place, reading, now, "", never_read=True)
    reading = unpack(stored.said, read_at=stored.read_at, latency_ms=stored.latency_ms)
    return StatusRow(target.database, target.place, reading, now, stored.taken_by)


def list_history(slug: str) -> list[Period]:
    """The last changes of one database, newest first."""
    rows = StoredReading.objects.filter(slug=slug).order_by("-id")[:HISTORY_SHOWN]
    return merged(_period(row) for row in rows)


def list_periods(slug: str, since: datetime) -> list[Period]:
    """The stretches of one database that reach into the time since then, newest first."""
    rows = StoredReading.objects.filter(slug=slug, read_at__gte=since).order_by("-id")[:PERIODS_MAX]
    return merged(_period(row) for row in rows)


def _period(row: StoredReading) -> Period:
    return Period(row.state, row.said["detail"], row.first_at, row.read_at)


def list_migrations(slug: str) -> Migrations:
    """Files and ledger rows of the newest look that could read them. Raises NotFound."""
    collect.find(slug)
    stored = StoredMigrations.objects.filter(slug=slug).first()
    if stored is None:
        return Migrations((), None)
    folders = tuple(
        Folder(name, one["commit"], one["at"] and datetime.fromisoformat(one["at"]), one["edited"])
        for name, one in stored.folders.items()
    )
    return Migrations(unpack_migrations(stored.rows), stored.read_at, folders)
