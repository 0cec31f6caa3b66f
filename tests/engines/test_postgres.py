"""PostgreSQL: as an ordinary user, in a folder that user can reach, read only for the console."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from engines import postgres, processes, service
from engines.stack import Stack, Trouble

pytestmark = pytest.mark.skipif(
    postgres.binaries() is None and os.environ.get("CI") != "true",
    reason="PostgreSQL is not installed: `make prepare` installs it on Debian and Ubuntu",
)


@pytest.fixture
def started(stack: Stack) -> Iterator[Stack]:
    """A running server; its folder below /var/tmp is removed, when it had to go there."""
    service.ensure(stack, postgres.SERVICE)
    postgres.apply(stack)
    yield stack
    processes.stop(stack, "postgres")
    shutil.rmtree(postgres.home(stack))


def ask(stack: Stack, sql: str, account: str) -> str:
    """The answer, or what the server said."""
    folder = postgres.binaries()
    assert folder is not None
    address = postgres.url(stack, "documenso", account)
    done = subprocess.run(
        [str(folder / "psql"), "-XAtq", address, "-c", sql],
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr).strip()


def test_it_lets_the_console_only_read(started: Stack) -> None:
    assert ask(started, "CREATE TABLE t (a int); INSERT INTO t VALUES (7)", "openinsure") == ""
    assert ask(started, "SELECT a FROM t", postgres.READER) == "7"
    assert "permission denied" in ask(started, "INSERT INTO t VALUES (8)", postgres.READER)
    assert "permission denied" in ask(started, "CREATE TABLE u (a int)", postgres.READER)
    postgres.apply(started)  # may be done again


def test_it_runs_as_an_ordinary_user_and_restarts(started: Stack) -> None:
    pid = processes.running(started, "postgres")
    assert pid is not None
    assert processes.stop(started, "postgres")
    assert not postgres.ready(started)
    service.ensure(started, postgres.SERVICE)
    assert postgres.ready(started)
    if (user := postgres.account()) is not None:
        assert postgres.data(started).owner() == user
        assert user != "root"


def test_it_wants_a_password(started: Stack) -> None:
    (started.state / "secrets" / "postgres").write_text("wrong")
    said = ask(started, "SELECT 1", "openinsure")
    assert "password authentication failed" in said


def test_it_never_deletes_databases(stack: Stack) -> None:
    kept = postgres.data(stack) / "base" / "16384"
    kept.mkdir(parents=True)
    try:
        with pytest.raises(Trouble, match="holds databases but its installation is not complete"):
            postgres.prepare(stack)
        assert kept.is_dir()
    finally:
        shutil.rmtree(postgres.home(stack))


def test_it_names_a_missing_major_version(stack: Stack) -> None:
    postgres.data(stack).mkdir(parents=True)
    try:
        (postgres.data(stack) / "PG_VERSION").write_text("8\n")
        with pytest.raises(Trouble, match="made by PostgreSQL 8, which is not installed"):
            postgres.program(stack)
    finally:
        shutil.rmtree(postgres.home(stack))
