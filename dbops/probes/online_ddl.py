"""What Vitess is changing at this moment: SHOW VITESS_MIGRATIONS, read by the names of its columns.

One row a statement and shard, of the keyspace that the connection uses. A change is over when no
shard has it queued, ready or running; it is as far as its slowest shard. Progress may be 90 s old,
so the time it was told stands beside it; an eta of -1 is not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from dbops.history.rules import Known
from dbops.history.states import File
from dbops.probes.sessions import Away, NoSuchTable
from dbops.sql import parser

SHOW = "SHOW VITESS_MIGRATIONS"
ACTIVE = ("requested", "queued", "ready", "running")
NOT_READ = "online changes of Vitess could not be read"


class Named(Protocol):
    """What a session must also offer: rows with the names of their columns."""

    def named(self, sql: str) -> list[dict[str, Any]]:
        """All rows of one SHOW; names lower case."""
        ...


class Change(NamedTuple):
    """One statement on all shards of a keyspace."""

    statement: str
    table: str
    shards: int
    active: int  # shards that still have it to do
    failed: str  # what Vitess said of a shard that failed, "" when none did
    progress: float | None  # percent, of the slowest shard that tells it
    eta_s: int | None  # None: not known
    told_at: datetime | None

    @property
    def words(self) -> str:
        """`copying 42.5 %, about 30 s left, 1 of 2 shards done (as of 12:00:03 UTC)`."""
        said = ["waiting" if self.progress is None else f"copying {self.progress:g} %"]
        left = "time left not known" if self.eta_s is None else f"about {self.eta_s} s left"
        said += [left] if self.progress is not None else []
        if self.shards > 1:
            said.append(f"{self.shards - self.active} of {self.shards} shards done")
        at = f" (as of {self.told_at:%H:%M:%S} UTC)" if self.told_at else ""
        return f"online change of {self.table}: {', '.join(said)}{at}"


def read(session: Named) -> list[Change]:
    """Every change that a shard still has to do, or that failed on one while others go on.

    Raises Away, NoSuchTable.
    """
    by_uuid: dict[str, list[dict[str, Any]]] = {}
    for row in session.named(SHOW):
        by_uuid.setdefault(_text(row.get("migration_uuid")), []).append(row)
    return [change for rows in by_uuid.values() if (change := _change(rows)).active]


def _change(rows: Sequence[Mapping[str, Any]]) -> Change:
    active = [row for row in rows if _text(row.get("migration_status")).lower() in ACTIVE]
    failed = [row for row in rows if _text(row.get("migration_status")).lower() == "failed"]
    told = [value for row in active if (value := _number(row.get("progress"))) is not None]
    left = [_number(row.get("eta_seconds")) for row in active]
    known = [int(eta) for eta in left if eta is not None and eta >= 0]
    times = [at for row in active if isinstance(at := row.get("liveness_timestamp"), datetime)]
    return Change(
        statement=_text(rows[0].get("migration_statement")),
        table=_text(rows[0].get("mysql_table")),
        shards=len(rows),
        active=len(active),
        failed=_text(failed[0].get("message")) if failed else "",
        progress=min(told, default=None),
        eta_s=max(known) if known and len(known) == len(active) else None,
        told_at=min(times, default=None),
    )


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.decode() if isinstance(value, bytes) else str(value)


def _number(value: Any) -> float | None:
    try:
        return float(_text(value))
    except ValueError:
        return None


def joined(
    known: Known, session: Named, files: Iterable[File], split: Any
) -> tuple[Known, tuple[str, ...]]:
    """What is known of the files, with those that Vitess is at; and notes. Never raises."""
    try:
        changes = read(session)
    except (Away, NoSuchTable):
        return known, (NOT_READ,)
    if not changes:
        return known, ()
    under_way = dict(known.under_way)
    notes = []
    for change in changes:
        tags = [file.tag for file in files if _holds(file, change, split)]
        under_way.update(dict.fromkeys(tags, change.words))
        if not tags:
            notes.append(f"{change.words}, in no file here")
        if change.failed:
            notes.append(f"online change of {change.table} failed on a shard")
    running = known.running | frozenset(under_way)
    return known._replace(running=running, under_way=under_way), tuple(notes)


def _holds(file: File, change: Change, split: Any) -> bool:
    """Whether one of the file's statements is this one, however Vitess spells it."""
    wanted = parser.read(change.statement)
    if not wanted.understood:
        return False
    found = (parser.read(text) for text in split(file.text))
    return any(one.understood and one.acts == wanted.acts for one in found)
