"""Ids of the ledger: computed once from what happened, so a repeat is the same transfer."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SEPARATOR = "\x1f"


def account_id(
    org_id: str,
    account_type: str,
    entity_type: str,
    entity_id: str,
    sub_purpose: str,
    currency: str,
) -> str:
    """32 hex: the first 128 bits of SHA-256 over the account's key."""
    return _digest(org_id, account_type, entity_type, entity_id, sub_purpose, currency)[:32]


def transfer_id(
    org_id: str, source_type: str, source_id: str, leg: str, attempt: int, *, at: datetime
) -> str:
    """32 hex: 48 bits event time in ms, then 80 bits over source, leg and attempt.

    at: when the event happened, aware. attempt: 0, raised only after a definite refusal was read.
    """
    if at.tzinfo is None:
        raise ValueError("at: must be aware")
    milliseconds = (at - _EPOCH) // timedelta(milliseconds=1)
    if not 0 <= milliseconds < 2**48:
        raise ValueError(f"at: {at} does not fit into 48 bits of milliseconds")
    tail = _digest(org_id, source_type, source_id, leg, str(attempt))[:20]
    return f"{milliseconds:012x}{tail}"


def again(stored: str, attempt: int) -> str:
    """The id of a burnt transfer's next attempt: the same time, other last 80 bits."""
    return stored[:12] + _digest(stored, str(attempt))[:20]


def number(text: str) -> int:
    """The u128 of a stored id."""
    return int(text, 16)


def text(value: int) -> str:
    """How a u128 is stored."""
    return f"{value:032x}"


def of_uuid(value: str | None) -> int:
    """A UUID as user_data_128; 0 for none."""
    return int(value.replace("-", ""), 16) if value else 0


def _digest(*parts: str) -> str:
    return hashlib.sha256(_SEPARATOR.join(parts).encode()).hexdigest()
