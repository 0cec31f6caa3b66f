"""Short reads beside the main road: a limited connection, a bulkhead and a breaker per keyspace.

Search and the panels of a composed page read through `limited(keyspace)`. There the statement
limit is set once per connection (`<keyspace>_find`, settings/databases.py), so a slow keyspace
costs a panel and never the page; a keyspace that failed thrice in a row is left alone for a
moment, and at most half the threads of a process may wait for one keyspace.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock
from time import monotonic

from django.conf import settings
from django.db.utils import InterfaceError, OperationalError

from openinsure.problems import Unavailable

SUFFIX = "_find"
PERMITS = 2  # of the four threads of a process
WAIT_S = 0.05
FAILURES_TO_OPEN = 3
OPEN_S = 5.0
AWAY = "This database does not answer now. Try again in a minute."

_limited: ContextVar[bool] = ContextVar("openinsure_limited_reads", default=False)


@dataclass(slots=True)
class _Gate:
    """One keyspace: who may enter, how often it failed in a row, until when it is left alone."""

    permits: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(PERMITS))
    failures: int = 0
    open_until: float = 0.0


_gates: dict[str, _Gate] = {}
_lock = Lock()


def alias_for(home: str) -> str:
    """The alias that reads of `home` take: inside `limited` its limited twin, if there is one."""
    twin = f"{home}{SUFFIX}"
    return twin if _limited.get() and twin in settings.DATABASES else home


@contextmanager
def limited(keyspace: str) -> Iterator[None]:
    """Read one keyspace under the statement limit. Raises Unavailable at once while it is shut."""
    gate = _gate(keyspace)
    if monotonic() < gate.open_until or not gate.permits.acquire(timeout=WAIT_S):
        raise Unavailable(AWAY, code="database_unavailable")
    token = _limited.set(True)
    try:
        yield
    except (OperationalError, InterfaceError):
        _failed(gate)
        raise
    else:
        gate.failures = 0
    finally:
        _limited.reset(token)
        gate.permits.release()


def reset() -> None:
    """Forget every failure (a test, or an operator's "retry now")."""
    with _lock:
        _gates.clear()


def _gate(keyspace: str) -> _Gate:
    with _lock:
        return _gates.setdefault(keyspace, _Gate())


def _failed(gate: _Gate) -> None:
    gate.failures += 1
    if gate.failures >= FAILURES_TO_OPEN:
        gate.failures, gate.open_until = 0, monotonic() + OPEN_S
