"""`make run` as a whole: what it refuses, what it prints, what it calls."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from engines import (
    environment_file,
    packages,
    processes,
    redis,
    run,
    spicedb,
    steps,
    tigerbeetle,
)
from engines.packages import Need
from engines.stack import BEGINS, ROOT, Stack, Trouble, why
from tests.engines.conftest import sleeper

TARGETS = [
    "run",
    "test",
    "stop",
    "lint",
    "types",
    "bench",
    "e2e",
    "demo",
    "fuzz",
    "properties",
    "engines",
    "help",
    "fault",
    "db-status",
    "db-migrate",
    "db-migrate-d1",
    "db-migrate-d1-local",
    "db-migrate-spicedb",
    "db-migrate-ps-deploy",
    "db-generate",
    "vitess-up",
    "vitess-shell",
    "vitess-status",
    "vitess-reset",
    "tb-health",
]


def engines_command(stack: Stack, *words: str) -> subprocess.CompletedProcess[str]:
    """`python3 -m engines ...` on a stack of a test."""
    return subprocess.run(
        [sys.executable, "-m", "engines", *words],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin:/usr/sbin", "OPENINSURE_STATE_DIR": str(stack.state)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_lets_one_command_work_at_a_time(stack: Stack) -> None:
    with run.locked(stack):
        said = engines_command(stack, "down")
    assert said.returncode == 1
    assert re.fullmatch(r"openinsure: another command .* \(pid \d+\): wait for it\n", said.stderr)
    assert engines_command(stack, "down").returncode == 0


def test_it_stops_nothing_when_nothing_runs(stack: Stack) -> None:
    said = engines_command(stack, "down")
    assert "nothing was running" in said.stdout


def test_it_is_for_local_only(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENINSURE_ENV", "production")
    with pytest.raises(Trouble, match="^OPENINSURE_ENV: "):
        run.up(stack)


def test_it_probes_outside_servers(stack: Stack) -> None:
    nobody = f"redis://:x@127.0.0.1:{stack.ports['redis']}/0"
    outside = replace(stack, testing=False, environment={"REDIS_URL": nobody})
    with pytest.raises(Trouble, match="^REDIS_URL: no Redis answers there"):
        run.probe_external(outside)


def test_it_starts_nothing_that_runs_outside(stack: Stack) -> None:
    given = dict.fromkeys(environment_file.DATABASES, "mysql://a:b@db.test/x")
    given |= {"REDIS_URL": "redis://r.test", "DOCUMENSO_URL": "postgresql://d.test/x"}
    assert run.engines(replace(stack, testing=False, environment=given)) == []


def test_it_checks_the_redis_password(engines: Stack) -> None:
    port = engines.ports["redis"]
    assert not redis.pong("127.0.0.1", port)
    assert not redis.pong("127.0.0.1", port, "wrong")


def test_it_says_everything_that_is_missing_at_once(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = [replace(need, there=lambda: False) for need in packages.NEEDS]
    monkeypatch.setattr(packages, "NEEDS", absent)
    monkeypatch.setattr(packages, "_administrator", lambda: None)
    with pytest.raises(Trouble) as told:
        packages.provide(stack, build=True)
    text = str(told.value)
    for word in ("MariaDB", "Redis", "PostgreSQL", "a C compiler", "apt-get", "dnf", "brew"):
        assert word in text
    assert "mariadb-connector-c-devel" in text


def test_it_goes_on_without_postgres_but_not_in_ci(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = Need("PostgreSQL", ("p",), ("p",), ("p",), ("p",), lambda: False)
    monkeypatch.setattr(packages, "NEEDS", [absent])
    monkeypatch.setattr(packages, "_administrator", lambda: None)
    monkeypatch.delenv("CI", raising=False)
    packages.provide(stack, build=False)
    assert "PostgreSQL is missing" in capsys.readouterr().out
    monkeypatch.setenv("CI", "true")
    with pytest.raises(Trouble, match="missing: PostgreSQL"):
        packages.provide(stack, build=False)


def test_it_reads_the_reason_of_the_latest_start_only(stack: Stack) -> None:
    log = stack.log / "web.log"
    log.write_text(f"{BEGINS}OldError: before\n{BEGINS}starting\nValueError: now\n[INFO] bye\n")
    assert why(log) == "ValueError: now"
    log.write_text(f"{BEGINS}OldError: before\n{BEGINS}[INFO] bye\n")
    assert why(log) == "[INFO] bye"
    assert why(stack.log / "absent.log") == ""


def test_it_runs_a_step_once(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(steps, "execute", lambda _stack, name, *_: ran.append(name))
    folder = stack.state / "files"
    folder.mkdir()
    step = steps.Step("trial", "a trial", ("true",), "Makefile", (str(folder.name),))
    monkeypatch.setattr(steps, "ROOT", stack.state)
    (stack.state / "Makefile").touch()
    steps.run(stack, step)
    steps.run(stack, step)
    assert ran == ["trial"]
    (folder / "new.sql").write_text("SELECT 1")
    steps.run(stack, step)
    assert ran == ["trial", "trial"]


def test_it_migrates_nobody_elses_databases(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A start must not run the migrations of what OPENINSURE_INVENTORY adds."""
    monkeypatch.setenv("OPENINSURE_INVENTORY", str(tmp_path / "somebody.toml"))
    names = {"keyspaces", "estate"}
    found = [
        step for step in (*steps.schema_steps({}), steps.estate_step(stack)) if step.name in names
    ]
    assert {step.name for step in found} == names
    for step in found:
        assert step.environment["OPENINSURE_INVENTORY"] == str(ROOT / "dbops" / "inventory.toml")


