"""Tools whose ledger holds names and no hashes (D1, Kysely, Django): files against names."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from dbops.history.states import File, FileState, History
from dbops.readings import Migration


def compare(
    found: Sequence[File],
    rows: Mapping[str, str] | None,
    keyspace: str,
    *,
    run: str,
    orphans_loud: bool = True,
) -> History:
    """`rows`: name -> when applied (ISO text) in ledger order, None without ledger.

    A file without row is OUT_OF_ORDER when a later name is recorded, else PENDING. `run` is the
    command that applies it. Pure.
    """
    known = rows or {}
    newest = max(known, default="")
    tags = {file.tag for file in found}
    migrations = [_judge(file, known, newest, keyspace, run) for file in found]
    for name in known:
        if name not in tags:
            migrations.append(_orphan(name, known[name], keyspace, quiet=not orphans_loud))
    files_end = max(tags, default="")
    return History(
        migrations=tuple(migrations),
        applied=tuple(file for file in found if file.tag in known),
        files=tuple(found),
        initialised=rows is not None,
        behind=orphans_loud and newest > files_end,
    )


def _judge(file: File, rows: Mapping[str, str], newest: str, keyspace: str, run: str) -> Migration:
    own = hashlib.sha256(file.content).hexdigest()
    if file.tag in rows:
        state, evidence, repair = FileState.APPLIED, "recorded by name; hash not recorded", ""
    elif file.tag < newest:
        state = FileState.OUT_OF_ORDER
        evidence = f"not recorded, although the later {newest} is"
        repair = f"read both files, then: {run}"
    else:
        state, evidence, repair = FileState.PENDING, "not recorded", run
    return Migration(
        tag=file.tag,
        keyspace=keyspace,
        state=state,
        hash=own,
        applied_at=rows.get(file.tag),
        statements=file.statements,
        evidence=evidence,
        repair=repair,
    )


def _orphan(name: str, applied_at: str, keyspace: str, *, quiet: bool) -> Migration:
    return Migration(
        tag=name,
        keyspace=keyspace,
        state=FileState.ORPHANED,
        applied_at=applied_at,
        evidence="recorded, but there is no such file",
        repair="bring the file back from version control; never delete the row",
        quiet=quiet,
    )
