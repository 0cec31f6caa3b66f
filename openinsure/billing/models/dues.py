"""Commissions and taxes owed to others."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import (
    CentsField,
    FixedCharField,
    IdField,
    RateField,
    StampField,
    TimestampField,
)
from openinsure.keyspaces.indexes import OrgIndex, org_unique
from openinsure.tenancy.models import TenantModel, org_ref


class CommissionAccrual(TenantModel):
    """Commission earned on collected or written premium."""

    producer_id = IdField()
    policy_id = IdField()
    payment_allocation_id = IdField(null=True)
    kind = models.CharField(max_length=32)
    basis_cents = CentsField()
    rate = RateField()
    amount_cents = CentsField()
    currency = FixedCharField(max_length=3)
    statement_id = IdField(null=True)
    status = models.CharField(max_length=32)
    reversal_of_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    payment_allocation = org_ref(
        "oi_billing.PaymentAllocation", "payment_allocation_id", related_name="+", null=True
    )
    statement = org_ref(
        "oi_billing.CommissionStatement", "statement_id", related_name="+", null=True
    )
    reversal_of = org_ref(
        "oi_billing.CommissionAccrual", "reversal_of_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "commission_accruals"
        indexes = [
            OrgIndex("producer_id", "status"),
            OrgIndex("policy_id"),
            OrgIndex("statement_id"),
            OrgIndex("payment_allocation_id"),
            OrgIndex("status", "producer_id", "currency", "amount_cents"),
        ]


class CommissionStatement(TenantModel):
    """Producer statements."""

    producer_id = IdField()
    period_start = models.DateField()
    period_end = models.DateField()
    opening_cents = CentsField()
    accrued_cents = CentsField()
    clawback_cents = CentsField()
    paid_cents = CentsField()
    closing_cents = CentsField()
    currency = FixedCharField(max_length=3)
    status = models.CharField(max_length=32)
    issued_at = TimestampField(null=True)
    document_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(TenantModel.Meta):
        db_table = "commission_statements"
        constraints = [
            org_unique("commission_statements", "producer_id", "period_end"),
        ]
        indexes = [
            OrgIndex("status", "period_end"),
            OrgIndex("period_end", "id"),
        ]


class CommissionPayout(TenantModel):
    """Commission payments."""

    producer_id = IdField()
    statement_id = IdField(null=True)
    amount_cents = CentsField()
    currency = FixedCharField(max_length=3)
    disbursement_id = IdField(null=True)
    ledger_transfer_id = IdField(null=True)
    status = models.CharField(max_length=32)
    paid_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()
    external_account_id = IdField(null=True)
    author_user_id = IdField(null=True)
    approved_by_user_id = IdField(null=True)
    approved_at = TimestampField(null=True)
    released_by_user_id = IdField(null=True)
    released_at = TimestampField(null=True)
    reason = models.CharField(max_length=255, null=True)

    statement = org_ref(
        "oi_billing.CommissionStatement", "statement_id", related_name="+", null=True
    )
    ledger_transfer = org_ref(
        "oi_billing.LedgerTransfer", "ledger_transfer_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "commission_payouts"
        indexes = [
            OrgIndex("producer_id", "paid_at"),
            OrgIndex("statement_id"),
            OrgIndex("status", "created_at"),
            OrgIndex("created_at", "id"),
            OrgIndex("status", "created_at", "id"),
        ]


class TaxAccrual(TenantModel):
    """Taxes and stamping fees held for authorities."""

    policy_id = IdField()
    payment_allocation_id = IdField(null=True)
    state = FixedCharField(max_length=2)
    tax_code = models.CharField(max_length=32)
    basis_cents = CentsField()
    rate = RateField()
    amount_cents = CentsField()
    currency = FixedCharField(max_length=3)
    remittance_id = IdField(null=True)
    status = models.CharField(max_length=32)
    created_at = StampField()
    updated_at = StampField()

    payment_allocation = org_ref(
        "oi_billing.PaymentAllocation", "payment_allocation_id", related_name="+", null=True
    )
    remittance = org_ref("oi_billing.TaxRemittance", "remittance_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "tax_accruals"
        indexes = [
            OrgIndex("state", "tax_code", "status"),
            OrgIndex("policy_id"),
            OrgIndex("remittance_id"),
        ]


class TaxRemittance(TenantModel):
    """Payments to tax authorities."""

    state = FixedCharField(max_length=2)
    tax_code = models.CharField(max_length=32)
    period_start = models.DateField()
    period_end = models.DateField()
    due_date = models.DateField()
    amount_cents = CentsField()
    currency = FixedCharField(max_length=3)
    disbursement_id = IdField(null=True)
    confirmation_number = models.CharField(max_length=64, null=True)
    status = models.CharField(max_length=32)
    filed_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()
    author_user_id = IdField(null=True)
    approved_by_user_id = IdField(null=True)
    approved_at = TimestampField(null=True)
    bank_transaction_id = IdField(null=True)
    attempt = models.IntegerField(default=0)
    form_id = IdField(null=True)
    reason = models.CharField(max_length=255, null=True)

    class Meta(TenantModel.Meta):
        db_table = "tax_remittances"
        constraints = [
            org_unique("tax_remittances", "state", "tax_code", "period_end"),
        ]
        indexes = [
            OrgIndex("status", "due_date"),
            OrgIndex("due_date", "id"),
        ]
