"""How often: requests a minute per name and key, counted in Redis, per process while it is away.

A hot key costs a dictionary lookup: the process counts by itself and tells Redis in steps of a
twentieth of the limit or once a second. Limits of 20 and less are exact. Every limit is
multiplied by OPENINSURE_RATE_SCALE; the back-off of failed sign-ins (throttle.py) is not.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from functools import cache

import redis
from django.conf import settings

from openinsure.problems import TooMany

log = logging.getLogger(__name__)
WINDOW_S = 60
SYNC_AFTER_S = 1.0  # a process may be this far behind the others
STEPS = 20  # a twentieth of the limit is counted locally before Redis is told
REDIS_TIMEOUT_S = 0.25
REDIS_REST_S = 5.0  # after a failure Redis is left alone this long
WINDOWS_KEPT = 20_000  # keys a process remembers


@cache
def store() -> redis.Redis:
    """The client of this process; connects on first use."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=REDIS_TIMEOUT_S,
        socket_connect_timeout=REDIS_TIMEOUT_S,
    )


@dataclass(slots=True)
class _Window:
    minute: int
    total: int = 0  # what Redis said last, this process's synced hits included
    pending: int = 0  # counted here, not yet told
    synced_at: float = 0.0


class Limiter:
    """Fixed windows of a minute. One per process; tests make their own."""

    def __init__(self) -> None:
        self._windows: dict[str, _Window] = {}
        self._lock = threading.Lock()
        self._redis_rests_until = 0.0

    def hit(self, key: str, limit: int) -> int:
        """Count one request. Seconds to wait when it is over the limit, else 0."""
        now = time.time()
        minute = int(now) // WINDOW_S
        with self._lock:
            window = self._windows.get(key)
            if window is None or window.minute != minute:
                if len(self._windows) >= WINDOWS_KEPT:
                    self._windows.clear()
                window = self._windows[key] = _Window(minute)
            window.pending += 1
            due = window.pending >= max(1, limit // STEPS) or now - window.synced_at >= SYNC_AFTER_S
            if not due and window.total + window.pending <= limit:
                return 0
            told, window.pending = window.pending, 0
            window.synced_at = now
            window.total += told
        self._sync(key, window, told)
        return 0 if window.total <= limit else WINDOW_S - int(now) % WINDOW_S

    def _sync(self, key: str, window: _Window, told: int) -> None:
        if time.monotonic() < self._redis_rests_until:
            return
        name = f"rate:{key}:{window.minute}"
        try:
            pipe = store().pipeline(transaction=False)
            pipe.incrby(name, told)
            pipe.expire(name, 2 * WINDOW_S)
            total = int(pipe.execute()[0])
        except redis.RedisError as error:
            self._redis_rests_until = time.monotonic() + REDIS_REST_S
            log.warning("rates are counted per process: %s", type(error).__name__)
            return
        window.total = max(window.total, total)


limiter = Limiter()


def limit(name: str, key: str, per_minute: int) -> None:
    """Count one request of `key`. Raises TooMany (429, seconds to wait) above the limit."""
    wait_s = limiter.hit(f"{name}:{key}", per_minute * settings.RATE_SCALE)
    if wait_s:
        raise TooMany(f"Too many requests. Try again in {wait_s} seconds.", retry_after_s=wait_s)
