"""Forms, certificates, notices and reports to states."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import FixedCharField, IdField, StampField, TimestampField
from openinsure.keyspaces.indexes import OrgIndex, org_unique
from openinsure.tenancy.models import TenantModel, org_ref


class PolicyForm(TenantModel):
    """Attached forms and editions."""

    policy_id = IdField()
    form_number = models.CharField(max_length=32)
    edition_date = models.DateField(null=True)
    title = models.CharField(max_length=255)
    endorsement_id = IdField(null=True)
    document_id = IdField(null=True)
    effective_date = models.DateField()
    created_at = StampField()
    updated_at = StampField()

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")
    endorsement = org_ref("oi_policies.Endorsement", "endorsement_id", related_name="+", null=True)
    document = org_ref("oi_policies.PolicyDocument", "document_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "policy_forms"
        indexes = [
            OrgIndex("policy_id", "form_number"),
            OrgIndex("endorsement_id"),
        ]


class Certificate(TenantModel):
    """Certificates of insurance issued."""

    policy_id = IdField()
    certificate_number = models.CharField(max_length=40)
    holder_name = models.CharField(max_length=255)
    holder_address = models.JSONField(null=True)
    issued_at = TimestampField()
    issued_by_user_id = IdField(null=True)
    document_id = IdField(null=True)
    revoked_at = TimestampField(null=True)
    verification_code = models.CharField(max_length=32)
    created_at = StampField()
    updated_at = StampField()

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")
    document = org_ref("oi_policies.PolicyDocument", "document_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "certificates"
        constraints = [
            org_unique("certificates", "certificate_number"),
        ]
        indexes = [
            OrgIndex("policy_id", "issued_at"),
        ]


class PolicyNotice(TenantModel):
    """Every notice sent with proof of mailing."""

    policy_id = IdField()
    notice_kind = models.CharField(max_length=32)
    recipient_kind = models.CharField(max_length=32)
    recipient_name = models.CharField(max_length=255)
    address_snapshot = models.JSONField(null=True)
    mailed_at = TimestampField(null=True)
    method = models.CharField(max_length=32)
    tracking_number = models.CharField(max_length=64, null=True)
    proof_document_id = IdField(null=True)
    effective_date = models.DateField(null=True)
    status = models.CharField(max_length=32)
    created_at = StampField()
    updated_at = StampField()
    rule_days = models.IntegerField(default=0)
    citation = models.CharField(max_length=128, null=True)
    proof_required = models.BooleanField(default=False)
    cause_id = IdField(null=True)

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")
    proof_document = org_ref(
        "oi_policies.PolicyDocument", "proof_document_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "policy_notices"
        indexes = [
            OrgIndex("policy_id", "notice_kind", "mailed_at"),
            OrgIndex("status", "mailed_at"),
            OrgIndex("created_at", "id"),
            OrgIndex("effective_date", "id"),
        ]


class RegulatoryFiling(TenantModel):
    """BMC-91X, MCS-90, Form E, SR-22 and withdrawals."""

    policy_id = IdField()
    filing_type = models.CharField(max_length=32)
    jurisdiction = models.CharField(max_length=16)
    usdot_number = models.CharField(max_length=12, null=True)
    status = models.CharField(max_length=32)
    filed_at = TimestampField(null=True)
    accepted_at = TimestampField(null=True)
    cancel_requested_at = TimestampField(null=True)
    cancel_effective_date = models.DateField(null=True)
    confirmation_number = models.CharField(max_length=64, null=True)
    created_at = StampField()
    updated_at = StampField()

    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "regulatory_filings"
        indexes = [
            OrgIndex("policy_id", "filing_type"),
            OrgIndex("status", "filed_at"),
            OrgIndex("usdot_number"),
            OrgIndex("created_at", "id"),
        ]


class StateInsuranceReport(TenantModel):
    """One file sent to a state insurance database (FL DHSMV and others)."""

    state = FixedCharField(max_length=2)
    report_kind = models.CharField(max_length=32)
    file_name = models.CharField(max_length=128)
    cron_run_id = IdField(null=True)
    record_count = models.IntegerField(default=0)
    accepted_count = models.IntegerField(default=0)
    rejected_count = models.IntegerField(default=0)
    status = models.CharField(max_length=32)
    sent_at = TimestampField(null=True)
    return_file_name = models.CharField(max_length=128, null=True)
    returned_at = TimestampField(null=True)
    sha256 = FixedCharField(max_length=64, null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(TenantModel.Meta):
        db_table = "state_insurance_reports"
        indexes = [
            OrgIndex("state", "sent_at"),
            OrgIndex("status", "created_at"),
            OrgIndex("created_at", "id"),
        ]


class StateInsuranceReportRecord(TenantModel):
    """One record of that file and its answer."""

    report_id = IdField()
    policy_id = IdField()
    vehicle_id = IdField(null=True)
    transaction_code = models.CharField(max_length=8)
    effective_date = models.DateField()
    due_date = models.DateField()
    vin = FixedCharField(max_length=17, null=True)
    status = models.CharField(max_length=32)
    error_code = models.CharField(max_length=8, null=True)
    error_text = models.CharField(max_length=255, null=True)
    resubmitted_from_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    report = org_ref("oi_policies.StateInsuranceReport", "report_id", related_name="+")
    policy = org_ref("oi_policies.Policy", "policy_id", related_name="+")
    vehicle = org_ref("oi_policies.PolicyVehicle", "vehicle_id", related_name="+", null=True)
    resubmitted_from = org_ref(
        "oi_policies.StateInsuranceReportRecord", "resubmitted_from_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "state_insurance_report_records"
        indexes = [
            OrgIndex("report_id", "status"),
            OrgIndex("policy_id"),
            OrgIndex("due_date", "status"),
            OrgIndex("vin"),
            OrgIndex("due_date", "id"),
            OrgIndex("status", "due_date", "id"),
        ]
