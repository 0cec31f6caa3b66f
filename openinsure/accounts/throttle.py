"""Failed sign-ins of one account from one network: five are free, then 1, 2, 4 ... 900 s.

Kept in Redis, and in this process too, so that losing Redis forgives nothing seen here. Another
network's failures never lock a person out. Never scaled by OPENINSURE_RATE_SCALE.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import redis

from openinsure.accounts import rates

log = logging.getLogger(__name__)
FREE_FAILURES = 5
WAIT_S_MAX = 900
FORGET_S = 24 * 3600
KEPT = 10_000

# Counts one failure and moves the end of the wait, which never comes nearer; the count. ARGV: what
# this process saw at least, now, seconds kept, then the wait after 0, 1, 2 ... failures.
FAIL = """
local failures = math.max(redis.call('HINCRBY', KEYS[1], 'failures', 1), tonumber(ARGV[1]))
local ends = tonumber(ARGV[2]) + tonumber(ARGV[4 + math.min(failures, #ARGV - 4)])
ends = math.max(ends, tonumber(redis.call('HGET', KEYS[1], 'until') or 0))
redis.call('HSET', KEYS[1], 'failures', failures, 'until', string.format('%.3f', ends))
redis.call('EXPIRE', KEYS[1], ARGV[3])
return failures
"""


def wait_s(failures: int) -> int:
    """Seconds to wait after so many failures in a row."""
    over = failures - FREE_FAILURES
    return 0 if over < 0 else min(WAIT_S_MAX, 2 ** min(over, 10))


WAITS_S = [wait_s(failures) for failures in range(FREE_FAILURES + 11)]  # the last: for ever


@dataclass(frozen=True, slots=True)
class Tries:
    """Failures in a row, and until when the next attempt is refused unread."""

    failures: int = 0
    until: datetime | None = None

    def locked(self, now: datetime) -> bool:
        """Whether an attempt now is refused."""
        return self.until is not None and now < self.until


class Backoff:
    """One per process; `here` holds what this process saw."""

    def __init__(self) -> None:
        self._here: dict[str, Tries] = {}
        self._lock = threading.Lock()

    @staticmethod
    def key(email: str, network: str) -> str:
        """No address in clear text leaves for Redis."""
        return "signin:" + hashlib.sha256(f"{email}\0{network}".encode()).hexdigest()

    def tries(self, key: str) -> Tries:
        """The worse of what Redis and this process know."""
        here = self._here.get(key, Tries())
        try:
            stored = rates.store().hmget(key, ["failures", "until"])
        except redis.RedisError:
            return here
        failures, until = (float(value) if value else 0.0 for value in stored)
        if failures <= here.failures:
            return here
        return Tries(int(failures), datetime.fromtimestamp(until, UTC) if until else None)

    def failed(self, key: str, *, now: datetime) -> Tries:
        """Count one failure and say until when the next attempt waits."""
        least = self._seen(key) + 1
        try:
            told = rates.store().eval(FAIL, 1, key, least, now.timestamp(), FORGET_S, *WAITS_S)
        except redis.RedisError as error:
            log.warning("failed sign-ins are counted per process: %s", type(error).__name__)
            with self._lock:
                return self._keep(key, self._seen(key) + 1, now)
        with self._lock:
            return self._keep(key, int(told), now)

    def _seen(self, key: str) -> int:
        return self._here.get(key, Tries()).failures

    def _keep(self, key: str, failures: int, now: datetime) -> Tries:
        """What so many make, kept if this process does not know of more."""
        pause = wait_s(failures)
        tries = Tries(failures, now + timedelta(seconds=pause) if pause else None)
        if failures > self._seen(key):
            if len(self._here) >= KEPT:
                self._here.pop(next(iter(self._here)))
            self._here[key] = tries
        return tries

    def clear(self, key: str) -> None:
        """After a sign-in that worked."""
        with self._lock:
            self._here.pop(key, None)
        try:
            rates.store().delete(key)
        except redis.RedisError:
            return


backoff = Backoff()
