"""Money coming back: subrogation, salvage."""

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


class ClaimRecovery(TenantModel):
    """Subrogation, salvage, deductible and reinsurance receipts."""

    claim_id = IdField()
    exposure_id = IdField(null=True)
    recovery_type = models.CharField(max_length=32)
    expected_cents = CentsField()
    received_cents = CentsField()
    currency = FixedCharField(max_length=3)
    payer_name = models.CharField(max_length=255)
    received_at = TimestampField(null=True)
    payment_reference = models.CharField(max_length=64, null=True)
    subrogation_case_id = IdField(null=True)
    salvage_id = IdField(null=True)
    status = models.CharField(max_length=32)
    ledger_transfer_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")
    exposure = org_ref("oi_claims.ClaimExposure", "exposure_id", related_name="+", null=True)
    subrogation_case = org_ref(
        "oi_claims.SubrogationCase", "subrogation_case_id", related_name="+", null=True
    )
    salvage = org_ref("oi_claims.SalvageRecord", "salvage_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "claim_recoveries"
        indexes = [
            OrgIndex("claim_id", "recovery_type"),
            OrgIndex("status", "received_at"),
            OrgIndex("subrogation_case_id"),
        ]


class SubrogationCase(TenantModel):
    """Recovery actions against a third party."""

    claim_id = IdField()
    adverse_party = models.CharField(max_length=255)
    adverse_carrier = models.CharField(max_length=255, null=True)
    liability_rate = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    demand_cents = CentsField()
    currency = FixedCharField(max_length=3)
    status = models.CharField(max_length=32)
    opened_at = TimestampField()
    statute_date = models.DateField(null=True)
    assigned_user_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "subrogation_cases"
        indexes = [
            OrgIndex("claim_id"),
            OrgIndex("status", "statute_date"),
        ]


class SubrogationDemand(TenantModel):
    """Demands and answers."""

    subrogation_case_id = IdField()
    demand_no = models.IntegerField()
    amount_cents = CentsField()
    currency = FixedCharField(max_length=3)
    sent_at = TimestampField(null=True)
    response_due_date = models.DateField(null=True)
    response = models.CharField(max_length=32, null=True)
    offered_cents = CentsField()
    created_at = StampField()
    updated_at = StampField()

    subrogation_case = org_ref("oi_claims.SubrogationCase", "subrogation_case_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "subrogation_demands"
        constraints = [
            org_unique("subrogation_demands", "subrogation_case_id", "demand_no"),
        ]
        indexes = [
            OrgIndex("response_due_date"),
        ]


class SalvageRecord(TenantModel):
    """Salvage disposals."""

    claim_id = IdField()
    claim_vehicle_id = IdField(null=True)
    yard = models.CharField(max_length=255, null=True)
    storage_started_on = models.DateField(null=True)
    sold_on = models.DateField(null=True)
    gross_cents = CentsField()
    fees_cents = CentsField()
    net_cents = CentsField()
    currency = FixedCharField(max_length=3)
    status = models.CharField(max_length=32)
    created_at = StampField()
    updated_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")
    claim_vehicle = org_ref(
        "oi_claims.ClaimVehicle", "claim_vehicle_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "salvage_records"
        indexes = [
            OrgIndex("claim_id"),
            OrgIndex("status", "sold_on"),
        ]
