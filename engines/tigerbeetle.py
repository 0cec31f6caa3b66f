"""TigerBeetle: the real ledger server, if `tigerbeetle` is on PATH; else the embedded ledger."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from engines import ports
from engines.processes import Program
from engines.service import Service
from engines.stack import Stack, Trouble

CLUSTER = 0
DISK_NEEDED = 1_600_000_000  # bytes; `format` takes 1.09 GiB at once
NOT_ANSWERING = "transfers wait in the console's outbox until TigerBeetle answers; nothing is lost"


def binary() -> str | None:
    """`tigerbeetle` on PATH, or None."""
    return shutil.which("tigerbeetle")


def _file(stack: Stack) -> Path:
    return stack.state / "tigerbeetle" / f"{CLUSTER}_0.tigerbeetle"


def prepare(stack: Stack) -> None:
    """Format the data file once, under another name first: a half one never counts."""
    file = _file(stack)
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(file.parent).free < DISK_NEEDED:
        raise Trouble(f"tigerbeetle needs 1.5 GiB free below {file.parent}")
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    command = [
        *(binary() or "tigerbeetle", "format", f"--cluster={CLUSTER}", "--replica=0"),
        *("--replica-count=1", "--development", str(fresh)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Trouble(f"tigerbeetle format failed: {done.stderr.strip()[-300:]}")
    fresh.rename(file)


def program(stack: Stack) -> Program:
    """The server, with the small memory profile."""
    address = f"--addresses=127.0.0.1:{stack.ports['tigerbeetle']}"
    command = (binary() or "tigerbeetle", "start", address, "--development", str(_file(stack)))
    return Program("tigerbeetle", command, mark=str(_file(stack)))


def ready(stack: Stack) -> bool:
    """The port accepts connections."""
    return ports.answers("127.0.0.1", stack.ports["tigerbeetle"])


def told(stack: Stack, values: Mapping[str, str]) -> str:
    """Which engine keeps the ledger, and whether it answers: the last lines of `make run`."""
    addresses = values.get("TIGERBEETLE_ADDRESSES")
    if values["LEDGER_BACKEND"] != "tigerbeetle":
        return f"{values['LEDGER_BACKEND']} (TigerBeetle: {addresses or 'not installed'})"
    if stack.external("TIGERBEETLE_ADDRESSES") or ready(stack):
        return f"tigerbeetle ({addresses})"
    log = stack.log / "tigerbeetle.log"
    return f"UNANSWERED ({addresses}): {NOT_ANSWERING}\n             log {log}"


SERVICE = Service("tigerbeetle", "tigerbeetle", 15, prepare, program, ready)
