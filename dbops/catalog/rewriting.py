"""What a statement does to the rows of its table on PostgreSQL and SQLite, by documented rules.

PostgreSQL ("ALTER TABLE", notes; volatile defaults): `rewrite` copies the table, `scan` reads every
row or builds an index, `instant` changes the catalog only. SQLite ("ALTER TABLE"): `rebuild` writes
every row anew. What is not positively understood is "needs review". No database is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from dbops.catalog.model import Schema
from dbops.sql import rebuilds
from dbops.sql import tokens as words
from dbops.sql.acts import Act, ColumnDef, Kind, Statement
from dbops.sql.types import canonical

Way = tuple[str, str]  # how, and by which rule
INSTANT, SCAN, REWRITE, REBUILD, REVIEW = "instant", "scan", "rewrite", "rebuild", "needs review"
WORST = (REVIEW, REBUILD, REWRITE, SCAN, INSTANT)
CATALOG = (INSTANT, "the catalog only")
NOT_READ = (REVIEW, "not positively understood")
FAST_DEFAULTS = 11  # the first PostgreSQL that adds a column with a default without a copy

BUILT_IN = {
    *("smallint", "integer", "bigint", "real", "double precision", "numeric", "boolean", "text"),
    *("character varying", "character", "date", "uuid", "json", "jsonb", "bytea", "inet"),
    *("timestamp with time zone", "timestamp without time zone", "interval"),
    *("time with time zone", "time without time zone"),
}
ZONES = {"timestamp with time zone", "timestamp without time zone"}
SERIAL = re.compile(r"^(?:small|big)?serial(?:[248])?$")
SIZE = re.compile(r"\(([\d, ]+)\)")
LITERAL = re.compile(
    r"^[-+]?\s*(?:'(?:[^']|'')*'|[\d.]+|true|false|null)(?:\s*::.*)?$", re.I | re.S
)
STABLE = re.compile(r"^(?:now\s*\(\s*\)|current_timestamp(?:\s*\(\d\))?|current_date)$", re.I)
VOLATILE = re.compile(
    r"\b(?:random|gen_random_uuid|uuid_generate_v\d|clock_timestamp|nextval)\s*\(", re.I
)
PLAIN = {
    Kind.DROP_COLUMN, Kind.RENAME_COLUMN, Kind.RENAME_TABLE, Kind.RENAME_INDEX, Kind.DROP_INDEX,
    Kind.SET_DEFAULT, Kind.DROP_CONSTRAINT, Kind.DROP_FOREIGN_KEY, Kind.DROP_PRIMARY_KEY,
}  # fmt: skip


def ways(live: Schema, statements: Sequence[Statement]) -> list[Way]:
    """One entry a waiting statement, in order; types changed by an earlier one count. Pure."""
    if live.dialect == "sqlite":
        copies = copied(live, statements)
        return [_sqlite(one, copies.get(number)) for number, one in enumerate(statements)]
    return list(map(_Postgres(live).way, statements))


def _worst(found: Iterable[Way]) -> Way:
    return min(found, key=lambda way: WORST.index(way[0]), default=NOT_READ)


def _has(statement: Statement, dialect: str, *wanted: str) -> bool:
    """Whether these bare words follow each other anywhere in the statement."""
    found = [token.upper for token in words.tokens(statement.text, dialect)]
    size = len(wanted)
    return any(tuple(found[at : at + size]) == wanted for at in range(len(found)))


class _Postgres:
    """The rules of PostgreSQL; the types of columns as the statements before have left them."""

    def __init__(self, live: Schema) -> None:
        self._types = {
            (name.lower(), column.name.lower()): column.type
            for name, table in live.tables.items()
            for column in table.columns.values()
        }
        major = live.version.partition(".")[0]
        self._fast = major.isdigit() and int(major) >= FAST_DEFAULTS
        self._rules: Mapping[Kind, Callable[[Statement, Act], Way]] = {
            Kind.ADD_COLUMN: self._add,
            Kind.SET_TYPE: self._retype,
            Kind.SET_NULL: self._nullability,
            Kind.ADD_INDEX: self._index,
            Kind.PRIMARY_KEY: lambda _statement, _act: (SCAN, "builds the index of the key"),
            Kind.FOREIGN_KEY: self._constraint,
            Kind.CHECK: self._constraint,
        }

    def way(self, statement: Statement) -> Way:
        if not statement.understood:
            return NOT_READ
        return _worst([self._act(statement, act) for act in statement.acts])

    def _act(self, statement: Statement, act: Act) -> Way:
        if act.kind in PLAIN:
            return CATALOG
        rule = self._rules.get(act.kind)
        return rule(statement, act) if rule else NOT_READ

    def _add(self, statement: Statement, act: Act) -> Way:
        column = act.column or ColumnDef("", "")
        kind = canonical(column.type, "postgres")
        self._types[act.table.lower(), act.name.lower()] = kind
        if column.generated or SERIAL.match(column.type) or _has(statement, "postgres", "IDENTITY"):
            return REWRITE, "computes a value for every row"
        if column.references or _base(kind).rstrip("[]") not in BUILT_IN:
            return REVIEW, f"type {column.type or 'unknown'} or its reference is not known here"
        if _has(statement, "postgres", "CHECK"):
            return SCAN, "tests the CHECK on every row"
        if column.default is None:
            return INSTANT, "no default"
        default = column.default.strip()
        if VOLATILE.search(default):
            return REWRITE, "a volatile default is computed for every row"
        if not (LITERAL.match(default) or STABLE.match(default)):
            return REVIEW, "whether its default is volatile is not known here"
        return (INSTANT, "a constant default") if self._fast else (REWRITE, "before PostgreSQL 11")

    def _retype(self, statement: Statement, act: Act) -> Way:
        key = (act.table.lower(), act.name.lower())
        old, new = self._types.get(key, ""), canonical(act.value or "", "postgres")
        self._types[key] = new
        if not {_base(old), _base(new)} <= BUILT_IN:
            return REVIEW, f"{old or 'its type'} to {new} is not known here"
        if {_base(old), _base(new)} == ZONES:
            return REVIEW, f"{old} to {new}: a copy unless the time zone of the session is UTC"
        if not _wider(old, new):
            return REWRITE, f"{old} to {new}"
        if _has(statement, "postgres", "USING"):
            return REVIEW, "what its USING computes is not known here"
        return INSTANT, f"{old} to {new} keeps the values as they are"

    def _nullability(self, _statement: Statement, act: Act) -> Way:
        if act.value == "yes":
            return CATALOG
        return SCAN, "looks for NULL, unless a valid CHECK proves that there is none"

    def _index(self, statement: Statement, _act: Act) -> Way:
        if _has(statement, "postgres", "CONCURRENTLY"):
            return SCAN, "builds the index; writes go on"
        return SCAN, "builds the index; writes wait"

    def _constraint(self, statement: Statement, _act: Act) -> Way:
        if _has(statement, "postgres", "NOT", "VALID"):
            return INSTANT, "not tested on rows that are there"
        return SCAN, "tests every row"


def _base(kind: str) -> str:
    return " ".join(SIZE.sub("", kind).split())


def _sizes(kind: str) -> tuple[int, ...]:
    found = SIZE.search(kind)
    return tuple(int(part) for part in found[1].split(",")) if found else ()


def _wider(old: str, new: str) -> bool:
    """Whether every value of the old type stands unchanged in the new one."""
    if old == new:
        return True
    before, after, one, other = _sizes(old), _sizes(new), _base(old), _base(new)
    texts = {"text", "character varying"}
    if {one, other} <= texts:
        return not after or bool(before and after[0] >= before[0])
    if one != other:
        return False
    if one == "numeric":
        scale, wanted = (*before, 0)[:2], (*after, 0)[:2]
        return not after or bool(before and scale[1] == wanted[1] and wanted[0] >= scale[0])
    if one.startswith("time"):
        return not after or bool(before and after[0] >= before[0])
    return False


def copied(live: Schema, statements: Sequence[Statement]) -> dict[int, str]:
    """Position of each INSERT .. SELECT that fills what then takes a live table's name -> it."""
    found = rebuilds.filled(statements) if live.dialect == "sqlite" else {}
    return {at: table for at, table in found.items() if table in live.tables}


