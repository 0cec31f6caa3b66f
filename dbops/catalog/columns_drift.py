"""Columns of one table compared: what is missing, extra, changed, moved."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dbops.catalog import ddl
from dbops.catalog.findings import Finding
from dbops.catalog.model import Column, Table
from dbops.catalog.pair import Pair

INTEGERS = ("tinyint", "smallint", "mediumint", "int", "integer", "bigint")
SIZED = re.compile(r"^([a-z ]+)\((\d+)(?:,(\d+))?\)(.*)$")
TEXTS = ("tinytext", "text", "mediumtext", "longtext")
BLOBS = ("tinyblob", "blob", "mediumblob", "longblob")


def compare(pair: Pair, wanted: Table, there: Table) -> Iterator[Finding]:
    """Findings about the columns of a table that both sides have."""
    for name, column in wanted.columns.items():
        actual = there.columns.get(name)
        if actual is None:
            yield pair.finding(
                "column_missing",
                f"{wanted.name}.{name}",
                shape(column),
                "absent",
                fix_live=_placed(pair, ddl.add_column(wanted, column, pair.dialect), wanted, name),
                fix_code=ddl.drop_column(wanted.name, name, pair.dialect),
            )
        elif actual != column:
            yield from _changed(pair, wanted, there, column, actual)
    for name, column in there.columns.items():
        if name not in wanted.columns:
            yield pair.finding(
                "column_extra",
                f"{wanted.name}.{name}",
                "absent",
                shape(column),
                fix_live=ddl.drop_column(wanted.name, name, pair.dialect),
                fix_code=_placed(pair, ddl.add_column(there, column, pair.dialect), there, name),
            )
    yield from _order(pair, wanted, there)


def shape(column: Column) -> str:
    """Type and nullability in words."""
    return f"{column.type} {'NULL' if column.nullable else 'NOT NULL'}"


def _changed(
    pair: Pair, wanted: Table, there: Table, old: Column, new: Column
) -> Iterator[Finding]:
    def finding(kind: str, before: str, after: str) -> Finding:
        return pair.finding(
            kind,
            f"{wanted.name}.{old.name}",
            before,
            after,
            fix_live=ddl.set_column(wanted, old, pair.dialect),
            fix_code=ddl.set_column(there, new, pair.dialect),
        )

    if old.type != new.type:
        wider = widened(old.type, new.type)
        kind = "column_type_widened" if wider else "column_type_narrowed"
        yield finding(kind, old.type, new.type)
    if old.nullable != new.nullable:
        yield finding("nullability_changed", *(_null(one) for one in (old, new)))
    if (old.default, old.auto_increment) != (new.default, new.auto_increment):
        yield finding("default_changed", *(_default(one) for one in (old, new)))
    if old.on_update != new.on_update:
        yield finding("on_update_changed", old.on_update or "none", new.on_update or "none")
    if old.generated != new.generated:
        yield finding("generated_changed", old.generated or "none", new.generated or "none")
    if old.comment != new.comment:
        yield finding("comment_changed", old.comment or "none", new.comment or "none")
    if _collated(pair, wanted, there, old, new):
        found = finding("collation_changed", old.collation or "none", new.collation or "none")
        yield found if _indexed(wanted, old.name) else pair.milder(found)


def _null(column: Column) -> str:
    return "NULL" if column.nullable else "NOT NULL"


def _default(column: Column) -> str:
    return "auto increment" if column.auto_increment else column.default or "none"


def _collated(pair: Pair, wanted: Table, there: Table, old: Column, new: Column) -> bool:
    """True for a change of its own: converting the table is one finding about the table."""
    if old.type != new.type and not (old.collation and new.collation):
        return False
    before = pair.collation_of(old, expected=True)
    if before == pair.collation_of(new, expected=False):
        return False
    converted = pair.collation_of(wanted, expected=True) != pair.collation_of(there, expected=False)
    return not (converted and new.collation == there.collation)


def _indexed(table: Table, column: str) -> bool:
    return any(column in index.columns for index in table.indexes.values())


def widened(old: str, new: str) -> bool:
    """True when every value of the old type fits the new one."""
    for scale in (INTEGERS, TEXTS, BLOBS):
        if old.removesuffix(" unsigned") in scale and new.removesuffix(" unsigned") in scale:
            same_sign = old.endswith("unsigned") == new.endswith("unsigned")
            places = (scale.index(one.removesuffix(" unsigned")) for one in (old, new))
            return same_sign and next(places) < next(places)
    before, after = SIZED.match(old), SIZED.match(new)
    if before and after and (before[1], before[4]) == (after[1], after[4]):
        scales = int(before[3] or 0), int(after[3] or 0)
        whole = int(before[2]) - scales[0], int(after[2]) - scales[1]
        return whole[0] <= whole[1] and scales[0] <= scales[1]
    if before and before[1] in ("varchar", "char", "character varying"):
        return new in ("text", "mediumtext", "longtext")
    return old == "date" and new.startswith(("datetime", "timestamp"))


def _order(pair: Pair, wanted: Table, there: Table) -> Iterator[Finding]:
    old = [name for name in wanted.columns if name in there.columns]
    new = [name for name in there.columns if name in wanted.columns]
    if old == new:
        return
    moved = sorted(set(old) - set(_kept(old, new)))
    yield pair.finding(
        "column_order",
        f"{wanted.name}.{moved[0]}" if len(moved) == 1 else wanted.name,
        _place(old, moved),
        _place(new, moved),
        fix_live="\n".join(_move(pair, wanted, old, name) for name in moved),
        fix_code="\n".join(_move(pair, there, new, name) for name in moved),
    )


def _kept(old: list[str], new: list[str]) -> list[str]:
    """The longest run of names that stand in one order on both sides."""
    place = {name: at for at, name in enumerate(old)}
    best: list[list[str]] = []
    for name in new:
        before = max((run for run in best if place[run[-1]] < place[name]), key=len, default=[])
        best.append([*before, name])
    return max(best, key=len, default=[])


def _place(names: list[str], moved: list[str]) -> str:
    said = []
    for name in moved:
        at = names.index(name)
        said.append(f"{name} after {names[at - 1]}" if at else f"{name} first")
    return ", ".join(said)


def _move(pair: Pair, table: Table, names: list[str], name: str) -> str:
    if pair.dialect != "mysql":
        return ""
    text = ddl.set_column(table, table.columns[name], "mysql")
    return _after(pair, text, names, name)


def _placed(pair: Pair, text: str, table: Table, name: str) -> str:
    """ADD COLUMN where it stands in the table; only MySQL has places."""
    names = list(table.columns)
    if pair.dialect != "mysql" or names[-1] == name:
        return text
    return _after(pair, text, names, name)


def _after(pair: Pair, text: str, names: list[str], name: str) -> str:
    at = names.index(name)
    where = f"AFTER {pair.quoted(names[at - 1])}" if at else "FIRST"
    return f"{text.removesuffix(';')} {where};"
