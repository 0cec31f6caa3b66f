"""SQLite (D1): sqlite_master and the table pragmas, in four queries over all tables."""

from __future__ import annotations

import re
from collections import defaultdict

from dbops.catalog import normalise
from dbops.catalog.model import PRIMARY, Column, ForeignKey, Index, Part, Schema, Table
from dbops.probes.sessions import Row, Session
from dbops.sql.types import canonical

TABLES = "SELECT name, type, sql FROM sqlite_master WHERE type IN ('table', 'view')"
COLUMNS = (
    'SELECT m.name, c.cid, c.name, c.type, c."notnull", c.dflt_value, c.pk, c.hidden'
    " FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c"
    " WHERE m.type IN ('table', 'view') ORDER BY m.name, c.cid"
)
INDEXES = (
    'SELECT m.name, l.name, l."unique", l.origin, i.seqno, i.name, i."desc", s.sql'
    " FROM sqlite_master m JOIN pragma_index_list(m.name) l"
    " JOIN pragma_index_xinfo(l.name) i ON i.key = 1"
    " LEFT JOIN sqlite_master s ON s.type = 'index' AND s.name = l.name"
    " WHERE m.type = 'table' ORDER BY m.name, l.name, i.seqno"
)
KEYS = (
    'SELECT m.name, f.id, f.seq, f."table", f."from", f."to"'
    " FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f"
    " WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq"
)
QUERIES = (TABLES, COLUMNS, INDEXES, KEYS)
WHERE = re.compile(r"\bWHERE\b(.*)$", re.I | re.S)


def read(session: Session, schema: str) -> Schema:
    """The file's schema in the canonical model. Raises Away."""
    tables, columns, indexes, keys = (session.rows(query) for query in QUERIES)
    return assembled(schema, tables, columns, indexes, keys)


def assembled(
    schema: str, tables: list[Row], columns: list[Row], indexes: list[Row], keys: list[Row]
) -> Schema:
    """The model of four answers. Pure."""
    by_table, primary = _columns(columns)
    by_index, foreign = _indexes(indexes), _foreign(keys)
    made = {}
    for name, kind, sql in tables:
        if normalise.ignored(name):
            continue
        held = by_index.get(name, {})
        key = tuple(Part(column) for _, column in sorted(primary.get(name, [])))
        own = {PRIMARY: Index(PRIMARY, True, key)} if key else {}
        made[name] = Table(
            name,
            by_table.get(name, {}),
            {**own, **held},
            foreign.get(name, {}),
            kind=kind,
            comment="",
            engine="without rowid" if _without_rowid(sql) else "",
        )
    return Schema(schema, "sqlite", made)


def _without_rowid(sql: str | None) -> bool:
    return (sql or "").upper().rstrip().endswith("WITHOUT ROWID")


def _columns(
    rows: list[Row],
) -> tuple[dict[str, dict[str, Column]], dict[str, list[tuple[int, str]]]]:
    found: dict[str, dict[str, Column]] = defaultdict(dict)
    primary: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for table, position, name, kind, not_null, default, key, hidden in rows:
        found[table][name] = Column(
            name=name,
            type=canonical(kind, "sqlite"),
            nullable=not not_null,
            position=position,
            default=_default(default),
            generated="generated" if hidden in (2, 3) else "",
        )
        if key:
            primary[table].append((key, name))
    return found, primary


def _default(raw: str | None) -> str | None:
    if raw is None or raw.upper() == "NULL":
        return None
    return normalise.current_time(raw) or raw


def _indexes(rows: list[Row]) -> dict[str, dict[str, Index]]:
    found: dict[str, dict[str, Index]] = defaultdict(dict)
    for table, name, unique, origin, _, column, desc, sql in rows:
        if origin == "pk":
            continue
        where = WHERE.search(sql or "")
        known = found[table].get(name)
        parts = known.parts if known else ()
        part = Part(column or "(expression)", None, bool(desc))
        clause = normalise.expression(where[1]) if where else ""
        found[table][name] = Index(name, bool(unique), (*parts, part), where=clause)
    return found


def _foreign(rows: list[Row]) -> dict[str, dict[str, ForeignKey]]:
    found: dict[str, dict[str, ForeignKey]] = defaultdict(dict)
    for table, identity, _, other, column, references in rows:
        name = f"fk_{identity}"
        known = found[table].get(name, ForeignKey(name, (), other, ()))
        both = (*known.columns, column), (*known.references, references or "")
        found[table][name] = ForeignKey(name, both[0], other, both[1])
    return found
