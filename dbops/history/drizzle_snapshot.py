"""What Drizzle says its files make: tables and columns, in a snapshot beside the newest file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dbops.history.states import File, FilesUnreadable, read_bytes
from dbops.probes.sessions import Names


def names(path: Path, applied: Sequence[File]) -> Names | None:
    """Tables and columns after the newest applied file; None without a snapshot for it.

    Source: meta/NNNN_snapshot.json (0.x), <folder>/snapshot.json (1.x). Raises FilesUnreadable
    when it is no JSON.
    """
    if not applied:
        return {}
    newest = applied[-1]
    number = newest.tag.partition("_")[0]
    stored = path / "meta" / f"{number}_snapshot.json"
    if newest.by_name:
        stored = path / newest.tag / "snapshot.json"
    if not number.isdigit() or not stored.is_file():
        return None
    if not newest.by_name and len(list(path.glob(f"{number}_*.sql"))) > 1:
        return None  # two files of one number: whose it is, its name does not say
    try:
        said = json.loads(read_bytes(stored))
        return _entities(said["ddl"]) if newest.by_name else _tables(said["tables"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise FilesUnreadable(f"{stored.parent.name}/{stored.name} cannot be read") from None


def _tables(said: dict[str, Any]) -> Names:
    return {
        str(table["name"]).lower(): frozenset(column.lower() for column in table["columns"])
        for table in said.values()
    }


def _entities(said: list[dict[str, Any]]) -> Names:
    """Of 1.x: one list of everything, a column naming its table."""
    found: dict[str, set[str]] = {
        str(one["name"]).lower(): set() for one in said if one["entityType"] == "tables"
    }
    for one in said:
        if one["entityType"] == "columns" and str(one["table"]).lower() in found:  # or a view
            found[str(one["table"]).lower()].add(str(one["name"]).lower())
    return {table: frozenset(columns) for table, columns in found.items()}
