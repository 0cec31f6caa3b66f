"""Which TCP port each process takes, and whether something else sits on it."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

from engines.stack import Trouble

DEFAULTS = {
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


def for_run() -> dict[str, int]:
    """Defaults, moved by OPENINSURE_PORT_*. Raises Trouble when two share one."""
    ports = {name: chosen(name, default) for name, default in DEFAULTS.items()}
    taken: dict[int, str] = {}
    for name, port in ports.items():
        if other := taken.get(port):
            raise Trouble(f"{variable(name)}: {port} is also {variable(other)}; choose another")
        taken[port] = name
    return ports


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
