"""New ids: UUIDv7 as canonical lower-case text, growing within a process."""

from __future__ import annotations

from uuid_utils import uuid7


def new_id() -> str:
    """A fresh id, 36 characters. Later calls sort after earlier ones of the same process."""
    return str(uuid7())
