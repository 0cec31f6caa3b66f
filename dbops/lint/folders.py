"""Whole files and folders: statements in order, and rule 7 (order, times, snapshot chain)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from dbops.history import d1, drizzle, prisma
from dbops.history.states import File, FilesUnreadable
from dbops.lint import hard, troubles
from dbops.lint.remarks import REFUSE, WARN, Context, Place, Remark
from dbops.sql import conditions, parser, rebuilds
from dbops.sql.acts import Kind, Statement
from dbops.sql.conditions import Sketch

IMMUTABLE = "7 immutable"
ORIGIN = "00000000-0000-0000-0000-000000000000"  # what the first snapshot of Drizzle follows
TOOLS: dict[str, Any] = {"drizzle": drizzle, "d1": d1, "prisma": prisma}


def lint(place: Place, *, now: datetime, only: frozenset[str] | None = None) -> list[Remark]:
    """Remarks about a folder's files (those named in `only`, else all). Pure but for reading.

    Files before a chosen one are read too: what is NOT NULL or too big depends on them.
    """
    try:
        files: Sequence[File] = TOOLS[place.tool].files(place.path)
    except FilesUnreadable as error:
        return [Remark(place.path.name, 0, IMMUTABLE, REFUSE, error.reason)]
    sketch: Sketch = {}
    found: list[Remark] = []
    for file in files:
        remarks = list(_file(place, file, sketch))
        if only is None or _name(file) in only:
            found += remarks
    for name in sorted((only or frozenset()) - {_name(file) for file in files}):
        found.append(Remark(name, 0, IMMUTABLE, REFUSE, f"is no migration of {place.path.name}"))
    if place.tool == "drizzle" and only is None:
        found += list(_chain(place, files, now))
    return found


def _name(file: File) -> str:
    return file.tag if file.tag.endswith(".sql") else f"{file.tag}.sql"


def _file(place: Place, file: File, sketch: Sketch) -> Iterator[Remark]:
    name = f"{place.keyspace}/{_name(file)}" if place.keyspace else _name(file)
    if file.undecodable:
        yield Remark(name, 0, "encoding", REFUSE, "the file is not UTF-8")
        return
    if file.marked:
        said = "starts with a byte order mark, which MySQL and PostgreSQL take for a word"
        harmless = place.dialect == "sqlite"
        yield Remark(name, 0, "encoding", WARN if harmless else REFUSE, said)
    rules = _rules(place)
    read = [parser.read(text, place.dialect) for text in TOOLS[place.tool].SPLIT(file.text)]
    own = _made(read)
    rebuilt = rebuilds.judged(read, sketch) if place.dialect == "sqlite" else {}
    for number, statement in enumerate(read, 1):
        context = Context(place, name, number, statement, sketch, own, rebuilt.get(number - 1))
        for rule in rules:
            yield from rule(context)
        conditions.fold(sketch, statement, place.dialect)


def _rules(place: Place) -> tuple[Callable[[Context], Iterator[Remark]], ...]:
    if place.vitess:
        return (*hard.RULES, *troubles.RULES)
    if place.mysql:
        return (*hard.ON_MYSQL, *troubles.ON_MYSQL)
    return (*hard.EVERYWHERE, *troubles.EVERYWHERE)


def _made(statements: list[Statement]) -> frozenset[str]:
    return frozenset(
        act.table
        for statement in statements
        for act in statement.acts
        if act.kind is Kind.CREATE_TABLE
    )


def _chain(place: Place, files: Sequence[File], now: datetime) -> Iterator[Remark]:
    """Rule 7: times grow, none lies ahead, each snapshot names the one before it."""
    label = place.keyspace or place.path.name
    if any(file.by_name for file in files):  # 1.x: times order nothing, names are recorded
        yield from _parents(place.path, label, files)
        return
    before = 0
    for file in files:
        when = int(file.order)
        if when <= before:
            said = f"its when {when} is not above {before}: Drizzle would skip it for ever"
            yield Remark(f"{label}/{file.tag}.sql", 0, IMMUTABLE, REFUSE, said)
        if when > now.timestamp() * 1000:
            said = f"its when {when} lies ahead: every later file would be skipped"
            yield Remark(f"{label}/{file.tag}.sql", 0, IMMUTABLE, REFUSE, said)
        before = max(before, when)
    listed = {f"{file.tag}.sql" for file in files}
    for stray in sorted(place.path.glob("*.sql")):
        if stray.name not in listed:
            said = "is not in meta/_journal.json: no tool runs it"
            yield Remark(f"{label}/{stray.name}", 0, IMMUTABLE, REFUSE, said)
    yield from _snapshots(place.path, label, files)


def _parents(folder: Path, label: str, files: Sequence[File]) -> Iterator[Remark]:
    """Of 1.x: each snapshot names the ones it follows, and they are there."""
    known, follow = {ORIGIN}, []
    for file in files:
        stored = folder / file.tag / "snapshot.json"
        if not stored.is_file():
            continue
        try:
            snapshot = json.loads(stored.read_text(encoding="utf-8"))
            known.add(str(snapshot["id"]))
            follow += [(file.tag, str(one)) for one in snapshot["prevIds"]]
        except (ValueError, KeyError, TypeError):
            at = f"{label}/{file.tag}/snapshot.json"
            yield Remark(at, 0, IMMUTABLE, REFUSE, "cannot be read")
    for tag, one in follow:
        if one not in known:
            said = f"follows the snapshot {one[:8]}, which is in no folder here"
            yield Remark(f"{label}/{tag}/snapshot.json", 0, IMMUTABLE, REFUSE, said)


def _snapshots(folder: Path, label: str, files: Sequence[File]) -> Iterator[Remark]:
    previous = ""
    for file in files:
        stored = folder / "meta" / f"{file.tag.partition('_')[0]}_snapshot.json"
        if not stored.is_file():
            continue
        try:
            snapshot = json.loads(stored.read_text(encoding="utf-8"))
            own, before = str(snapshot["id"]), str(snapshot["prevId"])
        except (ValueError, KeyError, TypeError):
            yield Remark(f"{label}/{stored.name}", 0, IMMUTABLE, REFUSE, "cannot be read")
            continue
        if previous and before != previous:
            said = f"prevId {before[:8]} is not the id of the snapshot before it, {previous[:8]}"
            yield Remark(f"{label}/{stored.name}", 0, IMMUTABLE, REFUSE, said)
        previous = own
