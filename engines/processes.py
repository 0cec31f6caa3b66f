"""Detached processes of a stack: started with a pid file, stopped only when provably ours.

A pid file holds the pid on its first line, then `key=value` lines: when the process started, a
text its command line must contain, the digest of what it was started with, its stop signal.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from engines import table
from engines.stack import BEGINS, ROOT, Stack, say, wait_until, write_private

LOG_LIMIT_BYTES = 20_000_000  # then one old file is kept beside it
STOP_LIMIT_S = 40.0  # then SIGKILL; a Celery worker may finish a task meanwhile


@dataclass(frozen=True, slots=True)
class Program:
    """What to start. `mark`: text of its command line that proves a pid is this program."""

    name: str
    command: tuple[str, ...]
    mark: str
    environment: Mapping[str, str] = field(default_factory=dict)
    version: str = ""  # of the files it runs: another one means a restart
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None

    def digest(self) -> str:
        """Changes when the program must be restarted to be as wanted."""
        parts = (*self.command, *sorted(f"{k}={v}" for k, v in self.environment.items()))
        return sha256("\0".join((*parts, self.version)).encode()).hexdigest()[:16]


def pid_file(stack: Stack, name: str) -> Path:
    """Where the pid of a process is written."""
    return stack.run / f"{name}.pid"


def facts(stack: Stack, name: str) -> dict[str, str]:
    """What the pid file says; empty without one, `pid` missing when it is not readable."""
    try:
        first, *others = pid_file(stack, name).read_text().splitlines() or [""]
    except FileNotFoundError:
        return {}
    said = dict(line.split("=", 1) for line in others if "=" in line)
    return said | {"pid": first.strip()} if first.strip().isdigit() else said | {"bad": first}


def running(stack: Stack, name: str) -> int | None:
    """The pid when it lives and is ours. A stale pid file is removed and nothing is killed."""
    said = facts(stack, name)
    if not said:
        return None
    alive = table.find(int(said["pid"])) if "pid" in said else None
    if alive is not None and _is_ours(stack, said, alive):
        return alive.pid
    _end_orphans(said)
    pid_file(stack, name).unlink(missing_ok=True)
    return None


def _is_ours(stack: Stack, said: Mapping[str, str], alive: table.Living) -> bool:
    """Same start time and the text that we expect. Redis blanks its command line for a moment."""
    known = "started" in said and said["started"] == alive.started
    marked = said.get("mark", str(stack.state)) in alive.command
    return known and (marked or not alive.command) if "started" in said else marked


def start(stack: Stack, program: Program) -> int:
    """Start detached, in its own process group, output to `<log>/<name>.log`. Result: its pid."""
    log = stack.log / f"{program.name}.log"
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        output.write(BEGINS.encode())
        output.flush()
        child = subprocess.Popen(
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT if program.user is None else "/",
            env={**os.environ, **program.environment},
            start_new_session=True,
            user=program.user,
            group=program.user and group_of(program.user),
            extra_groups=[] if program.user else None,
        )
    alive = table.find(child.pid)
    lines = [
        str(child.pid),
        f"started={alive.started if alive else ''}",
        f"mark={program.mark}",
        f"digest={program.digest()}",
        f"signal={program.stop_signal.name}",
    ]
    write_private(pid_file(stack, program.name), "\n".join(lines) + "\n")
    return child.pid


def stop(stack: Stack, name: str) -> bool:
    """Stop one process if it is ours: its signal, then SIGKILL after 40 s. False: not running."""
    pid = running(stack, name)
    if pid is None:
        return False
    asked = signal.Signals[facts(stack, name).get("signal", "SIGTERM")]
    members = table.tree(pid)
    _send(pid, asked)
    for member in members:
        _send(member, signal.SIGCONT)  # a paused one would never hear the signal
    if not wait_until(lambda: gone(pid), STOP_LIMIT_S):
        say(name, f"did not stop in {STOP_LIMIT_S:.0f} s: killed (pid {pid})")
        for member in table.tree(pid):
            _send(member, signal.SIGKILL)
        wait_until(lambda: gone(pid), 5)
    _end_orphans(facts(stack, name))
    pid_file(stack, name).unlink(missing_ok=True)
    return True


def pause(pid: int, *, resume: bool = False) -> None:
    """SIGSTOP (or SIGCONT) a process and all its descendants."""
    for member in table.tree(pid):
        _send(member, signal.SIGCONT if resume else signal.SIGSTOP)


def gone(pid: int) -> bool:
    """Whether the process has ended; collects it when it is our own child."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    return table.find(pid) is None


def _end_orphans(said: Mapping[str, str]) -> None:
    """Workers whose master was killed keep its port: end what is left of its process group."""
    if "pid" not in said or not said.get("started"):
        return
    leader = int(said["pid"])
    if table.find(leader) is not None:
        return  # the number was given to somebody else
    mark = said.get("mark", str(ROOT))
    left = [
        one.pid
        for one in table.everyone()
        if one.group == leader and (str(ROOT) in one.command or mark in one.command)
    ]
    for pid in left:
        _send(pid, signal.SIGKILL)
    wait_until(lambda: all(gone(pid) for pid in left), 5)  # their port is free only then


def group_of(user: str) -> int:
    """The primary group of a system user."""
    return pwd.getpwnam(user).pw_gid


def _send(pid: int, what: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, what)
