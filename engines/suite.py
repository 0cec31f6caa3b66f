"""`make test`: the suite on engines of its own, in `.local/test`, on free ports.

It never touches a running stack. The engines are stopped at the end unless
OPENINSURE_TEST_KEEP=1; the last lines printed are pytest's own.
"""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import replace
from typing import NoReturn

from engines import ports, processes, python_env, run, spicedb
from engines.stack import ROOT, Stack

WORKERS = ("-n", "2")
GOODBYE_LIMIT_S = 60  # for the teardown of an interrupted suite


def pytest(stack: Stack, arguments: list[str]) -> int:
    """The suite. Result: pytest's exit code."""
    parallel = [] if any(word.startswith("-n") for word in arguments) else [*WORKERS]
    return with_engines(stack, ["python", "-m", "pytest", *parallel, *arguments])


def with_engines(stack: Stack, command: list[str]) -> int:
    """Start what the suite needs, run a program of `.venv`, stop. Result: its exit code."""
    with run.locked(stack):
        run.prepare(stack)
        if os.environ.get("CI") == "true":
            spicedb.provide(stack, required=True)
        stack = _on_free_ports(stack)
        try:
            run.start_engines(stack)
            return _run(stack, command)
        finally:
            if os.environ.get("OPENINSURE_TEST_KEEP") != "1":
                for name in run.STOP_ORDER:
                    processes.stop(stack, name)


def _on_free_ports(stack: Stack) -> Stack:
    """Ports that another program took meanwhile are chosen anew: nobody relies on their numbers."""
    own = [one for one in (*run.engines(stack), *run.optional_engines(stack)) if one.port]
    for one in own:
        taken = ports.in_use(stack.ports[one.port or ""])
        if taken and processes.running(stack, one.name) is None:
            (stack.state / "ports.json").unlink(missing_ok=True)
            return replace(stack, ports=ports.for_tests(stack.state))
    return stack


def _run(stack: Stack, command: list[str]) -> int:
    program, *arguments = command
    environment = {
        **{name: value for name, value in os.environ.items() if not _of_a_running_stack(name)},
        "OPENINSURE_STATE_DIR": str(stack.state),
        "OPENINSURE_TESTING": "1",
    }
    child = subprocess.Popen([python_env.tool(program), *arguments], cwd=ROOT, env=environment)
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        return child.wait()
    except KeyboardInterrupt:  # it stops what its tests started, then we stop the engines
        child.send_signal(signal.SIGINT)
        child.wait(GOODBYE_LIMIT_S)
        raise


def _interrupted(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _of_a_running_stack(name: str) -> bool:
    """Addresses of the caller's environment must not reach the suite."""
    return name.startswith("DATABASE_URL") or name in (
        *("REDIS_URL", "READER_URL", "MIGRATOR_URL", "RISK_URL", "SHADOW_URL", "BRANCH_URL"),
        *("DOCUMENSO_URL", "POSTGRES_URL", "SPICEDB_ENDPOINT", "TIGERBEETLE_ADDRESSES"),
    )
