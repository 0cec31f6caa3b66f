"""Mail taken in."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import FixedCharField, IdField, StampField, TimestampField
from openinsure.keyspaces.indexes import OrgIndex, org_unique
from openinsure.tenancy.models import TenantModel, org_ref


class InboundMessage(TenantModel):
    """Mail taken in every fifteen minutes."""

    mailbox = models.CharField(max_length=128)
    message_id = models.CharField(max_length=255)
    from_address = models.CharField(max_length=255)
    subject = models.CharField(max_length=255, null=True)
    received_at = TimestampField()
    status = models.CharField(max_length=32)
    classified_as = models.CharField(max_length=32, null=True)
    submission_id = IdField(null=True)
    claim_id = IdField(null=True)
    error_text = models.CharField(max_length=255, null=True)
    created_at = StampField()
    updated_at = StampField()

    submission = org_ref("oi_submissions.Submission", "submission_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "inbound_messages"
        constraints = [
            org_unique("inbound_messages", "message_id"),
        ]
        indexes = [
            OrgIndex("status", "received_at"),
            OrgIndex("submission_id"),
            OrgIndex("received_at", "id"),
            OrgIndex("status", "received_at", "id"),
        ]


class InboundAttachment(TenantModel):
    """Attachments of inbound mail."""

    message_id = IdField()
    file_name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=128)
    size_bytes = models.BigIntegerField(default=0)
    sha256 = FixedCharField(max_length=64)
    storage_key = models.CharField(max_length=255)
    extraction_status = models.CharField(max_length=32)
    created_at = StampField()
    updated_at = StampField()

    message = org_ref("oi_submissions.InboundMessage", "message_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "inbound_attachments"
        indexes = [
            OrgIndex("message_id"),
            OrgIndex("sha256"),
        ]
