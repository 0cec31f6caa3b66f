"""SQLite's way to change a table, as drizzle-kit and Prisma write it: made anew, filled, renamed.

CREATE TABLE new, INSERT INTO new (c, ...) SELECT c, ... FROM old, DROP TABLE old, ALTER TABLE new
RENAME TO old: one statement each, in this order, in one file. Anything else leaves a doubt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dbops.sql import conditions
from dbops.sql.acts import Act, ColumnDef, Kind, Statement
from dbops.sql.conditions import ABSENT, COLUMN, UNSURE, Sketch


class Rebuild(NamedTuple):
    """The table that is made anew; `doubt` is why it may not be just that, "" without one."""

    table: str
    doubt: str
    lost: tuple[str, ...] = ()  # columns that do not come over


def filled(statements: Sequence[Statement]) -> dict[int, str]:
    """Position of each INSERT .. SELECT into a table that takes a dropped one's name -> that name.

    Whether it is a rebuild in every other respect, `judged` says.
    """
    acts = [act for one in statements if one.understood for act in one.acts]
    gone = {act.table for act in acts if act.kind is Kind.DROP_TABLE}
    taken = {
        act.table: act.new for act in acts if act.kind is Kind.RENAME_TABLE and act.new in gone
    }
    return {
        at: taken[act.table]
        for at, one in enumerate(statements)
        for act in one.acts
        if act.kind is Kind.INSERT and act.value == "all" and act.table in taken
    }


def judged(statements: Sequence[Statement], before: Sketch) -> Mapping[int, Rebuild]:
    """By the positions of its INSERT and its DROP TABLE. `before`: the sum in front of the file."""
    found: dict[int, Rebuild] = {}
    for at, table in filled(statements).items():
        sketch = dict(before)
        for one in statements[:at]:
            conditions.fold(sketch, one, "sqlite")
        (copy,) = statements[at].acts
        here = [n for n, one in enumerate(statements) if _names(one, copy.table)]
        there = [n for n, one in enumerate(statements) if _names(one, table)]
        rebuild = _judge(statements, copy, table, sketch, sorted({*here, *there}))
        dropped = (n for n in there if statements[n].kinds == (Kind.DROP_TABLE,))
        found.update(dict.fromkeys([at, *dropped], rebuild))
    return found


def _names(statement: Statement, table: str) -> bool:
    return any(table in (act.table, act.new, act.source) for act in statement.acts)


def _judge(
    statements: Sequence[Statement], copy: Act, table: str, sketch: Sketch, touched: Sequence[int]
) -> Rebuild:
    """`touched`: positions of all statements that name the new table or the old one."""
    steps = [statements[n] for n in touched]
    first = next((n for n, one in enumerate(steps) if Kind.CREATE_TABLE in one.kinds), len(steps))
    kinds = [one.kinds[0] for one in steps[first : first + 4]]
    if kinds != [Kind.CREATE_TABLE, Kind.INSERT, Kind.DROP_TABLE, Kind.RENAME_TABLE]:
        return Rebuild(table, "its four statements do not follow each other")
    made, _, dropped, renamed = (one.acts[0] for one in steps[first : first + 4])
    named = (made.table, dropped.table, renamed.table, renamed.new)
    if named != (copy.table, table, copy.table, table) or made.guarded:
        return Rebuild(table, f"{copy.table} is not surely new")
    if copy.source != table:
        return Rebuild(table, f"its rows are not those of {table}, column by column")
    columns = [fact[2] for fact, form in sketch.items() if _column(fact, table) and form != ABSENT]
    if UNSURE in sketch or not columns:
        return Rebuild(table, f"what {table} was like is not known")
    return Rebuild(
        table,
        _missing(table, copy, columns, made.definitions),
        tuple(name for name in columns if name not in copy.columns),
    )


def _column(fact: conditions.Key, table: str) -> bool:
    return fact[0] == COLUMN and fact[1] == table.lower()


def _missing(
    table: str, copy: Act, columns: Sequence[str], definitions: Sequence[ColumnDef]
) -> str:
    """What the copy takes that is not there, or leaves out that must be there."""
    strange = [name for name in copy.columns if name not in columns]
    if strange:  # SQLite takes such a quoted name for a text, and says nothing
        return f"{table} has no column {strange[0]}"
    empty = [
        one.name
        for one in definitions
        if not (one.nullable or one.default is not None or one.generated or one.primary)
        and one.name.lower() not in copy.columns
    ]
    return f"{empty[0]} is NOT NULL and gets no value" if empty else ""
