"""Prisma: `<time>_<name>/migration.sql` against `_prisma_migrations`.

Several rows a name are normal: the newest started_at counts. The checksum is sha256 hex of the
file; as Prisma does, line ends and hex without zero padding are accepted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dbops.history.states import File, FileState, History, count_statements, folder, read_bytes
from dbops.probes.sessions import NoSuchTable, Row, Session
from dbops.readings import Migration, iso

LEDGER = "_prisma_migrations"
DEPLOY = "the owner runs prisma migrate deploy"


@dataclass(frozen=True, slots=True)
class Run:
    """The newest ledger row of one name."""

    name: str
    checksum: str
    started_at: datetime
    finished_at: datetime | None
    rolled_back_at: datetime | None


def files(path: Path) -> list[File]:
    """The folders by name. Raises FilesUnreadable."""
    found = []
    for inner in sorted(child for child in folder(path).iterdir() if child.is_dir()):
        content = read_bytes(inner / "migration.sql")
        text = content.decode(errors="replace")
        found.append(File(inner.name, inner.name, content, count_statements(text)))
    return found


def ledger(session: Session, schema: str) -> dict[str, Run] | None:
    """Newest row of each name; None without ledger. Raises Away."""
    quote = "`" if session.dialect == "mysql" else '"'
    table = f"{quote}{schema}{quote}.{LEDGER}"
    columns = "migration_name, checksum, started_at, finished_at, rolled_back_at"
    try:
        rows = session.rows(f"SELECT {columns} FROM {table} ORDER BY started_at, id")  # noqa: S608
    except NoSuchTable:
        return None
    return {str(row[0]): _run(row) for row in rows}


def _run(row: Row) -> Run:
    name, checksum, started, finished, rolled_back = row
    return Run(
        str(name),
        str(checksum),
        _utc(started),
        finished and _utc(finished),
        rolled_back and _utc(rolled_back),
    )


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def same(content: bytes, recorded: str) -> bool:
    """True when Prisma would accept the file for this checksum."""
    lf = content.replace(b"\r\n", b"\n")
    for form in (content, lf, lf.replace(b"\n", b"\r\n")):
        digest = hashlib.sha256(form).digest()
        if recorded in (digest.hex(), "".join(f"{byte:x}" for byte in digest)):
            return True
    return False


def compare(found: Sequence[File], rows: dict[str, Run] | None, keyspace: str) -> History:
    """Every file and every orphaned row with its state and evidence. Pure."""
    known = rows or {}
    tags = {file.tag for file in found}
    done = [name for name, run in known.items() if run.finished_at and not run.rolled_back_at]
    newest = max(done, default="")
    migrations = [_judge(file, known.get(file.tag), newest, keyspace) for file in found]
    migrations += [_orphan(run, keyspace) for run in known.values() if run.name not in tags]
    return History(
        migrations=tuple(migrations),
        applied=tuple(file for file in found if file.tag in done),
        files=tuple(found),
        initialised=rows is not None,
        behind=newest > max(tags, default=""),
    )


def _judge(file: File, run: Run | None, newest: str, keyspace: str) -> Migration:
    state, evidence, repair = _state(file, run, newest)
    return Migration(
        tag=file.tag,
        keyspace=keyspace,
        state=state,
        hash=hashlib.sha256(file.content).hexdigest(),
        applied_at=iso(run.finished_at) if run else None,
        statements=file.statements,
        evidence=evidence,
        repair=repair,
    )


def _state(file: File, run: Run | None, newest: str) -> tuple[FileState, str, str]:
    if run is None and file.tag < newest:
        return FileState.OUT_OF_ORDER, f"not recorded, although the later {newest} is", DEPLOY
    if run is None:
        return FileState.PENDING, "no ledger row", DEPLOY
    if run.rolled_back_at:
        return FileState.ROLLED_BACK, "marked rolled back; the next deploy runs it again", DEPLOY
    if not run.finished_at:
        repair = f"prisma migrate resolve --applied or --rolled-back {file.tag}"
        return FileState.FAILED, "started and never finished; blocks every deploy (P3009)", repair
    if not same(file.content, run.checksum):
        evidence = f"recorded {run.checksum[:12]}, file differs"
        return FileState.MODIFIED, evidence, "restore the file from version control"
    return FileState.APPLIED, "ledger row, checksum matches", ""


def _orphan(run: Run, keyspace: str) -> Migration:
    return Migration(
        tag=run.name,
        keyspace=keyspace,
        state=FileState.ORPHANED,
        hash=run.checksum,
        applied_at=iso(run.finished_at),
        evidence="recorded, but there is no such file",
        repair="bring the file back from version control; never delete the row",
        quiet=run.rolled_back_at is not None,
    )
