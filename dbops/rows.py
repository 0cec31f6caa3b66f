"""What the /ops pages show: frozen values, worked out once, no models."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dbops.inventory import Database, Place
from dbops.readings import (
    STALE_AFTER,
    UNCOMPARED,
    Keyspace,
    Migration,
    Reading,
    State,
    as_json,
    worst_first,
)
from openinsure.keyspaces.inventory import EXPECTED_COUNTS

OWNERS = {"we": "we manage", "self": "self-managed"}
# Whose hands move it; the console only ever reads a self-managed database.
MIGRATED_BY = {
    "spicedb": "the SpiceDB binary migrates it when its container starts",
    "prisma": "its owner runs prisma migrate deploy",
    "none": "there is nothing to migrate",
}
MIGRATE = {
    "drizzle": "openinsure db migrate --ps",
    "d1": "openinsure db migrate --d1",
    "prisma": "openinsure db migrate",
}
HEALTHY = ("in_sync", "at_head", "running")


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One database with its newest stored reading, as of `now`."""

    database: Database
    place: Place
    reading: Reading
    now: datetime
    taken_by: str
    never_read: bool = False

    @property
    def slug(self) -> str:
        return self.database.slug

    @property
    def state(self) -> str:
        return str(self.reading.state)

    @property
    def stale(self) -> bool:
        """Past its limit: shown grey, whatever it said."""
        return self.reading.stale(self.now)

    @property
    def owner(self) -> str:
        return OWNERS[self.database.owner]

    @property
    def boundary(self) -> str:
        """Who migrates it, in a sentence."""
        if self.database.owner == "we":
            return "We manage it: migrations run from the command line, never from a page."
        how = MIGRATED_BY.get(self.database.tool, f"its owner runs {self.database.tool}")
        return f"Self-managed: {how}; the console only reads."

    @property
    def drifted(self) -> int | None:
        """Open findings of the last comparison; None before the first."""
        found = self.reading.drift
        total = found.critical + found.high + found.medium + found.low
        return total if total or self.reading.drift_checked_at else None

    @property
    def has_references(self) -> bool:
        """It holds tables of ours, whose references between rows are known."""
        return bool(set(self.place.schemas) & set(EXPECTED_COUNTS))

    @property
    def counts(self) -> bool:
        """Active and set up; legacy and not installed ones stand apart."""
        return self.database.counts and self.reading.counted

    @property
    def healthy(self) -> bool:
        """Proven in step by a fresh reading; unverified is not."""
        return self.state in HEALTHY and not self.stale

    def word(self, state: str) -> str:
        """What a badge says of its states where the usual word is wrong; "" elsewhere."""
        bare = state == State.UNVERIFIED and self.database.tool == "none"
        return UNCOMPARED.capitalize() if bare else ""

    @property
    def command(self) -> str:
        """What runs its pending migrations, for those that we manage."""
        if self.database.owner != "we":
            return ""
        if self.database.tool == "drizzle" and self.database.engine not in ("vitess", "mysql"):
            return "npx drizzle-kit migrate"  # ours runs Drizzle files on the MySQL family only
        return MIGRATE.get(self.database.tool, "")

    def json(self) -> dict[str, Any]:
        """The entry of `db status --json`."""
        return as_json(self.database, self.reading, self.now)


@dataclass(frozen=True, slots=True)
class Bar:
    """Tables of one keyspace against what is expected, with the scale of the widest."""

    keyspace: Keyspace
    scale: int


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of the history in which the reading said the same."""

    state: str
    detail: str
    first_at: datetime
    read_at: datetime


def merged(periods: Iterable[Period]) -> list[Period]:
    """Newest first, those that follow each other and say the same as one. Pure.

    Readings differ in more than a page tells; a gap in the readings is never closed.
    """
    found: list[Period] = []
    for one in periods:
        later = found[-1] if found else None
        same = later is not None and (later.state, later.detail) == (one.state, one.detail)
        if later is not None and same and later.first_at - one.read_at <= STALE_AFTER:
            found[-1] = replace(later, first_at=one.first_at)
        else:
            found.append(one)
    return found


@dataclass(frozen=True, slots=True)
class Folder:
    """Where one migrations folder stands; `commit` "" outside any repository."""

    keyspace: str
    commit: str
    at: datetime | None
    edited: bool


@dataclass(frozen=True, slots=True)
class Migrations:
    """The files and ledger rows of one database as of `read_at` (None: never read)."""

    rows: tuple[Migration, ...]
    read_at: datetime | None
    folders: tuple[Folder, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """The four tiles. `counted` is the number of active databases."""

    counted: int
    in_step: int
    unverified: int
    pending: int
    drifted: int
    revert_window: int
    silent: int


def summary(rows: list[StatusRow]) -> Summary:
    """Counts over active databases; stale ones are in no good count."""
    counted = [row for row in rows if row.counts]
    fresh = [row for row in counted if not row.stale]
    return Summary(
        counted=len(counted),
        in_step=sum(row.healthy for row in counted),
        unverified=sum(row.state == "unverified" for row in fresh),
        pending=sum(len(row.reading.pending) for row in counted),
        drifted=sum(row.state in ("drifted", "modified") for row in counted),
        revert_window=sum(row.state == "revert_window" for row in counted),
        silent=sum(row.state in ("unreachable", "unknown") or row.stale for row in counted),
    )


def version(rows: list[StatusRow]) -> str:
    """Digest of what a page of these rows shows: the same text means nothing moved."""
    shown = [
        (row.slug, row.state, row.stale, not row.never_read and row.reading.read_at) for row in rows
    ]
    details = [(row.reading.detail, row.reading.drift, row.reading.pending) for row in rows]
    return hashlib.sha256(repr((shown, details)).encode()).hexdigest()[:12]


def ordered(rows: list[StatusRow]) -> list[StatusRow]:
    """Worst first; legacy and not installed ones last."""
    by_slug = {row.slug: row for row in rows}
    pairs = worst_first([(row.database, row.reading) for row in rows])
    return [by_slug[database.slug] for database, _ in pairs]


def bars(reading: Reading) -> list[Bar]:
    """One bar a keyspace, on one scale."""
    widest = [max(row.tables or 0, row.expected or 0) for row in reading.keyspaces]
    return [Bar(row, max([1, *widest])) for row in reading.keyspaces]
