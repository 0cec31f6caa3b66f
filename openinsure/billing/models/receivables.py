"""Accounts, schedules, installments, invoices."""

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


class BillingAccount(TenantModel):
    """Receivable account per policy or insured."""

    account_number = models.CharField(max_length=40)
    insured_id = IdField()
    insured_name_norm = models.CharField(max_length=255)
    policy_id = IdField(null=True)
    policy_number = models.CharField(max_length=40, null=True)
    bill_type = models.CharField(max_length=32)
    producer_id = IdField(null=True)
    payer_name = models.CharField(max_length=255)
    payer_email = models.CharField(max_length=255, null=True)
    default_payment_method_id = IdField(null=True)
    autopay = models.BooleanField(default=False)
    plan_code = models.CharField(max_length=32)
    status = models.CharField(max_length=32)
    delinquency_stage = models.CharField(max_length=32, null=True)
    currency = FixedCharField(max_length=3)
    balance_cents = CentsField()
    past_due_cents = CentsField()
    unapplied_cents = CentsField()
    written_off_cents = CentsField()
    next_due_date = models.DateField(null=True)
    next_due_cents = CentsField()
    last_payment_at = TimestampField(null=True)
    last_payment_cents = CentsField()
    hold_until = models.DateField(null=True)
    finance_agreement_id = IdField(null=True)
    stripe_customer_id = models.CharField(max_length=64, null=True)
    lock_version = models.IntegerField(default=0)
    created_at = StampField()
    updated_at = StampField()

    default_payment_method = org_ref(
        "oi_billing.PaymentMethod", "default_payment_method_id", related_name="+", null=True
    )
    finance_agreement = org_ref(
        "oi_billing.PremiumFinanceAgreement", "finance_agreement_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "billing_accounts"
        constraints = [
            org_unique("billing_accounts", "account_number"),
        ]
        indexes = [
            OrgIndex("policy_id"),
            OrgIndex("policy_number"),
            OrgIndex("insured_id"),
            OrgIndex("insured_name_norm"),
            OrgIndex("status", "next_due_date"),
            OrgIndex("delinquency_stage", "next_due_date"),
            OrgIndex("producer_id"),
            OrgIndex("updated_at", "id"),
            OrgIndex("account_number", "id"),
            OrgIndex("insured_name_norm", "id"),
            OrgIndex("balance_cents", "id"),
            OrgIndex("past_due_cents", "id"),
            OrgIndex("status", "updated_at", "id"),
        ]


class BillingSchedule(TenantModel):
    """Payment plan instance."""

    billing_account_id = IdField()
    policy_id = IdField()
    plan_code = models.CharField(max_length=32)
    version_no = models.IntegerField()
    premium_cents = CentsField()
    currency = FixedCharField(max_length=3)
    installment_count = models.IntegerField()
    down_rate = RateField()
    service_fee_cents = CentsField()
    status = models.CharField(max_length=32)
    created_at = StampField()
    updated_at = StampField()

    billing_account = org_ref("oi_billing.BillingAccount", "billing_account_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "billing_schedules"
        indexes = [
            OrgIndex("billing_account_id", "version_no"),
            OrgIndex("policy_id"),
        ]


class Installment(TenantModel):
    """Planned amounts and due dates."""

    billing_account_id = IdField()
    billing_schedule_id = IdField()
    policy_id = IdField()
    seq = models.IntegerField()
    kind = models.CharField(max_length=32)
    due_date = models.DateField()
    premium_cents = CentsField()
    fee_cents = CentsField()
    tax_cents = CentsField()
    total_cents = CentsField()
    paid_cents = CentsField()
    currency = FixedCharField(max_length=3)
    status = models.CharField(max_length=32)
    invoice_id = IdField(null=True)
    invoiced_at = TimestampField(null=True)
    paid_at = TimestampField(null=True)
    waived_by_user_id = IdField(null=True)
    waive_reason = models.CharField(max_length=255, null=True)
    stripe_payment_intent_id = models.CharField(max_length=64, null=True)
    created_at = StampField()
    updated_at = StampField()

    billing_account = org_ref("oi_billing.BillingAccount", "billing_account_id", related_name="+")
    billing_schedule = org_ref(
        "oi_billing.BillingSchedule", "billing_schedule_id", related_name="+"
    )
    invoice = org_ref("oi_billing.Invoice", "invoice_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "installments"
        constraints = [
            org_unique("installments", "billing_schedule_id", "seq"),
        ]
        indexes = [
            OrgIndex("billing_account_id", "due_date"),
            OrgIndex("policy_id", "due_date"),
            OrgIndex("status", "due_date"),
            OrgIndex("invoice_id"),
            OrgIndex("due_date", "id"),
            OrgIndex("status", "due_date", "id"),
        ]


class Invoice(TenantModel):
    """Bill sent to the payer."""

    invoice_number = models.CharField(max_length=40)
    billing_account_id = IdField()
    policy_id = IdField(null=True)
    policy_number = models.CharField(max_length=40, null=True)
    producer_id = IdField(null=True)
    status = models.CharField(max_length=32)
    issue_date = models.DateField()
    due_date = models.DateField()
    period_from = models.DateField(null=True)
    period_to = models.DateField(null=True)
    premium_cents = CentsField()
    fee_cents = CentsField()
    tax_cents = CentsField()
    total_cents = CentsField()
    paid_cents = CentsField()
    written_off_cents = CentsField()
    balance_cents = CentsField()
    currency = FixedCharField(max_length=3)
    delivery_method = models.CharField(max_length=32)
    sent_at = TimestampField(null=True)
    dunning_stage = models.CharField(max_length=32, null=True)
    last_reminder_at = TimestampField(null=True)
    document_id = IdField(null=True)
    voided_at = TimestampField(null=True)
    void_reason = models.CharField(max_length=255, null=True)
    lock_version = models.IntegerField(default=0)
    created_at = StampField()
    updated_at = StampField()

    billing_account = org_ref("oi_billing.BillingAccount", "billing_account_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "invoices"
        constraints = [
            org_unique("invoices", "invoice_number"),
        ]
        indexes = [
            OrgIndex("billing_account_id", "due_date"),
            OrgIndex("policy_id"),
            OrgIndex("status", "due_date"),
            OrgIndex("policy_number"),
            OrgIndex("producer_id", "status"),
            OrgIndex("updated_at", "id"),
            OrgIndex("due_date", "id"),
            OrgIndex("issue_date", "id"),
            OrgIndex("invoice_number", "id"),
            OrgIndex("total_cents", "id"),
            OrgIndex("balance_cents", "id"),
            OrgIndex("status", "updated_at", "id"),
            OrgIndex("status", "due_date", "id"),
            OrgIndex("producer_id", "updated_at", "id"),
        ]


class InvoiceLine(TenantModel):
    """Lines by component."""

    invoice_id = IdField()
    line_no = models.IntegerField()
    component = models.CharField(max_length=32)
    description = models.CharField(max_length=255, null=True)
    amount_cents = CentsField()
    paid_cents = CentsField()
    currency = FixedCharField(max_length=3)
    installment_id = IdField(null=True)
    premium_transaction_id = IdField(null=True)
    state = FixedCharField(max_length=2, null=True)
    created_at = StampField()
    updated_at = StampField()

    invoice = org_ref("oi_billing.Invoice", "invoice_id", related_name="+")
    installment = org_ref("oi_billing.Installment", "installment_id", related_name="+", null=True)
    premium_transaction = org_ref(
        "oi_billing.PremiumTransaction", "premium_transaction_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "invoice_lines"
        constraints = [
            org_unique("invoice_lines", "invoice_id", "line_no"),
        ]
        indexes = [
            OrgIndex("installment_id"),
            OrgIndex("premium_transaction_id"),
        ]


class InvoiceEvent(TenantModel):
    """Append-only history."""

    invoice_id = IdField()
    seq = models.IntegerField()
    event_type = models.CharField(max_length=64)
    from_status = models.CharField(max_length=32, null=True)
    to_status = models.CharField(max_length=32, null=True)
    amount_cents = CentsField()
    currency = FixedCharField(max_length=3)
    actor_user_id = IdField(null=True)
    occurred_at = TimestampField()
    created_at = StampField()

    invoice = org_ref("oi_billing.Invoice", "invoice_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "invoice_events"
        constraints = [
            org_unique("invoice_events", "invoice_id", "seq"),
        ]
