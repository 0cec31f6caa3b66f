"""What changes a term: endorsements, cancellations, renewals, audits."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import (
    CentsField,
    FixedCharField,
    IdField,
    StampField,
    TimestampField,
)
from openinsure.keyspaces.indexes import OrgIndex, org_unique
from openinsure.tenancy.models import TenantModel, org_ref


class Endorsement(TenantModel):
    """Mid-term changes with premium effect."""

    policy_id = IdField()
    endorsement_no = models.IntegerField()
    type_code = models.CharField(max_length=32)
    status = models.CharField(max_length=32)
    effective_date = models.DateField()
    requested_at = TimestampField()
    requested_by_user_id = IdField(null=True)
    approved_by_user_id = IdField(null=True)
    bound_at = TimestampField(null=True)
    description = models.CharField(max_length=255, null=True)
    annual_delta_cents = CentsField()
    prorata_factor = models.DecimalField(max_digits=12, decimal_places=10)
    written_delta_cents = CentsField()
    fee_delta_cents = CentsField()
    tax_delta_cents = CentsField()
    currency = FixedCharField(max_length=3)
    from_segment_id = IdField(null=True)
    to_segment_id = IdField(null=True)
    backdated = models.BooleanField(default=False)
    reversal_of_id = IdField(null=True)
    document_id = IdField(null=True)
    lock_version = models.IntegerField(default=0)
    created_at = StampField()
    updated_at = StampField()

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")
    from_segment = org_ref(
        "oi_policies.PolicySegment", "from_segment_id", related_name="+", null=True
    )
    to_segment = org_ref("oi_policies.PolicySegment", "to_segment_id", related_name="+", null=True)
    reversal_of = org_ref("oi_policies.Endorsement", "reversal_of_id", related_name="+", null=True)
    document = org_ref("oi_policies.PolicyDocument", "document_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "endorsements"
        constraints = [
            org_unique("endorsements", "policy_id", "endorsement_no"),
        ]
        indexes = [
            OrgIndex("status", "effective_date"),
            OrgIndex("updated_at", "id"),
            OrgIndex("effective_date", "id"),
        ]


class EndorsementItem(TenantModel):
    """Field-level before and after of an endorsement."""

    endorsement_id = IdField()
    policy_id = IdField()
    entity_table = models.CharField(max_length=64)
    entity_id = IdField()
    field_name = models.CharField(max_length=64)
    before_json = models.JSONField(null=True)
    after_json = models.JSONField(null=True)
    created_at = StampField()
    updated_at = StampField()

    endorsement = org_ref("oi_policies.Endorsement", "endorsement_id", related_name="+")
    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "endorsement_items"
        indexes = [
            OrgIndex("endorsement_id"),
            OrgIndex("policy_id"),
        ]


class Cancellation(TenantModel):
    """Cancellation with notice, method and return premium."""

    policy_id = IdField()
    policy_number = models.CharField(max_length=40)
    cancellation_type = models.CharField(max_length=32)
    reason_code = models.CharField(max_length=32)
    initiated_by = models.CharField(max_length=32)
    status = models.CharField(max_length=32)
    notice_rule_id = IdField(null=True)
    notice_days = models.IntegerField()
    notice_mailed_at = TimestampField(null=True)
    notice_tracking = models.CharField(max_length=64, null=True)
    effective_date = models.DateField()
    earned_premium_cents = CentsField()
    unearned_premium_cents = CentsField()
    short_rate_factor = models.DecimalField(max_digits=9, decimal_places=6)
    penalty_cents = CentsField()
    min_earned_cents = CentsField()
    return_premium_cents = CentsField()
    return_tax_cents = CentsField()
    return_commission_cents = CentsField()
    currency = FixedCharField(max_length=3)
    rescinded_at = TimestampField(null=True)
    rescind_reason = models.CharField(max_length=255, null=True)
    state_report_record_id = IdField(null=True)
    document_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")
    state_report_record = org_ref(
        "oi_policies.StateInsuranceReportRecord",
        "state_report_record_id",
        related_name="+",
        null=True,
    )
    document = org_ref("oi_policies.PolicyDocument", "document_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "cancellations"
        indexes = [
            OrgIndex("policy_id", "status"),
            OrgIndex("status", "effective_date"),
            OrgIndex("updated_at", "id"),
            OrgIndex("effective_date", "id"),
        ]


class Reinstatement(TenantModel):
    """Reinstatement with or without lapse."""

    policy_id = IdField()
    cancellation_id = IdField()
    status = models.CharField(max_length=32)
    effective_date = models.DateField()
    lapse_days = models.IntegerField(default=0)
    no_loss_statement_document_id = IdField(null=True)
    fee_cents = CentsField()
    reinstated_premium_cents = CentsField()
    currency = FixedCharField(max_length=3)
    approved_by_user_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")
    cancellation = org_ref("oi_policies.Cancellation", "cancellation_id", related_name="+")
    no_loss_statement_document = org_ref(
        "oi_policies.PolicyDocument", "no_loss_statement_document_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "reinstatements"
        indexes = [
            OrgIndex("policy_id"),
            OrgIndex("cancellation_id"),
            OrgIndex("status", "effective_date"),
        ]


class Renewal(TenantModel):
    """Renewal work item per expiring term."""

    policy_id = IdField()
    expiration_date = models.DateField()
    status = models.CharField(max_length=32)
    offer_quote_id = IdField(null=True)
    offer_premium_cents = CentsField()
    currency = FixedCharField(max_length=3)
    notice_due_date = models.DateField()
    offered_at = TimestampField(null=True)
    accepted_at = TimestampField(null=True)
    renewed_policy_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")
    renewed_policy = org_ref("oi_policies.Policy", "renewed_policy_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "renewals"
        constraints = [
            org_unique("renewals", "policy_id"),
        ]
        indexes = [
            OrgIndex("status", "notice_due_date"),
            OrgIndex("notice_due_date", "id"),
        ]


class Nonrenewal(TenantModel):
    """Non-renewal decisions and notice."""

    policy_id = IdField()
    reason_code = models.CharField(max_length=32)
    notice_days = models.IntegerField()
    notice_due_date = models.DateField()
    notice_mailed_at = TimestampField(null=True)
    effective_date = models.DateField()
    status = models.CharField(max_length=32)
    document_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")
    document = org_ref("oi_policies.PolicyDocument", "document_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "nonrenewals"
        constraints = [
            org_unique("nonrenewals", "policy_id"),
        ]
        indexes = [
            OrgIndex("status", "notice_due_date"),
        ]


class PolicyAudit(TenantModel):
    """Premium audits and mileage or unit-count adjustments."""

    policy_id = IdField()
    audit_type = models.CharField(max_length=32)
    period_start = models.DateField()
    period_end = models.DateField()
    status = models.CharField(max_length=32)
    estimated_exposure = models.DecimalField(max_digits=16, decimal_places=4)
    actual_exposure = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    adjustment_cents = CentsField()
    currency = FixedCharField(max_length=3)
    completed_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "policy_audits"
        indexes = [
            OrgIndex("policy_id", "period_start"),
            OrgIndex("status", "completed_at"),
        ]
