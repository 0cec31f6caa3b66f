"""Programs: what is sold, where, at which fees and commissions."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import CentsField, FixedCharField, IdField, RateField, StampField
from openinsure.keyspaces.indexes import OrgIndex, org_unique
from openinsure.tenancy.models import TenantModel, org_ref


class Program(TenantModel):
    """Product run for a carrier: commission, fees, cancellation and billing rules."""

    code = models.CharField(max_length=32)
    name = models.CharField(max_length=255)
    line_of_business = models.CharField(max_length=32)
    carrier_id = IdField()
    da_agreement_id = IdField(null=True)
    admitted = models.BooleanField(default=False)
    status = models.CharField(max_length=32)
    effective_date = models.DateField()
    expiration_date = models.DateField(null=True)
    currency = FixedCharField(max_length=3)
    min_premium_cents = CentsField()
    auto_bind_threshold_cents = CentsField()
    policy_fee_cents = CentsField()
    late_fee_cents = CentsField()
    nsf_fee_cents = CentsField()
    grace_days = models.IntegerField(default=0)
    mga_commission_rate = RateField()
    default_producer_commission_rate = RateField()
    quota_share_rate = RateField()
    ceding_commission_rate = RateField()
    min_earned_rate = RateField()
    short_rate_factor = models.DecimalField(max_digits=9, decimal_places=6)
    carrier_payable_basis = models.CharField(max_length=32)
    cancel_method_insured = models.CharField(max_length=32)
    installment_plans = models.JSONField(null=True)
    eligible_states = models.JSONField(null=True)
    rate_table_version_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    da_agreement = org_ref("oi_global.DaAgreement", "da_agreement_id", related_name="+", null=True)
    rate_table_version = org_ref(
        "oi_global.RateTableVersion", "rate_table_version_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "programs"
        constraints = [
            org_unique("programs", "code"),
        ]
        indexes = [
            OrgIndex("status", "effective_date"),
            OrgIndex("carrier_id", "status"),
            OrgIndex("updated_at", "id"),
            OrgIndex("code", "id"),
            OrgIndex("name", "id"),
            OrgIndex("status", "updated_at", "id"),
        ]


class ProgramState(TenantModel):
    """State eligibility and filings per program."""

    program_id = IdField()
    state = FixedCharField(max_length=2)
    status = models.CharField(max_length=32)
    effective_date = models.DateField()
    expiration_date = models.DateField(null=True)
    filing_number = models.CharField(max_length=64, null=True)
    created_at = StampField()
    updated_at = StampField()

    program = org_ref("oi_global.Program", "program_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "program_states"
        constraints = [
            org_unique("program_states", "program_id", "state", "effective_date"),
        ]


class ProgramCoverage(TenantModel):
    """Coverages a program offers, with limits and deductibles."""

    program_id = IdField()
    coverage_code = models.CharField(max_length=32)
    required = models.BooleanField(default=False)
    limits = models.JSONField(null=True)
    deductibles = models.JSONField(null=True)
    min_limit_cents = CentsField()
    max_limit_cents = CentsField()
    currency = FixedCharField(max_length=3)
    created_at = StampField()
    updated_at = StampField()

    program = org_ref("oi_global.Program", "program_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "program_coverages"
        constraints = [
            org_unique("program_coverages", "program_id", "coverage_code"),
        ]


class ProgramFee(TenantModel):
    """Fees per program and state, and who keeps them."""

    program_id = IdField()
    state = FixedCharField(max_length=2, null=True)
    fee_code = models.CharField(max_length=32)
    amount_cents = CentsField()
    rate = RateField()
    refundable = models.BooleanField(default=False)
    fully_earned = models.BooleanField(default=False)
    retained_by = models.CharField(max_length=32)
    currency = FixedCharField(max_length=3)
    effective_date = models.DateField()
    created_at = StampField()
    updated_at = StampField()

    program = org_ref("oi_global.Program", "program_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "program_fees"
        indexes = [
            OrgIndex("program_id", "state", "fee_code", "effective_date"),
        ]


class ProgramInstallmentPlan(TenantModel):
    """Payment plans: down payment share, count, interval, service fee."""

    program_id = IdField()
    plan_code = models.CharField(max_length=32)
    down_rate = RateField()
    installment_count = models.IntegerField()
    interval_months = models.IntegerField()
    service_fee_cents = CentsField()
    currency = FixedCharField(max_length=3)
    active = models.BooleanField(default=False)
    created_at = StampField()
    updated_at = StampField()

    program = org_ref("oi_global.Program", "program_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "program_installment_plans"
        constraints = [
            org_unique("program_installment_plans", "program_id", "plan_code"),
        ]


class ProgramCommissionRate(TenantModel):
    """Commission by transaction type and effective date."""

    program_id = IdField()
    transaction_type = models.CharField(max_length=32)
    mga_rate = RateField()
    producer_rate = RateField()
    effective_date = models.DateField()
    end_date = models.DateField(null=True)
    created_at = StampField()
    updated_at = StampField()

    program = org_ref("oi_global.Program", "program_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "program_commission_rates"
        indexes = [
            OrgIndex("program_id", "transaction_type", "effective_date"),
        ]
