"""Priced offers, how they were rated, binders."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import (
    CentsField,
    FixedCharField,
    IdField,
    RateField,
    StampField,
    TimestampField,
)
from openinsure.keyspaces.indexes import OrgIndex, org_unique
from openinsure.tenancy.models import TenantModel, org_ref


class Quote(TenantModel):
    """Priced offer."""

    quote_number = models.CharField(max_length=40)
    submission_id = IdField()
    version_no = models.IntegerField()
    status = models.CharField(max_length=32)
    program_id = IdField()
    carrier_id = IdField()
    producer_id = IdField(null=True)
    plan_code = models.CharField(max_length=32)
    rate_table_version_id = IdField(null=True)
    effective_date = models.DateField()
    expiration_date = models.DateField()
    annual_premium_cents = CentsField()
    fees_cents = CentsField()
    taxes_cents = CentsField()
    total_cents = CentsField()
    currency = FixedCharField(max_length=3)
    producer_commission_rate = RateField()
    mga_commission_rate = RateField()
    valid_until = models.DateField(null=True)
    rated_at = TimestampField(null=True)
    released_at = TimestampField(null=True)
    accepted_at = TimestampField(null=True)
    bound_at = TimestampField(null=True)
    bound_policy_id = IdField(null=True)
    rating_hash = FixedCharField(max_length=64, null=True)
    da_check_status = models.CharField(max_length=32, null=True)
    da_check_detail = models.JSONField(null=True)
    underwriter_user_id = IdField(null=True)
    decline_reason = models.CharField(max_length=255, null=True)
    superseded_by_id = IdField(null=True)
    lock_version = models.IntegerField(default=0)
    created_at = StampField()
    updated_at = StampField()

    submission = org_ref("oi_submissions.Submission", "submission_id", related_name="+")
    superseded_by = org_ref("oi_submissions.Quote", "superseded_by_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "quotes"
        constraints = [
            org_unique("quotes", "quote_number", "version_no"),
        ]
        indexes = [
            OrgIndex("submission_id", "version_no"),
            OrgIndex("status", "valid_until"),
            OrgIndex("producer_id", "status"),
            OrgIndex("bound_policy_id"),
            OrgIndex("updated_at", "id"),
            OrgIndex("quote_number", "id"),
            OrgIndex("total_cents", "id"),
            OrgIndex("status", "updated_at", "id"),
        ]


class QuoteVersion(TenantModel):
    """Frozen input and output of each rating."""

    quote_id = IdField()
    version_no = models.IntegerField()
    input_json = models.JSONField(null=True)
    output_json = models.JSONField(null=True)
    engine_version = models.CharField(max_length=32)
    input_sha256 = FixedCharField(max_length=64)
    created_at = StampField()

    quote = org_ref("oi_submissions.Quote", "quote_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "quote_versions"
        constraints = [
            org_unique("quote_versions", "quote_id", "version_no"),
        ]


class QuoteCoverage(TenantModel):
    """Coverages offered."""

    quote_id = IdField()
    coverage_code = models.CharField(max_length=32)
    limit_cents = CentsField()
    deductible_cents = CentsField()
    annual_premium_cents = CentsField()
    currency = FixedCharField(max_length=3)
    selected = models.BooleanField(default=False)
    created_at = StampField()
    updated_at = StampField()

    quote = org_ref("oi_submissions.Quote", "quote_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "quote_coverages"
        indexes = [
            OrgIndex("quote_id", "coverage_code"),
        ]


class QuoteVehicle(TenantModel):
    """Vehicles rated."""

    quote_id = IdField()
    unit_no = models.IntegerField()
    vin = FixedCharField(max_length=17, null=True)
    model_year = models.SmallIntegerField(null=True)
    make = models.CharField(max_length=64, null=True)
    model = models.CharField(max_length=64, null=True)
    stated_value_cents = CentsField()
    currency = FixedCharField(max_length=3)
    premium_cents = CentsField()
    created_at = StampField()
    updated_at = StampField()

    quote = org_ref("oi_submissions.Quote", "quote_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "quote_vehicles"
        constraints = [
            org_unique("quote_vehicles", "quote_id", "unit_no"),
        ]
        indexes = [
            OrgIndex("vin"),
        ]


class QuoteDriver(TenantModel):
    """Drivers rated."""

    quote_id = IdField()
    full_name = models.CharField(max_length=255)
    license_hash = FixedCharField(max_length=64, null=True)
    license_state = FixedCharField(max_length=2, null=True)
    mvr_report_id = IdField(null=True)
    points = models.IntegerField(default=0)
    surcharge_rate = RateField()
    created_at = StampField()
    updated_at = StampField()

    quote = org_ref("oi_submissions.Quote", "quote_id", related_name="+")
    mvr_report = org_ref("oi_submissions.MvrReport", "mvr_report_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "quote_drivers"
        indexes = [
            OrgIndex("quote_id"),
            OrgIndex("license_hash"),
        ]


class QuoteRatingStep(TenantModel):
    """Factor waterfall, one row per step."""

    quote_id = IdField()
    version_no = models.IntegerField()
    step_no = models.IntegerField()
    step_key = models.CharField(max_length=96)
    factor = models.DecimalField(max_digits=12, decimal_places=10)
    amount_before_cents = CentsField()
    amount_after_cents = CentsField()
    currency = FixedCharField(max_length=3)
    source_table = models.CharField(max_length=64, null=True)
    override_reason = models.CharField(max_length=255, null=True)
    created_at = StampField()

    quote = org_ref("oi_submissions.Quote", "quote_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "quote_rating_steps"
        constraints = [
            org_unique("quote_rating_steps", "quote_id", "version_no", "step_no"),
        ]


class QuoteSubjectivity(TenantModel):
    """Conditions to clear before or after binding."""

    quote_id = IdField()
    description = models.CharField(max_length=255, null=True)
    due_date = models.DateField(null=True)
    status = models.CharField(max_length=32)
    cleared_by_user_id = IdField(null=True)
    cleared_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()

    quote = org_ref("oi_submissions.Quote", "quote_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "quote_subjectivities"
        indexes = [
            OrgIndex("quote_id", "status"),
            OrgIndex("status", "due_date"),
        ]


class Binder(TenantModel):
    """Binders and their expiry."""

    quote_id = IdField()
    submission_id = IdField()
    binder_number = models.CharField(max_length=40)
    effective_at = TimestampField()
    expires_at = TimestampField()
    status = models.CharField(max_length=32)
    document_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    quote = org_ref("oi_submissions.Quote", "quote_id", related_name="+")
    submission = org_ref("oi_submissions.Submission", "submission_id", related_name="+")
    document = org_ref(
        "oi_submissions.SubmissionDocument", "document_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "binders"
        constraints = [
            org_unique("binders", "binder_number"),
        ]
        indexes = [
            OrgIndex("expires_at", "status"),
            OrgIndex("quote_id"),
        ]
