"""The pause after failed sign-ins when many arrive at the same moment: no failure is lost."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from openinsure.accounts import rates, throttle
from tests.accounts.conftest import Address
from tests.accounts.test_login import away


@pytest.mark.parametrize("redis_is_there", [True, False])
@pytest.mark.parametrize("processes", [1, 4])
def test_it_counts_every_failure_of_many_at_once(
    monkeypatch: pytest.MonkeyPatch, redis_is_there: bool, processes: int
) -> None:
    if not redis_is_there:
        monkeypatch.setattr(rates, "store", away)
    now = datetime(2026, 11, 20, tzinfo=UTC)
    each, key = 25, throttle.Backoff.key("a@b.test", Address().text)
    slow = [throttle.Backoff() for _ in range(processes)]
    together = threading.Barrier(8)

    def guess(number: int) -> None:
        together.wait()
        for _ in range(each):
            slow[number % processes].failed(key, now=now)

    often = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # as if each thread had a processor of its own
    try:
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(guess, range(8)))
    finally:
        sys.setswitchinterval(often)
    seen = 8 * each if redis_is_there else 8 * each // processes
    assert {one.tries(key).failures for one in slow} == {seen}
    assert slow[0].tries(key).until == now + timedelta(seconds=throttle.wait_s(seen))


def test_it_brings_the_end_of_a_wait_no_nearer() -> None:
    """A slower process tells Redis of an earlier failure after a later one."""
    now = datetime(2026, 11, 20, tzinfo=UTC)
    key = throttle.Backoff.key("a@b.test", Address().text)
    for _ in range(8):
        throttle.Backoff().failed(key, now=now)
    throttle.Backoff().failed(key, now=now - timedelta(seconds=60))
    found = throttle.Backoff().tries(key)
    assert (found.failures, found.until) == (9, now + timedelta(seconds=8))
