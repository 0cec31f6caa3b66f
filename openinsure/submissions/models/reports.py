"""Driver records, loss runs, VIN decoding, sanctions checks."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import (
    BytesField,
    CentsField,
    FixedCharField,
    IdField,
    StampField,
    TimestampField,
)
from openinsure.keyspaces.indexes import OrgIndex, org_unique
from openinsure.tenancy.models import TenantModel, org_ref


class MvrOrder(TenantModel):
    """Driver record orders and cost."""

    submission_id = IdField(null=True)
    driver_name = models.CharField(max_length=255)
    license_hash = FixedCharField(max_length=64)
    license_state = FixedCharField(max_length=2)
    vendor = models.CharField(max_length=32)
    status = models.CharField(max_length=32)
    ordered_at = TimestampField()
    returned_at = TimestampField(null=True)
    cost_cents = CentsField()
    currency = FixedCharField(max_length=3)
    created_at = StampField()
    updated_at = StampField()

    submission = org_ref("oi_submissions.Submission", "submission_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "mvr_orders"
        indexes = [
            OrgIndex("submission_id"),
            OrgIndex("license_hash", "ordered_at"),
            OrgIndex("status", "ordered_at"),
        ]


class MvrReport(TenantModel):
    """Driver records."""

    mvr_order_id = IdField()
    license_hash = FixedCharField(max_length=64)
    license_state = FixedCharField(max_length=2)
    report_date = models.DateField()
    license_status = models.CharField(max_length=32)
    points = models.IntegerField(default=0)
    valid_until = models.DateField(null=True)
    payload_enc = BytesField(null=True)
    created_at = StampField()
    updated_at = StampField()

    mvr_order = org_ref("oi_submissions.MvrOrder", "mvr_order_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "mvr_reports"
        indexes = [
            OrgIndex("mvr_order_id"),
            OrgIndex("license_hash", "report_date"),
        ]


class MvrViolation(TenantModel):
    """Violations on a driver record."""

    mvr_report_id = IdField()
    violation_date = models.DateField()
    conviction_date = models.DateField(null=True)
    code = models.CharField(max_length=16)
    description = models.CharField(max_length=255, null=True)
    points = models.IntegerField(default=0)
    severity = models.CharField(max_length=32, null=True)
    created_at = StampField()
    updated_at = StampField()

    mvr_report = org_ref("oi_submissions.MvrReport", "mvr_report_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "mvr_violations"
        indexes = [
            OrgIndex("mvr_report_id", "violation_date"),
        ]


class LossRun(TenantModel):
    """Prior carrier loss runs."""

    submission_id = IdField()
    prior_carrier = models.CharField(max_length=255)
    policy_period_start = models.DateField()
    policy_period_end = models.DateField()
    valued_date = models.DateField()
    total_incurred_cents = CentsField()
    claim_count = models.IntegerField(default=0)
    currency = FixedCharField(max_length=3)
    document_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    submission = org_ref("oi_submissions.Submission", "submission_id", related_name="+")
    document = org_ref(
        "oi_submissions.SubmissionDocument", "document_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "loss_runs"
        indexes = [
            OrgIndex("submission_id", "policy_period_start"),
            OrgIndex("valued_date"),
        ]


class LossRunClaim(TenantModel):
    """Claims listed on a loss run."""

    loss_run_id = IdField()
    date_of_loss = models.DateField()
    claim_ref = models.CharField(max_length=64, null=True)
    description = models.CharField(max_length=255, null=True)
    paid_cents = CentsField()
    reserved_cents = CentsField()
    currency = FixedCharField(max_length=3)
    status = models.CharField(max_length=32)
    created_at = StampField()
    updated_at = StampField()

    loss_run = org_ref("oi_submissions.LossRun", "loss_run_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "loss_run_claims"
        indexes = [
            OrgIndex("loss_run_id", "date_of_loss"),
        ]


class VinDecode(TenantModel):
    """VIN decoding results."""

    vin = FixedCharField(max_length=17)
    model_year = models.SmallIntegerField(null=True)
    make = models.CharField(max_length=64, null=True)
    model = models.CharField(max_length=64, null=True)
    body_class = models.CharField(max_length=64, null=True)
    gvwr_class = models.CharField(max_length=32, null=True)
    decoded_at = TimestampField()
    error_text = models.CharField(max_length=255, null=True)
    payload = models.JSONField(null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(TenantModel.Meta):
        db_table = "vin_decodes"
        constraints = [
            org_unique("vin_decodes", "vin"),
        ]


class SanctionsScreening(TenantModel):
    """OFAC and sanctions checks."""

    subject_type = models.CharField(max_length=32)
    subject_name = models.CharField(max_length=255)
    name_norm = models.CharField(max_length=255)
    submission_id = IdField(null=True)
    claim_id = IdField(null=True)
    screened_at = TimestampField()
    result = models.CharField(max_length=32)
    match_score = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    list_version = models.CharField(max_length=32)
    cleared_by_user_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    submission = org_ref("oi_submissions.Submission", "submission_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "sanctions_screenings"
        indexes = [
            OrgIndex("submission_id"),
            OrgIndex("claim_id"),
            OrgIndex("result", "screened_at"),
            OrgIndex("name_norm"),
        ]