def _sqlite(statement: Statement, copied_table: str | None) -> Way:
    if copied_table is not None:
        return REBUILD, f"every row of {copied_table} is copied to the table that takes its name"
    if not statement.understood:
        return NOT_READ
    return _worst([_sqlite_act(statement, act) for act in statement.acts])


def _sqlite_act(statement: Statement, act: Act) -> Way:
    match act.kind:
        case Kind.RENAME_TABLE | Kind.RENAME_COLUMN | Kind.DROP_INDEX:
            return INSTANT, "the text of the schema only"
        case Kind.ADD_COLUMN:
            return _sqlite_added(statement, act.column or ColumnDef("", ""))
        case Kind.DROP_COLUMN:
            return REBUILD, "every row is written without the column"
        case Kind.ADD_INDEX:
            return SCAN, "builds the index"
    return NOT_READ


def _sqlite_added(statement: Statement, column: ColumnDef) -> Way:
    if column.primary or column.unique or not _constant(column):
        return REVIEW, "SQLite refuses such a column on a table with rows"
    if _has(statement, "sqlite", "CHECK") or (column.generated and not column.nullable):
        return SCAN, "tests every row"
    return INSTANT, "the text of the schema only"


def _constant(column: ColumnDef) -> bool:
    """A default that SQLite can give to the rows that are there without writing them."""
    if column.default is None:
        return column.nullable or column.generated
    return not column.default.upper().startswith(("(", "CURRENT_"))
