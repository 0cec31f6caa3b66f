"""Drizzle 1.x: folders against a ledger that has names, or against one that 0.x left.

With names Drizzle runs every folder whose name is not recorded, whatever its time or hash: one
that was renamed runs again, and a row without a name is not seen. A ledger of 0.x gets its names
at the next run of 1.x: by the second that a folder's name tells, where several share it by hash,
and by hash alone where no folder has that second.
"""

from __future__ import annotations

from collections.abc import Sequence

from dbops.history.drizzle_rows import (
    AboutFile,
    Applied,
    digest,
    grouped,
    overtaken,
    repairs,
    with_row,
)
from dbops.history.rules import About
from dbops.history.states import File


def matcher(found: Sequence[File], rows: Sequence[Applied]) -> AboutFile:
    """What the ledger says about one of these folders, and the ids of its rows. Pure."""
    named = any(row.name is not None for row in rows)
    by_second, by_hash = _by_second(found), _by_hash(found)
    owners = {row.id: row.name if named else _named(row, by_second, by_hash) for row in rows}
    newest = max((name for name in owners.values() if name), default="")
    by_owner = grouped(rows, lambda row: owners[row.id])
    same_hash = grouped(rows, lambda row: row.hash)
    late_rows = overtaken(rows, lambda row: owners[row.id] or "")
    tags = {one.tag for one in found}

    def about(file: File, seen: set[int]) -> tuple[About, set[int]]:
        own = digest(file.content)
        mine = by_owner.get(file.tag, [])
        if mine:
            row = next((row for row in mine if row.hash == own), mine[0])
            said = with_row(file, row, doubled=len(mine) > 1, overtaken=row.id in late_rows)
            return said, {one.id for one in mine}
        elsewhere = [
            row
            for row in same_hash.get(own, ())
            if row.id not in seen and owners[row.id] not in tags
        ]
        late = file.tag < newest
        words = f"not recorded, although the later {newest} is" if late else "no ledger row"
        if elsewhere:
            other = elsewhere[0].name
            words = f"recorded as {other}" if other else "recorded without a name"
            words += "; will run again"
        judged = About(
            file=file,
            hash=own,
            elsewhere=bool(elsewhere),
            again=True,
            overtaken=late,
            row=words,
            repairs=repairs(file, 0),
        )
        return judged, {one.id for one in elsewhere}

    return about


def _by_second(found: Sequence[File]) -> dict[int, list[File]]:
    by: dict[int, list[File]] = {}
    for file in found:
        by.setdefault(int(file.order), []).append(file)
    return by


def _by_hash(found: Sequence[File]) -> dict[str, str]:
    return {digest(file.content): file.tag for file in reversed(found)}


def _named(row: Applied, by_second: dict[int, list[File]], by_hash: dict[str, str]) -> str | None:
    """The folder that 1.x will name in a row of 0.x; None when it finds none and refuses."""
    same_second = by_second.get(row.when - row.when % 1000, [])
    if len(same_second) == 1:
        return same_second[0].tag
    if same_second:
        return _by_hash(same_second).get(row.hash)
    return by_hash.get(row.hash)
