"""Where a migrations folder stands: its newest commit and when, and whether it was edited since.

A folder outside any repository (a container image) has none, and says so.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from dbops.history import d1
from dbops.history.states import FilesUnreadable
from dbops.inventory import Target

GIT_TIMEOUT_S = 2.0
NONE: dict[str, Any] = {"commit": "", "at": None, "edited": False}


def of(target: Target) -> dict[str, dict[str, Any]]:
    """Keyspace ("" where there is one folder) -> commit, at (ISO 8601), edited."""
    database = target.database
    if database.tool == "d1" and target.place.wrangler is not None:
        try:
            return {"": commit(d1.binding(target.place.wrangler, database.name).migrations)}
        except FilesUnreadable:
            return {}
    if not database.migrations:
        return {}
    if "{keyspace}" in database.migrations:
        return {name: commit(database.folder(name)) for name in target.place.schemas}
    return {"": commit(database.folder(""))}


def commit(folder: Path) -> dict[str, Any]:
    """The newest commit that touched the folder. Never raises."""
    said = _git(folder, "log", "-1", "--format=%h %cI", "--", ".")
    if not said:
        return dict(NONE)
    short, _, at = said.partition(" ")
    return {"commit": short, "at": at, "edited": bool(_git(folder, "status", "--short", "."))}


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],
            capture_output=True,
            text=True,
            timeout=GIT_TIMEOUT_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
