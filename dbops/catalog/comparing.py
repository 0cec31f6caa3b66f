"""One database compared: each schema's applied files replayed and held against what is live.

Reads the inspected database only; shadows live on the project's own servers. A schema that cannot
be compared says why and is never clean.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dbops.catalog import causes, drift, looks, replay
from dbops.catalog.findings import Finding
from dbops.catalog.ignoring import ruled
from dbops.catalog.looks import Look
from dbops.catalog.model import Schema
from dbops.history.rules import Runs, no_runs
from dbops.history.states import File, FileState
from dbops.inventory import Target
from dbops.probes.sessions import Away
from dbops.probes.threads import side_by_side
from dbops.readings import Deadline, State

SHADOW_S = 60.0
Seen = Mapping[str, bytes]  # label of a file -> its bytes when it was first seen applied


@dataclass(frozen=True, slots=True)
class Compared:
    """One schema's outcome. `reason` when it could not be compared (then it is unknown)."""

    name: str
    reason: str = ""
    basis: str = ""  # digest of the applied files: another basis makes this comparison void
    tables: int = 0
    columns: int = 0
    indexes: int = 0
    skipped: tuple[str, ...] = ()  # tables left out, with the file that makes them unknown
    live: Schema | None = field(default=None, compare=False)
    expected: Schema | None = field(default=None, compare=False)

    @property
    def note(self) -> str:
        """Where the expected side was made on another server version than the live one's."""
        live, made = (one.version if one else "" for one in (self.live, self.expected))
        if not live or not made or live == made:
            return ""
        return f"live is {live}, the expected side was made on {made}: spelling may differ"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One look at one database's schemas."""

    slug: str
    at: datetime
    schemas: tuple[Compared, ...]
    findings: tuple[Finding, ...]
    looks: tuple[Look, ...] = field(default=(), compare=False)

    @property
    def complete(self) -> bool:
        """Every schema was compared, and no table of it left out."""
        return bool(self.schemas) and not any(one.reason or one.skipped for one in self.schemas)


def compare(
    target: Target,
    deadline: Deadline,
    *,
    cache: replay.Cache,
    seen: Seen | None = None,
    runs: Runs = no_runs,
) -> Comparison:
    """Every schema of one database; those that cannot be compared say why. Never raises Away."""
    try:
        found = looks.all_of(target, deadline, runs)
    except Away as away:
        lost = Compared(target.slug, reason=away.reason)
        return Comparison(target.slug, deadline.started_at, (lost,), ())
    found = [replace(look, seen=seen or {}) for look in found]
    wanted = _replayed(found, cache, deadline.started_at)
    comparison = judged(target.slug, deadline.started_at, found, wanted)
    rules = target.database.ignore
    return replace(comparison, findings=tuple(ruled(f, rules) for f in comparison.findings))


def _replayed(
    found: Sequence[Look], cache: replay.Cache, now: datetime
) -> dict[str, Schema | Away]:
    def late(name: str) -> Schema | Away:
        return Away(State.UNKNOWN, f"no shadow of {name} within {SHADOW_S:g} s")

    calls: dict[str, Callable[[], Schema | Away]] = {
        look.name: _call(look, cache, now) for look in found if look.fault is None
    }
    return side_by_side(calls, SHADOW_S, late)


def _call(look: Look, cache: replay.Cache, now: datetime) -> Any:
    def call() -> Schema | Away:
        try:
            if look.split is None:
                raise Away(State.UNKNOWN, "cannot compare: its migration files are programs")
            files = as_applied(look)
            return replay.expected(look.live, files, look.split, cache=cache, now=now)
        except Away as away:
            return away

    return call


def as_applied(look: Look) -> list[File]:
    """The applied files with the bytes that ran. Raises Away for a row whose file is lost."""
    seen = look.seen
    for migration in look.history.migrations:
        lost = migration.state == FileState.ORPHANED and not migration.quiet
        if lost and migration.label not in seen:
            said = f"cannot compare: {migration.label} has no file and was never seen"
            raise Away(State.UNKNOWN, said)
    labels = {m.tag: m.label for m in look.history.migrations}
    files = []
    for file in look.history.applied:
        content = seen.get(labels.get(file.tag, file.tag), file.content)
        files.append(File(file.tag, file.order, content, file.statements))
    live = FileState.LIVE_UNRECORDED
    files += [f for f in look.history.files if look.state_of(f.tag) == live]
    return files


def judged(
    slug: str, now: datetime, found: Sequence[Look], wanted: Mapping[str, Schema | Away]
) -> Comparison:
    """Looks and expected schemas put together. Pure."""
    good = {name: one for name, one in wanted.items() if isinstance(one, Schema)}
    homes = drift.homes(good)
    schemas, findings = [], []
    for look in found:
        expected = wanted.get(look.name)
        if look.fault is not None or not isinstance(expected, Schema):
            fault = look.fault or (expected if isinstance(expected, Away) else None)
            schemas.append(Compared(look.name, reason=fault.reason if fault else "not read"))
            continue
        tables, columns, indexes = look.live.counts
        left_out = causes.unknown_tables(look)
        basis = look.history.basis
        counts = (tables, columns, indexes)
        sides = (look.live, expected)
        schemas.append(Compared(look.name, "", basis, *counts, tuple(left_out), *sides))
        own = looks.ledger_findings(slug, look, found)
        if not any(finding.kind == "ledger_missing" for finding in own):
            elsewhere = {table: home for table, home in homes.items() if home != look.name}
            own += drift.compare(
                slug, expected, look.live, elsewhere=elsewhere, org_tables=look.org_tables
            )
        findings += [
            causes.explained(finding, look)
            for finding in own
            if finding.object.partition(".")[0] not in left_out
        ]
    return Comparison(slug, now, tuple(schemas), tuple(findings), tuple(found))
