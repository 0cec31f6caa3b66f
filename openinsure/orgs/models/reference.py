"""Reference data without organisation."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import CentsField, FixedCharField, RateField, StampField
from openinsure.keyspaces.indexes import PlainIndex, unique_key
from openinsure.keyspaces.models import GlobalModel


class RefState(GlobalModel):
    """States: name, time zone, admitted rules."""

    state = FixedCharField(max_length=2)
    name = models.CharField(max_length=64)
    timezone = models.CharField(max_length=64)
    country = FixedCharField(max_length=2)
    surplus_lines = models.BooleanField(default=False)
    created_at = StampField()
    updated_at = StampField()

    class Meta(GlobalModel.Meta):
        db_table = "ref_states"
        constraints = [
            unique_key("ref_states", "state"),
        ]


class RefNaicsCode(GlobalModel):
    """Industry classification."""

    naics_code = models.CharField(max_length=8)
    description = models.CharField(max_length=255, null=True)
    parent_code = models.CharField(max_length=8, null=True)
    hazard_grade = models.SmallIntegerField(null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(GlobalModel.Meta):
        db_table = "ref_naics_codes"
        constraints = [
            unique_key("ref_naics_codes", "naics_code"),
        ]
        indexes = [
            PlainIndex("parent_code"),
        ]


class RefVehicleBodyType(GlobalModel):
    """Body type and vehicle class reference."""

    body_code = models.CharField(max_length=16)
    description = models.CharField(max_length=128, null=True)
    vehicle_class = models.CharField(max_length=16)
    min_gvw_lbs = models.IntegerField(null=True)
    max_gvw_lbs = models.IntegerField(null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(GlobalModel.Meta):
        db_table = "ref_vehicle_body_types"
        constraints = [
            unique_key("ref_vehicle_body_types", "body_code"),
        ]


class RefCoverageCode(GlobalModel):
    """Coverage codes (CSL, PIP, PD, UM, COMP, COLL, MTC)."""

    coverage_code = models.CharField(max_length=32)
    name = models.CharField(max_length=128)
    kind = models.CharField(max_length=32)
    mandatory_states = models.JSONField(null=True)
    statutory_line = models.CharField(max_length=32, null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(GlobalModel.Meta):
        db_table = "ref_coverage_codes"
        constraints = [
            unique_key("ref_coverage_codes", "coverage_code"),
        ]


class RefCauseOfLoss(GlobalModel):
    """Cause of loss codes."""

    cause_code = models.CharField(max_length=16)
    description = models.CharField(max_length=128, null=True)
    kind = models.CharField(max_length=32)
    iso_code = models.CharField(max_length=16, null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(GlobalModel.Meta):
        db_table = "ref_cause_of_loss"
        constraints = [
            unique_key("ref_cause_of_loss", "cause_code"),
        ]


class RefTaxRate(GlobalModel):
    """Premium, surplus-lines and stamping rates by state and date."""

    state = FixedCharField(max_length=2)
    tax_code = models.CharField(max_length=32)
    rate = RateField()
    flat_cents = CentsField()
    currency = FixedCharField(max_length=3)
    includes_fees = models.BooleanField(default=False)
    payee = models.CharField(max_length=128, null=True)
    effective_date = models.DateField()
    end_date = models.DateField(null=True)
    source_url = models.CharField(max_length=255, null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(GlobalModel.Meta):
        db_table = "ref_tax_rates"
        indexes = [
            PlainIndex("state", "tax_code", "effective_date"),
        ]


class RefNoticeRule(GlobalModel):
    """Notice days by state, line, reason and policy age."""

    state = FixedCharField(max_length=2)
    line_of_business = models.CharField(max_length=32)
    notice_kind = models.CharField(max_length=32)
    reason_code = models.CharField(max_length=32)
    min_policy_age_days = models.IntegerField(default=0)
    notice_days = models.IntegerField()
    mailing_days = models.IntegerField(default=0)
    proof_required = models.BooleanField(default=False)
    citation = models.CharField(max_length=128, null=True)
    effective_date = models.DateField()
    created_at = StampField()
    updated_at = StampField()

    class Meta(GlobalModel.Meta):
        db_table = "ref_notice_rules"
        indexes = [
            PlainIndex("state", "line_of_business", "notice_kind", "effective_date"),
        ]


class RefHoliday(GlobalModel):
    """Bank and state holidays for due-date rolling."""

    holiday_date = models.DateField()
    region = models.CharField(max_length=16)
    name = models.CharField(max_length=128)
    banking = models.BooleanField(default=False)
    created_at = StampField()
    updated_at = StampField()

    class Meta(GlobalModel.Meta):
        db_table = "ref_holidays"
        constraints = [
            unique_key("ref_holidays", "region", "holiday_date"),
        ]
