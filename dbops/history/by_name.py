"""Tools whose ledger holds names and no hashes (D1, Kysely, Django): files against names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from dbops.history import rules
from dbops.history.rules import NOTHING, About, Known
from dbops.history.states import File, FileState, History
from dbops.readings import Migration


def compare(
    found: Sequence[File],
    rows: Mapping[str, str | None] | None,
    keyspace: str,
    *,
    run: str,
    orphans_loud: bool = True,
    known: Known = NOTHING,
) -> History:
    """`rows`: name -> when applied (ISO text) in ledger order, None without ledger.

    `run` is the command that applies a file. Without a hash in the ledger, `known.first_seen`
    says which bytes were applied. Pure but for `known`.
    """
    held = rows or {}
    newest = max(held, default="")
    tags = {file.tag for file in found}
    late = _overtaken(held)
    abouts = [_about(file, held, late, newest, run, known) for file in found]
    migrations = [rules.judge(about, known, keyspace) for about in abouts]
    for name in held:
        if name not in tags:
            migrations.append(_orphan(name, held[name], keyspace, quiet=not orphans_loud))
    files_end = max(tags, default="")
    return History(
        migrations=tuple(migrations),
        applied=tuple(file for file in found if file.tag in held),
        files=tuple(found),
        initialised=rows is not None,
        behind=orphans_loud and newest > files_end,
    )


def _overtaken(names: Iterable[str]) -> frozenset[str]:
    """Of the names in the order of applying, those that came after a later one."""
    found, newest = set(), ""
    for name in names:
        if name < newest:
            found.add(name)
        newest = max(newest, name)
    return frozenset(found)


def _about(
    file: File,
    rows: Mapping[str, str | None],
    overtaken: frozenset[str],
    newest: str,
    run: str,
    known: Known,
) -> About:
    own = hashlib.sha256(file.content).hexdigest()
    repairs = {
        FileState.UNKNOWN: "save the file as UTF-8",
        FileState.MODIFIED: "restore the file from version control; a new change is a new file",
        FileState.OUT_OF_ORDER: f"read both files, then: {run}",
        FileState.PARTIAL: f"openinsure db resume SLUG {file.tag}",
        FileState.PENDING: run,
    }
    if file.tag not in rows:
        late = file.tag < newest
        said = f"not recorded, although the later {newest} is" if late else "not recorded"
        return About(file=file, hash=own, overtaken=late, row=said, repairs=repairs)
    seen = known.first_seen.get(file.tag)
    said = "recorded by name; hash not recorded"
    if seen is not None:
        said = "recorded by name; "
        said += "as first seen" if seen == own else f"first seen {seen[:12]}, file {own[:12]}"
    return About(
        file=file,
        hash=own,
        recorded=True,
        same=seen is None or seen == own,
        line_ends=seen is not None and _line_ends_only(file.content, seen),
        overtaken=file.tag in overtaken,
        applied_at=rows[file.tag],
        row=said,
        repairs=repairs,
    )


def _line_ends_only(content: bytes, seen: str) -> bool:
    lf = content.replace(b"\r\n", b"\n")
    forms = (lf, lf.replace(b"\n", b"\r\n"))
    return seen in [hashlib.sha256(form).hexdigest() for form in forms]


def _orphan(name: str, applied_at: str | None, keyspace: str, *, quiet: bool) -> Migration:
    return Migration(
        tag=name,
        keyspace=keyspace,
        state=FileState.ORPHANED,
        applied_at=applied_at,
        evidence="recorded, but there is no such file",
        repair="bring the file back from version control; never delete the row",
        quiet=quiet,
    )
