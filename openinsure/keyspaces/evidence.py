"""Whether a statement's post-condition already holds, from information_schema.

A file that stopped half-way left its first statements behind. Of the three shapes that our files
use, what is there in the very form asked for is skipped; what is there in another form stops the
run; anything else is not judged and simply runs.
"""

from __future__ import annotations

import re
from typing import Any

CREATE_TABLE = re.compile(r"CREATE TABLE IF NOT EXISTS `(\w+)` \(\n(.*)\n\) ", re.S)
ADD_COLUMN = re.compile(r"ALTER TABLE `(\w+)` ADD `(\w+)` (.+?);?\s*$", re.S)
CREATE_INDEX = re.compile(r"CREATE (UNIQUE )?INDEX `(\w+)` ON `(\w+)` \(([^)]*)\);?\s*$")
DECLARED_COLUMN = re.compile(r"^  `(\w+)` ", re.M)
QUOTED = re.compile(r"`(\w+)`")
INTEGER_WIDTH = re.compile(r"\b((?:small|medium|big)?int)\(\d+\)")

COLUMNS = (
    "SELECT column_name, column_type, is_nullable FROM information_schema.columns "
    "WHERE table_schema = DATABASE() AND table_name = %s"
)
INDEX = (
    "SELECT column_name, non_unique FROM information_schema.statistics "
    "WHERE table_schema = DATABASE() AND table_name = %s AND index_name = %s ORDER BY seq_in_index"
)


class Contradicted(Exception):
    """The object exists in another form than the statement would give it."""


def holds(cursor: Any, statement: str) -> bool:
    """True when the object is there as stated. Raises Contradicted when it is there otherwise."""
    if match := CREATE_TABLE.match(statement):
        return _table(cursor, match[1], set(DECLARED_COLUMN.findall(match[2])))
    if match := ADD_COLUMN.match(statement):
        return _column(cursor, match[1], match[2], match[3])
    if match := CREATE_INDEX.match(statement):
        columns = QUOTED.findall(match[4])
        return _index(cursor, match[3], match[2], columns, unique=bool(match[1]))
    return False


def _live_columns(cursor: Any, table: str) -> dict[str, tuple[str, bool]]:
    cursor.execute(COLUMNS, (table,))
    return {
        name: (INTEGER_WIDTH.sub(r"\1", kind), nullable == "YES")
        for name, kind, nullable in cursor.fetchall()
    }


def _table(cursor: Any, table: str, declared: set[str]) -> bool:
    live = _live_columns(cursor, table)
    if not live:
        return False
    if missing := sorted(declared - live.keys()):
        raise Contradicted(f"table {table} exists without {', '.join(missing)}")
    return True


def _column(cursor: Any, table: str, column: str, definition: str) -> bool:
    live = _live_columns(cursor, table).get(column)
    if live is None:
        return False
    kind, nullable = live
    if not definition.startswith(kind) or nullable == ("NOT NULL" in definition):
        found = f"{kind} {'NULL' if nullable else 'NOT NULL'}"
        raise Contradicted(f"column {table}.{column} exists as {found}, not as {definition}")
    return True


def _index(cursor: Any, table: str, name: str, columns: list[str], *, unique: bool) -> bool:
    cursor.execute(INDEX, (table, name))
    live = cursor.fetchall()
    if not live:
        return False
    if [row[0] for row in live] != columns or (int(live[0][1]) == 0) != unique:
        found = ", ".join(row[0] for row in live)
        raise Contradicted(f"index {name} on {table} exists over ({found})")
    return True
