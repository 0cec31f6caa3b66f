"""The clauses of ALTER TABLE read into acts."""

from __future__ import annotations

from dataclasses import replace

from dbops.sql import columns, create
from dbops.sql.acts import Act, Kind
from dbops.sql.tokens import Cursor

TABLE_OPTIONS = {"ENGINE", "COMMENT", "AUTO_INCREMENT", "ROW_FORMAT", "CHARSET", "COLLATE"}
TABLE_OPTIONS |= {"DEFAULT", "CONVERT", "CHARACTER"}
ONLINE = ("ALGORITHM", "LOCK")  # how, not what


def clauses(cursor: Cursor, schema: str, table: str) -> list[Act] | None:
    """Every clause in order; None when one is not known."""
    acts: list[Act] = []
    for part in cursor.parts():
        found = _clause(part, table)
        if found is None or part.left:
            return None
        acts += [replace(act, table=act.table or table, schema=schema) for act in found]
    return acts


def _clause(part: Cursor, table: str) -> list[Act] | None:
    word = part.peek()
    if word in ONLINE:
        part.at = len(part.tokens)
        return []
    if word in TABLE_OPTIONS:
        part.at = len(part.tokens)
        return [Act(Kind.TABLE_OPTION, name=word.lower())]
    match part.any_of("ADD", "DROP", "MODIFY", "CHANGE", "ALTER", "RENAME", "VALIDATE"):
        case "ADD":
            return _add(part, table)
        case "DROP":
            return _drop(part)
        case "MODIFY":
            return _modify(part)
        case "CHANGE":
            return _change(part)
        case "ALTER":
            return _alter_column(part)
        case "RENAME":
            return _rename(part)
    return None


def _add(part: Cursor, table: str) -> list[Act] | None:
    if part.peek() in create.ELEMENTS:
        act = create.element(part, table, "")
        part.take("NOT", "VALID")
        return None if act is None else [act]
    part.take("COLUMN")
    guarded = part.take("IF", "NOT", "EXISTS")
    group = part.group() if part.peek() == "(" else None
    acts: list[Act] = []
    for one in group.parts() if group else [part]:
        column = columns.definition(one)
        if column is None:
            return None
        acts.append(Act(Kind.ADD_COLUMN, table, name=column.name, column=column, guarded=guarded))
        acts += create.implied(column, table, "")
    return acts


def _drop(part: Cursor) -> list[Act] | None:
    if part.take("PRIMARY", "KEY"):
        return [Act(Kind.DROP_PRIMARY_KEY)]
    if part.take("FOREIGN", "KEY"):
        return _named(part, Kind.DROP_FOREIGN_KEY)
    if part.any_of("INDEX", "KEY"):
        return _named(part, Kind.DROP_INDEX)
    if part.any_of("CONSTRAINT", "CHECK"):
        return _named(part, Kind.DROP_CONSTRAINT)
    part.take("COLUMN")
    return _named(part, Kind.DROP_COLUMN)


def _named(part: Cursor, kind: Kind) -> list[Act] | None:
    guarded = part.take("IF", "EXISTS")
    name = part.name()
    part.any_of("CASCADE", "RESTRICT")
    return None if name is None else [Act(kind, name=name, guarded=guarded)]


def _modify(part: Cursor) -> list[Act] | None:
    part.take("COLUMN")
    guarded = part.take("IF", "EXISTS")
    column = columns.definition(part)
    if column is None:
        return None
    return [Act(Kind.MODIFY_COLUMN, name=column.name, column=column, guarded=guarded)]


def _change(part: Cursor) -> list[Act] | None:
    part.take("COLUMN")
    guarded = part.take("IF", "EXISTS")
    old = part.name()
    column = columns.definition(part) if old is not None else None
    if old is None or column is None:
        return None
    changed = Act(Kind.MODIFY_COLUMN, name=column.name, column=column, guarded=guarded)
    if old == column.name:
        return [changed]
    return [Act(Kind.RENAME_COLUMN, name=old, new=column.name, guarded=guarded), changed]


def _alter_column(part: Cursor) -> list[Act] | None:
    part.take("COLUMN")
    name = part.name()
    if name is None:
        return None
    if part.take("SET", "DEFAULT"):
        value = columns.value_text(part)
        return None if value is None else [Act(Kind.SET_DEFAULT, name=name, value=value)]
    if part.take("DROP", "DEFAULT"):
        return [Act(Kind.SET_DEFAULT, name=name)]
    if part.take("SET", "NOT", "NULL"):
        return [Act(Kind.SET_NULL, name=name, value="no")]
    if part.take("DROP", "NOT", "NULL"):
        return [Act(Kind.SET_NULL, name=name, value="yes")]
    if part.take("TYPE") or part.take("SET", "DATA", "TYPE"):
        kind = columns.type_text(part)
        if part.take("USING"):
            part.at = len(part.tokens)
        return [Act(Kind.SET_TYPE, name=name, value=kind)] if kind else None
    return None


def _rename(part: Cursor) -> list[Act] | None:
    if part.any_of("INDEX", "KEY"):
        return _pair(part, Kind.RENAME_INDEX)
    if part.any_of("TO", "AS"):
        named = part.qualified()
        return None if named is None else [Act(Kind.RENAME_TABLE, new=named[1])]
    if part.take("CONSTRAINT"):
        return _pair(part, Kind.OTHER)
    part.take("COLUMN")
    return _pair(part, Kind.RENAME_COLUMN)


def _pair(part: Cursor, kind: Kind) -> list[Act] | None:
    old = part.name()
    new = part.name() if old is not None and part.take("TO") else None
    return None if old is None or new is None else [Act(kind, name=old, new=new)]
