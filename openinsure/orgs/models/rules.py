"""Underwriting rules and rate tables."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import (
    CentsField,
    FixedCharField,
    IdField,
    StampField,
    TextColumn,
    TimestampField,
)
from openinsure.keyspaces.indexes import OrgIndex, org_unique
from openinsure.tenancy.models import TenantModel, org_ref


class Rule(TenantModel):
    """Underwriting and eligibility rules."""

    program_id = IdField(default="")
    rule_key = models.CharField(max_length=96)
    name = models.CharField(max_length=255)
    stage = models.CharField(max_length=32)
    status = models.CharField(max_length=32)
    active_version_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    program = org_ref("oi_global.Program", "program_id", related_name="+", null=True)
    active_version = org_ref(
        "oi_global.RuleVersion", "active_version_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "rules"
        constraints = [
            org_unique("rules", "program_id", "rule_key"),
        ]
        indexes = [
            OrgIndex("stage", "status"),
            OrgIndex("updated_at", "id"),
            OrgIndex("stage", "updated_at", "id"),
        ]


class RuleVersion(TenantModel):
    """Immutable versions of a rule."""

    rule_id = IdField()
    version_no = models.IntegerField()
    expression = TextColumn(null=True)
    outcome = models.CharField(max_length=32)
    message = models.CharField(max_length=255, null=True)
    activated_at = TimestampField(null=True)
    activated_by_user_id = IdField(null=True)
    created_at = StampField()

    rule = org_ref("oi_global.Rule", "rule_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "rule_versions"
        constraints = [
            org_unique("rule_versions", "rule_id", "version_no"),
        ]


class RateTable(TenantModel):
    """Rate table family."""

    program_id = IdField()
    line_of_business = models.CharField(max_length=32)
    state = models.CharField(max_length=8)
    name = models.CharField(max_length=128)
    table_type = models.CharField(max_length=32)
    status = models.CharField(max_length=32)
    created_at = StampField()
    updated_at = StampField()

    program = org_ref("oi_global.Program", "program_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "rate_tables"
        indexes = [
            OrgIndex("program_id", "line_of_business", "state"),
        ]


class RateTableVersion(TenantModel):
    """Rate table versions, immutable once activated."""

    rate_table_id = IdField()
    version_no = models.IntegerField()
    status = models.CharField(max_length=32)
    effective_date = models.DateField()
    row_count = models.IntegerField(default=0)
    content_sha256 = FixedCharField(max_length=64, null=True)
    activated_at = TimestampField(null=True)
    activated_by_user_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    rate_table = org_ref("oi_global.RateTable", "rate_table_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "rate_table_versions"
        constraints = [
            org_unique("rate_table_versions", "rate_table_id", "version_no"),
        ]
        indexes = [
            OrgIndex("status", "effective_date"),
        ]


class RateFactor(TenantModel):
    """Rows of a rate table version."""

    rate_table_version_id = IdField()
    factor_key = models.CharField(max_length=128)
    naics_code = models.CharField(max_length=8, null=True)
    rate_per_thousand = models.DecimalField(max_digits=12, decimal_places=6)
    factor = models.DecimalField(max_digits=12, decimal_places=10)
    min_premium_cents = CentsField()
    currency = FixedCharField(max_length=3)
    created_at = StampField()

    rate_table_version = org_ref(
        "oi_global.RateTableVersion", "rate_table_version_id", related_name="+"
    )

    class Meta(TenantModel.Meta):
        db_table = "rate_factors"
        constraints = [
            org_unique("rate_factors", "rate_table_version_id", "factor_key"),
        ]
