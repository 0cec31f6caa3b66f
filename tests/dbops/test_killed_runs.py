"""`db migrate` killed (SIGKILL), or its connection cut, after statement k of n, for every k."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dbops import runlog
from dbops.cli.main import main
from dbops.estate import d1_apply
from dbops.history import states
from dbops.inventory import Target
from dbops.readings import State
from tests.dbops.benches import Bench, D1Bench, DrizzleBench, PrismaBench
from tests.dbops.conftest import MySql, Postgres, look

Use = Callable[..., list[Target]]
STATEMENTS = [
    "ALTER TABLE accounts ADD nick int",
    "CREATE TABLE lots (id int)",
    "INSERT INTO accounts (id) VALUES (1)",
    "UPDATE accounts SET nick = coalesce(nick, 0) + 10",  # a second run would be seen
    "CREATE INDEX accounts_nick ON accounts (nick)",
]
DML = (3, 4)
EVERY = range(len(STATEMENTS) + 1)
ALONE = "CREATE INDEX CONCURRENTLY accounts_nick ON accounts (nick)"


def written(bench: Bench, statements: list[str]) -> None:
    """The first file applied, the second with these statements, no third."""
    bench.apply(1)
    bench.remove(3)
    bench.write(2, bench.cut.join(f"{one};" for one in statements).encode())


def after(patch: pytest.MonkeyPatch, k: int, stop: Callable[[], None]) -> None:
    """`stop` once statement k has run (0: before the first), and before another begins."""
    begins, ends = runlog.RunLog.begins, runlog.RunLog.ends

    def first(log: runlog.RunLog, number: int) -> None:
        if number == k + 1:
            stop()
        begins(log, number)

    def then(log: runlog.RunLog, number: int) -> None:
        ends(log, number)
        if number == k == len(STATEMENTS):
            stop()

    patch.setattr(runlog.RunLog, "begins", first)
    patch.setattr(runlog.RunLog, "ends", then)


def killed(mysql: MySql, console: str) -> None:
    """`db migrate` in a process that something prepared to die; its lease has run out then."""
    child = os.fork()
    if child == 0:
        try:
            main(["db", "migrate", "--yes"])
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    mysql.run("UPDATE dbops_migrationlease SET `until` = taken_at", schema=console)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def finished(bench: PrismaBench | DrizzleBench | D1Bench, lost: int = 0) -> None:
    """What is left is run by resume, or by migrate where nothing of the file stayed.

    lost: the statement without trace that was under way; a person must say that it did not run.
    """
    again = ["db", "resume", "books", bench.tag(2), "--timeout", "20", "--yes"]
    if lost:
        assert main(again) == 6, "nobody said whether it ran"
        again += ["--not-ran", str(lost)]
    if str(look(bench.target, 20).state) == State.PENDING:
        again = ["db", "migrate", "--yes"]
    assert main(again) == 0
    reading = look(bench.target, 20)
    assert (reading.state, reading.applied) == (State.UNVERIFIED, 2)


@pytest.mark.parametrize("k", EVERY)
def test_it_goes_on_where_its_process_was_killed_on_mariadb(
    use: Use, mysql: MySql, schema: str, console: str, tmp_path: Path, k: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    bench = DrizzleBench(tmp_path, use, mysql, schema)
    monkeypatch.setenv("MIGRATOR_URL", mysql.url())
    written(bench, STATEMENTS)
    with monkeypatch.context() as patch:
        after(patch, k, die)
        killed(mysql, console)
    assert str(look(bench.target, 20).state) == (State.PARTIAL if k else State.PENDING)
    if k:
        assert main(["db", "migrate", "--yes"]) == 6, "it must not run again"
    finished(bench)
    assert mysql.run("SELECT id, nick FROM accounts", schema=schema) == [(1, 10)]


@pytest.fixture
def prisma(
    use: Use, postgres: Postgres, pg_database: str, mysql: MySql, console: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> PrismaBench:  # fmt: skip
    monkeypatch.setenv("MIGRATOR_URL", mysql.url())  # who acts here: the local set-up
    return PrismaBench(tmp_path, use, postgres, pg_database)


@pytest.mark.parametrize("how", ["killed", "cut"])
@pytest.mark.parametrize(("last", "k"), [
    *((ALONE, k) for k in EVERY), *((STATEMENTS[-1], k) for k in EVERY[:-1]),
], ids=str)  # fmt: skip
def test_it_goes_on_where_it_stopped_on_postgresql(
    prisma: PrismaBench, mysql: MySql, console: str, k: int, how: str, last: str
) -> None:
    written(prisma, [*STATEMENTS[:-1], last])
    cut = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        f" WHERE datname = '{prisma.database}' AND pid <> pg_backend_pid()"
    )
    with pytest.MonkeyPatch.context() as patch:
        if how == "cut":
            after(patch, k, lambda: prisma.run(cut))
            assert main(["db", "migrate", "--yes"]) == 5
        else:
            after(patch, k, die)
            killed(mysql, console)
    asks = how == "cut" and last == ALONE and k + 1 in DML
    finished(prisma, lost=k + 1 if asks else 0)
    rows = prisma.postgres.run("SELECT id, nick FROM accounts", database=prisma.database)
    assert rows == [(1, 10)]


@pytest.mark.parametrize("k", EVERY)
def test_it_leaves_nothing_of_a_d1_file_whose_run_was_killed(
    use: Use, mysql: MySql, console: str, tmp_path: Path, k: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = D1Bench(tmp_path, use)
    monkeypatch.setenv("MIGRATOR_URL", mysql.url())
    written(bench, STATEMENTS)
    split = states.split_statements

    def dying(text: str) -> Iterator[str]:
        for number, statement in enumerate(split(text)):
            if number == k:
                die()
            yield statement
        die()  # everything ran, and the ledger has no row yet

    with monkeypatch.context() as patch:
        patch.setattr(d1_apply, "split_statements", dying)
        killed(mysql, console)
    assert str(look(bench.target, 20).state) == State.PENDING
    finished(bench)
    with closing(sqlite3.connect(bench.file)) as one:
        assert one.execute("SELECT id, nick FROM accounts").fetchall() == [(1, 10)]
