"""A Reading as stored JSON and back. What is not part of "the same reading" is kept apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dbops.readings import Drift, Keyspace, Migration, Reading, State

# Stored in columns of their own, or in StoredMigrations.
APART = ("read_at", "latency_ms", "migrations")


def pack(reading: Reading) -> dict[str, Any]:
    """Everything that makes a reading differ from the one before it; JSON values only."""
    said = {key: value for key, value in reading._asdict().items() if key not in APART}
    checked = reading.drift_checked_at
    return {
        **said,
        "drift": reading.drift._asdict(),
        "drift_checked_at": checked and checked.isoformat(),
        "keyspaces": [one._asdict() for one in reading.keyspaces],
        "pending": list(reading.pending),
        "findings": list(reading.findings),
        "notes": list(reading.notes),
    }


def unpack(said: Mapping[str, Any], *, read_at: datetime, latency_ms: float) -> Reading:
    """The reading of `pack`, without its migrations."""
    checked = said["drift_checked_at"]
    return Reading(
        **{
            **said,
            "state": State(said["state"]),
            "pending": tuple(said["pending"]),
            "findings": tuple(said["findings"]),
            "notes": tuple(said.get("notes", ())),  # stored before there were any
            "drift": Drift(**said["drift"]),
            "drift_checked_at": datetime.fromisoformat(checked) if checked else None,
            "keyspaces": tuple(
                Keyspace(**{**row, "state": State(row["state"])}) for row in said["keyspaces"]
            ),
        },
        read_at=read_at,
        latency_ms=latency_ms,
    )


def pack_migrations(migrations: Sequence[Migration]) -> list[dict[str, Any]]:
    """Rows as JSON values."""
    return [{**migration._asdict(), "state": str(migration.state)} for migration in migrations]


def unpack_migrations(rows: Sequence[Mapping[str, Any]]) -> tuple[Migration, ...]:
    """The rows of `pack_migrations`."""
    return tuple(Migration(**row) for row in rows)


def whole(reading: Reading) -> dict[str, Any]:
    """All of a reading as JSON values, for another process."""
    return {
        "said": pack(reading),
        "read_at": reading.read_at.isoformat(),
        "latency_ms": reading.latency_ms,
        "migrations": pack_migrations(reading.migrations),
    }


def of_whole(said: Mapping[str, Any]) -> Reading:
    """The reading of `whole`."""
    read_at = datetime.fromisoformat(said["read_at"])
    reading = unpack(said["said"], read_at=read_at, latency_ms=said["latency_ms"])
    return reading._replace(migrations=unpack_migrations(said["migrations"]))
