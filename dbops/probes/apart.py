"""A call in a process of its own, for the command line: a driver that takes long to load, and
answers that take long to read, then cost another core and not the others' time.

Only for a process with one thread: fork before any is started.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from math import ceil
from typing import Any, TypeVar

V = TypeVar("V")


def started(call: Callable[[], V], limit_s: float) -> Callable[[], V]:
    """Begins the call in a child; the result waits for its answer and returns it.

    The child ends by itself after `limit_s`, so a hung server leaves nothing behind. Raises
    EOFError in the waiting call when the child ended without an answer.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(call, writing, limit_s)
    os.close(writing)

    def answer() -> V:
        import pickle

        with os.fdopen(reading, "rb") as pipe:
            found: V = pickle.load(pipe)  # noqa: S301  # our own child wrote it
        os.waitpid(child, 0)
        return found

    return answer


def _answer(call: Callable[[], Any], writing: int, limit_s: float) -> None:
    """The child's whole life: one call, one answer, no cleaning up of what the parent owns."""
    import signal

    status = 1
    try:
        signal.alarm(ceil(limit_s) + 1)
        found = call()
        import pickle

        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(found, pipe, pickle.HIGHEST_PROTOCOL)
        status = 0
    finally:
        os._exit(status)
