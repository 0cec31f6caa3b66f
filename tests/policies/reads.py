"""Rows read by the storage engine, as MariaDB counts them: EXPLAIN only estimates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connections


@dataclass
class Reads:
    """Handler_read_* calls made inside the block."""

    rows: int = 0


@contextmanager
def counted(alias: str = "oi_policies") -> Iterator[Reads]:
    """Count the reads of one alias' session; the counting itself is taken off."""
    reads = Reads()
    connections[alias].ensure_connection()
    own = -_total(alias) + _total(alias)
    before = _total(alias)
    yield reads
    reads.rows = _total(alias) - before - own


def _total(alias: str) -> int:
    # The driver's own cursor: SHOW STATUS is no statement that the guard lets through.
    cursor = connections[alias].connection.cursor()
    cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
    total = sum(int(value) for _, value in cursor.fetchall())
    cursor.close()
    return total
