"""Prisma: `<time>_<name>/migration.sql` against `_prisma_migrations`.

Several rows a name are normal: the newest started_at counts. The checksum is sha256 hex of the
file; as Prisma does, line ends and hex without zero padding are accepted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from dbops.history import rules
from dbops.history.rules import NOTHING, About, Known
from dbops.history.states import (
    File,
    FileState,
    History,
    count_statements,
    folder,
    read_bytes,
    split_statements,
)
from dbops.inventory import Ledger
from dbops.probes.sessions import NoSuchTable, Row, Session
from dbops.readings import Migration, iso

LEDGER = "_prisma_migrations"  # in every project: it cannot be named otherwise
OWN = Ledger()
SPLIT = split_statements
LOCK = """
SELECT 1 FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_database d ON d.oid = l.database
WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.granted
  AND l.classid = 0 AND l.objid = 72707369
"""
LOGS_SHOWN = 200  # characters of the tool's own words
DEPLOY = "the owner runs prisma migrate deploy"
STARTED = attrgetter("started_at")


class Run(NamedTuple):
    """The newest ledger row of one name."""

    name: str
    checksum: str
    started_at: datetime
    finished_at: datetime | None
    rolled_back_at: datetime | None
    logs: str = ""  # the tool's own words about a failure, masked
    steps: int = 1  # 0 of a finished row: `migrate resolve --applied`, nothing ran


def files(path: Path) -> list[File]:
    """The folders by name. Raises FilesUnreadable."""
    found = []
    for inner in sorted(child for child in folder(path).iterdir() if child.is_dir()):
        content = read_bytes(inner / "migration.sql", f"{inner.name}/migration.sql")
        text = content.decode(errors="replace")
        found.append(File(inner.name, inner.name, content, count_statements(text)))
    return found


def ledger(session: Session, schema: str, _named: Ledger = OWN) -> dict[str, Run] | None:
    """Newest row of each name; None without ledger. Raises Away."""
    quote = "`" if session.dialect == "mysql" else '"'
    table = f"{quote}{schema}{quote}.{LEDGER}"
    columns = (
        "migration_name, checksum, started_at, finished_at, rolled_back_at, logs,"
        " applied_steps_count"
    )
    try:
        rows = session.rows(f"SELECT {columns} FROM {table} ORDER BY started_at, id")  # noqa: S608
    except NoSuchTable:
        return None
    return {str(row[0]): _run(row) for row in rows}


def _run(row: Row) -> Run:
    name, checksum, started, finished, rolled_back, logs, steps = row
    return Run(
        str(name),
        str(checksum),
        _utc(started),
        finished and _utc(finished),
        rolled_back and _utc(rolled_back),
        masked(" ".join(str(logs or "").split()))[:LOGS_SHOWN],
        int(steps),
    )


def masked(logs: str) -> str:
    """The tool's words without what may be data: quoted values, addresses, long numbers.

    A failing INSERT is logged with its row ("Key (email)=(...) already exists").
    """
    import re

    kept = re.sub(r"[a-z][a-z0-9+.-]*://\S+", "<address>", logs, flags=re.I)
    kept = re.sub(r"\)=\([^)]*\)", ")=(...)", kept)
    kept = re.sub(r"'[^']*'", "'...'", kept)
    kept = re.sub(r"Failing row contains \([^)]*\)", "Failing row contains (...)", kept)
    return re.sub(r"\S+@\S+|\b\d{5,}\b", "...", kept)


def under_way(session: Session) -> bool:
    """True while a Prisma engine holds its advisory lock. Raises Away."""
    return bool(session.rows(LOCK)) if session.dialect == "postgres" else False


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def same_bytes(content: bytes, recorded: str) -> bool:
    """True when Prisma would accept the file for this checksum."""
    lf = content.replace(b"\r\n", b"\n")
    for form in (content, lf, lf.replace(b"\n", b"\r\n")):
        digest = hashlib.sha256(form).digest()
        if recorded in (digest.hex(), "".join(f"{byte:x}" for byte in digest)):
            return True
    return False


def compare(
    found: Sequence[File],
    rows: dict[str, Run] | None,
    keyspace: str,
    *,
    known: Known = NOTHING,
) -> History:
    """Every file and every orphaned row with its state and evidence. Pure but for `known`."""
    runs = rows or {}
    tags = {file.tag for file in found}
    done = [name for name, run in runs.items() if run.finished_at and not run.rolled_back_at]
    newest = max(done, default="")
    late = _overtaken(runs.values())
    abouts = [_about(file, runs.get(file.tag), newest, late) for file in found]
    migrations = [rules.judge(about, known, keyspace) for about in abouts]
    migrations += [_orphan(run, keyspace) for run in runs.values() if run.name not in tags]
    return History(
        migrations=tuple(migrations),
        applied=tuple(file for file in found if file.tag in done),
        files=tuple(found),
        initialised=rows is not None,
        behind=newest > max(tags, default=""),
    )


def _overtaken(runs: Iterable[Run]) -> frozenset[str]:
    """Names that began after a later one which was finished."""
    found: set[str] = set()
    newest = ""
    for _, group in groupby(sorted(runs, key=STARTED), STARTED):
        together = list(group)
        found.update(run.name for run in together if run.name < newest)
        newest = max([newest, *(run.name for run in together if run.finished_at)])
    return frozenset(found)


def _about(file: File, run: Run | None, newest: str, overtaken: frozenset[str]) -> About:
    own = hashlib.sha256(file.content).hexdigest()
    repairs = {
        FileState.UNKNOWN: "save the file as UTF-8",
        FileState.FAILED: f"prisma migrate resolve --applied or --rolled-back {file.tag}",
        FileState.ROLLED_BACK: DEPLOY,
        FileState.MODIFIED: "restore the file from version control",
        FileState.MARKED: "read the row and the schema: openinsure db drift",
        FileState.PARTIAL: f"openinsure db resume SLUG {file.tag}",
        FileState.OUT_OF_ORDER: DEPLOY,
        FileState.PENDING: DEPLOY,
    }
    if run is None:
        late = file.tag < newest
        said = f"not recorded, although the later {newest} is" if late else "no ledger row"
        return About(file=file, hash=own, overtaken=late, row=said, repairs=repairs)
    unfinished = run.rolled_back_at is None and run.finished_at is None
    same = same_bytes(file.content, run.checksum)
    return About(
        file=file,
        hash=own,
        recorded=True,
        same=same,
        failed=unfinished,
        rolled_back=run.rolled_back_at is not None,
        by_hand=not unfinished and run.steps == 0,
        overtaken=run.name in overtaken,
        applied_at=iso(run.finished_at),
        row=_words(run, same),
        repairs=repairs,
    )


def _words(run: Run, same: bool) -> str:
    if run.rolled_back_at is not None:
        return "marked rolled back; the next deploy runs it again"
    if run.finished_at is None:
        why = f": {run.logs}" if run.logs else ""
        return f"started and never finished; blocks every deploy (P3009){why}"
    return "ledger row, checksum matches" if same else f"recorded {run.checksum[:12]}, file differs"


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
