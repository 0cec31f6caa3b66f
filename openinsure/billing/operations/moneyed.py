"""Transactions of money: one of oi_billing, begun anew when the engine chose it as a victim."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from time import sleep
from typing import TypeVar

from django.db import OperationalError, transaction

R = TypeVar("R")
KEYSPACE = "oi_billing"
DEADLOCK, LOCK_WAIT = 1213, 1205
ATTEMPTS, PAUSE_S = 6, 0.02


def end_of(day: date) -> datetime:
    """The first instant after a day, UTC."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def in_transaction(work: Callable[[], R]) -> R:
    """What `work` returns, all of it committed. A deadlock repeats it, ATTEMPTS times at most.

    Inside another transaction it is not repeated: the whole of that one is lost.
    """
    nested = transaction.get_connection(KEYSPACE).in_atomic_block
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic(using=KEYSPACE):
                return work()
        except OperationalError as error:
            code = error.args[0] if error.args else None
            if nested or code not in (DEADLOCK, LOCK_WAIT) or attempt == ATTEMPTS:
                raise
            sleep(PAUSE_S * attempt)
    raise AssertionError("unreachable")
