"""Writes readings into oi_console: the newest row grows while nothing changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

from dbops.models import StoredMigrations, StoredReading
from dbops.packing import pack, pack_migrations
from dbops.readings import Reading

CHECKED = "drift_checked_at"
HISTORY_KEPT = timedelta(days=90)
TakenBy = Literal["beat", "button"]


def save(
    slug: str,
    reading: Reading,
    *,
    taken_by: TakenBy,
    folders: Mapping[str, Any] | None = None,
) -> None:
    """Store one look. The same words as before move `read_at`; others open a row.

    A look that could not read keeps the migrations of the last one that could.
    """
    said = pack(reading)
    newest = StoredReading.objects.filter(slug=slug).order_by("-id").first()
    if newest is not None and _same(newest.said, said):
        newest.read_at = max(newest.read_at, reading.read_at)
        newest.latency_ms, newest.taken_by, newest.said = reading.latency_ms, taken_by, said
        newest.save(update_fields=["read_at", "latency_ms", "taken_by", "said"])
    else:
        StoredReading.objects.create(
            slug=slug,
            state=str(reading.state),
            first_at=reading.read_at,
            read_at=reading.read_at,
            taken_by=taken_by,
            latency_ms=reading.latency_ms,
            said=said,
        )
        old = reading.read_at - HISTORY_KEPT
        StoredReading.objects.filter(slug=slug, read_at__lt=old).delete()
    if reading.migrations:
        rows = pack_migrations(reading.migrations)
        values = {"read_at": reading.read_at, "rows": rows, "folders": dict(folders or {})}
        StoredMigrations.objects.update_or_create(slug=slug, defaults=values)


def _same(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """The same words; a comparison that found the same again is no change."""
    return {**before, CHECKED: None} == {**now, CHECKED: None}
