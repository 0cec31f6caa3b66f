"""The next migration of a keyspace: what the models say against the newest snapshot.

Pure but for `write`: SQL text, journal entry and snapshot, the same for the same input. Drops go
into a file of their own; a rename is one only when asked for, else it is a drop and an add.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from openinsure.keyspaces import snapshot
from openinsure.keyspaces.journal import BREAKPOINT
from openinsure.keyspaces.snapshot import ColumnSpec, KeySpec, TableSpec

Tables = Mapping[str, TableSpec]
NAME = re.compile(r"[a-z][a-z0-9_]{1,50}")
TABLE_END = ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;"


class CannotGenerate(Exception):
    """A name, rename or folder that cannot be used; the text names it and the rule."""


@dataclass(frozen=True, slots=True)
class Step:
    """One file: its statements and the tables after it."""

    slug: str
    statements: tuple[str, ...]
    tables: Tables


def newest(folder: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The newest snapshot and the journal's entries. Raises CannotGenerate."""
    try:
        entries = json.loads((folder / "meta" / "_journal.json").read_text())["entries"]
        number = entries[-1]["tag"].partition("_")[0]
        stored = json.loads((folder / "meta" / f"{number}_snapshot.json").read_text())
    except (OSError, ValueError, KeyError, IndexError) as error:
        said = f"{folder.name}: no readable journal with a snapshot ({type(error).__name__})"
        raise CannotGenerate(said) from None
    return stored, entries


def steps(name: str, old: Tables, new: Tables, renames: Mapping[str, str]) -> list[Step]:
    """The files that make `old` into `new`: additions, then drops. Empty without a difference.

    renames: `table.column` -> new column name. Raises CannotGenerate for one that does not fit.
    """
    if not NAME.fullmatch(name):
        raise CannotGenerate(f"{name!r}: a name is 2 to 51 of a-z 0-9 _ and starts with a letter")
    held, moved = _renamed(old, new, renames)
    made, between = _additions(held, new)
    found = []
    if moved or made:
        found.append(Step(name, (*moved, *made), between))
    gone = _drops(between, new)
    if gone:
        found.append(Step(f"{name}_drops" if found else name, tuple(gone), dict(new)))
    return found


def _renamed(
    old: Tables, new: Tables, renames: Mapping[str, str]
) -> tuple[dict[str, TableSpec], list[str]]:
    held, said = dict(old), []
    for where, after in renames.items():
        table, _, before = where.partition(".")
        spec, wanted = held.get(table), new.get(table)
        there = {column.name for column in spec.columns} if spec else set()
        here = {column.name for column in wanted.columns} if wanted else set()
        if spec is None or before not in there or before in here or after not in here - there:
            raise CannotGenerate(f"{where}={after}: the models do not rename that column")
        held[table] = replace(
            spec,
            columns=tuple(
                replace(one, name=after) if one.name == before else one for one in spec.columns
            ),
            keys=tuple(
                replace(key, columns=tuple(after if c == before else c for c in key.columns))
                for key in spec.keys
            ),
        )
        said.append(f"ALTER TABLE `{table}` RENAME COLUMN `{before}` TO `{after}`;")
    return held, said


def _additions(old: Tables, new: Tables) -> tuple[list[str], dict[str, TableSpec]]:
    said: list[str] = []
    between = dict(old)
    for name in sorted(new):
        wanted, there = new[name], old.get(name)
        if there is None:
            said.append(create_table(wanted))
            between[name] = wanted
            continue
        said += _columns(there, wanted)
        said += _keys(there, wanted)
        between[name] = _between(there, wanted)
    return said, between


def _between(there: TableSpec, wanted: TableSpec) -> TableSpec:
    """After the additions and before the drops: everything wanted, and what is still there."""
    names = {column.name for column in wanted.columns}
    keys = {key.name for key in wanted.keys}
    return replace(
        wanted,
        columns=(*wanted.columns, *(one for one in there.columns if one.name not in names)),
        keys=(*wanted.keys, *(one for one in there.keys if one.name not in keys)),
    )


