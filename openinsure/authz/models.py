"""The relationship outbox of oi_global, and in oi_console what was last seen of SpiceDB."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import StampField, TimestampField
from openinsure.keyspaces.indexes import OrgIndex
from openinsure.tenancy.models import TenantModel


class AuthzOutbox(TenantModel):
    """Relationship writes waiting for SpiceDB."""

    resource_type = models.CharField(max_length=64)
    resource_id = models.CharField(max_length=64)
    relation = models.CharField(max_length=64)
    subject_type = models.CharField(max_length=64)
    subject_id = models.CharField(max_length=64)
    operation = models.CharField(max_length=32)
    status = models.CharField(max_length=32)
    attempts = models.IntegerField(default=0)
    zed_token = models.CharField(max_length=255, null=True)
    last_error = models.CharField(max_length=255, null=True)
    sent_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(TenantModel.Meta):
        app_label = "oi_global"
        db_table = "authz_outbox"
        indexes = [
            OrgIndex("status", "created_at"),
            OrgIndex("resource_type", "resource_id"),
        ]


class RelationStanding(models.Model):
    """What the last look at one side of SpiceDB found. Facts of the platform, of no organisation.

    name: schema, outbox or comparison; `said` is that look's values (authz.standing).
    """

    name = models.CharField(max_length=16, unique=True)
    seen_at = models.DateTimeField()
    said = models.JSONField()

    class Meta:
        app_label = "authz"

    def __str__(self) -> str:
        return f"{self.name} at {self.seen_at}"
