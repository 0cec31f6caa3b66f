"""Indexes of one table compared: by name first, then by parts."""

from __future__ import annotations

from collections.abc import Iterator

from dbops.catalog import ddl
from dbops.catalog.findings import Finding
from dbops.catalog.model import PRIMARY, Index, Table
from dbops.catalog.pair import Pair

Shape = tuple[object, ...]


def _shape(index: Index) -> Shape:
    return index.unique, index.parts, index.type, index.where


def said(index: Index | None) -> str:
    """The index in words."""
    if index is None:
        return "absent"
    columns = ", ".join(
        part.column + (f"({part.prefix})" if part.prefix else "") + (" desc" if part.desc else "")
        for part in index.parts
    )
    return f"{'unique ' if index.unique else ''}({columns})"


def compare(pair: Pair, wanted: Table, there: Table) -> Iterator[Finding]:
    """Findings about the indexes of a table that both sides have."""
    lost = {name: one for name, one in wanted.indexes.items() if name not in there.indexes}
    new = {name: one for name, one in there.indexes.items() if name not in wanted.indexes}
    for old_name, index in list(lost.items()):
        same = next((name for name, one in new.items() if _shape(one) == _shape(index)), None)
        if same is not None and PRIMARY not in (old_name, same):
            del lost[old_name], new[same]
            yield _renamed(pair, wanted.name, old_name, same)
    for index in lost.values():
        if not _went_with_columns(index, None, wanted, there):
            yield _lost(pair, wanted, index)
    for index in new.values():
        kind = "unique_added" if index.unique else "index_extra"
        kind = "primary_key_changed" if index.name == PRIMARY else kind
        yield _finding(pair, kind, wanted.name, None, index)
    for name, index in wanted.indexes.items():
        actual = there.indexes.get(name)
        if actual is None or _shape(actual) == _shape(index):
            continue
        if not _went_with_columns(index, actual, wanted, there):
            yield _finding(pair, _kind(index, actual), wanted.name, index, actual)


def _kind(old: Index, new: Index) -> str:
    if old.name == PRIMARY:
        return "primary_key_changed"
    if old.unique != new.unique:
        return "unique_missing" if old.unique else "unique_added"
    return "index_changed"


def _lost(pair: Pair, wanted: Table, index: Index) -> Finding:
    kind = "unique_missing" if index.unique else "index_missing"
    kind = "primary_key_changed" if index.name == PRIMARY else kind
    return _finding(pair, kind, wanted.name, index, None)


def _went_with_columns(old: Index, new: Index | None, wanted: Table, there: Table) -> bool:
    """True when only the loss of columns, reported by itself, explains the difference."""
    left = tuple(part for part in old.parts if part.column in there.columns)
    if left == old.parts:
        return False
    return (new is None and not left) or (new is not None and new.parts == left)


def _renamed(pair: Pair, table: str, old: str, new: str) -> Finding:
    return pair.finding(
        "index_renamed",
        f"{table}.{old}",
        old,
        new,
        fix_live=ddl.rename_index(table, new, old, pair.dialect),
        fix_code=ddl.rename_index(table, old, new, pair.dialect),
    )


def _finding(pair: Pair, kind: str, table: str, old: Index | None, new: Index | None) -> Finding:
    def made(index: Index | None) -> list[str]:
        return [ddl.create_index(table, index, pair.dialect)] if index else []

    def dropped(index: Index | None) -> list[str]:
        return [ddl.drop_index(table, index.name, pair.dialect)] if index else []

    one = old or new
    return pair.finding(
        kind,
        f"{table}.{one.name if one else ''}",
        said(old),
        said(new),
        fix_live="\n".join([*dropped(new), *made(old)]),
        fix_code="\n".join([*dropped(old), *made(new)]),
    )
