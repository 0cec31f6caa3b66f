"""A call in a process of its own, for the command line: a driver that takes long to load, and
answers that take long to read, then cost another core and not the others' time.

Only for a process with one thread: fork before any is started. What goes between the two is JSON:
both have loaded it anyway, and `pickle` takes 3 ms (it looks for Jython first).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

KILL = 9  # SIGKILL; the module `signal` takes 2 ms to load
Heard = Callable[[], Any]  # waits for what the parent tells; None when it tells nothing


class Child:
    """A process at work: it may be told one thing, and answers once."""

    def __init__(self, pid: int, telling: int, listening: int) -> None:
        self._pid, self._telling, self._listening = pid, telling, listening

    def tell(self, value: object) -> None:
        """Give it what it waits for. A child that ended already needs nothing."""
        with suppress(BrokenPipeError), os.fdopen(self._telling, "wb") as pipe:
            pipe.write(json.dumps(value).encode())

    def answer(self, wait_s: float) -> Any:
        """What it found. The child is gone afterwards, whatever it was at.

        Raises TimeoutError after `wait_s`, EOFError when it ended without an answer.
        """
        import select

        try:
            with os.fdopen(self._listening, "rb") as pipe:
                if not select.select([pipe], [], [], max(0.0, wait_s))[0]:
                    raise TimeoutError
                said = pipe.read()
            if not said:
                raise EOFError
            return json.loads(said)
        finally:
            os.kill(self._pid, KILL)
            os.waitpid(self._pid, 0)


def started(call: Callable[[Heard], object]) -> Child:
    """Begins the call in a child, which ends with it; the call itself keeps its deadline."""
    listening, answering = os.pipe()
    hearing, telling = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(listening)
        os.close(telling)  # else it would never hear that the parent is gone
        _work(call, hearing, answering)
    os.close(answering)
    os.close(hearing)
    return Child(pid, telling, listening)


def _work(call: Callable[[Heard], object], hearing: int, answering: int) -> NoReturn:
    """The child's whole life: one call, one answer, no cleaning up of what the parent owns."""
    status = 1
    try:
        said = json.dumps(call(lambda: _heard(hearing))).encode()
        with os.fdopen(answering, "wb") as pipe:
            pipe.write(said)
        status = 0
    finally:
        os._exit(status)


def _heard(hearing: int) -> Any:
    with os.fdopen(hearing, "rb") as pipe:
        said = pipe.read()
    return json.loads(said) if said else None
