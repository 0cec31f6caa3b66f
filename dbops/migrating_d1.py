"""D1 files as works of `db migrate`: the local SQLite file, or the database at Cloudflare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from dbops import work
from dbops.catalog import looks
from dbops.estate import d1_apply
from dbops.estate.local import local_d1
from dbops.history import d1
from dbops.history.rules import Runs
from dbops.history.states import File, FileState, FilesUnreadable
from dbops.inventory import Target
from dbops.probes import d1 as d1_probe
from dbops.probes import d1_http
from dbops.probes.sessions import Away
from dbops.readings import Deadline
from dbops.work import Failed, Report, Work
from openinsure.keyspaces.migrate import Log

RUN_S = 300.0  # all files of one database at Cloudflare


def plan(target: Target, runs: Runs, *, now: datetime) -> Work:
    """What waits and how it runs. Writes nothing, and leaves a file's -wal and -shm alone."""
    try:
        if target.place.token_env:
            return _remote(target, runs, now)
        local = local_d1(target)
        if not local.path.exists():
            names = [file.tag for file in d1.files(local.binding.migrations)]
            return Work(target.slug, tuple(names), run=_running(target, local))
        waiting = _waiting(target, runs, Deadline.after(work.LOOK_S, now))
    except FilesUnreadable as error:
        return Work(target.slug, blocked=error.reason)
    except Away as away:
        return Work(target.slug, away=away.reason)
    if isinstance(waiting, Work):
        return waiting
    return Work(target.slug, tuple(file.tag for file in waiting), run=_running(target, local))


def _waiting(target: Target, runs: Runs, deadline: Deadline) -> list[File] | Work:
    """The pending files, or the Work that says why none may run. Raises Away."""
    (look,) = looks.all_of(target, deadline, runs)
    late = [
        m.tag for m in look.history.migrations if m.state == FileState.OUT_OF_ORDER and not m.quiet
    ]
    why = work.stop(target.slug, look)
    if late and not why:
        why = f"{', '.join(late)} stands before a file that is already applied; rename it"
    if why:
        return Work(target.slug, blocked=why)
    return [file for file in look.history.files if look.state_of(file.tag) == FileState.PENDING]


def _running(target: Target, local: d1_apply.Local) -> Callable[[Report, Log], list[str]]:
    def run(report: Report, log: Log) -> list[str]:
        done: list[str] = []

        def tell(line: str) -> None:
            report(f"{target.slug}/{line}")
            done.append(line.removesuffix(" applied"))

        try:
            return d1_apply.apply(local, tell, log)
        except d1_apply.FileFailed as error:
            raise Failed(str(error), done) from None

    return run


def _remote(target: Target, runs: Runs, now: datetime) -> Work:
    """The database at Cloudflare, each file after a bookmark. Raises Away."""
    binding = d1_probe.bound(target)
    source = d1_http.api(target.place, binding.remote_id)
    waiting = _waiting(target, runs, Deadline.after(d1_http.CALL_S, now))
    if isinstance(waiting, Work):
        return waiting

    def run(report: Report, log: Log) -> list[str]:
        whole = Deadline.after(RUN_S, now)
        return _applied_remote(target, source, binding.table, waiting, report, log, whole)

    return Work(target.slug, tuple(file.tag for file in waiting), run=run)


def _applied_remote(
    target: Target,
    source: d1_http.Api,
    table: str,
    waiting: Sequence[File],
    report: Report,
    log: Log,
    whole: Deadline,
) -> list[str]:
    done: list[str] = []

    def tell(line: str) -> None:
        report(f"{target.slug}/{line}")
        if line.endswith(" applied"):
            done.append(line.removesuffix(" applied"))

    try:
        return d1_apply.apply_remote(source, table, waiting, tell, log, whole)
    except (d1_apply.FileFailed, d1_apply.NotBegun) as error:
        raise Failed(str(error), done) from None
    except Away as away:
        said = f"{away.reason}; whether the file ran is not known, look with openinsure db status"
        raise Failed(said, done, unreachable=True) from None
