"""Redis: the broker of Celery. Appends to disk, evicts nothing (eviction would lose jobs)."""

from __future__ import annotations

import socket
from pathlib import Path

from engines.processes import Program
from engines.secrets import secret
from engines.service import Service
from engines.stack import Stack, find_program, write_private


def home(stack: Stack) -> Path:
    """Its configuration and its append-only file."""
    return stack.state / "redis"


def prepare(stack: Stack) -> None:
    """Write the configuration; the password stays off the process list."""
    home(stack).mkdir(parents=True, exist_ok=True)
    write_private(
        home(stack) / "redis.conf",
        f'dir "{home(stack)}"\n'
        f"port {stack.ports['redis']}\n"
        "bind 127.0.0.1\n"
        f"requirepass {secret(stack, 'redis')}\n"
        "appendonly yes\n"
        "maxmemory-policy noeviction\n"
        "set-proc-title no\n",  # else the command line would not name our folder
    )


def program(stack: Stack) -> Program:
    """The server."""
    conf = home(stack) / "redis.conf"
    command = (find_program("redis-server") or "redis-server", str(conf))
    return Program("redis", command, mark=str(conf), version=str(stack.ports["redis"]))


def url(stack: Stack) -> str:
    """Address of database 0."""
    return f"redis://:{secret(stack, 'redis')}@127.0.0.1:{stack.ports['redis']}/0"


def ready(stack: Stack) -> bool:
    """Signed in and PONG."""
    return pong("127.0.0.1", stack.ports["redis"], secret(stack, "redis"))


def pong(host: str, port: int, password: str = "", user: str = "") -> bool:
    """Whether a Redis there accepts the password and answers PING."""
    words = " ".join(word for word in (user, password) if word)
    sign_in = f"AUTH {words}\r\n" if words else ""
    try:
        with socket.create_connection((host, port), 1) as line:
            line.settimeout(1)
            line.sendall(f"{sign_in}PING\r\nQUIT\r\n".encode())
            answer = b""
            while part := line.recv(1024):
                answer += part
    except OSError:
        return False
    return b"+PONG" in answer


SERVICE = Service("redis", "redis", 10, prepare, program, ready)
