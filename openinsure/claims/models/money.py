"""Reserves, payments, disbursements."""

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


class ClaimReserve(TenantModel):
    """Current reserve per exposure and cost type."""

    claim_id = IdField()
    exposure_id = IdField()
    cost_type = models.CharField(max_length=32)
    amount_cents = CentsField()
    currency = FixedCharField(max_length=3)
    last_history_id = IdField(null=True)
    lock_version = models.IntegerField(default=0)
    created_at = StampField()
    updated_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")
    exposure = org_ref("oi_claims.ClaimExposure", "exposure_id", related_name="+")
    last_history = org_ref(
        "oi_claims.ClaimReserveHistory", "last_history_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "claim_reserves"
        constraints = [
            org_unique("claim_reserves", "exposure_id", "cost_type"),
        ]
        indexes = [
            OrgIndex("claim_id"),
        ]


class ClaimReserveHistory(TenantModel):
    """Append-only reserve movements."""

    claim_id = IdField()
    exposure_id = IdField()
    cost_type = models.CharField(max_length=32)
    seq = models.IntegerField()
    previous_cents = CentsField()
    new_cents = CentsField()
    delta_cents = CentsField()
    currency = FixedCharField(max_length=3)
    reason_code = models.CharField(max_length=32)
    rationale = TextColumn(null=True)
    changed_by_user_id = IdField()
    authority_limit_id = IdField(null=True)
    approval_status = models.CharField(max_length=32)
    approved_by_user_id = IdField(null=True)
    approved_at = TimestampField(null=True)
    ledger_transfer_id = IdField(null=True)
    changed_at = TimestampField()
    created_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")
    exposure = org_ref("oi_claims.ClaimExposure", "exposure_id", related_name="+")
    authority_limit = org_ref(
        "oi_claims.AdjusterAuthorityLimit", "authority_limit_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "claim_reserve_history"
        constraints = [
            org_unique("claim_reserve_history", "exposure_id", "cost_type", "seq"),
        ]
        indexes = [
            OrgIndex("claim_id", "changed_at"),
            OrgIndex("approval_status", "changed_at"),
        ]


class ClaimReserveFlag(TenantModel):
    """Adequacy flags (ROUND_NUMBER, RAPID_INCREASE, ...)."""

    claim_id = IdField()
    exposure_id = IdField(null=True)
    flag_code = models.CharField(max_length=32)
    raised_at = TimestampField()
    detail = models.JSONField(null=True)
    cleared_by_user_id = IdField(null=True)
    cleared_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")
    exposure = org_ref("oi_claims.ClaimExposure", "exposure_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "claim_reserve_flags"
        indexes = [
            OrgIndex("claim_id", "flag_code"),
            OrgIndex("cleared_at", "raised_at"),
        ]


class ClaimPayment(TenantModel):
    """Payment against an exposure."""

    claim_id = IdField()
    exposure_id = IdField()
    claimant_id = IdField(null=True)
    payment_number = models.CharField(max_length=40)
    payment_type = models.CharField(max_length=32)
    cost_type = models.CharField(max_length=32)
    amount_cents = CentsField()
    currency = FixedCharField(max_length=3)
    reserve_takedown_cents = CentsField()
    erodes_reserve = models.BooleanField(default=False)
    payee_name = models.CharField(max_length=255)
    payee_type = models.CharField(max_length=32)
    invoice_ref = models.CharField(max_length=64, null=True)
    service_from = models.DateField(null=True)
    service_to = models.DateField(null=True)
    status = models.CharField(max_length=32)
    requested_by_user_id = IdField()
    requested_at = TimestampField()
    approved_by_user_id = IdField(null=True)
    approved_at = TimestampField(null=True)
    disbursement_id = IdField(null=True)
    ledger_batch_id = IdField(null=True)
    void_of_id = IdField(null=True)
    voided_at = TimestampField(null=True)
    lock_version = models.IntegerField(default=0)
    created_at = StampField()
    updated_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+")
    exposure = org_ref("oi_claims.ClaimExposure", "exposure_id", related_name="+")
    claimant = org_ref("oi_claims.Claimant", "claimant_id", related_name="+", null=True)
    disbursement = org_ref("oi_claims.Disbursement", "disbursement_id", related_name="+", null=True)
    void_of = org_ref("oi_claims.ClaimPayment", "void_of_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "claim_payments"
        constraints = [
            org_unique("claim_payments", "payment_number"),
        ]
        indexes = [
            OrgIndex("claim_id", "status"),
            OrgIndex("exposure_id"),
            OrgIndex("status", "requested_at"),
            OrgIndex("disbursement_id"),
            OrgIndex("requested_at", "id"),
            OrgIndex("status", "requested_at", "id"),
        ]


class Disbursement(TenantModel):
    """Money leaving the trust account: check, ACH or card."""

    disbursement_number = models.CharField(max_length=40)
    source_type = models.CharField(max_length=32)
    source_id = IdField()
    claim_id = IdField(null=True)
    policy_id = IdField(null=True)
    payee_name = models.CharField(max_length=255)
    payee_name_norm = models.CharField(max_length=255)
    payee_address = models.JSONField(null=True)
    method = models.CharField(max_length=32)
    check_number = models.CharField(max_length=32, null=True)
    amount_cents = CentsField()
    currency = FixedCharField(max_length=3)
    status = models.CharField(max_length=32)
    trust_account_id = IdField(null=True)
    requested_by_user_id = IdField()
    first_approver_user_id = IdField(null=True)
    second_approver_user_id = IdField(null=True)
    approved_at = TimestampField(null=True)
    issued_at = TimestampField(null=True)
    cleared_at = TimestampField(null=True)
    stop_requested_at = TimestampField(null=True)
    voided_at = TimestampField(null=True)
    void_reason = models.CharField(max_length=255, null=True)
    positive_pay_status = models.CharField(max_length=32, null=True)
    bank_transaction_id = IdField(null=True)
    tb_pending_transfer_id = FixedCharField(max_length=32, null=True)
    idempotency_key = models.CharField(max_length=128)
    lock_version = models.IntegerField(default=0)
    created_at = StampField()
    updated_at = StampField()

    claim = org_ref("oi_claims.Claim", "claim_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "disbursements"
        constraints = [
            org_unique("disbursements", "disbursement_number"),
            org_unique("disbursements", "idempotency_key"),
        ]
        indexes = [
            OrgIndex("status", "issued_at"),
            OrgIndex("claim_id"),
            OrgIndex("policy_id"),
            OrgIndex("source_id"),
            OrgIndex("payee_name_norm"),
            OrgIndex("check_number"),
            OrgIndex("updated_at", "id"),
            OrgIndex("created_at", "id"),
            OrgIndex("disbursement_number", "id"),
            OrgIndex("amount_cents", "id"),
            OrgIndex("payee_name_norm", "id"),
            OrgIndex("status", "updated_at", "id"),
            OrgIndex("method", "updated_at", "id"),
        ]


class DisbursementApproval(TenantModel):
    """Approval steps."""

    disbursement_id = IdField()
    step_no = models.IntegerField()
    required_role = models.CharField(max_length=32)
    approver_user_id = IdField(null=True)
    decision = models.CharField(max_length=32, null=True)
    decided_at = TimestampField(null=True)
    note = models.CharField(max_length=255, null=True)
    created_at = StampField()
    updated_at = StampField()

    disbursement = org_ref("oi_claims.Disbursement", "disbursement_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "disbursement_approvals"
        constraints = [
            org_unique("disbursement_approvals", "disbursement_id", "step_no"),
        ]
        indexes = [
            OrgIndex("approver_user_id", "decided_at"),
        ]
