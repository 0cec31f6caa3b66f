"""Rows in bulk: through the demo's writer, inside the scope entered."""

from __future__ import annotations

from typing import Any

from openinsure.demo.writer import columned, insert


def write(basket: dict[str, list[dict[str, Any]]]) -> None:
    """Insert every row of every table."""
    for table, rows in basket.items():
        names, columns = columned(table, rows)
        insert(names, list(zip(*columns, strict=True)))
