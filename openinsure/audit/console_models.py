"""Grants and anchors: the org-keyed tables of oi_console that belong to the audit log."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import IdField
from openinsure.keyspaces.inventory import register_console_table
from openinsure.tenancy.models import TenantModel

HASH_LENGTH = 64  # hex characters of SHA-256


class GrantRow(TenantModel):
    """A cross-organisation grant. `org_id` is the visitor's own organisation, not the entered.

    `live` is 1 until it ends and NULL afterwards, so the unique key allows one live grant per
    session and organisation and any number of ended ones.
    """

    user_id = models.CharField(max_length=36)
    role = models.CharField(max_length=32)
    session_id = models.CharField(max_length=64)
    entered_org_id = IdField()
    entered_org_name = models.CharField(max_length=255)
    reason = models.CharField(max_length=255)
    ticket = models.CharField(max_length=64, default="")
    audit_row_id = IdField()
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=16, default="")
    ended_row_id = IdField(default="")
    live = models.PositiveSmallIntegerField(null=True, default=1)

    class Meta(TenantModel.Meta):
        managed = True
        app_label = "audit"
        db_table = "cross_org_grants"
        constraints = [
            models.UniqueConstraint(
                fields=["org_id", "user_id", "session_id", "entered_org_id", "live"],
                name="cross_org_grants_one_live",
            )
        ]
        indexes = [
            models.Index(fields=["org_id", "live", "expires_at"], name="cross_org_grants_live"),
            models.Index(fields=["org_id", "user_id", "id"], name="cross_org_grants_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.entered_org_id} until {self.expires_at}"


class Anchor(TenantModel):
    """A chain checked up to its head at one moment, signed. The exported copy is the proof."""

    seq = models.BigIntegerField()
    row_hash = models.CharField(max_length=HASH_LENGTH)
    head_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField()
    fault_kind = models.CharField(max_length=16, default="")
    fault_seq = models.BigIntegerField(null=True)
    signature = models.CharField(max_length=HASH_LENGTH)

    class Meta(TenantModel.Meta):
        managed = True
        app_label = "audit"
        db_table = "audit_anchors"
        indexes = [models.Index(fields=["org_id", "checked_at", "id"], name="audit_anchors_newest")]

    def __str__(self) -> str:
        return f"{self.org_id} checked to {self.seq}"


register_console_table("cross_org_grants", purpose="Cross-organisation grants by home organisation")
register_console_table("audit_anchors", purpose="Signed heads of the audit chains")
