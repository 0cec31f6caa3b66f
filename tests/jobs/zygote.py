"""Workers of their own that end by kill -9: `Workers` starts them, `main` is what it starts.

The process has imported everything and holds no connection. For each call it forks a worker with
connections, transactions and commits of its own, and tells how that ended. Which statements a
worker met it tells too: the guard judges them once, for all workers to come. A worker counts the
boundaries it comes by (before a statement, before and after a commit) and at the one it was told
sends SIGKILL to itself: nothing but the engines' own rollback cleans up after it.
"""

from __future__ import annotations

import base64
import gc
import json
import os
import pickle
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

FRAME = ("SAVEPOINT", "RELEASE", "ROLLBACK")  # inside a transaction: no boundary of its own
PATIENCE_S = 60
LEDGERS = 10  # numbers of ledgers a worker may take
Statement = tuple[Any, ...]  # what the guard's plan_for takes
_judged: set[Statement] = set()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a worker ended: what it gave back and the boundaries it came by, or killed."""

    killed: bool
    said: Any = None
    boundaries: int = 0


class Workers:
    """The process that forks. names: the schema of each alias."""

    def __init__(self, names: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.jobs.zygote", json.dumps(names)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def call(self, work: Callable[..., Any], *given: Any, dies: int = 0) -> Ended:
        """Run a function of a module in a worker; dies: the boundary at which it is killed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(_packed((work, given, dies)) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the workers are gone"
        status, told = _unpacked(line)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL, told
            return Ended(killed=True)
        failed, said, boundaries = told
        assert not failed, failed
        return Ended(False, said, boundaries)

    def close(self) -> None:
        """No more calls."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE_S)


def _packed(what: Any) -> str:
    return base64.b64encode(pickle.dumps(what)).decode()


def _unpacked(line: str) -> Any:
    return pickle.loads(base64.b64decode(line))  # noqa: S301 (our own pipe)


class Boundaries:
    """Counts; at `dies` the process is killed."""

    def __init__(self, dies: int) -> None:
        self.seen, self.dies = 0, dies

    def step(self) -> None:
        """One more."""
        self.seen += 1
        if self.seen == self.dies:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """An execute wrapper of Django."""
        if not sql.startswith(FRAME):
            self.step()
        return execute(sql, params, many, context)

    def hang(self, stack: ExitStack) -> None:
        """On every alias, on commits, and on SQLite files."""
        from django.db import connections
        from django.db.backends.base import base

        for alias in connections:
            stack.enter_context(connections[alias].execute_wrapper(self.statement))
        wrapper: Any = base.BaseDatabaseWrapper
        commit = wrapper._commit

        def committed(connection: Any) -> Any:
            self.step()
            done = commit(connection)
            self.step()
            return done

        wrapper._commit = committed
        _hang_on_files(self)


def _hang_on_files(boundaries: Boundaries) -> None:
    import sqlite3

    class Counted(sqlite3.Connection):
        def execute(self, *given: Any) -> Any:
            boundaries.step()
            done = super().execute(*given)
            boundaries.step()
            return done

    opened = sqlite3.connect

    def connect(*given: Any, **named: Any) -> Any:
        return opened(*given, factory=Counted, **named)

    sqlite3.connect = connect


def _work(line: str, told: int, number: int) -> None:
    """The worker: does it, tells it, ends. number: how many were before it."""
    from tests.billing import posting

    first = next(posting.NUMBERS)
    posting.NUMBERS = count(first + LEDGERS * number)  # it shares no memory with the others
    work, given, dies = _unpacked(line)
    boundaries, met = Boundaries(dies), _met()
    try:
        with ExitStack() as stack:
            boundaries.hang(stack)
            answer = ("", work(*given), boundaries.seen)
    except BaseException:  # nothing of the worker may reach the process that forks
        answer = (traceback.format_exc(), None, 0)
    with os.fdopen(told, "wb") as pipe:
        pickle.dump((answer, met - _judged), pipe)
    os._exit(0)


def _met() -> set[Statement]:
    """The statements that this worker lets the guard judge from now on."""
    from openinsure.tenancy import guard

    met: set[Statement] = set()
    plan_for: Any = guard.plan_for

    def noted(*asked: Any) -> Any:
        met.add(asked)
        return plan_for(*asked)

    guard.plan_for = noted  # type: ignore[assignment]
    return met


def _judge(met: set[Statement]) -> None:
    """Let the guard judge them here, where it remembers them for each worker to come."""
    from openinsure.tenancy import guard
    from openinsure.tenancy.scope import TenantLeak

    for asked in met:
        with suppress(TenantLeak):
            guard.plan_for(*asked)
    _judged.update(met)


def main(names: dict[str, str]) -> None:
    """Fork a worker for each line, one after another."""
    import django

    django.setup()
    from django.db import connections

    from openinsure.billing import relay_start
    from openinsure.tenancy import guard
    from tests.billing import test_earned_premium, test_settlement_kills
    from tests.jobs import nights, test_kills

    assert all((nights, test_kills, test_earned_premium, test_settlement_kills))
    relay_start.register(lambda scope: None)  # no broker: a test says when the relay runs
    for alias, name in names.items():
        connections.settings[alias]["NAME"] = name
    guard.install_all()
    connections.close_all()
    gc.freeze()  # no worker looks through, and so copies, what it only inherits
    for number, line in enumerate(sys.stdin):
        told, ours = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(told)
            _work(line, ours, number)
        os.close(ours)
        with os.fdopen(told, "rb") as pipe:
            answer = pipe.read()
        _, status = os.waitpid(pid, 0)
        said, met = pickle.loads(answer) if answer else (None, set())  # noqa: S301 (our own pipe)
        print(_packed((status, said)), flush=True)
        _judge(met)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openinsure.settings")
    main(json.loads(sys.argv[1]))
