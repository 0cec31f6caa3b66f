"""Checking a password: slow on purpose, two at a time, as slow for accounts that do not exist."""

from __future__ import annotations

import threading
from functools import cache

from django.contrib.auth.hashers import check_password, is_password_usable, make_password

from openinsure.problems import TooMany

CHECKS_AT_A_TIME = 2  # PBKDF2 with 1,000,000 rounds is 176 ms of one core
QUEUE_S = 5.0
LENGTH_MIN, LENGTH_MAX = 12, 1_024  # characters

_gate = threading.BoundedSemaphore(CHECKS_AT_A_TIME)


@cache
def nobodys_hash() -> str:
    """What the password of an unknown account is compared with."""
    return make_password("no account has this password")


def matches(password: str, encoded: str | None) -> bool:
    """Whether the password is the account's; None for no account takes the same time.

    Raises TooMany (429) after 5 s in the queue.
    """
    nobody = nobodys_hash()  # made before the answer can depend on the account
    held = encoded if encoded is not None and is_password_usable(encoded) else nobody
    if not _gate.acquire(timeout=QUEUE_S):
        raise TooMany("Sign-in is busy. Try again in a few seconds.", retry_after_s=5)
    try:
        same = check_password(password, held)
    finally:
        _gate.release()
    return same and held is not nobody
