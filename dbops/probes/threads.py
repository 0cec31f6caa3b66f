"""Calls side by side under one deadline, in daemon threads: a hung one never delays the others.

Not concurrent.futures: its threads are joined at interpreter exit, so one hung server would keep
the command alive.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from functools import partial
from threading import Semaphore, Thread
from typing import Never, TypeVar

K = TypeVar("K")
V = TypeVar("V")


def side_by_side(
    calls: Mapping[K, Callable[[], V]],
    wait_s: float,
    late: Callable[[K], V],
    at_hand: Collection[K] = (),
) -> dict[K, V]:
    """One answer per key, in the order of `calls`; `late(key)` for those not in by `wait_s`.

    at_hand: keys whose calls wait for no other machine. They are made in this thread while the
    others wait: more threads would only take the interpreter from each other. An exception of a
    call is raised here.
    """
    found: dict[K, Callable[[], V]] = {}
    more = Semaphore(0)

    def run(key: K, call: Callable[[], V]) -> None:
        try:
            value = call()
        except BaseException as error:
            found[key] = partial(_raise, error)
        else:
            found[key] = lambda: value
        more.release()

    ends = time.monotonic() + wait_s
    for key, call in calls.items():
        if key not in at_hand:
            Thread(target=run, args=(key, call), daemon=True, name=f"probe-{key}").start()
    for key in at_hand:
        run(key, calls[key])
    for _ in calls:
        if not more.acquire(timeout=max(0.0, ends - time.monotonic())):
            break
    return {key: found[key]() if key in found else late(key) for key in calls}


def _raise(error: BaseException) -> Never:
    raise error
