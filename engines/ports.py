"""Which TCP port each process takes, and whether something else sits on it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path

from engines.stack import Trouble

DEFAULTS: dict[str, int] = {
    "mysql": 13306,
    "redis": 13379,
    "postgres": 15432,
    "spicedb": 50051,
    "tigerbeetle": 3001,
    "web": 8000,
}


def variable(name: str) -> str:
    """The environment variable that moves this port."""
    return f"OPENINSURE_PORT_{name.upper()}"


def chosen(name: str, default: int) -> int:
    """The port from the environment, else `default`. Raises Trouble naming the variable."""
    text = os.environ.get(variable(name)) or str(default)
    if not (text.isascii() and text.isdigit() and 1024 <= int(text) <= 65535):
        raise Trouble(f"{variable(name)}: is {text!r}, must be a whole number 1024 to 65535")
    return int(text)


def for_run(kept: Mapping[str, int]) -> dict[str, int]:
    """`kept` over defaults, moved by OPENINSURE_PORT_*. Raises Trouble when two share one.

    kept: the ports of the stack that runs, for commands that must find it.
    """
    ports = {name: chosen(name, port) for name, port in {**DEFAULTS, **kept}.items()}
    taken: dict[int, str] = {}
    for name, port in ports.items():
        if other := taken.get(port):
            raise Trouble(f"{variable(name)}: {port} is also {variable(other)}; choose another")
        taken[port] = name
    return ports


def of_running(state: Path) -> dict[str, int]:
    """The ports in `<state>/run/env`: where the stack of that folder was started last."""
    try:
        lines = (state / "run" / "env").read_text().splitlines()
    except FileNotFoundError:
        return {}
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    return {name: int(values[variable(name)]) for name in DEFAULTS if variable(name) in values}


def for_tests(state: Path) -> dict[str, int]:
    """Free ports, chosen once and kept in `<state>/ports.json`."""
    kept = state / "ports.json"
    try:
        ports: dict[str, int] = json.loads(kept.read_text())
    except (FileNotFoundError, ValueError):
        ports = {}
    if set(ports) != set(DEFAULTS):
        ports = dict(zip(DEFAULTS, free(len(DEFAULTS)), strict=True))
        state.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(ports))
    return ports


def free(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def in_use(port: int) -> bool:
    """Whether another program listens on this port of 127.0.0.1 (or of every address)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def answers(host: str, port: int, timeout_s: float = 1.0) -> bool:
    """Whether a TCP connection is accepted."""
    try:
        with socket.create_connection((host, port), timeout_s):
            return True
    except OSError:
        return False
