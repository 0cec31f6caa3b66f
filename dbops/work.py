"""A unit of `db migrate`: what it would run, why it must not, and how it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from dbops.catalog import looks
from dbops.catalog.looks import Look
from dbops.history.rules import Runs
from dbops.history.states import FileState
from dbops.inventory import Target
from dbops.probes.sessions import Away
from dbops.readings import Deadline
from dbops.runlog import Kind
from openinsure.keyspaces.migrate import Log

LOOK_S = 10.0
Report = Callable[[str], None]


class Failed(Exception):
    """A run stopped. `done` are the steps that stand; the text says where and why."""

    def __init__(self, reason: str, done: list[str], *, unreachable: bool = False) -> None:
        super().__init__(reason)
        self.done, self.unreachable = done, unreachable


@dataclass(frozen=True, slots=True)
class Work:
    """One unit that runs by itself (a keyspace, a D1 database, SpiceDB)."""

    name: str  # slug, or slug/keyspace
    steps: tuple[str, ...] = ()
    left_out: str = ""  # whose it is, when it is not ours to run
    blocked: str = ""  # why it must not run before somebody looked
    away: str = ""  # why nothing could be read
    run: Callable[[Report, Log], list[str]] | None = None
    kind: Kind = "migrate"

    @property
    def slug(self) -> str:
        """Whose lease it needs."""
        return self.name.partition("/")[0]

    @property
    def keyspace(self) -> str:
        """The schema; "" where the database has one."""
        return self.name.partition("/")[2]

    @property
    def ready(self) -> bool:
        """Something to run, and nothing against it."""
        return self.run is not None and bool(self.steps) and not (self.blocked or self.away)


# A file in one of these states stops its database before anything runs.
STOPS = {
    FileState.UNKNOWN: "cannot be judged",
    FileState.FAILED: "failed",
    FileState.MODIFIED: "was edited after it was applied",
    FileState.RENUMBERED: "would run again",
    FileState.IN_FLIGHT: "is being run",
    FileState.PARTIAL: "ran in part",
    FileState.SKIPPED: "would be skipped for ever",
}


def stopped(target: Target, runs: Runs, now: datetime) -> str:
    """Why a file's state forbids any run; "" when none does."""
    try:
        found = looks.all_of(target, Deadline.after(LOOK_S, now), runs)
    except Away as away:
        return f"its files cannot be judged: {away.reason}"
    return next(filter(None, (stop(target.slug, look) for look in found)), "")


def stop(slug: str, look: Look) -> str:
    """Why a file of one look forbids any run; "" when none does."""
    if look.fault is not None:
        return f"its files cannot be judged: {look.fault.reason}"
    if not look.history.initialised and look.history.available and look.live.tables:
        return "it holds tables and no ledger, so what ran is not known: restore the ledger"
    for migration in look.history.migrations:
        why = STOPS.get(FileState(migration.state))
        if why and not migration.quiet:
            half = migration.state == FileState.PARTIAL
            more = f"; see openinsure db resume {slug} {look.name}/{migration.tag}" if half else ""
            return f"{migration.tag} {why}{more}"
    return ""
