"""Table and column names after a list of migration statements, without a server.

Reads what the generators write: CREATE, ALTER, DROP and RENAME of tables and columns, quoted by
backticks, double quotes or not at all. Names only: types, keys and indexes are the business of
the full comparison.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dbops.probes.sessions import Names

NAME = r"(?:[`\"\[]?[\w$]+[`\"\]]?\.)?[`\"\[]?(?P<{0}>[\w$]+)[`\"\]]?"
TABLE = NAME.format("table")
CREATE = re.compile(
    rf"CREATE\s+(?:TEMPORARY\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{TABLE}\s*\((?P<body>.*)\)",
    re.I | re.S,
)
DROP = re.compile(rf"DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?{TABLE}", re.I)
ALTER = re.compile(
    rf"ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?{TABLE}\s+(?P<acts>.*)", re.I | re.S
)
RENAME = re.compile(rf"RENAME\s+TABLE\s+{TABLE}\s+TO\s+{NAME.format('new')}", re.I)
COLUMN = NAME.format("column")
ADD = re.compile(rf"ADD\s+(?:COLUMN\s+)?(?:IF\s+NOT\s+EXISTS\s+)?{COLUMN}\s+\S", re.I)
GONE = re.compile(rf"DROP\s+(?:COLUMN\s+)?(?:IF\s+EXISTS\s+)?{COLUMN}\s*(?:CASCADE)?$", re.I)
MOVED = re.compile(rf"RENAME\s+(?:COLUMN\s+)?{COLUMN}\s+TO\s+{NAME.format('new')}", re.I)
CHANGED = re.compile(rf"CHANGE\s+(?:COLUMN\s+)?{COLUMN}\s+{NAME.format('new')}\s", re.I)
RETABLED = re.compile(rf"RENAME\s+(?:TO|AS)\s+{NAME.format('new')}", re.I)
NO_COLUMN = re.compile(
    r"(?:CONSTRAINT|PRIMARY|UNIQUE|INDEX|KEY|FOREIGN|CHECK|FULLTEXT|SPATIAL|EXCLUDE|PARTITION)\b",
    re.I,
)


def parts(text: str) -> list[str]:
    """A list split at its top-level commas: parentheses and quotes are respected."""
    found, depth, quote, start = [], 0, "", 0
    for at, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"`":
            quote = letter
        elif letter in "()":
            depth += 1 if letter == "(" else -1
        elif letter == "," and depth == 0:
            found.append(text[start:at].strip())
            start = at + 1
    return [part for part in [*found, text[start:].strip()] if part]


def after(statements: Iterable[str]) -> Names:
    """Table -> columns, lower case, once the statements have run in this order."""
    tables: dict[str, set[str]] = {}
    for statement in statements:
        _apply(tables, statement.strip().rstrip(";"))
    return {table: frozenset(columns) for table, columns in tables.items()}


def _apply(tables: dict[str, set[str]], statement: str) -> None:
    if found := CREATE.match(statement):
        tables.setdefault(found["table"].lower(), _columns(found["body"]))
    elif found := DROP.match(statement):
        tables.pop(found["table"].lower(), None)
    elif found := RENAME.match(statement):
        tables[found["new"].lower()] = tables.pop(found["table"].lower(), set())
    elif found := ALTER.match(statement):
        table = found["table"].lower()
        for act in parts(found["acts"]):
            table = _alter(tables, table, act)


def _columns(body: str) -> set[str]:
    named = (re.match(COLUMN, part) for part in parts(body) if not NO_COLUMN.match(part))
    return {found["column"].lower() for found in named if found}


def _alter(tables: dict[str, set[str]], table: str, act: str) -> str:
    """Applies one clause; the table's name afterwards."""
    columns = tables.get(table, set())
    rest = re.sub(r"^(?:ADD|DROP)\s+", "", act, flags=re.I)
    if found := RETABLED.match(act):
        tables[found["new"].lower()] = tables.pop(table, set())
        return found["new"].lower()
    if NO_COLUMN.match(rest) or NO_COLUMN.match(re.sub(r"^RENAME\s+", "", act, flags=re.I)):
        return table
    if found := ADD.match(act):
        columns.add(found["column"].lower())
    elif found := MOVED.match(act) or CHANGED.match(act):
        columns.discard(found["column"].lower())
        columns.add(found["new"].lower())
    elif found := GONE.match(act):
        columns.discard(found["column"].lower())
    return table
