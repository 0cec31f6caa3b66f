"""Limits a minute: exact when small, cheap when large, per process while Redis is away."""

from __future__ import annotations

from typing import Any

import pytest
import redis

from openinsure.accounts import rates
from openinsure.keyspaces.ids import new_id
from openinsure.problems import TooMany


class Store:
    """Counts what reaches Redis."""

    def __init__(self) -> None:
        self.values: dict[str, int] = {}
        self.calls = 0

    def pipeline(self, transaction: bool) -> Store:
        self.calls += 1
        return self

    def incrby(self, name: str, by: int) -> None:
        self.values[name] = self.last = self.values.get(name, 0) + by

    def expire(self, name: str, seconds: int) -> None:
        assert seconds >= rates.WINDOW_S

    def execute(self) -> list[int]:
        return [self.last]


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    made = Store()
    monkeypatch.setattr(rates, "store", lambda: made)
    monkeypatch.setattr(rates.time, "time", lambda: 1_000_020.0)
    return made


def test_it_is_exact_for_small_limits_over_processes(store: Store) -> None:
    one, other = rates.Limiter(), rates.Limiter()
    waits = [limiter.hit("k", 20) for _ in range(10) for limiter in (one, other)]
    assert waits == [0] * 20
    assert one.hit("k", 20) == 60 - 1_000_020 % 60
    assert other.hit("k", 20) > 0


def test_it_tells_redis_in_steps(store: Store) -> None:
    limiter = rates.Limiter()
    for _ in range(600):
        assert limiter.hit("k", 600) == 0
    assert store.calls <= 21
    assert limiter.hit("k", 600) > 0


def test_it_opens_again_with_the_next_minute(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = rates.Limiter()
    assert [limiter.hit("k", 1) > 0 for _ in range(2)] == [False, True]
    monkeypatch.setattr(rates.time, "time", lambda: 1_000_080.0)
    assert limiter.hit("k", 1) == 0


def test_it_counts_per_process_while_redis_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def refuse() -> Any:
        asked.append(1)
        raise redis.ConnectionError

    monkeypatch.setattr(rates, "store", refuse)
    limiter = rates.Limiter()
    assert [limiter.hit("k", 3) > 0 for _ in range(5)] == [False] * 3 + [True] * 2
    assert len(asked) == 1


def test_it_counts_in_the_real_store_too() -> None:
    key, one, other = new_id(), rates.Limiter(), rates.Limiter()
    if one.hit(key, 2) or other.hit(key, 2):
        pytest.fail("refused below the limit")
    assert one.hit(key, 2) > 0


def test_it_scales_and_says_when_to_come_back(settings: Any) -> None:
    settings.RATE_SCALE = 2
    key = new_id()
    rates.limit("test", key, 1)
    rates.limit("test", key, 1)
    with pytest.raises(TooMany) as refusal:
        rates.limit("test", key, 1)
    assert 1 <= refusal.value.retry_after_s <= 60


def test_it_forgets_old_keys_before_it_grows_without_end(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "WINDOWS_KEPT", 10)
    limiter = rates.Limiter()
    for n in range(100):
        limiter.hit(f"k{n}", 5)
    assert len(limiter._windows) <= 10
