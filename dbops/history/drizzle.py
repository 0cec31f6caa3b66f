"""Drizzle: files `<tag>.sql` with a journal (0.x) or `<timestamp>_<name>/migration.sql` (1.x).

Ledger `__drizzle_migrations(id, hash, created_at)`: created_at is the journal's `when`, not the
time of applying; Drizzle 0.x runs each entry whose `when` is above the newest created_at and never
compares hashes, so a smaller `when` is skipped for ever without a word. 1.x adds `name` and
`applied_at` to the ledger and goes by the name alone (drizzle_folders).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dbops.history import rules
from dbops.history.drizzle_rows import AboutFile, Applied, matcher
from dbops.history.rules import NOTHING, Known
from dbops.history.states import File, FileState, FilesUnreadable, History, folder, read_bytes
from dbops.inventory import DRIZZLE_SCHEMA, Ledger
from dbops.probes.sessions import Away, NoSuchTable, Session
from dbops.readings import Migration, State

LEDGER = "__drizzle_migrations"
OWN = Ledger()
BREAKPOINT = "--> statement-breakpoint"
NAMELESS = object()  # a ledger of 0.x has no names at all
FOLDERS_FIRST = (
    "tool version changed: folders of Drizzle 1.x, ledger still of 0.x (the next migrate of 1.x"
    " adds the names)"
)
LEDGER_FIRST = (
    "tool version changed: ledger of Drizzle 1.x, files still of 0.x (an old checkout, or"
    " drizzle-kit up is to be run)"
)


def engine_of(said: Path) -> str:
    """The engine that a journal or a snapshot is for; "" without such a file, mysql by default."""
    try:
        dialect = json.loads(read_bytes(said)).get("dialect", "mysql")
    except FilesUnreadable:
        return ""
    except (ValueError, AttributeError):
        return "mysql"
    return {"postgresql": "postgres"}.get(dialect, str(dialect))


def statements(text: str) -> list[str]:
    """One statement a piece, split on the token wherever it stands, never on lines."""
    return [piece.strip() for piece in text.split(BREAKPOINT) if piece.strip()]


SPLIT = statements


def files(path: Path) -> list[File]:
    """The files in the order in which Drizzle runs them. Raises FilesUnreadable."""
    journal = folder(path) / "meta" / "_journal.json"
    if not journal.is_file():
        return _from_folders(path)
    if any(path.glob("*/migration.sql")):
        raise FilesUnreadable("meta/_journal.json stands beside folders of Drizzle 1.x")
    return _from_journal(path, journal)


def _from_journal(path: Path, journal: Path) -> list[File]:
    try:
        entries: list[dict[str, Any]] = json.loads(read_bytes(journal))["entries"]
        order = [(int(entry["when"]), str(entry["tag"])) for entry in entries]
    except (ValueError, KeyError, TypeError):
        raise FilesUnreadable("meta/_journal.json cannot be read") from None
    twice = [tag for tag, many in Counter(tag for _, tag in order).items() if many > 1]
    if twice:  # Drizzle runs each of its entries
        raise FilesUnreadable(f"meta/_journal.json lists {twice[0]} twice")
    return [_file(tag, when, path / f"{tag}.sql") for when, tag in order]


def strays(path: Path, found: Sequence[File]) -> tuple[str, ...]:
    """What to tell of SQL files that the journal does not list: no tool runs them."""
    listed = {f"{file.tag}.sql" for file in found if not file.by_name}
    others = sorted(sql.name for sql in path.glob("*.sql") if sql.name not in listed)
    if not others or not listed:
        return ()
    more = f" and {len(others) - 1} more" if len(others) > 1 else ""
    return (f"not in meta/_journal.json, so no tool runs it: {others[0]}{more}",)


def _from_folders(path: Path) -> list[File]:
    found = []
    for sql in sorted(path.glob("*/migration.sql")):
        found.append(_file(sql.parent.name, _made_at(sql.parent.name), sql, by_name=True))
    if not found and any(path.glob("*.sql")):
        raise FilesUnreadable("meta/_journal.json is not there")
    return found


def _made_at(name: str) -> int:
    """Milliseconds UTC of a folder named `20260301120000_name`. Raises FilesUnreadable."""
    try:
        if not name[:14].isdigit():
            raise ValueError(name)
        made = datetime.fromisoformat(f"{name[:8]}T{name[8:14]}")
    except ValueError:
        raise FilesUnreadable(f"folder {name} does not start with a time") from None
    return int(made.replace(tzinfo=UTC).timestamp()) * 1000


def _file(tag: str, when: int, path: Path, *, by_name: bool = False) -> File:
    content = read_bytes(path)
    count = len(statements(content.decode(errors="replace")))
    return File(tag, when, content, count, by_name=by_name)


def home(dialect: str, schema: str, named: Ledger) -> str:
    """The ledger's quoted name: beside the tables, on PostgreSQL in a schema of its own."""
    if dialect == "postgres":
        return f'"{named.schema or DRIZZLE_SCHEMA}"."{named.table or LEDGER}"'
    return f"`{schema}`.`{named.table or LEDGER}`"


