"""Money received, how it was applied, reversed, refunded."""

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


class Payment(TenantModel):
    """Money received."""

    payment_number = models.CharField(max_length=40)
    billing_account_id = IdField(null=True)
    policy_id = IdField(null=True)
    policy_number = models.CharField(max_length=40, null=True)
    payer_name = models.CharField(max_length=255)
    payer_name_norm = models.CharField(max_length=255)
    method = models.CharField(max_length=32)
    processor = models.CharField(max_length=32, null=True)
    processor_ref = models.CharField(max_length=128, null=True)
    status = models.CharField(max_length=32)
    amount_cents = CentsField()
    unapplied_cents = CentsField()
    currency = FixedCharField(max_length=3)
    received_at = TimestampField()
    posted_at = TimestampField(null=True)
    deposit_date = models.DateField(null=True)
    check_number = models.CharField(max_length=32, null=True)
    trust_account_id = IdField(null=True)
    bank_transaction_id = IdField(null=True)
    split_status = models.CharField(max_length=32)
    ledger_batch_id = IdField(null=True)
    reversal_of_id = IdField(null=True)
    reversed_at = TimestampField(null=True)
    reversal_reason = models.CharField(max_length=64, null=True)
    nsf_count = models.IntegerField(default=0)
    idempotency_key = models.CharField(max_length=128)
    lock_version = models.IntegerField(default=0)
    created_at = StampField()
    updated_at = StampField()

    billing_account = org_ref(
        "oi_billing.BillingAccount", "billing_account_id", related_name="+", null=True
    )
    trust_account = org_ref(
        "oi_billing.TrustAccount", "trust_account_id", related_name="+", null=True
    )
    bank_transaction = org_ref(
        "oi_billing.BankTransaction", "bank_transaction_id", related_name="+", null=True
    )
    reversal_of = org_ref("oi_billing.Payment", "reversal_of_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "payments"
        constraints = [
            org_unique("payments", "payment_number"),
            org_unique("payments", "idempotency_key"),
        ]
        indexes = [
            OrgIndex("billing_account_id", "received_at"),
            OrgIndex("policy_id", "received_at"),
            OrgIndex("status", "received_at"),
            OrgIndex("processor_ref"),
            OrgIndex("payer_name_norm"),
            OrgIndex("check_number"),
            OrgIndex("split_status", "posted_at"),
            OrgIndex("updated_at", "id"),
            OrgIndex("received_at", "id"),
            OrgIndex("payment_number", "id"),
            OrgIndex("amount_cents", "id"),
            OrgIndex("payer_name_norm", "id"),
            OrgIndex("status", "updated_at", "id"),
            OrgIndex("status", "received_at", "id"),
            OrgIndex("method", "received_at", "id"),
        ]


class PaymentAllocation(TenantModel):
    """How a payment was applied and split."""

    payment_id = IdField()
    invoice_id = IdField(null=True)
    invoice_line_id = IdField(null=True)
    installment_id = IdField(null=True)
    policy_id = IdField(null=True)
    component = models.CharField(max_length=32)
    amount_cents = CentsField()
    currency = FixedCharField(max_length=3)
    producer_commission_cents = CentsField()
    mga_revenue_cents = CentsField()
    tax_cents = CentsField()
    reinsurer_cents = CentsField()
    loss_fund_cents = CentsField()
    carrier_cents = CentsField()
    producer_id = IdField(null=True)
    carrier_id = IdField(null=True)
    treaty_id = IdField(null=True)
    ledger_batch_id = IdField(null=True)
    allocated_at = TimestampField()
    reversed_at = TimestampField(null=True)
    reversal_of_id = IdField(null=True)
    created_at = StampField()

    payment = org_ref("oi_billing.Payment", "payment_id", related_name="+")
    invoice = org_ref("oi_billing.Invoice", "invoice_id", related_name="+", null=True)
    invoice_line = org_ref("oi_billing.InvoiceLine", "invoice_line_id", related_name="+", null=True)
    installment = org_ref("oi_billing.Installment", "installment_id", related_name="+", null=True)
    treaty = org_ref("oi_billing.ReinsuranceTreaty", "treaty_id", related_name="+", null=True)
    reversal_of = org_ref(
        "oi_billing.PaymentAllocation", "reversal_of_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "payment_allocations"
        indexes = [
            OrgIndex("payment_id"),
            OrgIndex("invoice_id"),
            OrgIndex("policy_id", "allocated_at"),
            OrgIndex("ledger_batch_id"),
        ]


class PaymentMethod(TenantModel):
    """Stored payment instruments (tokens only)."""

    billing_account_id = IdField()
    kind = models.CharField(max_length=32)
    processor_token_ref = models.CharField(max_length=128)
    brand = models.CharField(max_length=32, null=True)
    last4 = FixedCharField(max_length=4, null=True)
    exp_month = models.SmallIntegerField(null=True)
    exp_year = models.SmallIntegerField(null=True)
    verified_at = TimestampField(null=True)
    status = models.CharField(max_length=32)
    created_at = StampField()
    updated_at = StampField()

    billing_account = org_ref("oi_billing.BillingAccount", "billing_account_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "payment_methods"
        indexes = [
            OrgIndex("billing_account_id", "status"),
        ]


class PaymentReversal(TenantModel):
    """NSF, chargeback, error reversals."""

    payment_id = IdField()
    reversal_type = models.CharField(max_length=32)
    amount_cents = CentsField()
    currency = FixedCharField(max_length=3)
    fee_charge_id = IdField(null=True)
    processor_event_id = models.CharField(max_length=128, null=True)
    occurred_at = TimestampField()
    resolved_at = TimestampField(null=True)
    status = models.CharField(max_length=32)
    created_at = StampField()
    updated_at = StampField()

    payment = org_ref("oi_billing.Payment", "payment_id", related_name="+")
    fee_charge = org_ref("oi_billing.FeeCharge", "fee_charge_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "payment_reversals"
        indexes = [
            OrgIndex("payment_id"),
            OrgIndex("status", "occurred_at"),
            OrgIndex("processor_event_id"),
        ]


class Refund(TenantModel):
    """Return premium and overpayment refunds."""

    billing_account_id = IdField()
    policy_id = IdField(null=True)
    cancellation_id = IdField(null=True)
    endorsement_id = IdField(null=True)
    amount_cents = CentsField()
    currency = FixedCharField(max_length=3)
    status = models.CharField(max_length=32)
    due_date = models.DateField()
    disbursement_id = IdField(null=True)
    processor_ref = models.CharField(max_length=128, null=True)
    approved_by_user_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()
    parts = models.JSONField(null=True)
    asked_by_user_id = IdField(null=True)
    approved_at = TimestampField(null=True)
    issued_by_user_id = IdField(null=True)
    issued_at = TimestampField(null=True)
    reason = models.CharField(max_length=255, null=True)

    billing_account = org_ref("oi_billing.BillingAccount", "billing_account_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "refunds"
        indexes = [
            OrgIndex("billing_account_id", "status"),
            OrgIndex("status", "due_date"),
            OrgIndex("policy_id"),
        ]


class SuspenseItem(TenantModel):
    """Money that cannot be applied yet."""

    payment_id = IdField()
    amount_cents = CentsField()
    currency = FixedCharField(max_length=3)
    reason = models.CharField(max_length=128, null=True)
    status = models.CharField(max_length=32)
    reference_text = models.CharField(max_length=255, null=True)
    assigned_user_id = IdField(null=True)
    resolved_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()

    payment = org_ref("oi_billing.Payment", "payment_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "suspense_items"
        indexes = [
            OrgIndex("status", "created_at"),
            OrgIndex("payment_id"),
            OrgIndex("created_at", "id"),
            OrgIndex("status", "created_at", "id"),
        ]
