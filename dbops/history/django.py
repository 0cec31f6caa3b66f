"""Django: `<app>/migrations/NNNN_name.py` against `django_migrations(app, name, applied)`.

Rows without a file vanish from showmigrations, so the table itself is read; rows of apps that
are not in the folder (django.contrib) are not ours to judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dbops.history import by_name
from dbops.history.rules import NOTHING, Known
from dbops.history.states import File, FilesUnreadable, History, folder, read_bytes
from dbops.inventory import Ledger
from dbops.probes.sessions import NoSuchTable, Session

LEDGER = "django_migrations"  # in every project: it cannot be named otherwise
OWN = Ledger()


def files(path: Path) -> list[File]:
    """`app.NNNN_name` of every app below the folder. Raises FilesUnreadable."""
    found = [
        File(f"{child.parent.parent.name}.{child.stem}", child.stem, read_bytes(child), 1)
        for child in sorted(folder(path).glob("**/migrations/[0-9]*.py"))
    ]
    if not found:
        raise FilesUnreadable("no <app>/migrations/NNNN_name.py below the folder")
    return found


def ledger(session: Session, schema: str, _named: Ledger = OWN) -> dict[str, str] | None:
    """`app.name` -> time of applying, of every app; None without ledger. Raises Away."""
    quote = "`" if session.dialect == "mysql" else '"'
    table = f"{quote}{schema}{quote}.{LEDGER}"
    sql = f"SELECT app, name, applied FROM {table} ORDER BY id"  # noqa: S608
    try:
        return {f"{app}.{name}": str(at) for app, name, at in session.rows(sql)}
    except NoSuchTable:
        return None


def replaced(content: bytes) -> tuple[str, ...]:
    """`app.name` of each migration that a squashed one stands for; () for any other file."""
    if b"replaces" not in content:
        return ()
    import ast  # only where a file may be a squashed one

    try:
        for node in ast.walk(ast.parse(content)):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "replaces":
                return tuple(f"{app}.{name}" for app, name in ast.literal_eval(node.value))
    except (SyntaxError, ValueError, TypeError):
        return ()
    return ()


def _squashed(found: Sequence[File], rows: dict[str, str]) -> dict[str, str]:
    """The rows as Django takes them: a squashed file whose replaced ones all ran has run, and
    their rows need no files any more.
    """
    tags = {file.tag for file in found}
    for file in found:
        names = replaced(file.content)
        if not names or not (file.tag in rows or set(names) <= rows.keys()):
            continue
        last = next(name for name in reversed([*rows]) if name in (*names, file.tag))
        known: dict[str, str] = {}
        for name, at in rows.items():
            if (name in tags and name != file.tag) or name not in (*names, file.tag):
                known[name] = at
            if name == last:
                known[file.tag] = rows.get(file.tag, at)
        rows = known
    return rows


def compare(
    found: Sequence[File],
    rows: dict[str, str] | None,
    keyspace: str,
    *,
    known: Known = NOTHING,
) -> History:
    """App by app: every file and every orphaned row with its state and evidence. Pure."""
    parts = []
    known_rows = None if rows is None else _squashed(found, rows)
    for app in sorted({file.tag.partition(".")[0] for file in found}):
        mine = [file for file in found if file.tag.startswith(f"{app}.")]
        ours = (known_rows or {}).items()
        held = {name: at for name, at in ours if name.startswith(f"{app}.")}
        part = by_name.compare(mine, held, keyspace, run="manage.py migrate", known=known)
        parts.append(part)
    return History(
        migrations=tuple(m for part in parts for m in part.migrations),
        applied=tuple(file for part in parts for file in part.applied),
        files=tuple(found),
        initialised=rows is not None,
        behind=any(part.behind for part in parts),
    )
