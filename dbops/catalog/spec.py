"""Tables as models and Drizzle snapshots state them, in the canonical model: "code drift". Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dbops.catalog import drift, normalise
from dbops.catalog.findings import Finding
from dbops.catalog.model import PRIMARY, Column, Index, Part, Schema, Table
from openinsure.keyspaces.snapshot import ColumnSpec, TableSpec

TYPE = re.compile(r"^(?P<kind>.+?)(?: CHARACTER SET (?P<charset>\w+) COLLATE (?P<collation>\w+))?$")
TEXTUAL = re.compile(r"^(?:var)?char\b|text$|^enum|^set\(")
EMPTY = Table("", {})


def compare(database: str, expected: Schema, specs: Mapping[str, TableSpec]) -> list[Finding]:
    """What code says (as `actual`) against what the applied files make (`expected`)."""
    return drift.compare(database, expected, schema_of(specs, expected))


def schema_of(specs: Mapping[str, TableSpec], like: Schema) -> Schema:
    """The specs as a schema. What code does not state (engine, comments, the place of a column)
    is taken from the schema it is compared with.
    """
    made = {name: _table(spec, like.tables.get(name, EMPTY), like) for name, spec in specs.items()}
    return Schema(like.name, like.dialect, made, like.version, like.collation)


def _table(spec: TableSpec, like: Table, schema: Schema) -> Table:
    columns = {one.name: _column(one, like.columns.get(one.name), schema) for one in spec.columns}
    known = [name for name in like.columns if name in columns]
    order = [*known, *(name for name in columns if name not in like.columns)]
    primary = Index(PRIMARY, True, tuple(Part(name) for name in spec.primary_key))
    keys = (Index(one.name, one.unique, tuple(map(Part, one.columns))) for one in spec.keys)
    return Table(
        spec.name,
        {name: columns[name] for name in order},
        {PRIMARY: primary, **{key.name: key for key in keys}},
        kind=like.kind or "table",
        engine=like.engine,
        collation=like.collation or schema.collation,
        comment=like.comment,
    )


def _column(spec: ColumnSpec, like: Column | None, schema: Schema) -> Column:
    found = TYPE.match(spec.type)
    stated = found["kind"] if found else spec.type
    kind = normalise.integer_width(stated)
    charset, collation = (found["charset"], found["collation"]) if found else (None, None)
    if charset is None and TEXTUAL.search(kind):
        collation = schema.collation
        charset = collation.partition("_")[0]
    raw = spec.default.strip("'") if spec.default is not None else None
    default = normalise.default_value(raw, kind, generated=False, nullable=spec.nullable)
    return Column(
        spec.name,
        kind,
        spec.nullable,
        like.position if like else 0,
        default,
        "current_timestamp(3)" if spec.on_update else "",
        "",
        charset or "",
        collation or "",
        like.comment if like else "",
        like.auto_increment if like else False,
    )
