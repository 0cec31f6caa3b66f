"""Who writes what the generators made: here at once; demo.spool first into files, for speed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from django.db import transaction

from openinsure.demo.writer import Columns, alias_of, columned, insert

CHUNK_ROWS = 10_000  # of one transaction, far below its two seconds
Tables = dict[str, list[dict[str, Any]]]


class Scribe:
    """Inserts at once, through the guarded connections. rows: how many so far."""

    def __init__(self) -> None:
        self.rows = 0

    def write(self, tables: Tables) -> None:
        """The rows of a basket, in one short transaction a keyspace (demo data only)."""
        with ExitStack() as stack:
            for alias in sorted({alias_of(table) for table in tables}):
                stack.enter_context(transaction.atomic(using=alias))
            for table, rows in tables.items():
                if rows:
                    columns, values = columned(table, rows)
                    self.rows += insert(columns, list(zip(*values, strict=True)))

    def put(self, columns: Columns, rows: Sequence[tuple[Any, ...]]) -> None:
        """Many rows of one table, whose values are as the driver takes them."""
        for start in range(0, len(rows), CHUNK_ROWS):
            with transaction.atomic(using=alias_of(columns.table)):
                self.rows += insert(columns, rows[start : start + CHUNK_ROWS])
