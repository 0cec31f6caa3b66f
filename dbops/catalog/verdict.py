"""A reading joined with the last comparison: in_sync needs both, and the comparison fresh.

Pure. A ledger at head proves nothing by itself; a comparison of other files, or an old one, does
not prove it either.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from dbops.history.rules import Known
from dbops.inventory import EMPTY
from dbops.readings import Drift, Keyspace, Migration, Reading, State, worst
from openinsure import environment

APPLIED, MODIFIED = "applied", "modified"  # of history.states.FileState
VARIABLE = "OPENINSURE_DRIFT_MAX_AGE_MIN"
AHEAD = timedelta(minutes=3)  # beyond it the clock that wrote it is wrong, and its age unknown


class Outcome(NamedTuple):
    """One schema's stored outcome. `reason`: why it could not be compared."""

    basis: str
    reason: str = ""
    drift: Drift = Drift()  # open findings
    left_out: int = 0  # tables that could not be compared

    def covers(self, basis: str) -> bool:
        """True when it tells of every table, as the applied files are now."""
        return self.basis == basis and not self.reason and not self.left_out


class Stored(NamedTuple):
    """The newest comparison of one database (`at` None: there is none), and its run log."""

    at: datetime | None
    schemas: Mapping[str, Outcome] = EMPTY
    first_seen: Mapping[str, str] = EMPTY  # label -> sha256 when applied
    runs: Mapping[str, Known] = EMPTY  # schema -> what the run log says


def max_age() -> timedelta:
    """How old a comparison may be that proves `in_sync`; 60 min unless set (1 to 1440)."""
    return timedelta(minutes=environment.integer(VARIABLE, 60, 1, 1440))


def total(drifts: list[Drift]) -> Drift:
    """The sum by severity."""
    return Drift(
        critical=sum(one.critical for one in drifts),
        high=sum(one.high for one in drifts),
        medium=sum(one.medium for one in drifts),
        low=sum(one.low for one in drifts),
    )


def joined(reading: Reading, stored: Stored | None, now: datetime, age: timedelta) -> Reading:
    """The reading with drift and, where proven, `in_sync`."""
    if stored is None or reading.error is not None:
        return reading
    if not reading.keyspaces:
        return _whole(reading, stored)
    reading = edited(reading, stored.first_seen)
    if stored.at is None:
        return reading
    fresh = -AHEAD <= now - stored.at <= age
    rows = [_row(row, stored.schemas.get(row.name), fresh) for row in reading.keyspaces]
    valid = [
        outcome.drift
        for row in reading.keyspaces
        if (outcome := stored.schemas.get(row.name)) is not None and outcome.basis == row.basis
    ]
    found = total(valid)
    drift = found._replace(
        critical=max(found.critical, reading.drift.critical),
        high=max(found.high, reading.drift.high),
    )
    whole = all(
        (outcome := stored.schemas.get(row.name)) is not None and outcome.covers(row.basis)
        for row in reading.keyspaces
    )
    state = _state(reading.state, rows, drift)
    said = words(found)
    return reading._replace(
        state=state,
        drift=drift,
        drift_checked_at=stored.at if whole or said else None,  # no finding is not "none"
        keyspaces=tuple(rows),
        detail=_detail(state, said, reading.detail),
    )


def _detail(state: State, drift: str, detail: str) -> str:
    """Drift first where it makes the state, else behind what does."""
    if not drift:
        return detail
    told = [f"drift: {drift}", detail]
    return "; ".join(told if state is State.DRIFTED else reversed(told))


def _whole(reading: Reading, stored: Stored) -> Reading:
    """An engine without schemas (a ledger): what was compared is one whole."""
    if any(outcome.reason for outcome in stored.schemas.values()):
        return reading
    found = total([outcome.drift for outcome in stored.schemas.values()])
    said = words(found)
    return reading._replace(
        state=_state(reading.state, [], found),
        drift=found,
        drift_checked_at=stored.at,
        detail=_detail(State.DRIFTED, said, reading.detail),
    )


def edited(reading: Reading, first_seen: Mapping[str, str]) -> Reading:
    """Files whose tool records no hash and whose bytes changed since they were seen applied."""
    found = [_edited(migration, first_seen) for migration in reading.migrations]
    if found == list(reading.migrations):
        return reading
    labels = [m.label for m in found if m.state == MODIFIED]
    return reading._replace(
        migrations=tuple(found),
        state=worst([reading.state, State.MODIFIED], reading.state),
        detail=f"{len(labels)} modified: {labels[0]}; {reading.detail}",
    )


def _edited(migration: Migration, first_seen: Mapping[str, str]) -> Migration:
    seen = first_seen.get(migration.label)
    if migration.state != APPLIED or seen in (None, migration.hash):
        return migration
    return migration._replace(
        state=MODIFIED,
        evidence=f"first seen {str(seen)[:12]}, file {migration.hash[:12]}",
        repair="restore the file from version control; a new change is a new file",
    )


def words(drift: Drift) -> str:
    """`1 critical, 2 low`; "" without findings."""
    counts = [(getattr(drift, name), name) for name in ("critical", "high", "medium", "low")]
    return ", ".join(f"{count} {name}" for count, name in counts if count)


def _row(row: Keyspace, outcome: Outcome | None, fresh: bool) -> Keyspace:
    if row.state is not State.UNVERIFIED or outcome is None or outcome.basis != row.basis:
        return row
    if words(outcome.drift):
        return row._replace(state=State.DRIFTED)
    return row._replace(state=State.IN_SYNC) if fresh and outcome.covers(row.basis) else row


def _state(state: State, rows: list[Keyspace], drift: Drift) -> State:
    """The worst of ledger and comparison; medium and low drift stand behind `behind`."""
    if not words(drift):
        proven = all(row.state is State.IN_SYNC for row in rows)
        return State.IN_SYNC if state is State.UNVERIFIED and proven else state
    order = list(State)
    severe = bool(drift.critical or drift.high)
    place = order.index(State.DRIFTED) if severe else order.index(State.BEHIND)
    return State.DRIFTED if place < order.index(state) else state
