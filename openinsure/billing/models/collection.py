"""Fees, non-payment, holds, reminders, premium finance."""

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


class FeeCharge(TenantModel):
    """Late, NSF, installment, reinstatement fees charged or waived."""

    billing_account_id = IdField()
    policy_id = IdField(null=True)
    invoice_id = IdField(null=True)
    fee_code = models.CharField(max_length=32)
    amount_cents = CentsField()
    currency = FixedCharField(max_length=3)
    charged_on = models.DateField()
    waived_at = TimestampField(null=True)
    waived_by_user_id = IdField(null=True)
    reason = models.CharField(max_length=255, null=True)
    created_at = StampField()
    updated_at = StampField()

    billing_account = org_ref("oi_billing.BillingAccount", "billing_account_id", related_name="+")
    invoice = org_ref("oi_billing.Invoice", "invoice_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "fee_charges"
        indexes = [
            OrgIndex("billing_account_id", "charged_on"),
            OrgIndex("policy_id"),
            OrgIndex("invoice_id"),
            OrgIndex("fee_code", "charged_on"),
        ]


class NonpayWorkflow(TenantModel):
    """Non-payment timeline per account."""

    billing_account_id = IdField()
    policy_id = IdField(null=True)
    invoice_id = IdField(null=True)
    stage = models.CharField(max_length=32)
    past_due_cents = CentsField()
    currency = FixedCharField(max_length=3)
    started_on = models.DateField()
    notice_mailed_on = models.DateField(null=True)
    cancel_effective_date = models.DateField(null=True)
    cured_at = TimestampField(null=True)
    cancelled_at = TimestampField(null=True)
    extension_until = models.DateField(null=True)
    created_at = StampField()
    updated_at = StampField()

    billing_account = org_ref("oi_billing.BillingAccount", "billing_account_id", related_name="+")
    invoice = org_ref("oi_billing.Invoice", "invoice_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "nonpay_workflows"
        indexes = [
            OrgIndex("billing_account_id", "stage"),
            OrgIndex("stage", "cancel_effective_date"),
            OrgIndex("policy_id"),
            OrgIndex("updated_at", "id"),
        ]


class BillingHold(TenantModel):
    """Holds on billing or cancellation (disaster moratorium, dispute)."""

    billing_account_id = IdField()
    scope = models.CharField(max_length=32)
    reason = models.CharField(max_length=255, null=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    placed_by_user_id = IdField()
    released_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()

    billing_account = org_ref("oi_billing.BillingAccount", "billing_account_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "billing_holds"
        indexes = [
            OrgIndex("billing_account_id", "ends_on"),
            OrgIndex("ends_on", "released_at"),
            OrgIndex("starts_on", "id"),
        ]


class PaymentReminder(TenantModel):
    """Reminders sent by the 08:00 job."""

    invoice_id = IdField()
    billing_account_id = IdField()
    reminder_kind = models.CharField(max_length=32)
    channel = models.CharField(max_length=32)
    sent_at = TimestampField(null=True)
    cron_run_id = IdField(null=True)
    status = models.CharField(max_length=32)
    recipient = models.CharField(max_length=255)
    created_at = StampField()
    updated_at = StampField()

    invoice = org_ref("oi_billing.Invoice", "invoice_id", related_name="+")
    billing_account = org_ref("oi_billing.BillingAccount", "billing_account_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "payment_reminders"
        constraints = [
            org_unique("payment_reminders", "invoice_id", "reminder_kind"),
        ]
        indexes = [
            OrgIndex("sent_at"),
        ]


class PremiumFinanceAgreement(TenantModel):
    """Premium finance contracts."""

    billing_account_id = IdField()
    policy_id = IdField()
    finance_company = models.CharField(max_length=255)
    agreement_number = models.CharField(max_length=64, null=True)
    financed_cents = CentsField()
    down_cents = CentsField()
    apr = RateField()
    currency = FixedCharField(max_length=3)
    status = models.CharField(max_length=32)
    funded_at = TimestampField(null=True)
    intent_to_cancel_at = TimestampField(null=True)
    cancel_requested_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()

    billing_account = org_ref("oi_billing.BillingAccount", "billing_account_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "premium_finance_agreements"
        indexes = [
            OrgIndex("policy_id"),
            OrgIndex("status", "funded_at"),
            OrgIndex("agreement_number"),
        ]
