"""What is left of a half-applied file run: on a MySQL keyspace, PostgreSQL, a D1 file, or D1 at
Cloudflare. The ledger row comes last, in the same transaction where the engine has one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import MySQLdb
import psycopg2

from dbops.estate import d1_apply, prisma_apply
from dbops.history.prisma import masked
from dbops.probes.d1_http import CALL_S, Api, Refused
from dbops.probes.sessions import Away
from dbops.readings import Deadline
from dbops.resuming import CannotResume, Plan
from openinsure.dsn import Dsn
from openinsure.keyspaces import migrate
from openinsure.keyspaces.migrate import Log

Report = Callable[[str], None]


class OutcomeUnknown(CannotResume):
    """The server went away in the middle: whether the last statement ran, the next look tells."""


def run(plan_: Plan, dsn: Dsn, report: Report, log: Log) -> None:
    """Run what is left on a MySQL-family keyspace, then the ledger row. Raises CannotResume.

    The plan must hold no question. Each statement is reported; a failure names its number.
    """
    _answered(plan_)
    connection = MySQLdb.connect(
        host=dsn.host,
        port=dsn.port,
        user=dsn.user,
        password=dsn.password,
        database=plan_.keyspace,
        charset="utf8mb4",
        autocommit=True,
        connect_timeout=migrate.CONNECT_TIMEOUT_S,
        read_timeout=migrate.STATEMENT_TIMEOUT_S,
        write_timeout=migrate.STATEMENT_TIMEOUT_S,
    )
    with closing(connection), closing(connection.cursor()) as cursor:
        cursor.execute(migrate.TAKE_LOCK)
        if cursor.fetchone() != (1,):
            raise CannotResume("another run is active here; wait for its end")
        with _logged(plan_, log, MySQLdb.Error) as at:
            for step in plan_.left:
                at(step.number)
                cursor.execute(step.sql)
                log.ends(step.number)
                report(f"{plan_.label} {step.number}/{len(plan_.steps)} done")
            cursor.execute(plan_.record, plan_.values)
        report(f"{plan_.label} applied")


def run_d1(plan_: Plan, local: d1_apply.Local, report: Report, log: Log) -> None:
    """The same on a local D1 file, in one transaction. Raises CannotResume."""
    _answered(plan_)
    with closing(sqlite3.connect(local.path, timeout=d1_apply.BUSY_TIMEOUT_S)) as connection:
        connection.isolation_level = None
        connection.execute("BEGIN IMMEDIATE")
        with _logged(plan_, log, sqlite3.Error) as at:
            for step in plan_.left:
                at(step.number)
                connection.execute(step.sql)
            connection.execute(plan_.record.replace("%s", "?"), plan_.values)
            connection.execute("COMMIT")
        report(f"{plan_.label} applied")


def run_d1_remote(plan_: Plan, source: Api, whole: Deadline, report: Report, log: Log) -> None:
    """The same at Cloudflare: a bookmark, then everything as one body. Raises CannotResume.

    An answer that does not come leaves the outcome unknown: the ledger tells, at the next look.
    """
    _answered(plan_)
    label = plan_.label
    (name,) = plan_.values
    record = plan_.record.replace("%s", "'" + name.replace("'", "''") + "'")
    body = ";\n".join([*(step.sql.rstrip().rstrip(";") for step in plan_.left), record])
    log.opened(plan_.tag, plan_.sha256, len(plan_.steps))
    try:
        report(f"{label} bookmark {source.bookmark(whole.at_most(CALL_S))}")
        log.begins(plan_.left[0].number if plan_.left else len(plan_.steps))
        source.query(body, (), whole.at_most(CALL_S))
    except migrate.MigrationStopped as stopped:
        log.closed("stopped", str(stopped))
        raise CannotResume(str(stopped)) from None
    except Refused as refused:
        log.closed("failed", refused.said)
        raise CannotResume(f"{label}: {refused.said}") from None
    except Away as away:
        log.closed("unknown", away.reason)
        said = f"{away.reason}; whether it ran is not known, look with openinsure db status"
        raise OutcomeUnknown(f"{label}: {said}") from None
    log.ends(len(plan_.steps))
    log.closed("applied")
    report(f"{label} applied")


def run_prisma(plan_: Plan, dsn: Dsn, report: Report, log: Log) -> None:
    """The same on PostgreSQL, in one transaction where it takes that. Raises CannotResume."""
    _answered(plan_)
    whole = prisma_apply.together([step.sql for step in plan_.left])
    try:
        with prisma_apply.connected(dsn, plan_.keyspace) as cursor:
            with _logged(plan_, log, psycopg2.Error) as at:
                cursor.execute("BEGIN" if whole else "SELECT 1")
                for step in plan_.left:
                    at(step.number)
                    cursor.execute(step.sql)
                    if not whole:  # what a rollback takes back has not ended
                        log.ends(step.number)
                cursor.execute(plan_.record, plan_.values)
                cursor.execute("COMMIT" if whole else "SELECT 1")
            report(f"{plan_.label} applied")
    except prisma_apply.FileFailed as error:
        raise CannotResume(str(error)) from None


def _answered(plan_: Plan) -> None:
    if plan_.questions:
        raise CannotResume("somebody must say whether statements ran")


@contextmanager
def _logged(plan_: Plan, log: Log, kind: type[Exception]) -> Iterator[Callable[[int], None]]:
    """The run log round the statements: an error names the statement that was begun last."""
    log.opened(plan_.tag, plan_.sha256, len(plan_.steps))
    begun = 0

    def at(number: int) -> None:
        nonlocal begun
        log.begins(number)
        begun = number

    try:
        yield at
    except kind as error:
        lost = bool(error.args) and error.args[0] in migrate.LOST
        words = masked(" ".join(str(error).split())) if kind is psycopg2.Error else error
        numbered = f", errno {error.args[0]}: {error.args[-1]}" if error.args[1:] else f": {words}"
        said = f"{plan_.label}: statement {begun} failed{numbered}"
        log.closed("unknown" if lost else "failed", said)
        raise (OutcomeUnknown if lost else CannotResume)(said) from None
    except migrate.MigrationStopped as stopped:
        log.closed("stopped", str(stopped))
        raise CannotResume(str(stopped)) from None
    log.closed("applied")
