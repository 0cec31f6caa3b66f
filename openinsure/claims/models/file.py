"""The claim file: notes, documents, history, suits, fraud referrals."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import (
    FixedCharField,
    IdField,
    StampField,
    TextColumn,
    TimestampField,
)
from openinsure.keyspaces.indexes import OrgIndex, org_unique
from openinsure.tenancy.models import TenantModel, org_ref


class ClaimNote(TenantModel):
    """Claim file notes; immutable after save."""

    claim_id = IdField()
    author_user_id = IdField()
    category = models.CharField(max_length=32)
    body = TextColumn(null=True)
    privileged = models.BooleanField(default=False)
    created_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "claim_notes"
        indexes = [
            OrgIndex("claim_id", "created_at"),
        ]


class ClaimDocument(TenantModel):
    """Documents and photos."""

    claim_id = IdField()
    document_type = models.CharField(max_length=64)
    title = models.CharField(max_length=255)
    storage_key = models.CharField(max_length=255)
    sha256 = FixedCharField(max_length=64, null=True)
    received_at = TimestampField(null=True)
    requested_at = TimestampField(null=True)
    upload_token_hash = FixedCharField(max_length=64, null=True)
    created_at = StampField()
    updated_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "claim_documents"
        indexes = [
            OrgIndex("claim_id", "document_type"),
            OrgIndex("sha256"),
        ]


class ClaimEvent(TenantModel):
    """Append-only history."""

    claim_id = IdField()
    seq = models.IntegerField()
    event_type = models.CharField(max_length=64)
    from_status = models.CharField(max_length=32, null=True)
    to_status = models.CharField(max_length=32, null=True)
    actor_user_id = IdField(null=True)
    actor_role = models.CharField(max_length=32)
    occurred_at = TimestampField()
    payload = models.JSONField(null=True)
    created_at = StampField()
    delivered_at = TimestampField(null=True)

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "claim_events"
        constraints = [
            org_unique("claim_events", "claim_id", "seq"),
        ]
        indexes = [
            OrgIndex("event_type", "occurred_at"),
            OrgIndex("delivered_at", "id"),
        ]


class LitigationCase(TenantModel):
    """Suits, court, counsel and deadlines."""

    claim_id = IdField()
    court = models.CharField(max_length=255, null=True)
    docket_number = models.CharField(max_length=64, null=True)
    filed_on = models.DateField(null=True)
    served_on = models.DateField(null=True)
    answer_due_date = models.DateField(null=True)
    defense_counsel_party_id = IdField(null=True)
    status = models.CharField(max_length=32)
    trial_date = models.DateField(null=True)
    created_at = StampField()
    updated_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")
    defense_counsel_party = org_ref(
        "oi_claims.ClaimParty", "defense_counsel_party_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "litigation_cases"
        indexes = [
            OrgIndex("claim_id"),
            OrgIndex("answer_due_date", "status"),
            OrgIndex("docket_number"),
        ]


class SiuReferral(TenantModel):
    """Fraud indicators and investigations."""

    claim_id = IdField()
    indicator_codes = models.JSONField(null=True)
    score = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    status = models.CharField(max_length=32)
    referred_at = TimestampField()
    investigator_user_id = IdField(null=True)
    outcome = models.CharField(max_length=32, null=True)
    closed_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "siu_referrals"
        indexes = [
            OrgIndex("claim_id"),
            OrgIndex("status", "referred_at"),
        ]
