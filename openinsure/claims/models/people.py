"""Claimants, other parties, adjusters and their authority."""

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


class Claimant(TenantModel):
    """Party asserting a claim."""

    claim_id = IdField()
    party_role = models.CharField(max_length=32)
    entity_type = models.CharField(max_length=32)
    full_name = models.CharField(max_length=255)
    name_norm = models.CharField(max_length=255)
    phone = models.CharField(max_length=32, null=True)
    phone_digits = models.CharField(max_length=20, null=True)
    email = models.CharField(max_length=255, null=True)
    address_line1 = models.CharField(max_length=255, null=True)
    city = models.CharField(max_length=128, null=True)
    state = FixedCharField(max_length=2, null=True)
    postal_code = models.CharField(max_length=16, null=True)
    represented = models.BooleanField(default=False)
    attorney_party_id = IdField(null=True)
    injury_severity = models.CharField(max_length=32, null=True)
    medicare_reportable = models.BooleanField(default=False)
    tin_last4 = FixedCharField(max_length=4, null=True)
    tin_enc = BytesField(max_length=255, null=True)
    demand_cents = CentsField()
    currency = FixedCharField(max_length=3)
    status = models.CharField(max_length=32)
    created_at = StampField()
    updated_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")
    attorney_party = org_ref(
        "oi_claims.ClaimParty", "attorney_party_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "claimants"
        indexes = [
            OrgIndex("claim_id"),
            OrgIndex("name_norm"),
            OrgIndex("phone_digits"),
        ]


class ClaimParty(TenantModel):
    """Attorneys, witnesses, body shops, experts, police."""

    claim_id = IdField()
    party_role = models.CharField(max_length=32)
    name = models.CharField(max_length=255)
    name_norm = models.CharField(max_length=255)
    organization = models.CharField(max_length=255, null=True)
    phone_digits = models.CharField(max_length=20, null=True)
    email = models.CharField(max_length=255, null=True)
    license_number = models.CharField(max_length=64, null=True)
    active = models.BooleanField(default=False)
    created_at = StampField()
    updated_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "claim_parties"
        indexes = [
            OrgIndex("claim_id", "party_role"),
            OrgIndex("name_norm"),
        ]


class ClaimInjury(TenantModel):
    """Injuries by claimant."""

    claim_id = IdField()
    claimant_id = IdField()
    body_part = models.CharField(max_length=32, null=True)
    injury_type = models.CharField(max_length=32)
    treatment_status = models.CharField(max_length=32, null=True)
    hospitalised = models.BooleanField(default=False)
    fatal = models.BooleanField(default=False)
    medical_specials_cents = CentsField()
    currency = FixedCharField(max_length=3)
    created_at = StampField()
    updated_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")
    claimant = org_ref("oi_claims.Claimant", "claimant_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "claim_injuries"
        indexes = [
            OrgIndex("claimant_id"),
            OrgIndex("claim_id"),
        ]


class Adjuster(TenantModel):
    """Adjusters, licences and workload limit."""

    user_id = IdField()
    full_name = models.CharField(max_length=255)
    license_states = models.JSONField(null=True)
    lines = models.JSONField(null=True)
    max_open_claims = models.IntegerField(default=0)
    open_claims = models.IntegerField(default=0)
    status = models.CharField(max_length=32)
    level = models.CharField(max_length=32)
    created_at = StampField()
    updated_at = StampField()

    class Meta(TenantModel.Meta):
        db_table = "adjusters"
        constraints = [
            org_unique("adjusters", "user_id"),
        ]
        indexes = [
            OrgIndex("status", "open_claims"),
        ]


class AdjusterAuthorityLimit(TenantModel):
    """Reserve and payment authority by person, line and cost type."""

    adjuster_id = IdField(null=True)
    role = models.CharField(max_length=32, null=True)
    line_of_business = models.CharField(max_length=32, null=True)
    coverage_code = models.CharField(max_length=32, null=True)
    limit_scope = models.CharField(max_length=32)
    cost_type = models.CharField(max_length=32, null=True)
    reserve_limit_cents = CentsField()
    payment_limit_cents = CentsField()
    currency = FixedCharField(max_length=3)
    may_exceed_policy_limit = models.BooleanField(default=False)
    effective_date = models.DateField()
    end_date = models.DateField(null=True)
    created_at = StampField()
    updated_at = StampField()

    adjuster = org_ref("oi_claims.Adjuster", "adjuster_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "adjuster_authority_limits"
        indexes = [
            OrgIndex("adjuster_id", "effective_date"),
            OrgIndex("role", "line_of_business", "effective_date"),
        ]


class ClaimAssignment(TenantModel):
    """Assignment history."""

    claim_id = IdField()
    adjuster_id = IdField()
    assigned_by_user_id = IdField(null=True)
    assigned_at = TimestampField()
    accepted_at = TimestampField(null=True)
    ended_at = TimestampField(null=True)
    reason = models.CharField(max_length=128, null=True)
    created_at = StampField()
    updated_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")
    adjuster = org_ref("oi_claims.Adjuster", "adjuster_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "claim_assignments"
        indexes = [
            OrgIndex("claim_id", "assigned_at"),
            OrgIndex("adjuster_id", "ended_at"),
        ]
