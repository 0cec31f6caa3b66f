"""Drizzle: files `<tag>.sql` with a journal (0.x) or `<timestamp>_<name>/migration.sql` (1.x).

Ledger `__drizzle_migrations(id, hash, created_at)`: created_at is the journal's `when`, not the
time of applying; Drizzle runs each entry whose `when` is above the newest created_at and never
compares hashes, so a smaller `when` is skipped for ever without a word.
"""

from __future__ import annotations

import hashlib
import json
from calendar import timegm
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import strptime
from typing import Any

from dbops.history.states import File, FileState, FilesUnreadable, History, folder, read_bytes
from dbops.probes.sessions import Names, NoSuchTable, Session
from dbops.readings import Migration

LEDGER = "__drizzle_migrations"
BREAKPOINT = "--> statement-breakpoint"


@dataclass(frozen=True, slots=True)
class Applied:
    """One ledger row."""

    id: int
    hash: str
    when: int  # ms since 1970, as in the journal


def statements(text: str) -> list[str]:
    """One statement a piece, split on the token wherever it stands, never on lines."""
    return [piece.strip() for piece in text.split(BREAKPOINT) if piece.strip()]


def files(path: Path) -> list[File]:
    """The files in the order in which Drizzle runs them. Raises FilesUnreadable."""
    journal = folder(path) / "meta" / "_journal.json"
    return _from_journal(path, journal) if journal.is_file() else _from_folders(path)


def _from_journal(path: Path, journal: Path) -> list[File]:
    try:
        entries: list[dict[str, Any]] = json.loads(read_bytes(journal))["entries"]
        order = [(int(entry["when"]), str(entry["tag"])) for entry in entries]
    except (ValueError, KeyError, TypeError):
        raise FilesUnreadable("meta/_journal.json cannot be read") from None
    return [_file(tag, when, path / f"{tag}.sql") for when, tag in order]


def _from_folders(path: Path) -> list[File]:
    found = []
    for sql in sorted(path.glob("*/migration.sql")):
        stamp = sql.parent.name[:14]
        try:
            when = timegm(strptime(stamp, "%Y%m%d%H%M%S")) * 1000
        except ValueError:
            raise FilesUnreadable(f"folder {sql.parent.name} does not start with a time") from None
        found.append(_file(sql.parent.name, when, sql))
    if not found and any(path.glob("*.sql")):
        raise FilesUnreadable("meta/_journal.json is not there")
    return found


def _file(tag: str, when: int, path: Path) -> File:
    content = read_bytes(path)
    return File(tag, when, content, len(statements(content.decode(errors="replace"))))


def ledger(session: Session, schema: str) -> list[Applied] | None:
    """Rows by id; None when the ledger table is not there. Raises Away."""
    table = f"drizzle.{LEDGER}" if session.dialect == "postgres" else f"`{schema}`.{LEDGER}"
    try:
        rows = session.rows(f"SELECT id, hash, created_at FROM {table} ORDER BY id")  # noqa: S608
    except NoSuchTable:
        return None
    return [Applied(int(key), _text(digest), int(when or 0)) for key, digest, when in rows]


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def digest(content: bytes) -> str:
    """What Drizzle records: sha256 of the raw bytes, hex."""
    return hashlib.sha256(content).hexdigest()


def _line_ends_only(content: bytes, recorded: str) -> bool:
    lf = content.replace(b"\r\n", b"\n")
    return recorded in (digest(lf), digest(lf.replace(b"\n", b"\r\n")))


def compare(found: Sequence[File], rows: Sequence[Applied] | None, keyspace: str) -> History:
    """Every file and every orphaned row with its state and evidence. Pure."""
    known = rows or []
    seen: set[int] = set()
    migrations, applied = [], []
    for file in found:
        row = next((row for row in known if row.when == file.order and row.id not in seen), None)
        migration = _judge(file, row, known, found, keyspace)
        if row is not None:
            seen.add(row.id)
            applied.append(file)
        elif migration.state == FileState.RENUMBERED:
            seen.update(r.id for r in known if r.hash == migration.hash)
        migrations.append(migration)
    orphans = [_orphan(row, keyspace) for row in known if row.id not in seen]
    newest_row, newest_file = (max((row.when for row in known), default=0), _newest(found))
    return History(
        migrations=(*migrations, *orphans),
        applied=tuple(applied),
        files=tuple(found),
        initialised=rows is not None,
        behind=newest_row > newest_file and any(row.when == newest_row for row in known),
    )


def _newest(found: Sequence[File]) -> int:
    return max((int(file.order) for file in found), default=0)


def _judge(
    file: File, row: Applied | None, rows: Sequence[Applied], found: Sequence[File], keyspace: str
) -> Migration:
    own, mark = digest(file.content), max((row.when for row in rows), default=0)
    quiet, repair = False, ""
    if row is not None and row.hash != own:
        quiet = _line_ends_only(file.content, row.hash)
        state, evidence = FileState.MODIFIED, f"recorded {row.hash[:12]}, file {own[:12]}"
        evidence += ", only line ends differ" if quiet else ""
        repair = f"restore the file: git log -p -- {file.tag}.sql; a new change is a new file"
    elif row is not None:
        earlier = next((r for r in rows if r.id < row.id and r.when > row.when), None)
        state = FileState.OUT_OF_ORDER if earlier else FileState.APPLIED
        quiet, evidence = earlier is not None, f"ledger row {row.id}, hash matches"
    elif any(r.hash == own for r in rows):
        state, again = FileState.RENUMBERED, int(file.order) > mark
        evidence = "recorded under another time" + ("; will run again" if again else "")
        repair = "give the journal entry back the time of its ledger row"
    elif int(file.order) <= mark:
        state = FileState.SKIPPED
        evidence = f"its when {file.order} is not above the ledger's newest, {mark}"
        repair = f"set its when to {mark + 1} in meta/_journal.json, then migrate"
    else:
        state, evidence, repair = FileState.PENDING, "no ledger row", "openinsure db migrate --ps"
    return Migration(
        tag=file.tag,
        keyspace=keyspace,
        state=state,
        hash=own,
        statements=file.statements,
        evidence=evidence,
        repair=repair,
        quiet=quiet,
    )


def _orphan(row: Applied, keyspace: str) -> Migration:
    return Migration(
        tag=f"row-{row.id}",
        keyspace=keyspace,
        state=FileState.ORPHANED,
        hash=row.hash,
        evidence=f"ledger row {row.id}, when {row.when}: no file",
        repair="bring the file back from version control; never delete the row",
    )


def snapshot(path: Path, applied: Sequence[File]) -> Names | None:
    """Tables and columns after the newest applied file; None without a snapshot for it.

    Source: meta/NNNN_snapshot.json (0.x). Raises FilesUnreadable when it is no JSON.
    """
    if not applied:
        return {}
    number = applied[-1].tag.partition("_")[0]
    stored = path / "meta" / f"{number}_snapshot.json"
    if not number.isdigit() or not stored.is_file():
        return None
    try:
        tables = json.loads(read_bytes(stored))["tables"]
        return {
            str(table["name"]).lower(): frozenset(column.lower() for column in table["columns"])
            for table in tables.values()
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        raise FilesUnreadable(f"meta/{stored.name} cannot be read") from None
