"""Which tables and columns should be there: the sum of the files that were applied.

Names now; the shadow replay that also compares types and indexes takes the same input.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dbops.history import drizzle, drizzle_snapshot
from dbops.history.states import File, split_statements
from dbops.probes.sessions import Names

# Tables of tools and engines: no part of anybody's schema.
IGNORED = (
    "_oi_",
    "_vt",
    "_cf_",
    "sqlite_",
    "d1_migrations",
    "__drizzle_migrations",
    "_prisma_migrations",
    "kysely_migration",
    "django_migrations",
)


def counted(found: Names, own: Sequence[str] = ()) -> Names:
    """Without ledgers (`own`: those named in the inventory) and the engine's own tables."""
    return {
        table: columns
        for table, columns in found.items()
        if not table.startswith(IGNORED) and table not in own
    }


def of_drizzle(folder: Path, applied: Sequence[File]) -> Names:
    """The snapshot of the newest applied file, else its statements read in order."""
    stored = drizzle_snapshot.names(folder, applied)
    if stored is not None:
        return stored
    from dbops.catalog import names  # its expressions take 3 ms: only where no snapshot tells

    return names.after(sql for file in applied for sql in drizzle.statements(file.text))


def of_sql(applied: Sequence[File]) -> Names:
    """The statements of plain SQL files read in order."""
    from dbops.catalog import names

    return names.after(sql for file in applied for sql in split_statements(file.text))


def of_sqlite(applied: Sequence[File]) -> Names | None:
    """The files replayed in memory by SQLite itself; None when one does not run."""
    import sqlite3

    from dbops.probes.sqlite_session import table_names

    replay = sqlite3.connect(":memory:")
    try:
        for file in applied:
            replay.executescript(file.text)
        return table_names(replay)
    except sqlite3.Error:
        return None
    finally:
        replay.close()
