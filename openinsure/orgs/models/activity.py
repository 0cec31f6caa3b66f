"""The diary and the notifications."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import IdField, StampField, TextColumn, TimestampField
from openinsure.keyspaces.indexes import OrgIndex, org_unique
from openinsure.tenancy.models import TenantModel, org_ref


class Activity(TenantModel):
    """Activity diary shown on every record."""

    entity_table = models.CharField(max_length=64)
    entity_id = IdField()
    activity_type = models.CharField(max_length=32)
    subject = models.CharField(max_length=255, null=True)
    body = TextColumn(null=True)
    user_id = IdField(null=True)
    due_at = TimestampField(null=True)
    done_at = TimestampField(null=True)
    occurred_at = TimestampField()
    created_at = StampField()
    updated_at = StampField()

    user = org_ref("oi_global.User", "user_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "activities"
        indexes = [
            OrgIndex("entity_table", "entity_id", "occurred_at"),
            OrgIndex("user_id", "done_at", "due_at"),
            OrgIndex("occurred_at", "id"),
        ]


class Notification(TenantModel):
    """In-app notifications."""

    user_id = IdField()
    kind = models.CharField(max_length=64)
    title = models.CharField(max_length=255)
    body = TextColumn(null=True)
    link_path = models.CharField(max_length=255, null=True)
    read_at = TimestampField(null=True)
    severity = models.CharField(max_length=32)
    created_at = StampField()
    updated_at = StampField()

    user = org_ref("oi_global.User", "user_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "notifications"
        indexes = [
            OrgIndex("user_id", "read_at", "created_at"),
            OrgIndex("user_id", "created_at", "id"),
        ]


class NotificationPreference(TenantModel):
    """Per-user channel choices."""

    user_id = IdField()
    kind = models.CharField(max_length=64)
    channel = models.CharField(max_length=32)
    enabled = models.BooleanField(default=False)
    quiet_hours = models.JSONField(null=True)
    created_at = StampField()
    updated_at = StampField()

    user = org_ref("oi_global.User", "user_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "notification_preferences"
        constraints = [
            org_unique("notification_preferences", "user_id", "kind", "channel"),
        ]
