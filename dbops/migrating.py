"""What `db migrate` would run, per database, and running it. No Django, no terminal.

Each kind of database is one `Work`: its steps in order, why it is left out or blocked, and how to
run it. Statements run one by one; what was applied before a failure stays and is said.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import MySQLdb

from dbops.catalog import looks
from dbops.estate import d1_apply
from dbops.estate.local import local_d1
from dbops.history.states import FileState, FilesUnreadable
from dbops.inventory import Target
from dbops.readings import Deadline
from openinsure import environment
from openinsure.dsn import Dsn
from openinsure.keyspaces import journal, migrate

MIGRATOR = "MIGRATOR_URL"
SPICEDB_TIMEOUT_S = 600
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
    run: Callable[[Report], list[str]] | None = None


def plan(target: Target, *, now: datetime) -> list[Work]:
    """The work of one database at its place. Writes nothing."""
    database = target.database
    if database.tool == "d1" and database.owner == "we":
        return [_d1(target)]
    if database.tool == "drizzle" and database.owner == "we":
        return _keyspaces(target, now)
    if database.owner == "self":
        return [Work(target.slug, left_out=OWNERS.get(database.tool, "self-managed by its owner"))]
    return [Work(target.slug, left_out=f"this command does not run {database.tool} files")]


OWNERS = {
    "spicedb": "self-managed: the SpiceDB binary migrates it (--spicedb runs that binary)",
    "prisma": "self-managed: its application runs prisma migrate deploy",
    "none": "self-managed: its schema is compiled in, there is no DDL",
}


def _keyspaces(target: Target, now: datetime) -> list[Work]:
    if Path(target.database.migrations).parent != journal.FOLDER:
        return [Work(target.slug, left_out="its folder is not this project's keyspace migrations")]
    text = environment.optional(MIGRATOR)
    if not text:
        return [Work(target.slug, away=f"{MIGRATOR} is not set")]
    dsn = Dsn.parse(text, MIGRATOR)
    return [_keyspace(target, dsn, keyspace, now) for keyspace in target.place.schemas]


def _keyspace(target: Target, dsn: Dsn, keyspace: str, now: datetime) -> Work:
    name = f"{target.slug}/{keyspace}"
    try:
        tags = tuple(migrate.pending(dsn, keyspace, schema=keyspace))
    except (migrate.MigrationStopped, journal.JournalError) as error:
        return Work(name, blocked=str(error))
    except MySQLdb.Error as error:
        return Work(name, away=f"{MIGRATOR} could not be used (error {error.args[0]})")

    if tags and (half := _half_way(target, keyspace, now)):
        why = f"{half} ran in part; see openinsure db resume {target.slug} {keyspace}/{half}"
        return Work(name, blocked=why)

    def run(report: Report) -> list[str]:
        done: list[str] = []

        def tell(line: str) -> None:
            report(line)
            if line.endswith(" applied"):
                done.append(line.removesuffix(" applied"))

        try:
            return migrate.apply_pending(dsn, keyspace, schema=keyspace, report=tell)
        except (migrate.MigrationStopped, journal.JournalError) as error:
            raise Failed(str(error), done) from None
        except MySQLdb.Error as error:
            said = f"connection failed (error {error.args[0]})"
            raise Failed(f"{keyspace}: {said}", done, unreachable=True) from None

    return Work(name, tags, run=run)


def _half_way(target: Target, keyspace: str, now: datetime) -> str:
    """The file that stopped half-way: running it again would repeat its DML. "" when none."""
    own = target._replace(place=target.place._replace(url_env=MIGRATOR, schemas=(keyspace,)))
    for look in looks.all_of(own, Deadline.after(LOOK_S, now)):
        for migration in look.history.migrations:
            if migration.state == FileState.PARTIAL:
                return migration.tag
    return ""


def _d1(target: Target) -> Work:
    try:
        local = local_d1(target)
        waiting = d1_apply.pending(local)
    except FilesUnreadable as error:
        return Work(target.slug, blocked=error.reason)
    late = d1_apply.out_of_order(local, waiting) if local.path.exists() else []
    if late:
        why = f"{', '.join(late)} stands before a file that is already applied; rename it"
        return Work(target.slug, blocked=why)

    def run(report: Report) -> list[str]:
        done: list[str] = []

        def tell(line: str) -> None:
            report(f"{target.slug}/{line}")
            done.append(line.removesuffix(" applied"))

        try:
            return d1_apply.apply(local, tell)
        except d1_apply.FileFailed as error:
            raise Failed(str(error), done) from None

    return Work(target.slug, tuple(file.tag for file in waiting), run=run)


def spicedb_binary() -> str | None:
    """`spicedb` on PATH, else the one that the local stack built, else None."""
    own = environment.ROOT / ".local" / "bin" / "spicedb"
    return shutil.which("spicedb") or (str(own) if own.exists() else None)


def spicedb(target: Target) -> Work:
    """The owner's own command, `spicedb datastore migrate head`; never our SQL."""
    binary = spicedb_binary()
    if binary is None:
        return Work(target.slug, left_out="no spicedb binary on PATH; its container migrates it")
    variable = "SPICEDB_DATASTORE_URL"
    text = environment.optional(variable) or environment.optional(MIGRATOR)
    if not text:
        return Work(target.slug, away=f"{variable} is not set")
    dsn = Dsn.parse(text, variable)
    schema = target.place.schemas[0] if target.place.schemas else dsn.database
    login = f"{dsn.user}:{dsn.password}@tcp({dsn.host}:{dsn.port})"
    variables = {
        "SPICEDB_DATASTORE_ENGINE": "mysql",
        "SPICEDB_DATASTORE_CONN_URI": f"{login}/{schema}?parseTime=true",
    }

    def run(report: Report) -> list[str]:
        report(f"{target.slug}: spicedb datastore migrate head")
        command = [binary, "datastore", "migrate", "head"]
        try:
            done = subprocess.run(
                command,
                env={**os.environ, **variables},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SPICEDB_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Failed(f"{target.slug}: no end after {SPICEDB_TIMEOUT_S} s", []) from None
        if done.returncode:
            raise Failed(f"{target.slug}: spicedb ended with {done.returncode}", [])
        return ["datastore migrate head"]

    return Work(target.slug, ("spicedb datastore migrate head",), run=run)
