"""Repeatable UUIDv7 texts: the time of the row and the seeded generator, nothing else."""

from __future__ import annotations

from datetime import datetime
from random import Random


def row_id(rng: Random, at: datetime) -> str:
    """A canonical UUIDv7 whose first 48 bits are `at` (UTC) in milliseconds."""
    bits = (int(at.timestamp() * 1000) << 80) | (7 << 76) | rng.getrandbits(76)
    bits = bits & ~(0b11 << 62) | (0b10 << 62)
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def in_series(first: str, place: int) -> str:
    """The id of the row at `place` (0 to 255) of what `first` begins: they sort in their order."""
    return f"{first[:-2]}{place:02x}"
