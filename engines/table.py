"""The process table: who lives, with which command line, in which group. /proc, else `ps`."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Living:
    """One process. `started` identifies it together with the pid, across re-use of numbers."""

    pid: int
    parent: int
    group: int
    started: str
    command: str


def find(pid: int) -> Living | None:
    """The process, or None when there is none (a zombie counts as none)."""
    if (PROC / "self" / "stat").exists():
        return _from_proc(pid)
    return next((one for one in _from_ps("-p", str(pid))), None)


def everyone() -> list[Living]:
    """All processes that this user can see."""
    if not (PROC / "self" / "stat").exists():
        return _from_ps("-ax")
    pids = [int(path.name) for path in PROC.iterdir() if path.name.isdigit()]
    return [one for pid in pids if (one := _from_proc(pid))]


def tree(pid: int) -> list[int]:
    """The process and all its descendants, parents first."""
    children: dict[int, list[int]] = {}
    for one in everyone():
        children.setdefault(one.parent, []).append(one.pid)
    found = [pid]
    for member in found:
        found.extend(children.get(member, []))
    return found


def _from_proc(pid: int) -> Living | None:
    try:
        stat = (PROC / str(pid) / "stat").read_text()
        command = (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return None
    # The second field is the name in brackets and may hold blanks.
    state, parent, group, *rest = stat.rpartition(")")[2].split()
    if state in "ZX":
        return None
    words = command.replace(b"\0", b" ").decode(errors="replace").strip()
    return Living(pid, int(parent), int(group), rest[16], words)


def _from_ps(*which: str) -> list[Living]:
    columns = "pid=,ppid=,pgid=,stat=,lstart=,command="
    listed = subprocess.run(
        ["ps", "-ww", "-o", columns, *which], capture_output=True, text=True, check=False
    ).stdout
    found = []
    for line in listed.splitlines():
        pid, parent, group, state, *rest = line.split()
        if not state.startswith("Z"):  # lstart is five words: Sat Nov 21 03:21:43 2026
            started, command = "_".join(rest[:5]), " ".join(rest[5:])
            found.append(Living(int(pid), int(parent), int(group), started, command))
    return found
