"""Backup age and last restore test as readings: what was recorded, never what is hoped for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dbops import collect
from dbops.models import BackupRecord
from dbops.readings import iso
from openinsure.problems import BadForm, NotFound

FRESH = timedelta(hours=24)  # a production deploy needs one not older than this
PIECE = 2**20  # bytes read at a time


@dataclass(frozen=True, slots=True)
class Backup:
    """The newest recorded backup of one database."""

    taken_at: datetime
    file: str
    sha256: str
    size: int
    recorded_by: str
    restored_at: datetime | None

    def age(self, now: datetime) -> timedelta:
        """How old it is."""
        return now - self.taken_at

    def fresh(self, now: datetime) -> bool:
        """Young enough for a production deploy."""
        return timedelta() <= self.age(now) <= FRESH

    def json(self, *, now: datetime) -> dict[str, Any]:
        """As the page and the command say it."""
        return {
            "taken_at": iso(self.taken_at),
            "age_s": max(0, int(self.age(now).total_seconds())),
            "fresh": self.fresh(now),
            "sha256": self.sha256,
            "size": self.size,
            "recorded_by": self.recorded_by,
            "restored_at": iso(self.restored_at),
        }


def newest(slug: str) -> Backup | None:
    """The newest recorded backup; None when nobody recorded one. One statement."""
    row = BackupRecord.objects.filter(slug=slug).order_by("-taken_at", "-id").first()
    if row is None:
        return None
    return Backup(row.taken_at, row.file, row.sha256, row.size, row.recorded_by, row.restored_at)


def record(slug: str, file: Path, *, by: str, now: datetime) -> Backup:
    """Record a backup file: its bytes, and the time it was last written.

    Raises NotFound (no such database), BadForm (no file, empty, or from the future).
    """
    collect.find(slug)
    try:
        size, written = file.stat().st_size, datetime.fromtimestamp(file.stat().st_mtime, UTC)
        digest = _digest(file)
    except OSError as error:
        raise BadForm({"file": f"cannot be read ({error.strerror})."}) from None
    if not size:
        raise BadForm({"file": "is empty: that is no backup."})
    if written > now + timedelta(minutes=5):
        raise BadForm({"file": "was written in the future: check the clock."})
    BackupRecord.objects.create(
        slug=slug, taken_at=written, file=file.name, sha256=digest, size=size, recorded_by=by
    )
    return Backup(written, file.name, digest, size, by, None)


def restored(slug: str, sha256: str, *, now: datetime) -> Backup:
    """Record that a backup was restored and looked at. Raises NotFound."""
    row = BackupRecord.objects.filter(slug=slug, sha256__startswith=sha256).last()
    if row is None:
        raise NotFound("backup", message=f"No backup {sha256[:12]} of {slug}.")
    row.restored_at = now
    row.save(update_fields=["restored_at"])
    return Backup(row.taken_at, row.file, row.sha256, row.size, row.recorded_by, now)


def _digest(file: Path) -> str:
    found = hashlib.sha256()
    with file.open("rb") as source:
        while piece := source.read(PIECE):
            found.update(piece)
    return found.hexdigest()
