"""The eight hard rules, one function each; number and words are those of the runbook."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from dbops.inventory import Database
from dbops.lint.remarks import REVIEW, Context, Remark
from dbops.sql.acts import DML, Act, Kind
from openinsure.keyspaces.inventory import GLOBAL_TABLES, KEYSPACES, TABLES

ALL_ORGS = re.compile(r"--\s*oi:all-orgs\s+\S+")
IN_ALTER = (
    *(Kind.ADD_COLUMN, Kind.DROP_COLUMN, Kind.MODIFY_COLUMN, Kind.RENAME_COLUMN),
    *(Kind.ADD_INDEX, Kind.DROP_INDEX),
)


def house(database: Database) -> bool:
    """True for a database that holds keyspaces of ours, at whatever place."""
    return any(set(place.schemas) & set(KEYSPACES) for place in database.places.values())


def tenant(table: str, keyspace: str) -> bool:
    """True for tables whose rows belong to an organisation; a new table is one."""
    known = TABLES.get(table)
    if known is not None:
        return known.kind == "tenant"
    return keyspace in KEYSPACES and table not in GLOBAL_TABLES


def organisation(context: Context) -> Iterator[Remark]:
    """1: org_id NOT NULL, primary key (org_id, id), org_id leading every index and every change."""
    keyspace = context.place.keyspace
    for act in context.acts:
        if not context.place.house or not tenant(act.table, keyspace):
            continue
        if act.kind is Kind.CREATE_TABLE:
            yield from _table(context, act)
        elif act.kind is Kind.ADD_INDEX and act.columns[:1] != ("org_id",):
            said = f"index {act.name or act.columns} of {act.table} must start with org_id"
            yield context.remark("1 organization", said)
        elif act.kind is Kind.PRIMARY_KEY and act.columns[:2] != ("org_id", "id"):
            said = f"the primary key of {act.table} must be (org_id, id)"
            yield context.remark("1 organization", said)
        elif act.kind in DML and not _names_org(context, act):
            said = f"{act.kind} of {act.table} names no org_id; or say -- oi:all-orgs REASON"
            yield context.remark("1 organization", said)


def _names_org(context: Context, act: Act) -> bool:
    said = ALL_ORGS.search(context.statement.text) is not None
    return said or "org_id" in act.columns


def _table(context: Context, act: Act) -> Iterator[Remark]:
    own = next((column for column in act.definitions if column.name == "org_id"), None)
    if own is None or own.nullable:
        yield context.remark("1 organization", f"{act.table} needs org_id NOT NULL")
    if not any(one.kind is Kind.PRIMARY_KEY for one in context.acts):
        yield context.remark("1 organization", f"{act.table} needs the primary key (org_id, id)")
    for column in act.definitions:
        if column.auto_increment:
            said = f"{act.table}.{column.name} counts by itself; ids are UUIDs"
            yield context.remark("1 organization", said)


def foreign_keys(context: Context) -> Iterator[Remark]:
    """2: no foreign keys."""
    for act in context.acts:
        if act.kind is Kind.FOREIGN_KEY:
            said = f"{act.table}: no foreign keys; index the column instead"
            yield context.remark("2 foreign keys", said)


def keyspaces(context: Context) -> Iterator[Remark]:
    """3: no other schema's name, no other keyspace's table."""
    keyspace = context.place.keyspace
    for schema in sorted(context.statement.schemas):
        if schema != keyspace:
            yield context.remark("3 keyspaces", f"names the schema {schema}")
    for act in context.acts:
        known = TABLES.get(act.table) if context.place.house else None
        foreign = known is not None and known.keyspace in KEYSPACES and known.keyspace != keyspace
        if foreign and known is not None and keyspace:
            yield context.remark("3 keyspaces", f"{act.table} belongs to {known.keyspace}")


def idempotent(context: Context) -> Iterator[Remark]:
    """5: Vitess refuses IF [NOT] EXISTS in ALTER TABLE and CREATE INDEX; MariaDB takes it."""
    for act in context.acts:
        if act.guarded and act.kind in IN_ALTER:
            said = "IF [NOT] EXISTS is refused by Vitess here; the runner skips what is there"
            yield context.remark("5 idempotent", said)
            return


def one_statement(context: Context) -> Iterator[Remark]:
    """6: one statement a piece."""
    if context.statement.many:
        said = "two statements in one piece: put --> statement-breakpoint between them"
        yield context.remark("6 breakpoints", said)


def bounded(context: Context) -> Iterator[Remark]:
    """8: 20 s a transaction: no change without bound, but SQLite's way to change a table."""
    for act in context.acts:
        if act.kind not in DML or act.value != "all":
            continue
        if context.rebuild is None:
            said = f"{act.kind} of {act.table} has no bound; do it in batches by a job"
            yield context.remark("8 twenty seconds", said)
        elif context.rebuild.doubt:
            said = f"needs review: {act.table} takes the place of {context.rebuild.table}, but "
            yield context.remark("8 twenty seconds", said + context.rebuild.doubt, REVIEW)


RULES: tuple[Callable[[Context], Iterator[Remark]], ...] = (
    organisation,
    foreign_keys,
    keyspaces,
    idempotent,
    one_statement,
    bounded,
)
# Databases of other tools keep foreign keys and owners of their own.
EVERYWHERE = (bounded,)
ON_MYSQL = (one_statement, bounded)