def _columns(there: TableSpec, wanted: TableSpec) -> list[str]:
    held = {column.name: column for column in there.columns}
    said = []
    for at, column in enumerate(wanted.columns):
        before = held.get(column.name)
        if before is None:
            last = all(one.name not in held for one in wanted.columns[at:])
            place = "" if last else _after(wanted.columns, at)
            said.append(f"ALTER TABLE `{wanted.name}` ADD {column.sql()}{place};")
        elif before != column:
            said.append(f"ALTER TABLE `{wanted.name}` MODIFY COLUMN {column.sql()};")
    return said


def _after(columns: Sequence[ColumnSpec], at: int) -> str:
    return f" AFTER `{columns[at - 1].name}`" if at else " FIRST"


def _keys(there: TableSpec, wanted: TableSpec) -> list[str]:
    if there.primary_key != wanted.primary_key:
        raise CannotGenerate(f"{wanted.name}: a changed primary key is written by hand")
    held = {key.name: key for key in there.keys}
    said = []
    for key in wanted.keys:
        before = held.get(key.name)
        if before is not None and before != key:
            said.append(f"DROP INDEX `{key.name}` ON `{wanted.name}`;")
        if before != key:
            said.append(create_key(wanted.name, key))
    return said


def _drops(between: Tables, new: Tables) -> list[str]:
    said = []
    for name in sorted(between):
        wanted = new.get(name)
        if wanted is None:
            said.append(f"DROP TABLE `{name}`;")
            continue
        keys, columns = {key.name for key in wanted.keys}, {one.name for one in wanted.columns}
        said += [
            f"DROP INDEX `{key.name}` ON `{name}`;"
            for key in between[name].keys
            if key.name not in keys
        ]
        said += [
            f"ALTER TABLE `{name}` DROP COLUMN `{column.name}`;"
            for column in between[name].columns
            if column.name not in columns
        ]
    return said


def create_key(table: str, key: KeySpec) -> str:
    """CREATE INDEX."""
    unique = "UNIQUE " if key.unique else ""
    return f"CREATE {unique}INDEX `{key.name}` ON `{table}` {_listed(key.columns)};"


def _listed(columns: Sequence[str]) -> str:
    return "(" + ",".join(f"`{column}`" for column in columns) + ")"


def create_table(table: TableSpec) -> str:
    """CREATE TABLE in the form of the baseline."""
    lines = [f"  {column.sql()}" for column in table.columns]
    lines.append(f"  PRIMARY KEY {_listed(table.primary_key)}")
    for key in table.keys:
        kind = "UNIQUE KEY" if key.unique else "KEY"
        lines.append(f"  {kind} `{key.name}` {_listed(key.columns)}")
    body = ",\n".join(lines)
    return f"CREATE TABLE IF NOT EXISTS `{table.name}` (\n{body}\n{TABLE_END}"


def write(folder: Path, made: Sequence[Step], *, now_ms: int) -> list[Path]:
    """The files of these steps, their snapshots and journal entries; the paths written."""
    stored, entries = newest(folder)
    previous, written = str(stored["id"]), []
    for step in made:
        number = len(entries)
        tag = f"{number:04}_{step.slug}"
        text = f"\n{BREAKPOINT}\n".join(step.statements) + "\n"
        path = folder / f"{tag}.sql"
        path.write_bytes(text.encode())
        when = max(now_ms, int(entries[-1]["when"]) + 1)
        entries.append(
            {"idx": number, "version": "5", "when": when, "tag": tag, "breakpoints": True}
        )
        own = str(uuid.UUID(bytes=hashlib.sha256(f"{previous}{tag}{text}".encode()).digest()[:16]))
        after = snapshot.build(step.tables.values(), snapshot_id=own, previous_id=previous)
        shown = folder / "meta" / f"{number:04}_snapshot.json"
        shown.write_bytes(snapshot.dumps(after).encode())
        previous = own
        written += [path, shown]
    journal = {"version": "7", "dialect": "mysql", "entries": entries}
    listing = folder / "meta" / "_journal.json"
    listing.write_bytes((json.dumps(journal, indent=2) + "\n").encode())
    return [*written, listing]
