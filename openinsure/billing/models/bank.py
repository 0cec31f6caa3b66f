"""Bank accounts, imported lines, month-end reconciliation."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import CentsField, FixedCharField, IdField, StampField
from openinsure.keyspaces.indexes import OrgIndex, org_unique
from openinsure.tenancy.models import TenantModel, org_ref


class TrustAccount(TenantModel):
    """Bank accounts: premium trust, claims, operating."""

    bank_name = models.CharField(max_length=128, null=True)
    nickname = models.CharField(max_length=64, null=True)
    account_last4 = FixedCharField(max_length=4, null=True)
    routing_last4 = FixedCharField(max_length=4, null=True)
    account_kind = models.CharField(max_length=32)
    carrier_id = IdField(null=True)
    state = FixedCharField(max_length=2, null=True)
    currency = FixedCharField(max_length=3)
    status = models.CharField(max_length=32)
    opened_on = models.DateField(null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(TenantModel.Meta):
        db_table = "trust_accounts"
        indexes = [
            OrgIndex("account_kind", "status"),
            OrgIndex("carrier_id"),
        ]


class BankTransaction(TenantModel):
    """Imported bank lines."""

    trust_account_id = IdField()
    bank_ref = models.CharField(max_length=128)
    posted_on = models.DateField()
    amount_cents = CentsField()
    currency = FixedCharField(max_length=3)
    description = models.CharField(max_length=255, null=True)
    direction = models.CharField(max_length=32)
    match_status = models.CharField(max_length=32)
    matched_type = models.CharField(max_length=32, null=True)
    matched_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    trust_account = org_ref("oi_billing.TrustAccount", "trust_account_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "bank_transactions"
        constraints = [
            org_unique("bank_transactions", "trust_account_id", "bank_ref"),
        ]
        indexes = [
            OrgIndex("match_status", "posted_on"),
            OrgIndex("matched_id"),
            OrgIndex("posted_on", "id"),
        ]


class BankReconciliation(TenantModel):
    """Month-end bank reconciliation."""

    trust_account_id = IdField()
    statement_date = models.DateField()
    statement_balance_cents = CentsField()
    book_balance_cents = CentsField()
    outstanding_checks_cents = CentsField()
    deposits_in_transit_cents = CentsField()
    difference_cents = CentsField()
    currency = FixedCharField(max_length=3)
    status = models.CharField(max_length=32)
    reviewed_by_user_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    trust_account = org_ref("oi_billing.TrustAccount", "trust_account_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "bank_reconciliations"
        constraints = [
            org_unique("bank_reconciliations", "trust_account_id", "statement_date"),
        ]
        indexes = [
            OrgIndex("status", "statement_date"),
        ]
