"""Treaties, cessions, recoverables."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import CentsField, FixedCharField, IdField, RateField, StampField
from openinsure.keyspaces.indexes import OrgIndex, org_unique
from openinsure.tenancy.models import TenantModel, org_ref


class ReinsuranceTreaty(TenantModel):
    """Quota share, excess of loss and aggregate treaties."""

    treaty_code = models.CharField(max_length=32)
    treaty_type = models.CharField(max_length=32)
    program_id = IdField(null=True)
    effective_date = models.DateField()
    expiration_date = models.DateField()
    ceded_rate = RateField()
    ceding_commission_rate = RateField()
    retention_cents = CentsField()
    limit_cents = CentsField()
    aggregate_attachment_cents = CentsField()
    reinstatements = models.IntegerField(default=0)
    currency = FixedCharField(max_length=3)
    status = models.CharField(max_length=32)
    created_at = StampField()
    updated_at = StampField()

    class Meta(TenantModel.Meta):
        db_table = "reinsurance_treaties"
        constraints = [
            org_unique("reinsurance_treaties", "treaty_code"),
        ]
        indexes = [
            OrgIndex("program_id", "effective_date"),
        ]


class ReinsuranceParticipant(TenantModel):
    """Reinsurers and shares of a treaty."""

    treaty_id = IdField()
    reinsurer_name = models.CharField(max_length=255)
    naic_code = models.CharField(max_length=16, null=True)
    share_rate = models.DecimalField(max_digits=9, decimal_places=6)
    authorized = models.BooleanField(default=False)
    collateral_cents = CentsField()
    currency = FixedCharField(max_length=3)
    created_at = StampField()
    updated_at = StampField()

    treaty = org_ref("oi_billing.ReinsuranceTreaty", "treaty_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "reinsurance_participants"
        indexes = [
            OrgIndex("treaty_id"),
            OrgIndex("reinsurer_name"),
        ]


class ReinsuranceCession(TenantModel):
    """Ceded premium and loss per period and participant."""

    treaty_id = IdField()
    participant_id = IdField()
    period_start = models.DateField()
    period_end = models.DateField()
    ceded_premium_cents = CentsField()
    ceding_commission_cents = CentsField()
    ceded_loss_cents = CentsField()
    net_cents = CentsField()
    currency = FixedCharField(max_length=3)
    status = models.CharField(max_length=32)
    statement_document_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()
    settlement_id = IdField(null=True)

    treaty = org_ref("oi_billing.ReinsuranceTreaty", "treaty_id", related_name="+")
    participant = org_ref("oi_billing.ReinsuranceParticipant", "participant_id", related_name="+")
    settlement = org_ref(
        "oi_billing.CarrierSettlement", "settlement_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "reinsurance_cessions"
        indexes = [
            OrgIndex("treaty_id", "period_end"),
            OrgIndex("participant_id", "period_end"),
            OrgIndex("period_end", "id"),
            OrgIndex("settlement_id"),
        ]


class ReinsuranceRecoverable(TenantModel):
    """Recoveries billed to reinsurers, with cash calls and disputes."""

    treaty_id = IdField()
    participant_id = IdField()
    claim_id = IdField()
    billed_cents = CentsField()
    collected_cents = CentsField()
    currency = FixedCharField(max_length=3)
    billed_on = models.DateField()
    due_date = models.DateField()
    status = models.CharField(max_length=32)
    dispute_status = models.CharField(max_length=32, null=True)
    created_at = StampField()
    updated_at = StampField()

    treaty = org_ref("oi_billing.ReinsuranceTreaty", "treaty_id", related_name="+")
    participant = org_ref("oi_billing.ReinsuranceParticipant", "participant_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "reinsurance_recoverables"
        indexes = [
            OrgIndex("claim_id"),
            OrgIndex("treaty_id", "status"),
            OrgIndex("status", "due_date"),
            OrgIndex("billed_on", "id"),
        ]
