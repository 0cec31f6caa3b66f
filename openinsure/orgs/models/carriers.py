"""Carriers that issue paper, and the authority they delegate."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import CentsField, FixedCharField, IdField, RateField, StampField
from openinsure.keyspaces.indexes import OrgIndex, PlainIndex, org_unique, unique_key
from openinsure.keyspaces.models import GlobalModel
from openinsure.tenancy.models import TenantModel, org_ref


class PlatformCarrier(GlobalModel):
    """Carriers that issue paper for programs (reference, co-located with every shard)."""

    legal_name = models.CharField(max_length=255)
    naic_code = models.CharField(max_length=16)
    am_best_rating = models.CharField(max_length=8, null=True)
    admitted_states = models.JSONField(null=True)
    status = models.CharField(max_length=32)
    remit_basis = models.CharField(max_length=32)
    remit_day = models.IntegerField(null=True)
    bordereau_config = models.JSONField(null=True)
    payout_account_ref = models.CharField(max_length=64, null=True)
    default_currency = FixedCharField(max_length=3)
    contact_email = models.CharField(max_length=255, null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(GlobalModel.Meta):
        db_table = "platform_carriers"
        constraints = [
            unique_key("platform_carriers", "naic_code"),
        ]
        indexes = [
            PlainIndex("status", "legal_name"),
            PlainIndex("legal_name", "id"),
        ]


class CarrierContact(GlobalModel):
    """People at a carrier."""

    carrier_id = IdField()
    full_name = models.CharField(max_length=255)
    role = models.CharField(max_length=32)
    email = models.CharField(max_length=255, null=True)
    phone = models.CharField(max_length=32, null=True)
    receives_bordereaux = models.BooleanField(default=False)
    created_at = StampField()
    updated_at = StampField()

    class Meta(GlobalModel.Meta):
        db_table = "carrier_contacts"
        indexes = [
            PlainIndex("carrier_id", "role"),
        ]


class CarrierBordereauConfig(TenantModel):
    """Bordereau format, frequency and delivery per carrier."""

    carrier_id = IdField()
    kind = models.CharField(max_length=32)
    frequency = models.CharField(max_length=32)
    format = models.CharField(max_length=32)
    template_version = models.CharField(max_length=32)
    delivery = models.JSONField(null=True)
    next_run_date = models.DateField(null=True)
    status = models.CharField(max_length=32)
    created_at = StampField()
    updated_at = StampField()

    class Meta(TenantModel.Meta):
        db_table = "carrier_bordereau_configs"
        constraints = [
            org_unique("carrier_bordereau_configs", "carrier_id", "kind"),
        ]
        indexes = [
            OrgIndex("next_run_date", "status"),
        ]


class DaAgreement(TenantModel):
    """Delegated-authority agreement, versioned."""

    carrier_id = IdField()
    program_id = IdField()
    version_no = models.IntegerField()
    status = models.CharField(max_length=32)
    effective_date = models.DateField()
    expiration_date = models.DateField(null=True)
    max_occurrence_limit_cents = CentsField()
    max_premium_per_policy_cents = CentsField()
    annual_gwp_limit_cents = CentsField()
    quarterly_gwp_limit_cents = CentsField()
    max_policies_per_insured = models.IntegerField(null=True)
    authorized_states = models.JSONField(null=True)
    excluded_states = models.JSONField(null=True)
    allowed_terms_months = models.JSONField(null=True)
    currency = FixedCharField(max_length=3)
    created_at = StampField()
    updated_at = StampField()

    program = org_ref("oi_global.Program", "program_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "da_agreements"
        constraints = [
            org_unique("da_agreements", "program_id", "version_no"),
        ]
        indexes = [
            OrgIndex("carrier_id", "status"),
        ]


class DaReferralTrigger(TenantModel):
    """Conditions that force referral."""

    da_agreement_id = IdField()
    trigger_type = models.CharField(max_length=32)
    threshold_cents = CentsField()
    trigger_values = models.JSONField(null=True)
    description = models.CharField(max_length=255, null=True)
    created_at = StampField()
    updated_at = StampField()

    da_agreement = org_ref("oi_global.DaAgreement", "da_agreement_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "da_referral_triggers"
        indexes = [
            OrgIndex("da_agreement_id", "trigger_type"),
        ]


class DaUtilizationSnapshot(TenantModel):
    """Used share of the authority limits, by day."""

    da_agreement_id = IdField()
    as_of_date = models.DateField()
    bound_gwp_cents = CentsField()
    limit_cents = CentsField()
    utilization_rate = RateField()
    policy_count = models.IntegerField(default=0)
    currency = FixedCharField(max_length=3)
    created_at = StampField()
    updated_at = StampField()

    da_agreement = org_ref("oi_global.DaAgreement", "da_agreement_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "da_utilization_snapshots"
        constraints = [
            org_unique("da_utilization_snapshots", "da_agreement_id", "as_of_date"),
        ]
