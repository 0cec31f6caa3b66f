"""The audit tables of oi_global: columns only; record.py appends."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import FixedCharField, IdField, StampField, TimestampField
from openinsure.keyspaces.indexes import OrgIndex, org_unique
from openinsure.tenancy.models import TenantModel


class AuditLog(TenantModel):
    """Append-only record of every write and privileged read, hash-chained per organisation."""

    actor_user_id = IdField(null=True)
    actor_role = models.CharField(max_length=32)
    action = models.CharField(max_length=64)
    entity_keyspace = models.CharField(max_length=32, default="")
    entity_table = models.CharField(max_length=64, default="")
    entity_id = IdField(null=True)
    parent_entity_id = IdField(null=True)
    request_id = IdField()
    ip = models.CharField(max_length=45, null=True)
    user_agent = models.CharField(max_length=255, null=True)
    before_json = models.JSONField(null=True)
    after_json = models.JSONField(null=True)
    reason = models.CharField(max_length=255, null=True)
    cross_org = models.BooleanField(default=False)
    seq = models.BigIntegerField()
    prev_hash = FixedCharField(max_length=64)
    row_hash = FixedCharField(max_length=64)
    occurred_at = TimestampField()
    created_at = StampField()

    class Meta(TenantModel.Meta):
        app_label = "oi_global"
        db_table = "audit_log"
        constraints = [
            org_unique("audit_log", "seq"),
        ]
        indexes = [
            OrgIndex("occurred_at", "id"),
            OrgIndex("entity_table", "entity_id", "occurred_at"),
            OrgIndex("actor_user_id", "occurred_at"),
            OrgIndex("action", "occurred_at"),
            OrgIndex("action", "occurred_at", "id"),
            OrgIndex("actor_user_id", "occurred_at", "id"),
            OrgIndex("entity_table", "occurred_at", "id"),
            OrgIndex("actor_role", "occurred_at", "id"),
        ]


class AuditAccessLog(TenantModel):
    """Every cross-organisation read: org_id is the organisation whose data was read."""

    actor_user_id = IdField()
    actor_home_org_id = IdField()
    actor_role = models.CharField(max_length=32)
    route = models.CharField(max_length=255)
    entity_table = models.CharField(max_length=64, default="")
    entity_id = IdField(null=True)
    filter_json = models.JSONField(null=True)
    rows_returned = models.IntegerField(default=0)
    reason = models.CharField(max_length=255, null=True)
    ticket_ref = models.CharField(max_length=64, null=True)
    request_id = IdField()
    ip = models.CharField(max_length=45, null=True)
    occurred_at = TimestampField()
    created_at = StampField()

    class Meta(TenantModel.Meta):
        app_label = "oi_global"
        db_table = "audit_access_log"
        indexes = [
            OrgIndex("occurred_at", "id"),
            OrgIndex("actor_user_id", "occurred_at"),
            OrgIndex("actor_user_id", "occurred_at", "id"),
        ]
