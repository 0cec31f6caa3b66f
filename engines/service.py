"""One process of the stack, from "not there" to "answers": the same steps for every engine."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from engines import ports, processes
from engines.processes import Program
from engines.stack import RUNBOOK, Stack, Trouble, say, wait_until, why

RELEASE_LIMIT_S = 1.5  # a killed server keeps its port until its last thread has ended


class StillStarting(Trouble):
    """Its process runs and does not answer yet; it is left to come."""


@dataclass(frozen=True, slots=True)
class Service:
    """How one process is prepared, started and known to be ready. `port`: a name of ports.py."""

    name: str
    port: str | None
    limit_s: float
    prepare: Callable[[Stack], None]
    program: Callable[[Stack], Program]
    ready: Callable[[Stack], bool]


def check_port(stack: Stack, service: Service) -> None:
    """Raises Trouble when another program sits on the port of a service that we must start."""
    if service.port is None or processes.running(stack, service.name) is not None:
        return
    port = stack.ports[service.port]
    if not wait_until(lambda: not ports.in_use(port), RELEASE_LIMIT_S):
        name = ports.variable(service.port)
        raise Trouble(
            f"port {port} ({service.name}) is taken by another program: stop that program, or "
            f"choose another port with {name}=<port>"
        )


def ensure(stack: Stack, service: Service) -> None:
    """Have it running and ready, started only if needed.

    Raises Trouble with its last log line, StillStarting where it may come later.
    """
    begun = time.monotonic()
    where = f"on 127.0.0.1:{stack.ports[service.port]}" if service.port else "in the background"
    word = "ready"
    if processes.running(stack, service.name) is not None:
        if _as_wanted(stack, service) and wait_until(lambda: service.ready(stack), 2):
            say(service.name, f"running {where}")
            return
        word = "restarted"
        processes.stop(stack, service.name)
    check_port(stack, service)
    service.prepare(stack)
    pid = processes.start(stack, service.program(stack))
    _wait(stack, service, pid)
    say(service.name, f"{word} {where} ({time.monotonic() - begun:.1f} s)")


def _as_wanted(stack: Stack, service: Service) -> bool:
    wanted = service.program(stack).digest()
    return processes.facts(stack, service.name).get("digest") == wanted


def _wait(stack: Stack, service: Service, pid: int) -> None:
    log = stack.log / f"{service.name}.log"

    def settled() -> bool:
        return processes.gone(pid) or service.ready(stack)

    begun = time.monotonic()
    in_time = wait_until(settled, service.limit_s)
    said = f"{why(log)} (log {log}; see {RUNBOOK})"
    if processes.gone(pid):
        processes.running(stack, service.name)  # removes the pid file
        raise Trouble(f"{service.name} ended while starting: {said}")
    if not in_time:
        waited = f"{time.monotonic() - begun:.0f} s"
        raise StillStarting(f"{service.name} is not ready after {waited}, pid {pid} runs: {said}")
