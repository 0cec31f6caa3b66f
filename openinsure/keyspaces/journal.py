"""Drizzle 0.x folders and ledgers: files in journal order, and what a ledger says about them.

No Django and no database: the runner and the light commands both read here. A folder holds
`<tag>.sql` and `meta/_journal.json`; a ledger is the rows of `__drizzle_migrations`, where `hash`
is the sha256 of the file's bytes and `created_at` the journal's `when`, not the time of applying.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "migrations"
BREAKPOINT = "--> statement-breakpoint"


class JournalError(Exception):
    """A migrations folder that cannot be read for what it claims to be; names file and rule."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of a folder. `when` is milliseconds since 1970, the identity Drizzle records."""

    tag: str
    when: int
    path: Path
    sha256: str
    statements: tuple[str, ...]
    by_name: bool = False  # a folder of Drizzle 1.x: the ledger knows it by its name


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row of `__drizzle_migrations`. `name`: None in a ledger of Drizzle 0.x."""

    id: int
    hash: str
    created_at: int
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a ledger says about a folder. Only `pending` may run, and only if the rest is empty.

    modified: a row by `when`, another hash. skipped: no row, yet older than the newest row, so
    Drizzle never runs it. orphaned: a row without file.
    """

    applied: tuple[Migration, ...]
    pending: tuple[Migration, ...]
    modified: tuple[Migration, ...]
    skipped: tuple[Migration, ...]
    orphaned: tuple[LedgerRow, ...]


def folder_of(keyspace: str) -> Path:
    """Where the migration files of a keyspace live."""
    return FOLDER / keyspace


def split(text: str) -> tuple[str, ...]:
    """The statements of a file: cut at the breakpoint token wherever it stands, as Drizzle does."""
    pieces = (piece.strip() for piece in text.split(BREAKPOINT))
    return tuple(piece for piece in pieces if piece)


def read_folder(folder: Path) -> tuple[Migration, ...]:
    """All files in journal order. Raises JournalError for a missing, foreign or unreadable one."""
    return tuple(_migration(folder, entry) for entry in _entries(folder / "meta" / "_journal.json"))


def _entries(path: Path) -> list[dict[str, Any]]:
    try:
        journal = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise JournalError(f"{path}: is missing") from None
    except ValueError as error:
        raise JournalError(f"{path}: is no JSON ({error})") from None
    if not isinstance(journal, dict) or journal.get("dialect") != "mysql":
        raise JournalError(f"{path}: dialect must be mysql")
    entries = journal.get("entries")
    if not isinstance(entries, list):
        raise JournalError(f"{path}: entries must be a list")
    seen: set[object] = set()
    for position, entry in enumerate(entries):
        well_formed = (
            isinstance(entry, dict)
            and type(entry.get("when")) is int
            and isinstance(entry.get("tag"), str)
        )
        if not well_formed:
            raise JournalError(f"{path}: entry {position} needs a text tag and a whole-number when")
        for identity in (entry["when"], entry["tag"]):
            if identity in seen:
                raise JournalError(f"{path}: {identity!r} stands twice")
            seen.add(identity)
    return entries


def _migration(folder: Path, entry: dict[str, Any]) -> Migration:
    path = folder / f"{entry['tag']}.sql"
    try:
        content = path.read_bytes()
        statements = split(content.decode("utf-8"))
    except FileNotFoundError:
        raise JournalError(f"{path}: is in the journal but missing") from None
    except UnicodeDecodeError:
        raise JournalError(f"{path}: is not UTF-8") from None
    return Migration(
        tag=entry["tag"],
        when=entry["when"],
        path=path,
        sha256=hashlib.sha256(content).hexdigest(),
        statements=statements,
    )


def plan(migrations: Sequence[Migration], ledger: Sequence[LedgerRow]) -> Plan:
    """Compare a folder with a ledger, by `when` (1.x: by name) and, unlike Drizzle, by hash."""
    if any(migration.by_name for migration in migrations):
        return _plan_by_name(migrations, ledger)
    rows = {row.created_at: row for row in ledger}
    newest = max(rows, default=-1)
    known = [migration for migration in migrations if migration.when in rows]
    unknown = [migration for migration in migrations if migration.when not in rows]
    files = {migration.when for migration in migrations}
    return Plan(
        applied=tuple(one for one in known if rows[one.when].hash == one.sha256),
        pending=tuple(one for one in unknown if one.when > newest),
        modified=tuple(one for one in known if rows[one.when].hash != one.sha256),
        skipped=tuple(one for one in unknown if one.when < newest),
        orphaned=tuple(row for row in ledger if row.created_at not in files),
    )


def _plan_by_name(migrations: Sequence[Migration], ledger: Sequence[LedgerRow]) -> Plan:
    rows = {row.name: row for row in ledger}
    files = {migration.tag for migration in migrations}
    known = [migration for migration in migrations if migration.tag in rows]
    return Plan(
        applied=tuple(one for one in known if rows[one.tag].hash == one.sha256),
        pending=tuple(one for one in migrations if one.tag not in rows),
        modified=tuple(one for one in known if rows[one.tag].hash != one.sha256),
        skipped=(),
        orphaned=tuple(row for row in ledger if row.name not in files),
    )
