"""A basket of rows on their way to the tables, by table name. No database here."""

from __future__ import annotations

from collections import defaultdict
from typing import Any


class Basket:
    """Collects rows as dictionaries of column values; the writer empties it."""

    def __init__(self, org_id: str) -> None:
        self.org_id = org_id
        self.tables: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def add(self, table: str, **values: Any) -> dict[str, Any]:
        """Put one row in; its org_id is the basket's. Returns the row."""
        row = {"org_id": self.org_id, **values}
        self.tables[table].append(row)
        return row

    def __len__(self) -> int:
        return sum(len(rows) for rows in self.tables.values())
