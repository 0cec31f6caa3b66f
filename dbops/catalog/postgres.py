"""PostgreSQL: one schema in four pg_catalog queries. information_schema hides by privilege."""

from __future__ import annotations

from collections import defaultdict

from dbops.catalog import normalise
from dbops.catalog.model import PRIMARY, Check, Column, ForeignKey, Index, Part, Schema, Table
from dbops.probes.sessions import Row, Session
from dbops.sql.types import canonical

TABLES = """
SELECT c.relname, c.relkind, obj_description(c.oid, 'pg_class')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm')
"""
COLUMNS = """
SELECT c.relname, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull,
 pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated,
 CASE WHEN a.attcollation <> t.typcollation THEN l.collname END,
 col_description(c.oid, a.attnum)
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname, a.attnum
"""
INDEXES = """
SELECT c.relname, i.relname, x.indisunique, x.indisprimary, m.amname, k.n,
 pg_get_indexdef(x.indexrelid, k.n, true), (x.indoption[k.n - 1] & 1) = 1,
 pg_get_expr(x.indpred, x.indrelid, true)
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_am m ON m.oid = i.relam
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL generate_series(1, x.indnkeyatts) AS k(n)
WHERE n.nspname = %s ORDER BY c.relname, i.relname, k.n
"""
KEYS = """
SELECT o.contype, c.relname, o.conname, pg_get_constraintdef(o.oid, true), f.relname,
 (SELECT array_agg(a.attname ORDER BY u.n) FROM unnest(o.conkey) WITH ORDINALITY u(num, n)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = u.num),
 (SELECT array_agg(a.attname ORDER BY u.n) FROM unnest(o.confkey) WITH ORDINALITY u(num, n)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = o.confrelid AND a.attnum = u.num)
FROM pg_catalog.pg_constraint o
JOIN pg_catalog.pg_class c ON c.oid = o.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class f ON f.oid = o.confrelid
WHERE n.nspname = %s AND o.contype IN ('f', 'c')
"""
QUERIES = (TABLES, COLUMNS, INDEXES, KEYS)


def read(session: Session, schema: str) -> Schema:
    """One schema in the canonical model. Raises Away."""
    tables, columns, indexes, keys = (session.rows(query, (schema,)) for query in QUERIES)
    version = str(getattr(session, "version", lambda: "")())
    return assembled(schema, version, (tables, columns, indexes, keys))


def assembled(schema: str, version: str, found: tuple[list[Row], ...]) -> Schema:
    """The model of four answers. Pure."""
    tables, columns, indexes, keys = found
    by_table, by_index = _columns(columns), _indexes(indexes)
    foreign, checks = _constraints(keys)
    made = {
        name: Table(
            name,
            by_table.get(name, {}),
            by_index.get(name, {}),
            foreign.get(name, {}),
            checks.get(name, {}),
            kind="table" if kind in ("r", "p") else "view",
            comment=comment or "",
        )
        for name, kind, comment in tables
        if not normalise.ignored(name)
    }
    return Schema(schema, "postgres", made, version)


def _columns(rows: list[Row]) -> dict[str, dict[str, Column]]:
    found: dict[str, dict[str, Column]] = defaultdict(dict)
    for table, name, position, kind, not_null, default, identity, made, collation, comment in rows:
        found[table][name] = Column(
            name=name,
            type=canonical(kind, "postgres"),
            nullable=not not_null,
            position=position,
            default=None if made else default and (normalise.current_time(default) or default),
            generated=normalise.expression(default) if made else "",
            collation=collation or "",
            comment=comment or "",
            auto_increment=bool(identity),
        )
    return found


def _indexes(rows: list[Row]) -> dict[str, dict[str, Index]]:
    found: dict[str, dict[str, Index]] = defaultdict(dict)
    for table, name, unique, primary, kind, _, part, desc, where in rows:
        own = PRIMARY if primary else name
        known = found[table].get(own)
        parts = known.parts if known else ()
        column = Part(str(part).strip('"'), None, bool(desc))
        found[table][own] = Index(own, bool(unique), (*parts, column), kind, where or "")
    return found


def _constraints(
    rows: list[Row],
) -> tuple[dict[str, dict[str, ForeignKey]], dict[str, dict[str, Check]]]:
    foreign: dict[str, dict[str, ForeignKey]] = defaultdict(dict)
    checks: dict[str, dict[str, Check]] = defaultdict(dict)
    for kind, table, name, definition, other, columns, references in rows:
        if kind == "c":
            checks[table][name] = Check(name, definition)
        else:
            key = ForeignKey(name, tuple(columns or ()), other, tuple(references or ()))
            foreign[table][name] = key
    return foreign, checks
