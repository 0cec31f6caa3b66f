"""Ids as canonical lower-case text: new UUIDv7, and fixed ones of a fact (UUIDv5)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from uuid_utils import uuid7

FACTS = UUID("0190a000-0000-7000-8000-00000000fac7")  # the name space of fixed ids


def new_id() -> str:
    """A fresh id, 36 characters. Later calls sort after earlier ones of the same process."""
    return str(uuid7())


def lowest_id(at: datetime) -> str:
    """Not above any id made at that instant or later, above every earlier one."""
    digits = f"{int(at.timestamp() * 1000):012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-000000000000"


def fixed_id(*parts: object) -> str:
    """The id of a fact: the same parts give the same id, so a repeat finds what stands."""
    return str(uuid5(FACTS, "|".join(str(part) for part in parts)))
