"""Stored readings (oi_console). Facts about databases, of no organisation: not org-keyed."""

from __future__ import annotations

from django.db import models


class StoredReading(models.Model):
    """A stretch of time in which a database's reading said the same.

    A look that finds nothing new moves `read_at`; one that does opens the next row, so the table
    is the history of changes and stays small at one look a minute.
    """

    slug = models.CharField(max_length=64)
    state = models.CharField(max_length=16)
    first_at = models.DateTimeField()
    read_at = models.DateTimeField()
    taken_by = models.CharField(max_length=8)  # beat | button
    latency_ms = models.FloatField()
    said = models.JSONField()

    class Meta:
        indexes = (models.Index(fields=["slug", "id"], name="dbops_reading_slug_id"),)

    def __str__(self) -> str:
        return f"{self.slug} {self.state}"


class StoredMigrations(models.Model):
    """The files and ledger rows that the newest look at a database found."""

    slug = models.CharField(max_length=64, unique=True)
    read_at = models.DateTimeField()
    rows = models.JSONField()

    def __str__(self) -> str:
        return f"{self.slug}, {len(self.rows)} migrations"