def ledger(session: Session, schema: str, named: Ledger = OWN) -> list[Applied] | None:
    """Rows by id; None when the ledger table is not there. Raises Away."""
    table = home(session.dialect, schema, named)
    # On SQLite `id SERIAL` of 0.x counts nothing: it is NULL in every row.
    key = "l.rowid" if session.dialect == "sqlite" else "l.id"
    # 0.x has these three, 1.x two more at the end
    columns = f"{key} AS oi_key, l.hash AS oi_hash, l.created_at AS oi_when, l.*"
    try:
        rows = session.rows(f"SELECT {columns} FROM {table} l ORDER BY {key}")  # noqa: S608
    except NoSuchTable:
        return None
    return [_row(*row[:3], *row[6:8]) for row in rows]


def _row(key: Any, digest: Any, when: Any, name: Any = NAMELESS, at: Any = None) -> Applied:
    try:
        found = Applied(int(key), _text(digest), int(when or 0))
    except (ValueError, TypeError):
        raise Away(State.UNKNOWN, f"ledger row {key}: created_at is no number") from None
    if name is NAMELESS:
        return found
    return found._replace(name=_text(name or ""), applied_at=_iso(at))


def _iso(at: Any) -> str | None:
    """Of 1.x; SQLite has a text, `2026-03-01T12:00:00.000Z`, and old rows have none."""
    if not at:
        return None
    return f"{at[:19].replace(' ', 'T')}Z" if isinstance(at, str) else f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def compare(
    found: Sequence[File],
    rows: Sequence[Applied] | None,
    keyspace: str,
    *,
    known: Known = NOTHING,
) -> History:
    """Every file and every orphaned row with its state and evidence. Pure but for `known`."""
    ledger_rows = rows or []
    seen: set[int] = set()
    migrations, applied = [], []
    about_file = _about_of(found, ledger_rows)
    for file in found:
        about, mine = about_file(file, seen)
        migration = rules.judge(about, known, keyspace)
        if about.recorded:
            applied.append(file)
        seen.update(mine)
        migrations.append(migration)
    orphans = [_orphan(row, keyspace) for row in ledger_rows if row.id not in seen]
    newest_row = max((row.when for row in ledger_rows), default=0)
    named = any(row.name is not None for row in ledger_rows)
    by_name = any(file.by_name for file in found)
    if by_name:  # the names of folders tell seconds
        newest_row -= newest_row % 1000
    changed = FOLDERS_FIRST if by_name and not named else LEDGER_FIRST
    return History(
        migrations=(*migrations, *orphans),
        applied=tuple(applied),
        files=tuple(found),
        initialised=rows is not None,
        behind=newest_row > _newest(found),
        named=named,
        notes=(changed,) if ledger_rows and found and by_name is not named else (),
    )


def _about_of(found: Sequence[File], rows: Sequence[Applied]) -> AboutFile:
    """How this form of files is held against the ledger."""
    if not any(file.by_name for file in found):
        return matcher(found, rows)
    from dbops.history import drizzle_folders

    return drizzle_folders.matcher(found, rows)


def _newest(found: Sequence[File]) -> int:
    return max((int(file.order) for file in found), default=0)


def _orphan(row: Applied, keyspace: str) -> Migration:
    return Migration(
        tag=row.name or f"row-{row.id}",
        keyspace=keyspace,
        state=FileState.ORPHANED,
        hash=row.hash,
        applied_at=row.applied_at,
        evidence=f"ledger row {row.id}, when {row.when}: no file",
        repair="bring the file back from version control; never delete the row",
    )