def test_it_lists_every_target_in_the_help() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = [line.split()[1] for line in said.stdout.splitlines()]
    assert set(TARGETS) <= set(listed)


def test_it_says_what_stands_in_for_vitess(stack: Stack) -> None:
    said = engines_command(stack, "vitess", "up")
    assert said.returncode == 1
    assert "vttestserver is not installed" in said.stderr
    assert said.stderr.count("\n") == 1


ON_SERVERS = {
    "LEDGER_BACKEND": "tigerbeetle",
    "TIGERBEETLE_ADDRESSES": "127.0.0.1:1",
    "AUTHZ_BACKEND": "spicedb",
}


def test_it_says_that_a_slow_engine_is_still_starting(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = replace(
        tigerbeetle.SERVICE,
        limit_s=0.2,
        prepare=lambda _stack: None,
        program=lambda one: sleeper(one, "tigerbeetle"),
        ready=lambda _stack: False,
    )
    monkeypatch.setattr(tigerbeetle, "SERVICE", slow)
    monkeypatch.setattr(run, "optional_engines", lambda _stack: [slow])
    run.start_optional(stack, ON_SERVERS)
    said = capsys.readouterr().out
    pid = processes.running(stack, "tigerbeetle")
    assert pid is not None, "it is left to come"
    waited = rf"still starting: tigerbeetle is not ready after \d+ s, pid {pid} runs"
    assert re.search(waited, said)
    assert f"log {stack.log / 'tigerbeetle.log'}" in said
    assert f"going on: {tigerbeetle.NOT_ANSWERING}" in said
    assert "not started" not in said
    assert tigerbeetle.told(stack, ON_SERVERS).startswith("UNANSWERED (127.0.0.1:1): transfers")


def test_it_says_that_an_engine_ended(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = replace(
        spicedb.SERVICE,
        prepare=lambda _stack: None,
        program=lambda one: sleeper(one, "spicedb", seconds=0),
        ready=lambda _stack: False,
    )
    monkeypatch.setattr(spicedb, "SERVICE", ended)
    monkeypatch.setattr(run, "optional_engines", lambda _stack: [ended])
    run.start_optional(stack, ON_SERVERS)
    said = capsys.readouterr().out
    assert "not started: spicedb ended while starting" in said
    assert f"going on: {spicedb.NOT_ANSWERING}" in said
    run.start_optional(stack, {**ON_SERVERS, "AUTHZ_BACKEND": "roles"})
    assert "going on: the console does not ask it" in capsys.readouterr().out


def test_it_lists_no_target_that_is_not_built() -> None:
    from dbops.cli import main
    from dbops.cli.db import verbs

    called = re.findall(r"\$\(OPENINSURE\) (\w+) ([\w-]+)", (ROOT / "Makefile").read_text())
    assert ("db", "status") in called
    assert [verb for verb, _ in called if not main.VERBS[verb].built()] == []
    assert [one for verb, one in called if verb == "db" and not verbs.is_built(one)] == []
