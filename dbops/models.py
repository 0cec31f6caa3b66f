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
    folders = models.JSONField(default=dict)  # keyspace -> commit, at, edited (dbops.folders)

    def __str__(self) -> str:
        return f"{self.slug}, {len(self.rows)} migrations"


class StoredComparison(models.Model):
    """The newest comparison of one database. `outcomes`: schema -> basis, reason, drift, counts."""

    slug = models.CharField(max_length=64, unique=True)
    compared_at = models.DateTimeField()
    outcomes = models.JSONField()

    def __str__(self) -> str:
        return f"{self.slug} compared"


class StoredSnapshot(models.Model):
    """A stretch of time in which one schema had one structure; the structure itself, packed."""

    slug = models.CharField(max_length=64)
    keyspace = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    version = models.CharField(max_length=100, default="")  # of the server, at the last look
    normaliser = models.CharField(max_length=8, default="")
    changed = models.CharField(max_length=300, default="")  # tools that changed with it, in words
    first_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    packed = models.BinaryField()

    class Meta:
        indexes = (models.Index(fields=["slug", "keyspace", "id"], name="dbops_snapshot_ks_id"),)

    def __str__(self) -> str:
        return f"{self.slug}/{self.keyspace} {self.fingerprint[:12]}"


class StoredFinding(models.Model):
    """One difference from when it was first seen until it is gone; `said` is the Finding."""

    slug = models.CharField(max_length=64)
    finding = models.CharField(max_length=12)
    first_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    last_ok = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)
    accepted_by = models.CharField(max_length=254, default="")
    accepted_reason = models.CharField(max_length=500, default="")
    accepted_until = models.DateTimeField(null=True)
    said = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["slug", "finding"], name="dbops_finding_slug_id_uq"),
        )

    def __str__(self) -> str:
        return f"{self.slug} {self.finding}"


class ExpectedSchema(models.Model):
    """What a list of files makes, by the key of dbops.catalog.replay; only ever a cache."""

    key = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)
    packed = models.BinaryField()

    def __str__(self) -> str:
        return self.key[:12]


class FirstSeen(models.Model):
    """A migration file as it was when first seen applied: tools keep names, at best a hash."""

    slug = models.CharField(max_length=64)
    label = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    seen_at = models.DateTimeField()
    content = models.BinaryField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["slug", "label"], name="dbops_firstseen_label_uq"),
        )

    def __str__(self) -> str:
        return f"{self.slug} {self.label}"


class MigrationLease(models.Model):
    """Who may run migrations on one database now; free once `until` (the server's time) is past."""

    slug = models.CharField(max_length=64, unique=True)
    holder = models.CharField(max_length=300)
    taken_at = models.DateTimeField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.slug} held by {self.holder}"


class MigrationRun(models.Model):
    """One file as it was run: the intent before each statement, the result after it.

    Written by dbops.runlog over the driver. `begun` > `ended` says that the outcome of one
    statement is not known. `revertable_until`: a deploy whose ledger rows follow then.
    """

    slug = models.CharField(max_length=64)
    keyspace = models.CharField(max_length=64)
    tag = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=8)  # migrate | resume | owner | deploy
    ran_by = models.CharField(max_length=254)
    statements = models.IntegerField()
    begun = models.IntegerField(default=0)
    ended = models.IntegerField(default=0)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, default="")  # applied | failed | stopped | unknown
    error = models.CharField(max_length=500, default="")
    by_hand = models.BooleanField(default=False)  # a person vouched: the row stands for no run
    revertable_until = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["slug", "keyspace", "tag"], name="dbops_run_slug_tag"),)

    def __str__(self) -> str:
        return f"{self.slug}/{self.keyspace}/{self.tag} {self.ended}/{self.statements}"


class Notice(models.Model):
    """One cause that somebody should hear of, and when it was resolved. Mail and webhook once."""

    slug = models.CharField(max_length=64)
    cause = models.CharField(max_length=200)
    raised_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    detail = models.CharField(max_length=500)
    sent = models.CharField(max_length=12, default="queued")  # queued | sent | unknown

    class Meta:
        indexes = (models.Index(fields=["slug", "cause", "id"], name="dbops_notice_cause_id"),)

    def __str__(self) -> str:
        return f"{self.slug}: {self.cause}"


class NoticeMark(models.Model):
    """Until when one person has read notices: the bell counts what changed later."""

    user_id = models.CharField(max_length=36, unique=True)
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"read until {self.read_at}"


class StoredOrphans(models.Model):
    """The newest count of rows that name a row which is not there; `rows`: one a reference."""

    slug = models.CharField(max_length=64, unique=True)
    counted_at = models.DateTimeField()
    rows = models.JSONField()

    def __str__(self) -> str:
        return f"{self.slug}, {len(self.rows)} references"


class BackupRecord(models.Model):
    """One backup that somebody took and recorded: where and which bytes, and its restore test."""

    slug = models.CharField(max_length=64)
    taken_at = models.DateTimeField()
    file = models.CharField(max_length=500)  # or a bookmark of Time Travel
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()  # bytes
    recorded_by = models.CharField(max_length=254)
    restored_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["slug", "taken_at"], name="dbops_backup_slug_at"),)

    def __str__(self) -> str:
        return f"{self.slug} {self.taken_at:%Y-%m-%d}"
