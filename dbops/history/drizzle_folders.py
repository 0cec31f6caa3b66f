"""Drizzle 1.x: folders against a ledger that has names, or against one that 0.x left.

With names Drizzle runs every folder whose name is not recorded, whatever its time or hash: one
that was renamed runs again, and a row without a name is not seen. A ledger of 0.x gets its names
at the next run of 1.x: by the second that a folder's name tells, where several share it by hash,
and by hash alone where no folder has that second.
"""

from __future__ import annotations

from collections.abc import Sequence

from dbops.history.drizzle import AboutFile, Applied, digest, repairs, with_row
from dbops.history.rules import About
from dbops.history.states import File


def matcher(found: Sequence[File], rows: Sequence[Applied]) -> AboutFile:
    """What the ledger says about one of these folders, and the ids of its rows. Pure."""
    named = any(row.name is not None for row in rows)
    owners = {row.id: row.name if named else _named(row, found) for row in rows}
    newest = max((name for name in owners.values() if name), default="")

    def about(file: File, _rows: Sequence[Applied], seen: set[int]) -> tuple[About, set[int]]:
        own = digest(file.content)
        mine = [row for row in rows if owners[row.id] == file.tag]
        if mine:
            row = next((row for row in mine if row.hash == own), mine[0])
            late = any(r.id < row.id and (owners[r.id] or "") > file.tag for r in rows)
            said = with_row(file, row, doubled=len(mine) > 1, overtaken=late)
            return said, {one.id for one in mine}
        tags = {one.tag for one in found}
        elsewhere = [
            row
            for row in rows
            if row.hash == own and row.id not in seen and owners[row.id] not in tags
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


def _named(row: Applied, found: Sequence[File]) -> str | None:
    """The folder that 1.x will name in a row of 0.x; None when it finds none and refuses."""
    same_second = [file for file in found if file.order == row.when - row.when % 1000]
    if len(same_second) == 1:
        return same_second[0].tag
    candidates = same_second or found
    return next((one.tag for one in candidates if digest(one.content) == row.hash), None)
