"""Django: `<app>/migrations/NNNN_name.py` against `django_migrations(app, name, applied)`.

Rows without a file vanish from showmigrations, so the table itself is read; rows of apps that
are not in the folder (django.contrib) are not ours to judge.
"""

from __future__ import annotations

from pathlib import Path

from dbops.history import by_name
from dbops.history.states import File, FilesUnreadable, History, folder, read_bytes
from dbops.probes.sessions import NoSuchTable, Session


def files(path: Path) -> list[File]:
    """`app.NNNN_name` of every app below the folder. Raises FilesUnreadable."""
    found = [
        File(f"{child.parent.parent.name}.{child.stem}", child.stem, read_bytes(child), 1)
        for child in sorted(folder(path).glob("**/migrations/[0-9]*.py"))
    ]
    if not found:
        raise FilesUnreadable("no <app>/migrations/NNNN_name.py below the folder")
    return found


def read(path: Path, session: Session, schema: str, keyspace: str) -> History:
    """The files against the ledger of one schema. Raises FilesUnreadable or Away."""
    found = files(path)
    apps = {file.tag.partition(".")[0] for file in found}
    quote = "`" if session.dialect == "mysql" else '"'
    sql = f"SELECT app, name, applied FROM {quote}{schema}{quote}.django_migrations ORDER BY id"  # noqa: S608
    try:
        all_rows = session.rows(sql)
    except NoSuchTable:
        return by_name.compare(found, None, keyspace, run="manage.py migrate")
    rows = {f"{app}.{name}": str(at) for app, name, at in all_rows if app in apps}
    return _per_app(found, rows, apps, keyspace)


def _per_app(found: list[File], rows: dict[str, str], apps: set[str], keyspace: str) -> History:
    parts = []
    for app in sorted(apps):
        mine = [file for file in found if file.tag.startswith(f"{app}.")]
        held = {name: at for name, at in rows.items() if name.startswith(f"{app}.")}
        parts.append(by_name.compare(mine, held, keyspace, run="manage.py migrate"))
    return History(
        migrations=tuple(m for part in parts for m in part.migrations),
        applied=tuple(file for part in parts for file in part.applied),
        available=len(found),
        behind=any(part.behind for part in parts),
    )
