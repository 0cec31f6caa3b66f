"""The troubleshooting entries and the things that Vitess, MySQL or a rollback cannot take."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from dbops.catalog.columns_drift import widened
from dbops.lint.remarks import REVIEW, WARN, Context, Remark
from dbops.sql import conditions
from dbops.sql.acts import DML, Act, ColumnDef, Kind
from dbops.sql.types import canonical

BIG = re.compile(r"^(?:tiny|medium|long)?(?:text|blob)$|^json$")
POSTGRES_TYPES = re.compile(
    r"^(?:uuid|jsonb|bytea|timestamptz|timestamp with|serial\d?|bigserial|inet|citext|money|"
    r"double precision|character varying|interval)|\[\]$"
)


def understood(context: Context) -> Iterator[Remark]:
    """What is not positively understood is never safe."""
    if not context.statement.understood and not context.statement.many:
        said = "needs review: this statement is not understood word by word"
        yield context.remark("unclassified", said, REVIEW)


def columns_of(act: Act) -> tuple[ColumnDef, ...]:
    """The columns that an act defines."""
    return act.definitions or ((act.column,) if act.column else ())


def big_keys(context: Context) -> Iterator[Remark]:
    """`BLOB/TEXT in key`: a key needs a bounded column."""
    own = {
        (act.table, column.name): canonical(column.type, "mysql")
        for act in context.acts
        for column in columns_of(act)
    }
    for act in context.acts:
        if act.kind not in (Kind.ADD_INDEX, Kind.PRIMARY_KEY) or act.prefixed:
            continue
        for name in act.columns:
            before = context.before.get(conditions.key(conditions.COLUMN, act.table, name), "")
            kind = own.get((act.table, name), before)
            if BIG.match(kind):
                said = f"BLOB/TEXT in key: {act.table}.{name} is {kind}; use varchar(255)"
                yield context.remark("blob or text in key", said)


def not_null(context: Context) -> Iterator[Remark]:
    """`column cannot be null`: rows that are there have no value for it."""
    for act in context.acts:
        column = act.column
        if column is None or column.nullable or act.table in context.own_tables:
            continue
        at = f"{act.table}.{column.name}"
        if act.kind is Kind.ADD_COLUMN and column.default is None and not column.generated:
            said = f"column cannot be null: {at} is NOT NULL without default on existing rows"
            yield context.remark("column cannot be null", said)
        nullable = conditions.key(conditions.NULLABLE, act.table, column.name)
        if act.kind is Kind.MODIFY_COLUMN and context.before.get(nullable) != "no":
            said = f"column cannot be null: count the NULLs of {at} first (openinsure db drift)"
            yield context.remark("column cannot be null", said, REVIEW)


def postgres_types(context: Context) -> Iterator[Remark]:
    """Types that MySQL does not have. It has `serial`, which no table of ours takes."""
    for act in context.acts:
        for column in columns_of(act):
            theirs = column.type == "serial" and not context.place.house
            if POSTGRES_TYPES.search(column.type) and not theirs:
                said = f"{act.table}.{column.name}: {column.type} is a PostgreSQL type"
                yield context.remark("postgres type", said)


def renames(context: Context) -> Iterator[Remark]:
    """A rename breaks running code: add, copy, drop."""
    for act in context.acts:
        if act.kind is Kind.RENAME_COLUMN:
            said = f"{act.table}.{act.name}: add {act.new}, copy, drop, in three migrations"
            yield context.remark("rename column", said)
        if act.kind is Kind.RENAME_TABLE:
            said = f"{act.table} to {act.new}: running code and VSchema know the old name"
            yield context.remark("rename table", said, REVIEW)


def routines(context: Context) -> Iterator[Remark]:
    """Triggers, routines, events and views do not pass VTGate."""
    if Kind.ROUTINE in context.statement.kinds:
        said = "triggers, routines, events and views are not supported"
        yield context.remark("routine", said)


def data_loss(context: Context) -> Iterator[Remark]:
    """Drops and narrowing: what is gone is gone."""
    for act in context.acts:
        at = f"{act.table}.{act.name}" if act.name else act.table
        if context.rebuild is not None and not context.rebuild.doubt:  # its rows came over
            for name in context.rebuild.lost if act.kind is Kind.DROP_TABLE else ():
                said = f"drop column {act.table}.{name}: its data goes with it"
                yield context.remark("data loss", said, WARN)
        elif act.kind in (Kind.DROP_TABLE, Kind.DROP_COLUMN):
            yield context.remark("data loss", f"{act.kind} {at}: its data goes with it", WARN)
        if act.kind is not Kind.MODIFY_COLUMN or act.column is None:
            continue
        old = context.before.get(conditions.key(conditions.COLUMN, act.table, act.column.name))
        new = canonical(act.column.type, context.place.dialect)
        if old and old != new and not widened(old, new):
            yield context.remark("data loss", f"{at}: {old} to {new} may not hold its values", WARN)


def repeated(context: Context) -> Iterator[Remark]:
    """DML runs again when a later statement of the file fails."""
    for act in context.acts:
        if act.kind in DML and not act.guarded:
            said = f"{act.kind} of {act.table} runs again if the file stops half-way"
            yield context.remark("not repeatable", said, WARN)


RULES: tuple[Callable[[Context], Iterator[Remark]], ...] = (
    understood,
    big_keys,
    not_null,
    postgres_types,
    renames,
    routines,
    data_loss,
    repeated,
)
EVERYWHERE = (understood, data_loss, repeated)
ON_MYSQL = (understood, big_keys, not_null, postgres_types, data_loss, repeated)
