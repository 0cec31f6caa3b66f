"""Claims, their exposures and the facts of the loss."""

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


class Claim(TenantModel):
    """One loss event under a policy."""

    claim_number = models.CharField(max_length=40)
    policy_id = IdField()
    policy_number = models.CharField(max_length=40)
    insured_id = IdField()
    insured_name = models.CharField(max_length=255)
    insured_name_norm = models.CharField(max_length=255)
    program_id = IdField()
    carrier_id = IdField()
    producer_id = IdField(null=True)
    status = models.CharField(max_length=32)
    sub_status = models.CharField(max_length=32, null=True)
    line_of_business = models.CharField(max_length=32)
    loss_type = models.CharField(max_length=32)
    cause_code = models.CharField(max_length=16, null=True)
    date_of_loss = TimestampField()
    date_reported = TimestampField()
    loss_state = FixedCharField(max_length=2)
    loss_city = models.CharField(max_length=128, null=True)
    loss_description = TextColumn(null=True)
    severity = models.CharField(max_length=32, null=True)
    reported_amount_cents = CentsField()
    coverage_determination = models.CharField(max_length=32, null=True)
    adjuster_id = IdField(null=True)
    assigned_at = TimestampField(null=True)
    supervisor_user_id = IdField(null=True)
    catastrophe_id = IdField(null=True)
    litigated = models.BooleanField(default=False)
    subrogation_flag = models.BooleanField(default=False)
    siu_flag = models.BooleanField(default=False)
    outstanding_indemnity_cents = CentsField()
    outstanding_expense_cents = CentsField()
    paid_indemnity_cents = CentsField()
    paid_expense_cents = CentsField()
    recovered_cents = CentsField()
    incurred_cents = CentsField()
    policy_limit_cents = CentsField()
    currency = FixedCharField(max_length=3)
    opened_at = TimestampField(null=True)
    closed_at = TimestampField(null=True)
    reopened_at = TimestampField(null=True)
    close_reason = models.CharField(max_length=64, null=True)
    lock_version = models.IntegerField(default=0)
    created_at = StampField()
    updated_at = StampField()

    adjuster = org_ref("oi_claims.Adjuster", "adjuster_id", related_name="+", null=True)
    catastrophe = org_ref(
        "oi_claims.CatastropheEvent", "catastrophe_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "claims"
        constraints = [
            org_unique("claims", "claim_number"),
        ]
        indexes = [
            OrgIndex("policy_id"),
            OrgIndex("policy_number"),
            OrgIndex("status", "date_reported"),
            OrgIndex("adjuster_id", "status"),
            OrgIndex("insured_name_norm"),
            OrgIndex("date_of_loss"),
            OrgIndex("program_id", "status"),
            OrgIndex("catastrophe_id"),
            OrgIndex("updated_at", "id"),
            OrgIndex("date_reported", "id"),
            OrgIndex("date_of_loss", "id"),
            OrgIndex("claim_number", "id"),
            OrgIndex("policy_number", "id"),
            OrgIndex("insured_name_norm", "id"),
            OrgIndex("incurred_cents", "id"),
            OrgIndex("status", "updated_at", "id"),
            OrgIndex("status", "date_reported", "id"),
            OrgIndex("status", "date_of_loss", "id"),
            OrgIndex("program_id", "updated_at", "id"),
            OrgIndex("producer_id", "updated_at", "id"),
            OrgIndex("adjuster_id", "updated_at", "id"),
            OrgIndex("loss_state", "updated_at", "id"),
        ]


class ClaimExposure(TenantModel):
    """One claimant and coverage pair with its own reserve."""

    claim_id = IdField()
    exposure_no = models.IntegerField()
    claimant_id = IdField()
    coverage_code = models.CharField(max_length=32)
    exposure_type = models.CharField(max_length=32)
    policy_vehicle_id = IdField(null=True)
    status = models.CharField(max_length=32)
    adjuster_id = IdField(null=True)
    outstanding_indemnity_cents = CentsField()
    outstanding_expense_cents = CentsField()
    paid_indemnity_cents = CentsField()
    paid_expense_cents = CentsField()
    recovered_cents = CentsField()
    limit_cents = CentsField()
    deductible_cents = CentsField()
    currency = FixedCharField(max_length=3)
    opened_at = TimestampField()
    closed_at = TimestampField(null=True)
    close_outcome = models.CharField(max_length=32, null=True)
    lock_version = models.IntegerField(default=0)
    created_at = StampField()
    updated_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")
    claimant = org_ref("oi_claims.Claimant", "claimant_id", related_name="+")
    adjuster = org_ref("oi_claims.Adjuster", "adjuster_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "claim_exposures"
        constraints = [
            org_unique("claim_exposures", "claim_id", "exposure_no"),
        ]
        indexes = [
            OrgIndex("claimant_id"),
            OrgIndex("adjuster_id", "status"),
        ]


class ClaimIncident(TenantModel):
    """Facts of the loss: place, police report, narrative."""

    claim_id = IdField()
    incident_type = models.CharField(max_length=32)
    occurred_at = TimestampField()
    address_line1 = models.CharField(max_length=255, null=True)
    city = models.CharField(max_length=128, null=True)
    state = FixedCharField(max_length=2, null=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    police_report_number = models.CharField(max_length=64, null=True)
    narrative = TextColumn(null=True)
    created_at = StampField()
    updated_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "claim_incidents"
        indexes = [
            OrgIndex("claim_id"),
            OrgIndex("police_report_number"),
        ]


class ClaimVehicle(TenantModel):
    """Vehicles involved."""

    claim_id = IdField()
    role = models.CharField(max_length=32)
    vin = FixedCharField(max_length=17, null=True)
    model_year = models.SmallIntegerField(null=True)
    make = models.CharField(max_length=64, null=True)
    model = models.CharField(max_length=64, null=True)
    plate = models.CharField(max_length=16, null=True)
    driver_name = models.CharField(max_length=255, null=True)
    damage_severity = models.CharField(max_length=32, null=True)
    total_loss = models.BooleanField(default=False)
    appraised_cents = CentsField()
    currency = FixedCharField(max_length=3)
    created_at = StampField()
    updated_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "claim_vehicles"
        indexes = [
            OrgIndex("claim_id"),
            OrgIndex("vin"),
            OrgIndex("plate"),
        ]


class ClaimCoverageDetermination(TenantModel):
    """Covered, partly covered or denied, with the opinion."""

    claim_id = IdField()
    determination = models.CharField(max_length=32)
    provisions = models.JSONField(null=True)
    opinion = TextColumn(null=True)
    reservation_of_rights_sent_at = TimestampField(null=True)
    decided_by_user_id = IdField()
    decided_at = TimestampField()
    supersedes_id = IdField(null=True)
    created_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")
    supersedes = org_ref(
        "oi_claims.ClaimCoverageDetermination", "supersedes_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "claim_coverage_determinations"
        indexes = [
            OrgIndex("claim_id", "decided_at"),
        ]


class CatastropheEvent(TenantModel):
    """Catastrophe codes."""

    cat_code = models.CharField(max_length=16)
    name = models.CharField(max_length=128)
    peril = models.CharField(max_length=32)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    states = models.JSONField(null=True)
    status = models.CharField(max_length=32)
    created_at = StampField()
    updated_at = StampField()

    class Meta(TenantModel.Meta):
        db_table = "catastrophe_events"
        constraints = [
            org_unique("catastrophe_events", "cat_code"),
        ]
        indexes = [
            OrgIndex("status", "start_date"),
        ]
