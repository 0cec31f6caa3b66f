"""What `db migrate` would run, per database, and how to run it. No Django, no terminal.

Each kind of database is one `Work`: its steps in order, why it is left out or blocked, and how to
run it. Statements run one by one; what was applied before a failure stays and is said.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

import MySQLdb

from dbops import migrating_d1, migrating_prisma, owners, work
from dbops.catalog import looks
from dbops.history import drizzle
from dbops.history.rules import Runs
from dbops.history.states import FilesUnreadable
from dbops.inventory import Target
from dbops.probes.sessions import Away
from dbops.readings import Deadline, State
from dbops.work import Failed, Report, Work
from openinsure import environment
from openinsure.dsn import Dsn
from openinsure.keyspaces import journal, migrate

MIGRATOR = "MIGRATOR_URL"


def plan(target: Target, runs: Runs, *, now: datetime) -> list[Work]:
    """The work of one database at its place. Writes nothing."""
    database = target.database
    if database.owner == "self":
        return [Work(target.slug, left_out=owners.WAYS.get(database.tool, owners.OTHER))]
    if database.tool == "d1":
        return [migrating_d1.plan(target, runs, now=now)]
    if database.tool == "drizzle" and database.engine in ("vitess", "mysql"):
        return _keyspaces(target, runs, now)
    if database.tool == "prisma" and database.engine == "postgres":
        return [_prisma(target, runs, now)]
    return [Work(target.slug, left_out=f"this command does not run {database.tool} files")]


def writer(target: Target) -> tuple[str, Dsn]:
    """Name and value of the variable by which a place may be changed. Raises Away."""
    place = target.place
    ours = target.database.folder("x").parent == journal.FOLDER
    variable = place.migrator_env or (MIGRATOR if ours else place.url_env)
    text = environment.optional(variable) if variable else ""
    if not text:
        raise Away(State.UNKNOWN, f"{variable or 'migrator_env'} is not set")
    return variable, Dsn.parse(text, variable)


def _prisma(target: Target, runs: Runs, now: datetime) -> Work:
    try:
        variable, dsn = writer(target)
    except Away as away:
        return Work(target.slug, away=away.reason)
    own = target._replace(place=target.place._replace(url_env=variable))
    return migrating_prisma.plan(own, dsn, runs, now=now)


def _keyspaces(target: Target, runs: Runs, now: datetime) -> list[Work]:
    try:
        variable, dsn = writer(target)
    except Away as away:
        return [Work(target.slug, away=away.reason)]
    if target.database.ledger_layout == "single":
        return [_single(target, runs, now)]
    place = target.place
    own = target._replace(place=place._replace(url_env=variable))
    schemas = place.schemas or tuple(filter(None, (dsn.database,)))
    return [_keyspace(own, dsn, schema, runs, now) for schema in schemas]


def _single(target: Target, runs: Runs, now: datetime) -> Work:
    """One folder for several schemas: nothing in a file says where it runs, so its tool does."""
    try:
        (look,) = looks.all_of(target, Deadline.after(work.LOOK_S, now), runs)
    except Away as away:
        return Work(target.slug, away=away.reason)
    waiting = [migration.tag for migration in look.history.pending]
    if not waiting and look.history.initialised:
        return Work(target.slug)
    why = "one folder for several schemas; its own tool runs it"
    return Work(target.slug, blocked=f"{', '.join(waiting) or 'no ledger'}: {why}")


def _keyspace(target: Target, dsn: Dsn, keyspace: str, runs: Runs, now: datetime) -> Work:
    name = f"{target.slug}/{keyspace}"
    try:
        files = _files(target, keyspace)
        ledger = target.database.ledger.table or drizzle.LEDGER
        tags = tuple(migrate.pending(dsn, keyspace, schema=keyspace, files=files, ledger=ledger))
    except (migrate.MigrationStopped, FilesUnreadable) as error:
        return Work(name, blocked=str(error))
    except MySQLdb.Error as error:
        return Work(name, away=f"{target.place.url_env} could not be used (error {error.args[0]})")
    one = target._replace(place=target.place._replace(schemas=(keyspace,)))
    if tags and (why := work.stopped(one, runs, now)):
        return Work(name, blocked=why)

    def run(report: Report, log: migrate.Log) -> list[str]:
        done: list[str] = []

        def tell(line: str) -> None:
            report(line)
            if line.endswith(" applied"):
                done.append(line.removesuffix(" applied"))

        try:
            return migrate.apply_pending(
                dsn, keyspace, schema=keyspace, files=files, ledger=ledger, report=tell, log=log
            )
        except migrate.StatementFailed as error:
            raise Failed(str(error), done, unreachable=error.lost) from None
        except migrate.MigrationStopped as error:
            raise Failed(str(error), done) from None
        except MySQLdb.Error as error:
            said = f"connection failed (error {error.args[0]})"
            raise Failed(f"{keyspace}: {said}", done, unreachable=True) from None

    return Work(name, tags, run=run)


def _files(target: Target, keyspace: str) -> tuple[journal.Migration, ...]:
    """The folder's files as the runner takes them. Raises FilesUnreadable."""
    folder = target.database.folder(keyspace)
    return tuple(
        journal.Migration(
            tag=file.tag,
            when=int(file.order),
            path=folder / (f"{file.tag}/migration.sql" if file.by_name else f"{file.tag}.sql"),
            sha256=hashlib.sha256(file.content).hexdigest(),
            statements=tuple(drizzle.statements(file.text)),
            by_name=file.by_name,
        )
        for file in drizzle.files(folder)
    )


def spicedb(target: Target) -> Work:
    """The owner's own command, `spicedb datastore migrate head`; never our SQL."""
    if target.place.safe_migrations:
        return Work(target.slug, blocked="safe migrations are on: direct DDL is rejected there")
    binary = owners.spicedb_binary()
    if binary is None:
        return Work(target.slug, left_out="no spicedb binary on PATH; its container migrates it")
    variable, address = owners.spicedb_datastore(target)
    if not variable:
        return Work(target.slug, away=address)
    begun = owners.spicedb_run(binary, address, target.slug)

    def run(report: Report, log: migrate.Log) -> list[str]:
        try:
            return begun(report, log)
        except owners.OwnerFailed as error:
            raise Failed(f"{target.slug}: {error}", []) from None

    return Work(target.slug, (owners.SPICEDB_STEP,), run=run, kind="owner")
