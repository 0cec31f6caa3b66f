"""Rows of Drizzle's ledger held against its files: of 0.x, by the time that the journal gives."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from dbops.history.rules import About
from dbops.history.states import File, FileState


class Applied(NamedTuple):
    """One ledger row."""

    id: int
    hash: str
    when: int  # ms since 1970, as in the journal
    name: str | None = None  # of the folder; None: a ledger of 0.x, "": a row that 1.x does not see
    applied_at: str | None = None


AboutFile = Callable[[File, set[int]], tuple[About, set[int]]]


def digest(content: bytes) -> str:
    """What Drizzle records: sha256 of the raw bytes, hex."""
    return hashlib.sha256(content).hexdigest()


def _line_ends_only(content: bytes, recorded: str) -> bool:
    lf = content.replace(b"\r\n", b"\n")
    return recorded in (digest(lf), digest(lf.replace(b"\n", b"\r\n")))


def overtaken(rows: Sequence[Applied], place: Callable[[Applied], Any]) -> frozenset[int]:
    """Ids of rows that were written after one of a later place."""
    found: set[int] = set()
    newest = None
    for row in sorted(rows, key=lambda one: one.id):
        at = place(row)
        if newest is not None and at < newest:
            found.add(row.id)
        newest = at if newest is None else max(newest, at)
    return frozenset(found)


def grouped(rows: Sequence[Applied], of: Callable[[Applied], Any]) -> dict[Any, list[Applied]]:
    """The rows by what `of` says of each, in their order."""
    found: dict[Any, list[Applied]] = {}
    for row in rows:
        found.setdefault(of(row), []).append(row)
    return found


def matcher(found: Sequence[File], rows: Sequence[Applied]) -> AboutFile:
    """What the ledger says about one of these files of 0.x, and the ids of its rows. Pure."""
    mark = max((row.when for row in rows), default=0)
    by_when, by_hash = grouped(rows, lambda row: row.when), grouped(rows, lambda row: row.hash)
    late = overtaken(rows, lambda row: row.when)
    owners: dict[int, set[str]] = {}
    for one in found:
        owners.setdefault(int(one.order), set()).add(digest(one.content))

    def about(file: File, seen: set[int]) -> tuple[About, set[int]]:
        own, when = digest(file.content), int(file.order)
        theirs = owners[when] - {own}  # of other files that have the same time
        mine = [
            row for row in by_when.get(when, ()) if row.id not in seen and row.hash not in theirs
        ]
        row = next((row for row in mine if row.hash == own), mine[0] if mine else None)
        if row is not None:
            said = with_row(file, row, doubled=len(mine) > 1, overtaken=row.id in late)
            return said, {one.id for one in mine}
        elsewhere = [one for one in by_hash.get(own, ()) if one.id not in seen]
        return _without_row(file, own, mark, elsewhere), {one.id for one in elsewhere}

    return about


def _without_row(file: File, own: str, mark: int, elsewhere: Sequence[Applied]) -> About:
    again = int(file.order) > mark
    if elsewhere:
        said = "recorded under another time" + ("; will run again" if again else "")
    elif again:
        said = "no ledger row"
    else:
        said = f"its when {file.order} is not above the ledger's newest, {mark}"
    return About(
        file=file,
        hash=own,
        elsewhere=bool(elsewhere),
        again=again,
        passed_over=not again,
        row=said,
        repairs=repairs(file, mark),
    )


def with_row(file: File, row: Applied, *, doubled: bool, overtaken: bool) -> About:
    """A file and the row that stands for it."""
    own = digest(file.content)
    same = row.hash == own
    line_ends = not same and _line_ends_only(file.content, row.hash)
    said = f"ledger row {row.id}, hash matches"
    if not same:
        said = f"recorded {row.hash[:12]}, file {own[:12]}"
        said += ", only line ends differ" if line_ends else ""
    return About(
        file=file,
        hash=own,
        recorded=True,
        same=same,
        line_ends=line_ends,
        doubled=doubled,
        overtaken=overtaken,
        applied_at=row.applied_at,
        row=said,
        repairs=repairs(file, 0),
    )


def repairs(file: File, mark: int) -> dict[FileState, str]:
    """What to do about one file, by its state. `mark`: the ledger's newest time, in ms."""
    path = f"{file.tag}/migration.sql" if file.by_name else f"{file.tag}.sql"
    restore = f"restore the file: git log -p -- {path}; a new change is a new file"
    return {
        FileState.UNKNOWN: "save the file as UTF-8",
        FileState.MODIFIED: restore,
        FileState.MARKED: "read the row and the schema: openinsure db drift",
        FileState.RENUMBERED: "give the journal entry back the time of its ledger row",
        FileState.PARTIAL: f"openinsure db resume SLUG {file.tag}",
        FileState.SKIPPED: f"set its when to {mark + 1} in meta/_journal.json, then migrate",
        FileState.OUT_OF_ORDER: "read both files, then migrate",
        FileState.PENDING: "openinsure db migrate --ps",
    }
