"""Bordereaux, settlements and payouts to carriers."""

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


class Bordereau(TenantModel):
    """Premium and claims bordereaux."""

    bordereau_number = models.CharField(max_length=40)
    kind = models.CharField(max_length=32)
    carrier_id = IdField()
    program_id = IdField(null=True)
    period_start = models.DateField()
    period_end = models.DateField()
    status = models.CharField(max_length=32)
    template_version = models.CharField(max_length=32)
    line_count = models.IntegerField(default=0)
    gross_premium_cents = CentsField()
    fees_cents = CentsField()
    producer_commission_cents = CentsField()
    mga_commission_cents = CentsField()
    taxes_cents = CentsField()
    net_to_carrier_cents = CentsField()
    paid_claims_cents = CentsField()
    outstanding_claims_cents = CentsField()
    recoveries_cents = CentsField()
    currency = FixedCharField(max_length=3)
    generated_at = TimestampField(null=True)
    approved_by_user_id = IdField(null=True)
    approved_at = TimestampField(null=True)
    sent_at = TimestampField(null=True)
    acknowledged_at = TimestampField(null=True)
    settlement_id = IdField(null=True)
    file_document_id = IdField(null=True)
    content_sha256 = FixedCharField(max_length=64, null=True)
    created_at = StampField()
    updated_at = StampField()
    author_user_id = IdField(null=True)

    settlement = org_ref(
        "oi_billing.CarrierSettlement", "settlement_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "bordereaux"
        constraints = [
            org_unique("bordereaux", "bordereau_number"),
        ]
        indexes = [
            OrgIndex("carrier_id", "kind", "period_end"),
            OrgIndex("status", "period_end"),
            OrgIndex("settlement_id"),
            OrgIndex("period_end", "id"),
            OrgIndex("updated_at", "id"),
            OrgIndex("status", "period_end", "id"),
        ]


class BordereauLine(TenantModel):
    """Lines of a bordereau, frozen at generation."""

    bordereau_id = IdField()
    line_no = models.IntegerField()
    policy_id = IdField(null=True)
    policy_number = models.CharField(max_length=40)
    claim_id = IdField(null=True)
    claim_number = models.CharField(max_length=40, null=True)
    transaction_type = models.CharField(max_length=32)
    insured_name = models.CharField(max_length=255)
    state = FixedCharField(max_length=2)
    gross_premium_cents = CentsField()
    net_cents = CentsField()
    currency = FixedCharField(max_length=3)
    payload = models.JSONField(null=True)
    created_at = StampField()
    policy_transaction_id = IdField(null=True)
    claim_payment_id = IdField(null=True)

    bordereau = org_ref("oi_billing.Bordereau", "bordereau_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "bordereau_lines"
        constraints = [
            org_unique("bordereau_lines", "bordereau_id", "line_no"),
            org_unique("bordereau_lines", "policy_transaction_id"),
        ]
        indexes = [
            OrgIndex("policy_id"),
            OrgIndex("claim_id"),
            OrgIndex("claim_payment_id"),
        ]


class CarrierSettlement(TenantModel):
    """Settlement of one or more bordereaux with a carrier."""

    settlement_number = models.CharField(max_length=40)
    carrier_id = IdField()
    period_end = models.DateField()
    premium_due_cents = CentsField()
    claims_offset_cents = CentsField()
    net_due_cents = CentsField()
    currency = FixedCharField(max_length=3)
    status = models.CharField(max_length=32)
    due_date = models.DateField()
    approved_by_user_id = IdField(null=True)
    settled_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()
    author_user_id = IdField(null=True)
    released_by_user_id = IdField(null=True)
    approved_at = TimestampField(null=True)
    released_at = TimestampField(null=True)
    reason = models.CharField(max_length=255, null=True)

    class Meta(TenantModel.Meta):
        db_table = "carrier_settlements"
        constraints = [
            org_unique("carrier_settlements", "settlement_number"),
        ]
        indexes = [
            OrgIndex("carrier_id", "period_end"),
            OrgIndex("status", "due_date"),
            OrgIndex("period_end", "id"),
            OrgIndex("updated_at", "id"),
            OrgIndex("status", "period_end", "id"),
        ]


class SettlementPayout(TenantModel):
    """Payout legs from payable accounts to outside accounts."""

    settlement_id = IdField()
    payee_type = models.CharField(max_length=32)
    payee_id = IdField()
    account_type = models.CharField(max_length=32)
    amount_cents = CentsField()
    currency = FixedCharField(max_length=3)
    tb_pending_transfer_id = FixedCharField(max_length=32, null=True)
    ledger_batch_id = IdField(null=True)
    bank_transaction_id = IdField(null=True)
    status = models.CharField(max_length=32)
    confirmed_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()
    external_account_id = IdField(null=True)
    reason = models.CharField(max_length=255, null=True)

    settlement = org_ref("oi_billing.CarrierSettlement", "settlement_id", related_name="+")
    external_account = org_ref(
        "oi_billing.ExternalAccount", "external_account_id", related_name="+", null=True
    )
    bank_transaction = org_ref(
        "oi_billing.BankTransaction", "bank_transaction_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "settlement_payouts"
        indexes = [
            OrgIndex("settlement_id"),
            OrgIndex("status", "created_at"),
            OrgIndex("payee_id"),
        ]


class ExternalAccount(TenantModel):
    """Outside payout accounts (carrier, producer, tax authority, reinsurer, claimant) and their
    TigerBeetle ids.
    """

    owner_type = models.CharField(max_length=32)
    owner_id = IdField()
    display_name = models.CharField(max_length=255)
    bank_name = models.CharField(max_length=128, null=True)
    account_last4 = FixedCharField(max_length=4, null=True)
    token_ref = models.CharField(max_length=128)
    tb_account_id = FixedCharField(max_length=32)
    currency = FixedCharField(max_length=3)
    verified_at = TimestampField(null=True)
    verified_by_user_id = IdField(null=True)
    status = models.CharField(max_length=32)
    created_at = StampField()
    updated_at = StampField()

    class Meta(TenantModel.Meta):
        db_table = "external_accounts"
        constraints = [
            org_unique("external_accounts", "tb_account_id"),
        ]
        indexes = [
            OrgIndex("owner_type", "owner_id"),
            OrgIndex("status", "verified_at"),
        ]
