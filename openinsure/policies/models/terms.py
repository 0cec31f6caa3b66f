"""Policy terms, their premium timeline, money, history and documents."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import (
    CentsField,
    FixedCharField,
    IdField,
    RateField,
    StampField,
    TextColumn,
    TimestampField,
)
from openinsure.keyspaces.indexes import OrgIndex, org_unique
from openinsure.tenancy.models import TenantModel, org_ref


class Policy(TenantModel):
    """One row per policy term."""

    policy_number = models.CharField(max_length=40)
    term_number = models.IntegerField()
    program_id = IdField()
    carrier_id = IdField()
    producer_id = IdField()
    insured_id = IdField()
    submission_id = IdField(null=True)
    quote_id = IdField(null=True)
    prior_policy_id = IdField(null=True)
    status = models.CharField(max_length=32)
    line_of_business = models.CharField(max_length=32)
    state = FixedCharField(max_length=2)
    admitted = models.BooleanField(default=False)
    effective_date = models.DateField()
    expiration_date = models.DateField()
    effective_time = FixedCharField(max_length=5)
    timezone = models.CharField(max_length=64)
    bound_at = TimestampField(null=True)
    issued_at = TimestampField(null=True)
    cancelled_at = TimestampField(null=True)
    cancellation_effective_date = models.DateField(null=True)
    currency = FixedCharField(max_length=3)
    annual_premium_cents = CentsField()
    written_premium_cents = CentsField()
    fees_cents = CentsField()
    taxes_cents = CentsField()
    total_cents = CentsField()
    producer_commission_rate = RateField()
    mga_commission_rate = RateField()
    billing_account_id = IdField(null=True)
    billing_plan = models.CharField(max_length=32)
    liability_limit_cents = CentsField()
    deductible_cents = CentsField()
    vehicle_count = models.IntegerField(default=0)
    driver_count = models.IntegerField(default=0)
    usdot_number = models.CharField(max_length=12, null=True)
    insured_name = models.CharField(max_length=255)
    insured_name_norm = models.CharField(max_length=255)
    underwriter_user_id = IdField(null=True)
    dec_document_id = IdField(null=True)
    lock_version = models.IntegerField(default=0)
    metadata = models.JSONField(null=True)
    created_at = StampField()
    updated_at = StampField()

    insured = org_ref("oi_policies.Insured", "insured_id", related_name="+")
    prior_policy = org_ref("oi_policies.Policy", "prior_policy_id", related_name="+", null=True)
    dec_document = org_ref(
        "oi_policies.PolicyDocument", "dec_document_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "policies"
        constraints = [
            org_unique("policies", "policy_number", "term_number"),
        ]
        indexes = [
            OrgIndex("status", "effective_date"),
            OrgIndex("expiration_date", "status"),
            OrgIndex("insured_id"),
            OrgIndex("producer_id", "status"),
            OrgIndex("program_id", "status"),
            OrgIndex("insured_name_norm"),
            OrgIndex("usdot_number"),
            OrgIndex("submission_id"),
            OrgIndex("prior_policy_id"),
            OrgIndex("updated_at", "id"),
            OrgIndex("effective_date", "id"),
            OrgIndex("expiration_date", "id"),
            OrgIndex("policy_number", "id"),
            OrgIndex("insured_name_norm", "id"),
            OrgIndex("written_premium_cents", "id"),
            OrgIndex("status", "updated_at", "id"),
            OrgIndex("status", "effective_date", "id"),
            OrgIndex("status", "expiration_date", "id"),
            OrgIndex("program_id", "updated_at", "id"),
            OrgIndex("producer_id", "updated_at", "id"),
            OrgIndex("state", "updated_at", "id"),
        ]


class PolicySegment(TenantModel):
    """Timeline of premium segments: each endorsement starts a new one."""

    policy_id = IdField()
    segment_no = models.IntegerField()
    source_type = models.CharField(max_length=32)
    endorsement_id = IdField(null=True)
    start_date = models.DateField()
    end_date = models.DateField()
    annual_rate_cents = CentsField()
    segment_premium_cents = CentsField()
    currency = FixedCharField(max_length=3)
    status = models.CharField(max_length=32)
    superseded_by_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")
    endorsement = org_ref("oi_policies.Endorsement", "endorsement_id", related_name="+", null=True)
    superseded_by = org_ref(
        "oi_policies.PolicySegment", "superseded_by_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "policy_segments"
        constraints = [
            org_unique("policy_segments", "policy_id", "segment_no"),
        ]
        indexes = [
            OrgIndex("endorsement_id"),
        ]


class PolicyTransaction(TenantModel):
    """Money-bearing policy events: one row per written premium movement."""

    policy_id = IdField()
    policy_number = models.CharField(max_length=40)
    transaction_no = models.IntegerField()
    transaction_type = models.CharField(max_length=32)
    source_table = models.CharField(max_length=64)
    source_id = IdField()
    effective_date = models.DateField()
    process_date = models.DateField()
    written_premium_cents = CentsField()
    fees_cents = CentsField()
    taxes_cents = CentsField()
    producer_commission_cents = CentsField()
    mga_commission_cents = CentsField()
    currency = FixedCharField(max_length=3)
    bordereau_id = IdField(null=True)
    gl_entry_id = IdField(null=True)
    status = models.CharField(max_length=32)
    created_by_user_id = IdField(null=True)
    created_at = StampField()

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "policy_transactions"
        constraints = [
            org_unique("policy_transactions", "policy_id", "transaction_no"),
        ]
        indexes = [
            OrgIndex("process_date", "transaction_type"),
            OrgIndex("bordereau_id"),
            OrgIndex("source_id"),
            OrgIndex("process_date", "id"),
        ]


class PolicyEvent(TenantModel):
    """Append-only event history."""

    policy_id = IdField()
    seq = models.IntegerField()
    event_type = models.CharField(max_length=64)
    from_status = models.CharField(max_length=32, null=True)
    to_status = models.CharField(max_length=32, null=True)
    actor_user_id = IdField(null=True)
    actor_role = models.CharField(max_length=32)
    effective_date = models.DateField(null=True)
    occurred_at = TimestampField()
    correlation_id = IdField(null=True)
    payload = models.JSONField(null=True)
    created_at = StampField()
    delivered_at = TimestampField(null=True)

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "policy_events"
        constraints = [
            org_unique("policy_events", "policy_id", "seq"),
        ]
        indexes = [
            OrgIndex("event_type", "occurred_at"),
            OrgIndex("correlation_id"),
            OrgIndex("delivered_at", "id"),
        ]


class PolicyDocument(TenantModel):
    """Documents by policy; signature state from Documenso."""

    policy_id = IdField()
    document_type = models.CharField(max_length=64)
    title = models.CharField(max_length=255)
    storage_key = models.CharField(max_length=255)
    sha256 = FixedCharField(max_length=64)
    size_bytes = models.BigIntegerField(default=0)
    documenso_document_id = models.IntegerField(null=True)
    signature_status = models.CharField(max_length=32, null=True)
    generated_at = TimestampField()
    created_at = StampField()
    updated_at = StampField()

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "policy_documents"
        indexes = [
            OrgIndex("policy_id", "document_type", "generated_at"),
            OrgIndex("documenso_document_id"),
        ]


class PolicyNote(TenantModel):
    """Notes; immutable after save."""

    policy_id = IdField()
    author_user_id = IdField()
    category = models.CharField(max_length=32)
    body = TextColumn(null=True)
    pinned = models.BooleanField(default=False)
    created_at = StampField()

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "policy_notes"
        indexes = [
            OrgIndex("policy_id", "created_at"),
        ]


class PolicyNumberSequence(TenantModel):
    """Gap-free numbering per program and year."""

    program_id = IdField()
    series_year = models.SmallIntegerField()
    prefix = models.CharField(max_length=16)
    next_value = models.BigIntegerField()
    created_at = StampField()
    updated_at = StampField()

    class Meta(TenantModel.Meta):
        db_table = "policy_number_sequences"
        constraints = [
            org_unique("policy_number_sequences", "program_id", "series_year"),
        ]
