"""A circuit breaker: after five failures in ten seconds nobody waits for a dead server any more."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

FAILURES, WINDOW_S = 5, 10.0
REST_S = 2.0  # then one call tries again; so recovery is seen within this time


class Breaker:
    """One per process and server. `clock` is in seconds and monotonic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: deque[float] = deque(maxlen=FAILURES)
        self._rests_until = 0.0
        self._lock = threading.Lock()

    def admits(self) -> bool:
        """Whether a call may be tried now; while open, one in REST_S may."""
        now = self._clock()
        with self._lock:
            if not self._open(now):
                return True
            if now < self._rests_until:
                return False
            self._rests_until = now + REST_S  # this caller is the probe
            return True

    def failed(self) -> None:
        """Count a failure; the fifth in WINDOW_S opens."""
        now = self._clock()
        with self._lock:
            self._failures.append(now)
            if self._open(now):
                self._rests_until = now + REST_S

    def worked(self) -> None:
        """Close."""
        with self._lock:
            self._failures.clear()
            self._rests_until = 0.0

    def _open(self, now: float) -> bool:
        full = len(self._failures) == FAILURES
        return self._rests_until > 0 or (full and now - self._failures[0] <= WINDOW_S)
