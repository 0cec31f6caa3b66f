"""Calls side by side under one deadline, in daemon threads: a hung one never delays the others.

Not concurrent.futures: its threads are joined at interpreter exit, so one hung server would keep
the command alive.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Never, TypeVar

K = TypeVar("K")
V = TypeVar("V")


def side_by_side(
    calls: Mapping[K, Callable[[], V]], wait_s: float, late: Callable[[K], V]
) -> dict[K, V]:
    """One answer per key, in the order of `calls`; `late(key)` for those not in by `wait_s`.

    An exception of a call is raised here.
    """
    answers: SimpleQueue[tuple[K, Callable[[], V]]] = SimpleQueue()

    def run(key: K, call: Callable[[], V]) -> None:
        try:
            value = call()
        except BaseException as error:
            answers.put((key, partial(_raise, error)))
        else:
            answers.put((key, lambda: value))

    ends = time.monotonic() + wait_s
    for key, call in calls.items():
        Thread(target=run, args=(key, call), daemon=True, name=f"probe-{key}").start()
    found: dict[K, V] = {}
    while len(found) < len(calls):
        try:
            key, answer = answers.get(timeout=max(0.0, ends - time.monotonic()))
        except Empty:
            break
        found[key] = answer()
    return {key: found[key] if key in found else late(key) for key in calls}


def _raise(error: BaseException) -> Never:
    raise error
