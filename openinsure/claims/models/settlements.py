"""Agreements with claimants and the offers before them."""

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
from openinsure.keyspaces.indexes import OrgIndex
from openinsure.tenancy.models import TenantModel, org_ref


class Settlement(TenantModel):
    """Settlement agreements and releases."""

    claim_id = IdField()
    exposure_id = IdField(null=True)
    claimant_id = IdField(null=True)
    amount_cents = CentsField()
    currency = FixedCharField(max_length=3)
    status = models.CharField(max_length=32)
    agreed_at = TimestampField(null=True)
    release_document_id = IdField(null=True)
    authority_limit_id = IdField(null=True)
    approved_by_user_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")
    exposure = org_ref("oi_claims.ClaimExposure", "exposure_id", related_name="+", null=True)
    claimant = org_ref("oi_claims.Claimant", "claimant_id", related_name="+", null=True)
    release_document = org_ref(
        "oi_claims.ClaimDocument", "release_document_id", related_name="+", null=True
    )
    authority_limit = org_ref(
        "oi_claims.AdjusterAuthorityLimit", "authority_limit_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "settlements"
        indexes = [
            OrgIndex("claim_id"),
            OrgIndex("status", "agreed_at"),
            OrgIndex("claimant_id"),
        ]


class SettlementOffer(TenantModel):
    """Offers and demands in negotiation."""

    claim_id = IdField()
    settlement_id = IdField(null=True)
    direction = models.CharField(max_length=32)
    amount_cents = CentsField()
    currency = FixedCharField(max_length=3)
    offered_at = TimestampField()
    expires_at = TimestampField(null=True)
    status = models.CharField(max_length=32)
    note = TextColumn(null=True)
    created_at = StampField()
    updated_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")
    settlement = org_ref("oi_claims.Settlement", "settlement_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "settlement_offers"
        indexes = [
            OrgIndex("claim_id", "offered_at"),
            OrgIndex("settlement_id"),
        ]
