"""Prisma files of a database that we manage, as a work of `db migrate`."""

from __future__ import annotations

from datetime import datetime

import psycopg2

from dbops import work
from dbops.catalog import looks
from dbops.estate import prisma_apply
from dbops.history.rules import Runs
from dbops.history.states import FileState
from dbops.inventory import Target
from dbops.probes.sessions import Away
from dbops.readings import Deadline
from dbops.work import Failed, Report, Work
from openinsure.dsn import Dsn
from openinsure.keyspaces.migrate import Log

RUNS = (FileState.PENDING, FileState.ROLLED_BACK)


def plan(target: Target, dsn: Dsn, runs: Runs, *, now: datetime) -> Work:
    """What waits and how it runs. Writes nothing."""
    names = target.place.schemas or ("public",)
    if len(names) > 1:
        return Work(target.slug, blocked="one Prisma folder for several schemas: name one of them")
    try:
        (look,) = looks.all_of(target, Deadline.after(work.LOOK_S, now), runs)
    except Away as away:
        return Work(target.slug, away=away.reason)
    late = [
        m.tag for m in look.history.migrations if m.state == FileState.OUT_OF_ORDER and not m.quiet
    ]
    why = work.stop(target.slug, look)
    if late and not why:
        why = f"{', '.join(late)} stands before a file that is already applied; rename it"
    if why:
        return Work(target.slug, blocked=why)
    waiting = [file for file in look.history.files if look.state_of(file.tag) in RUNS]

    def run(report: Report, log: Log) -> list[str]:
        done: list[str] = []

        def tell(line: str) -> None:
            report(f"{target.slug}/{line}")
            done.append(line.removesuffix(" applied"))

        try:
            return prisma_apply.apply(dsn, names[0], waiting, tell, log)
        except prisma_apply.FileFailed as error:
            raise Failed(str(error), done, unreachable=error.lost) from None
        except psycopg2.Error as error:
            code = error.pgcode or "no connection"
            said = f"{target.slug}: stopped by the server ({code})"
            raise Failed(said, done, unreachable=error.pgcode is None) from None

    return Work(target.slug, tuple(file.tag for file in waiting), run=run)
