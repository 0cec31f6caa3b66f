"""The console's own processes: web (granian), Celery worker and beat."""

from __future__ import annotations

import urllib.error
import urllib.request

from engines import python_env
from engines.environment_file import path as environment_path
from engines.processes import Program, running
from engines.service import Service
from engines.stack import ROOT, Stack, digest_of

WEB_PROCESSES = 2
WEB_THREADS = 8  # per process; half of them may wait for one keyspace
WORKER_PROCESSES = 2
CODE = ("openinsure", "dbops", "templates", "static")


def _nothing(stack: Stack) -> None:
    """These processes need no preparation."""


def _program(stack: Stack, name: str, *command: str) -> Program:
    """A program of `.venv`; an edit of the code or of the variables means a restart."""
    program, *arguments = command
    return Program(
        name,
        (python_env.tool(program), *arguments),
        mark=python_env.tool(program),
        environment={"OPENINSURE_STATE_DIR": str(stack.state), "PYTHONUNBUFFERED": "1"},
        version=digest_of(*(ROOT / folder for folder in CODE))
        + environment_path(stack).read_text(),
    )


def _web(stack: Stack) -> Program:
    return _program(
        stack,
        "web",
        *("granian", "--interface", "wsgi", "--host", "127.0.0.1"),
        *("--port", str(stack.ports["web"]), "--workers", str(WEB_PROCESSES)),
        *("--blocking-threads", str(WEB_THREADS), "--no-ws", "--respawn-failed-workers"),
        "openinsure.wsgi:application",
    )


def _worker(stack: Stack) -> Program:
    return _program(
        stack,
        "worker",
        *("celery", "-A", "openinsure.celery", "worker", "--loglevel", "INFO"),
        *("--concurrency", str(WORKER_PROCESSES), "--without-gossip", "--without-mingle"),
        *("--queues", "default,ledger"),
        *("--hostname", f"worker-{stack.ports['web']}@%h"),
    )


def _beat(stack: Stack) -> Program:
    schedule = str(stack.run / "beat-schedule")
    return _program(
        stack,
        "beat",
        *("celery", "-A", "openinsure.celery", "beat", "--loglevel", "INFO"),
        *("--schedule", schedule, "--pidfile="),
    )


def readiness(stack: Stack) -> str:
    """'' when /readyz answers 200, else what it said."""
    address = f"http://127.0.0.1:{stack.ports['web']}/readyz"
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return "" if answer.status == 200 else f"/readyz answers {answer.status}"
    except urllib.error.HTTPError as refused:
        return f"/readyz answers {refused.code}: {refused.read(300).decode(errors='replace')}"
    except OSError as away:
        return f"/readyz: {away}"


def _alive(name: str) -> Service:
    programs = {"worker": _worker, "beat": _beat}

    def ready(stack: Stack) -> bool:
        return running(stack, name) is not None

    return Service(name, None, 10, _nothing, programs[name], ready)


WEB = Service("web", "web", 30, _nothing, _web, lambda stack: readiness(stack) == "")
WORKER, BEAT = _alive("worker"), _alive("beat")
