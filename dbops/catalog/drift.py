"""Two schemas compared into findings: structure only, by name, without a server. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from dbops.catalog import columns_drift, ddl, indexes_drift
from dbops.catalog.findings import Finding
from dbops.catalog.model import Schema, Table
from dbops.catalog.pair import Pair
from openinsure.plurals import many

TABLES_SQL = (
    "SELECT * FROM information_schema.tables WHERE table_schema = '{}' AND table_name = '{}'"
)


def compare(
    database: str,
    expected: Schema,
    live: Schema,
    *,
    elsewhere: Mapping[str, str] | None = None,
    org_tables: frozenset[str] = frozenset(),
) -> list[Finding]:
    """All differences of one schema, in the order of its tables.

    elsewhere: table -> keyspace where the files want it (for tables extra here). org_tables: those
    whose rows belong to an organisation.
    """
    pair = Pair(database, expected, live, org_tables)
    found: list[Finding] = []
    for name in sorted({*expected.tables, *live.tables}):
        wanted, there = expected.tables.get(name), live.tables.get(name)
        if there is None and wanted is not None:
            found.append(_missing(pair, wanted))
        elif wanted is None and there is not None:
            found.append(_extra(pair, there, (elsewhere or {}).get(name)))
        elif wanted is not None and there is not None and wanted != there:
            found += _table(pair, wanted, there)
    return found


def _missing(pair: Pair, wanted: Table) -> Finding:
    return pair.finding(
        "table_missing",
        wanted.name,
        f"{wanted.kind} with {many(len(wanted.columns), 'column')}",
        "absent",
        fix_live=ddl.create_table(wanted, pair.dialect),
        fix_code=ddl.drop_table(wanted.name, pair.dialect),
    )


def _extra(pair: Pair, there: Table, home: str | None) -> Finding:
    drop, create = (
        ddl.drop_table(there.name, pair.dialect),
        ddl.create_table(there, pair.dialect),
    )
    said = f"{there.kind} with {many(len(there.columns), 'column')}"
    if home:
        wanted = f"in keyspace {home}"
        return pair.finding(
            "table_in_wrong_keyspace", there.name, wanted, said, fix_live=drop, fix_code=create
        )
    return pair.finding("table_extra", there.name, "absent", said, fix_live=drop, fix_code=create)


def _table(pair: Pair, wanted: Table, there: Table) -> Iterator[Finding]:
    organisation = list(_organisation(pair, wanted, there))
    yield from organisation
    yield from _options(pair, wanted, there)
    for finding in columns_drift.compare(pair, wanted, there):
        if not (organisation and finding.object.endswith(".org_id")):
            yield finding
    yield from indexes_drift.compare(pair, wanted, there)
    yield from _foreign_keys(pair, wanted, there)
    yield from _checks(pair, wanted, there)


def _organisation(pair: Pair, wanted: Table, there: Table) -> Iterator[Finding]:
    """org_id missing, nullable, or leading no index: rows could be anybody's."""
    if wanted.name not in pair.org_tables or "org_id" not in wanted.columns:
        return
    column = there.columns.get("org_id")
    led = any(index.columns[:1] == ("org_id",) for index in there.indexes.values())
    said = (
        "missing"
        if column is None
        else "nullable"
        if column.nullable
        else "no index led by it"
        if not led
        else ""
    )
    if said:
        own = wanted.columns["org_id"]
        fix = ddl.set_column if column is not None else ddl.add_column
        yield pair.finding(
            "org_id_changed",
            f"{wanted.name}.org_id",
            "NOT NULL, leading an index",
            said,
            fix_live=fix(wanted, own, pair.dialect),
        )


def _options(pair: Pair, wanted: Table, there: Table) -> Iterator[Finding]:
    if wanted.engine != there.engine:
        yield pair.option("engine_changed", wanted, there, "engine")
    if wanted.comment != there.comment:
        yield pair.option("comment_changed", wanted, there, "comment")
    if pair.collation_of(wanted, expected=True) != pair.collation_of(there, expected=False):
        yield _converted(pair, wanted, there)


def _converted(pair: Pair, wanted: Table, there: Table) -> Finding:
    """A table's conversion, its columns included: one finding, high if an index is affected.

    CONVERT back would take every column along, those of another character set too.
    """
    taken = pair.converted(wanted, there)
    charset, collation = wanted.collation.partition("_")[0], wanted.collation
    fixes = [f"ALTER TABLE {pair.quoted(wanted.name)} CHARACTER SET {charset} COLLATE {collation};"]
    fixes += [ddl.set_column(wanted, column, pair.dialect) for column in taken]
    finding = pair.option("collation_changed", wanted, there, "collation")
    named = {part.column for index in wanted.indexes.values() for part in index.parts}
    finding = replace(finding, fix_live="\n".join(fixes))
    return finding if any(one.name in named for one in taken) else pair.milder(finding)


def _foreign_keys(pair: Pair, wanted: Table, there: Table) -> Iterator[Finding]:
    old = {(key.columns, key.table, key.references): key for key in wanted.foreign_keys.values()}
    new = {(key.columns, key.table, key.references): key for key in there.foreign_keys.values()}
    for shape in [shape for shape in new if shape not in old]:
        key = new[shape]
        drop = f"ALTER TABLE {pair.quoted(wanted.name)} DROP FOREIGN KEY {pair.quoted(key.name)};"
        yield pair.finding(
            "foreign_key_present",
            f"{wanted.name}.{key.name}",
            "no foreign key",
            f"({', '.join(key.columns)}) to {key.table}",
            fix_live=drop,
        )
    for shape in [shape for shape in old if shape not in new]:
        key = old[shape]
        names = ", ".join(pair.quoted(column) for column in key.columns)
        others = ", ".join(pair.quoted(column) for column in key.references)
        add = f"ADD CONSTRAINT {pair.quoted(key.name)} FOREIGN KEY ({names})"
        yield pair.finding(
            "foreign_key_missing",
            f"{wanted.name}.{key.name}",
            f"({', '.join(key.columns)}) to {key.table}",
            "no foreign key",
            fix_live=f"ALTER TABLE {pair.quoted(wanted.name)} {add}"
            f" REFERENCES {pair.quoted(key.table)} ({others});",
        )


def _checks(pair: Pair, wanted: Table, there: Table) -> Iterator[Finding]:
    for name in sorted({*wanted.checks, *there.checks}):
        old, new = wanted.checks.get(name), there.checks.get(name)
        if old != new:
            yield pair.finding(
                "check_changed",
                f"{wanted.name}.{name}",
                old.clause if old else "no check",
                new.clause if new else "no check",
            )


def homes(schemas: Mapping[str, Schema]) -> dict[str, str]:
    """Table -> the keyspace whose files make it."""
    return {table: keyspace for keyspace, one in schemas.items() for table in one.tables}
