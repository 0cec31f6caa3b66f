"""Prisma files of a database that we manage: run and recorded as Prisma would, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from dbops import migrating, resuming, resuming_runs
from dbops.cli.main import main
from dbops.estate import prisma_apply
from dbops.history.rules import no_runs
from dbops.inventory import Target
from dbops.readings import Deadline, State
from dbops.work import Failed, Work
from openinsure.keyspaces.migrate import Silent
from tests.dbops.benches import PrismaBench
from tests.dbops.conftest import NOW, Postgres, look

Use = Callable[..., list[Target]]
ROWS = (
    "SELECT migration_name, finished_at IS NOT NULL, rolled_back_at IS NOT NULL,"
    " applied_steps_count FROM _prisma_migrations ORDER BY started_at"
)


@pytest.fixture
def bench(tmp_path: Path, use: Use, postgres: Postgres, pg_database: str) -> PrismaBench:
    """Three files, the first applied by Prisma."""
    made = PrismaBench(tmp_path, use, postgres, pg_database)
    made.apply(1)
    return made


def work(bench: PrismaBench) -> Work:
    (found,) = migrating.plan(bench.target, no_runs, now=NOW)
    return found


def run(bench: PrismaBench) -> list[str]:
    todo = work(bench)
    assert todo.run is not None, todo
    return todo.run(lambda _line: None, Silent())


def ledger(bench: PrismaBench) -> list[tuple[object, ...]]:
    return bench.postgres.run(ROWS, database=bench.database)


def states(bench: PrismaBench) -> list[str]:
    return [str(one.state) for one in look(bench.target).migrations]


def test_it_runs_what_waits_and_writes_prismas_rows(bench: PrismaBench) -> None:
    assert work(bench).steps == (bench.tag(2), bench.tag(3))
    assert run(bench) == [bench.tag(2), bench.tag(3)]
    assert ledger(bench) == [(bench.tag(n), True, False, 1) for n in (1, 2, 3)]
    assert states(bench) == ["applied"] * 3
    assert work(bench).steps == ()


def test_it_rolls_a_failing_file_back_and_says_so(bench: PrismaBench) -> None:
    bench.path(2).write_text("CREATE TABLE half (id int);\nSELECT 1/0;\n")
    with pytest.raises(Failed, match=r"statement 2 of 2: division by zero; rolled back"):
        run(bench)
    assert ledger(bench)[1:] == [(bench.tag(2), False, True, 0)]
    tables = bench.postgres.run("SELECT to_regclass('half')", database=bench.database)
    assert tables == [(None,)]
    assert states(bench) == ["applied", "rolled_back", "pending"]
    bench.path(2).write_text("CREATE TABLE whole (id int);")
    assert run(bench) == [bench.tag(2), bench.tag(3)]
    assert states(bench) == ["applied"] * 3


def test_it_leaves_what_cannot_be_rolled_back_as_failed(bench: PrismaBench) -> None:
    alone = "CREATE INDEX CONCURRENTLY accounts_i ON accounts (id);\nSELECT nobody();\n"
    bench.path(2).write_text(alone)
    with pytest.raises(Failed, match=r"statement 2 of 2: .*those before it stay"):
        run(bench)
    assert ledger(bench)[1:] == [(bench.tag(2), False, False, 0)]
    reading = look(bench.target)
    assert reading.state is State.FAILED
    assert work(bench).blocked == f"{bench.tag(2)} failed"


def test_it_resumes_such_a_file_and_closes_its_failed_row(bench: PrismaBench) -> None:
    alone = (
        "CREATE INDEX CONCURRENTLY accounts_i ON accounts (id);\nALTER TABLE accounts ADD x int;"
    )
    bench.path(2).write_text(alone)
    bench.run("CREATE INDEX accounts_i ON accounts (id)")
    bench.row(2, failed=True, steps=0)
    plan = resuming.plan(bench.target, bench.tag(2), Deadline.after(20, NOW))
    assert [str(step.verdict) for step in plan.steps] == ["done", "run"]
    _, dsn = migrating.writer(bench.target)
    resuming_runs.run_prisma(plan, dsn, lambda _line: None, Silent())
    assert ledger(bench)[1:] == [(bench.tag(2), False, True, 0), (bench.tag(2), True, False, 1)]
    assert states(bench) == ["applied", "applied", "pending"]


def test_it_runs_nothing_while_prisma_does(bench: PrismaBench, postgres: Postgres) -> None:
    todo = work(bench)
    other = psycopg2.connect(postgres.url(bench.database))
    with closing(other), other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", (prisma_apply.LOCK,))
        assert todo.run is not None
        with pytest.raises(Failed, match="another migrate is active"):
            todo.run(lambda _line: None, Silent())
    assert len(ledger(bench)) == 1


def test_it_stops_before_a_file_that_comes_too_late(bench: PrismaBench) -> None:
    bench.apply(3)
    assert "stands before a file that is already applied" in work(bench).blocked


def test_it_says_whose_command_runs_it(bench: PrismaBench) -> None:
    assert look(bench.target).migrations[1].repair == "openinsure db migrate"


def test_it_stops_when_the_connection_is_lost(bench: PrismaBench) -> None:
    bench.path(2).write_text("SELECT pg_terminate_backend(pg_backend_pid());")
    with pytest.raises(Failed, match="outcome unknown") as stopped:
        run(bench)
    assert stopped.value.unreachable
    assert ledger(bench)[1:] == [(bench.tag(2), False, False, 0)]


@pytest.mark.parametrize(("text", "whole"), [
    ("CREATE TABLE a (id int)", True),
    ("create unique index concurrently i on a (id)", False),
    ("ALTER TYPE mood ADD VALUE 'calm'", False),
    ("VACUUM", False),
    ("BEGIN", False),
    ("CREATE INDEX begin_at ON a (id)", True),
    ("ALTER TABLE a ADD COLUMN value int", True),
])  # fmt: skip
def test_it_knows_what_must_stand_alone(text: str, whole: bool) -> None:
    assert prisma_apply.together([text]) is whole


def test_it_runs_them_from_the_command_line(
    bench: PrismaBench,
    console: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MIGRATOR_URL", "mysql://a:b@127.0.0.1:1/")
    monkeypatch.delenv("OPENINSURE_TOKEN", raising=False)
    assert main(["db", "migrate", "--local", "--yes"]) == 0
    assert "books: 2 applied" in capsys.readouterr().out
    assert states(bench) == ["applied"] * 3
