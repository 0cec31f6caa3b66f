"""Chart of accounts, periods, journal."""

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


class GlAccount(TenantModel):
    """Chart of accounts per organisation."""

    account_code = models.CharField(max_length=16)
    name = models.CharField(max_length=128)
    account_class = models.CharField(max_length=32)
    normal_side = FixedCharField(max_length=1)
    parent_id = IdField(null=True)
    fiduciary = models.BooleanField(default=False)
    tb_account_type = models.CharField(max_length=32, null=True)
    statutory_line = models.CharField(max_length=32, null=True)
    currency = FixedCharField(max_length=3)
    status = models.CharField(max_length=32)
    sort_order = models.IntegerField(default=0)
    created_at = StampField()
    updated_at = StampField()

    parent = org_ref("oi_billing.GlAccount", "parent_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "gl_accounts"
        constraints = [
            org_unique("gl_accounts", "account_code"),
        ]
        indexes = [
            OrgIndex("account_class", "sort_order"),
            OrgIndex("tb_account_type"),
            OrgIndex("parent_id"),
        ]


class GlPeriod(TenantModel):
    """Accounting periods and locks."""

    period_code = models.CharField(max_length=16)
    start_date = models.DateField()
    end_date = models.DateField()
    status = models.CharField(max_length=32)
    closed_by_user_id = IdField(null=True)
    closed_at = TimestampField(null=True)
    reopened_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()
    reopen_asked_by_user_id = IdField(null=True)
    reopened_by_user_id = IdField(null=True)
    reopen_reason = models.CharField(max_length=255, null=True)

    class Meta(TenantModel.Meta):
        db_table = "gl_periods"
        constraints = [
            org_unique("gl_periods", "period_code"),
        ]
        indexes = [
            OrgIndex("status", "end_date"),
        ]


class GlJournalEntry(TenantModel):
    """Journal entry header."""

    entry_number = models.CharField(max_length=40)
    period_id = IdField()
    entry_date = models.DateField()
    effective_date = models.DateField()
    source_type = models.CharField(max_length=32)
    source_id = IdField(null=True)
    description = models.CharField(max_length=255, null=True)
    status = models.CharField(max_length=32)
    total_debit_cents = CentsField()
    total_credit_cents = CentsField()
    currency = FixedCharField(max_length=3)
    posted_at = TimestampField(null=True)
    posted_by_user_id = IdField(null=True)
    reversal_of_id = IdField(null=True)
    reversed_by_id = IdField(null=True)
    batch_id = IdField(null=True)
    cron_run_id = IdField(null=True)
    idempotency_key = models.CharField(max_length=128)
    created_at = StampField()
    updated_at = StampField()
    proposal = models.JSONField(null=True)
    proposed_by_user_id = IdField(null=True)
    decided_by_user_id = IdField(null=True)
    reason = models.CharField(max_length=255, null=True)

    period = org_ref("oi_billing.GlPeriod", "period_id", related_name="+")
    reversal_of = org_ref(
        "oi_billing.GlJournalEntry", "reversal_of_id", related_name="+", null=True
    )
    reversed_by = org_ref(
        "oi_billing.GlJournalEntry", "reversed_by_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "gl_journal_entries"
        constraints = [
            org_unique("gl_journal_entries", "entry_number"),
            org_unique("gl_journal_entries", "idempotency_key"),
        ]
        indexes = [
            OrgIndex("entry_date", "id"),
            OrgIndex("source_type", "source_id"),
            OrgIndex("period_id", "status"),
            OrgIndex("batch_id"),
            OrgIndex("status", "entry_date", "id"),
        ]


class GlJournalLine(TenantModel):
    """Journal lines."""

    journal_entry_id = IdField()
    line_no = models.IntegerField()
    gl_account_id = IdField()
    account_code = models.CharField(max_length=16)
    debit_cents = CentsField()
    credit_cents = CentsField()
    currency = FixedCharField(max_length=3)
    entry_date = models.DateField()
    policy_id = IdField(null=True)
    claim_id = IdField(null=True)
    producer_id = IdField(null=True)
    carrier_id = IdField(null=True)
    treaty_id = IdField(null=True)
    state = FixedCharField(max_length=2, null=True)
    memo = models.CharField(max_length=255, null=True)
    created_at = StampField()
    source_type = models.CharField(max_length=32, default="")

    journal_entry = org_ref("oi_billing.GlJournalEntry", "journal_entry_id", related_name="+")
    gl_account = org_ref("oi_billing.GlAccount", "gl_account_id", related_name="+")
    treaty = org_ref("oi_billing.ReinsuranceTreaty", "treaty_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "gl_journal_lines"
        constraints = [
            org_unique("gl_journal_lines", "journal_entry_id", "line_no"),
        ]
        indexes = [
            OrgIndex("account_code", "entry_date"),
            OrgIndex("policy_id", "entry_date"),
            OrgIndex("claim_id", "entry_date"),
            OrgIndex("carrier_id", "entry_date"),
            OrgIndex("producer_id", "entry_date"),
            OrgIndex("entry_date", "id"),
            OrgIndex("account_code", "entry_date", "id"),
            OrgIndex("source_type", "entry_date", "id"),
        ]


class GlAccountBalance(TenantModel):
    """Running balance per account and period."""

    gl_account_id = IdField()
    period_id = IdField()
    opening_cents = CentsField()
    debit_cents = CentsField()
    credit_cents = CentsField()
    closing_cents = CentsField()
    currency = FixedCharField(max_length=3)
    created_at = StampField()
    updated_at = StampField()

    gl_account = org_ref("oi_billing.GlAccount", "gl_account_id", related_name="+")
    period = org_ref("oi_billing.GlPeriod", "period_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "gl_account_balances"
        constraints = [
            org_unique("gl_account_balances", "gl_account_id", "period_id"),
        ]
