"""What one look at one database found: state, counts, age. Values only; nobody is contacted here.

A system that is away is a Reading too (docs/adr/0005). Order of State: worst first.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from dbops.inventory import Database

UNREACHABLE_EXIT, FINDINGS_EXIT = 5, 6
UNCOMPARED = "not verified (no migration files)"  # unverified, where nothing could ever be compared
DEADLINE_S = 2.0  # of one look at all databases
# A stored reading older than this is shown grey: collect runs each minute.
STALE_AFTER = timedelta(minutes=3)


class State(StrEnum):
    """Of one database, worst first (its position is its rank)."""

    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"
    FAILED = "failed"
    PARTIAL = "partial"
    MODIFIED = "modified"
    SKIPPED = "skipped"
    DRIFTED = "drifted"
    ORPHANED = "orphaned"
    AHEAD = "ahead"
    PENDING = "pending"
    BEHIND = "behind"
    REVERT_WINDOW = "revert_window"
    UNVERIFIED = "unverified"
    IN_SYNC = "in_sync"
    AT_HEAD = "at_head"
    RUNNING = "running"


_RANK = {state: rank for rank, state in enumerate(State)}
SILENT = (State.UNREACHABLE, State.UNKNOWN)


def worst(states: Iterable[State], otherwise: State) -> State:
    """The worst of the states; `otherwise` when there are none."""
    return min(states, key=_RANK.__getitem__, default=otherwise)


class Drift(NamedTuple):
    """Number of findings by severity."""

    critical: int = 0
    high: int = 0
    medium: int = 0
    low: int = 0


class Keyspace(NamedTuple):
    """Tables counted in one schema against what is expected (None: nobody said)."""

    name: str
    tables: int | None
    expected: int | None
    state: State
    basis: str = ""  # digest of what is applied: a comparison of another basis does not count


class Migration(NamedTuple):
    """One file or ledger row against the other; `state` is one of history.states.FileState."""

    tag: str
    keyspace: str
    state: str
    hash: str = ""
    applied_at: str | None = None  # ISO 8601 UTC as far as the tool records it
    statements: int = 0
    evidence: str = ""
    repair: str = ""
    quiet: bool = False  # worth showing, no reason to act (only line ends differ)
    rolls_up: str = ""  # the database state it makes, where the file's state alone does not say

    @property
    def label(self) -> str:
        """`keyspace/tag`, or the file name where there is one keyspace."""
        return f"{self.keyspace}/{self.tag}" if self.keyspace else self.tag


class Reading(NamedTuple):
    """One look at one database. `error` is words safe to show: no host, SQL or credential."""

    state: State
    detail: str
    read_at: datetime
    applied: int | None = None
    available: int | None = None
    pending: tuple[str, ...] = ()
    drift: Drift = Drift()
    drift_checked_at: datetime | None = None
    error: str | None = None
    keyspaces: tuple[Keyspace, ...] = ()
    migrations: tuple[Migration, ...] = ()
    findings: tuple[str, ...] = ()
    version: str = ""
    latency_ms: float = 0.0
    counted: bool = True  # False: an optional engine that is not installed
    notes: tuple[str, ...] = ()  # to be told, of no state: a tool that changed its format

    @property
    def rank(self) -> int:
        """Smaller is worse; medium and low drift stand behind `behind`."""
        mild = self.state is State.DRIFTED and not (self.drift.critical or self.drift.high)
        return 2 * _RANK[State.BEHIND] + 1 if mild else 2 * _RANK[self.state]

    def age_s(self, now: datetime) -> float:
        """Seconds since the look, never negative."""
        return max(0.0, round((now - self.read_at).total_seconds(), 1))

    def stale(self, now: datetime) -> bool:
        """Too old to trust its colour, or by a clock that is as far ahead: its age is not known."""
        return abs(now - self.read_at) > STALE_AFTER


class Deadline(NamedTuple):
    """Until when one look may take. `started_at` is the wall time that stamps its reading."""

    started_at: datetime
    ends: float  # time.monotonic()
    timeout_s: float

    @classmethod
    def after(cls, seconds: float, started_at: datetime) -> Deadline:
        """A deadline `seconds` from this moment."""
        return cls(started_at, time.monotonic() + seconds, seconds)

    def at_most(self, seconds: float) -> Deadline:
        """`seconds` from this moment, but not beyond this deadline."""
        part = min(seconds, self.left_s)
        return Deadline.after(part, self.started_at)

    @property
    def left_s(self) -> float:
        """Seconds left, at least 0."""
        return max(0.0, self.ends - time.monotonic())


def silent(deadline: Deadline, state: State, reason: str, *, counted: bool = True) -> Reading:
    """A reading that says why nothing was read: `unreachable` or `unknown`."""
    return Reading(
        state=state, detail=reason, read_at=deadline.started_at, error=reason, counted=counted
    )


def exit_code(rows: Iterable[tuple[Database, Reading]]) -> int:
    """5 if an active database is silent, else 6 if one needs work, else 0.

    Legacy databases and optional engines that are not installed do not count.
    """
    counted = [reading for database, reading in rows if database.counts and reading.counted]
    if any(reading.state in SILENT for reading in counted):
        return UNREACHABLE_EXIT
    limit = 2 * _RANK[State.REVERT_WINDOW]
    return FINDINGS_EXIT if any(reading.rank < limit for reading in counted) else 0


def iso(at: datetime | None) -> str | None:
    """ISO 8601 UTC to the second, ending in Z."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def as_json(database: Database, reading: Reading, now: datetime) -> dict[str, Any]:
    """One entry of `databases`: the same for the command line, the page and a test."""
    return {
        "slug": database.slug,
        "name": database.name,
        "engine": database.engine,
        "host": database.host,
        "tool": database.tool,
        "owner": database.owner,
        "state": str(reading.state),
        "detail": reading.detail,
        "applied": reading.applied,
        "available": reading.available,
        "pending": list(reading.pending),
        "drift": reading.drift._asdict(),
        "drift_checked_at": iso(reading.drift_checked_at),
        "read_at": iso(reading.read_at),
        "age_s": reading.age_s(now),
        "error": reading.error,
        "keyspaces": [
            {"name": one.name, "tables": one.tables, "expected": one.expected, "state": one.state}
            for one in reading.keyspaces
        ],
    }


def worst_first(rows: Iterable[tuple[Database, Reading]]) -> list[tuple[Database, Reading]]:
    """Those that count before legacy and not installed ones, by rank, in the inventory's order."""
    return sorted(rows, key=lambda row: (not (row[0].counts and row[1].counted), row[1].rank))
