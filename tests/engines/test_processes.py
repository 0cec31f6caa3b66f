"""Pid files: what is ours is stopped, and nothing else ever is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from engines import processes, table
from engines.processes import Program
from engines.stack import Stack, wait_until
from tests.engines.conftest import sleeper


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that the stack did not start."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield process
    process.kill()
    process.wait()


def test_it_starts_detached_and_stops(stack: Stack) -> None:
    pid = processes.start(stack, sleeper(stack))
    assert os.getpgid(pid) == pid
    assert processes.running(stack, "sleeper") == pid
    assert processes.stop(stack, "sleeper")
    assert table.find(pid) is None
    assert not processes.pid_file(stack, "sleeper").exists()


def test_it_keeps_pid_files_to_their_owner(stack: Stack) -> None:
    processes.start(stack, sleeper(stack))
    assert processes.pid_file(stack, "sleeper").stat().st_mode & 0o077 == 0
    assert stack.run.stat().st_mode & 0o077 == 0


def test_it_spares_a_stranger_named_by_a_bare_pid(
    stack: Stack, stranger: subprocess.Popen[bytes]
) -> None:
    processes.pid_file(stack, "web").write_text(f"{stranger.pid}\n")
    assert not processes.stop(stack, "web")
    assert stranger.poll() is None
    assert not processes.pid_file(stack, "web").exists()


def test_it_spares_a_stranger_that_got_our_number(
    stack: Stack, stranger: subprocess.Popen[bytes]
) -> None:
    lines = (str(stranger.pid), "started=1", f"mark={sys.executable}", "signal=SIGTERM")
    processes.pid_file(stack, "web").write_text("\n".join(lines))
    assert not processes.stop(stack, "web")
    assert stranger.poll() is None


@pytest.mark.parametrize("text", ["", "garbage\n", "999999999\n", "-1\n"])
def test_it_removes_an_unreadable_pid_file(stack: Stack, text: str) -> None:
    processes.pid_file(stack, "web").write_text(text)
    assert processes.running(stack, "web") is None
    assert not processes.stop(stack, "web")


def test_it_kills_what_does_not_stop(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = (
        "import signal, time, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('deaf', flush=True); time.sleep(600)"
    )
    command = (sys.executable, "-c", code, str(stack.state))
    monkeypatch.setattr(processes, "STOP_LIMIT_S", 0.3)
    pid = processes.start(stack, Program("deaf", command, mark=str(stack.state)))
    assert wait_until(lambda: "deaf\n" in (stack.log / "deaf.log").read_text(), 5)
    assert processes.stop(stack, "deaf")
    assert table.find(pid) is None
    assert "killed" in capsys.readouterr().out


def test_it_ends_the_workers_of_a_killed_master(stack: Stack) -> None:
    code = (
        "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1], sys.argv[2]])"
    )
    nap = "import time; time.sleep(600)"
    command = (sys.executable, "-c", code, nap, str(stack.state))
    master = processes.start(stack, Program("master", command, mark=str(stack.state)))
    assert wait_until(lambda: len(table.tree(master)) == 2, 5)
    worker = table.tree(master)[1]
    os.kill(master, signal.SIGKILL)
    assert wait_until(lambda: processes.gone(master), 5)
    assert processes.running(stack, "master") is None
    assert wait_until(lambda: table.find(worker) is None, 5)


def test_it_stops_a_paused_process(stack: Stack) -> None:
    pid = processes.start(stack, sleeper(stack))
    processes.pause(pid)
    assert processes.stop(stack, "sleeper")
    assert table.find(pid) is None


def test_it_reads_the_same_process_from_ps(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = processes.start(stack, sleeper(stack))
    from_proc = table.find(pid)
    with monkeypatch.context() as without:
        without.setattr(table, "PROC", stack.state / "no-proc-here")
        from_ps = table.find(pid)
    assert from_proc is not None
    assert from_ps is not None
    assert (from_ps.pid, from_ps.parent, from_ps.group) == (pid, from_proc.parent, from_proc.group)
    assert str(stack.state) in from_ps.command
