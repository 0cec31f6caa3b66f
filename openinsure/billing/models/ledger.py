"""Mirror of the TigerBeetle accounts and transfers, and the daily comparison."""

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


class LedgerAccount(TenantModel):
    """Map of TigerBeetle accounts: nine types, keyed by entity."""

    tb_account_id = FixedCharField(max_length=32)
    account_type = models.CharField(max_length=32)
    entity_type = models.CharField(max_length=32, default="")
    entity_id = IdField(default="")
    sub_purpose = models.CharField(max_length=32, default="")
    ledger_code = models.IntegerField()
    tb_code = models.SmallIntegerField()
    tb_flags = models.IntegerField(default=0)
    normal_side = FixedCharField(max_length=1)
    currency = FixedCharField(max_length=3)
    name = models.CharField(max_length=128)
    status = models.CharField(max_length=32)
    last_debits_posted = models.DecimalField(max_digits=39, decimal_places=0, default=0)
    last_credits_posted = models.DecimalField(max_digits=39, decimal_places=0, default=0)
    last_debits_pending = models.DecimalField(max_digits=39, decimal_places=0, default=0)
    last_credits_pending = models.DecimalField(max_digits=39, decimal_places=0, default=0)
    last_balance_cents = CentsField()
    last_synced_at = TimestampField(null=True)
    created_at = StampField()
    updated_at = StampField()
    last_transfer_at = TimestampField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "ledger_accounts"
        constraints = [
            org_unique("ledger_accounts", "tb_account_id"),
            org_unique(
                "ledger_accounts",
                "account_type",
                "entity_type",
                "entity_id",
                "sub_purpose",
                "currency",
            ),
        ]
        indexes = [
            OrgIndex("account_type", "status"),
            OrgIndex("account_type", "last_balance_cents", "id"),
        ]


class LedgerTransfer(TenantModel):
    """Outbox and mirror of TigerBeetle transfers."""

    tb_transfer_id = FixedCharField(max_length=32)
    batch_id = IdField()
    batch_seq = models.IntegerField(default=0)
    linked = models.BooleanField(default=False)
    debit_account_id = IdField()
    credit_account_id = IdField()
    amount_cents = CentsField()
    currency = FixedCharField(max_length=3)
    transfer_code = models.SmallIntegerField()
    tb_flags = models.IntegerField(default=0)
    pending_transfer_id = FixedCharField(max_length=32, null=True)
    source_type = models.CharField(max_length=32)
    source_id = IdField()
    policy_id = IdField(null=True)
    claim_id = IdField(null=True)
    gl_entry_id = IdField(null=True)
    status = models.CharField(max_length=32)
    result_code = models.CharField(max_length=64, null=True)
    attempts = models.IntegerField(default=0)
    next_attempt_at = TimestampField(null=True)
    last_error = models.CharField(max_length=255, null=True)
    tb_timestamp = models.PositiveBigIntegerField(null=True)
    posted_at = TimestampField(null=True)
    reversal_of_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()

    debit_account = org_ref("oi_billing.LedgerAccount", "debit_account_id", related_name="+")
    credit_account = org_ref("oi_billing.LedgerAccount", "credit_account_id", related_name="+")
    gl_entry = org_ref("oi_billing.GlJournalEntry", "gl_entry_id", related_name="+", null=True)
    reversal_of = org_ref(
        "oi_billing.LedgerTransfer", "reversal_of_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "ledger_transfers"
        constraints = [
            org_unique("ledger_transfers", "tb_transfer_id"),
        ]
        indexes = [
            OrgIndex("batch_id", "batch_seq"),
            OrgIndex("status", "next_attempt_at"),
            OrgIndex("source_type", "source_id"),
            OrgIndex("debit_account_id", "created_at"),
            OrgIndex("credit_account_id", "created_at"),
            OrgIndex("policy_id"),
            OrgIndex("claim_id"),
            OrgIndex("gl_entry_id"),
            OrgIndex("created_at", "id"),
            OrgIndex("status", "created_at", "id"),
        ]


class LedgerReconciliationRun(TenantModel):
    """07:00 comparison per organisation."""

    run_date = models.DateField()
    cron_run_id = IdField(null=True)
    status = models.CharField(max_length=32)
    tb_as_of_timestamp = models.PositiveBigIntegerField(null=True)
    gl_as_of = TimestampField(null=True)
    accounts_checked = models.IntegerField(default=0)
    accounts_drifted = models.IntegerField(default=0)
    total_abs_drift_cents = CentsField()
    explained_drift_cents = CentsField()
    unexplained_drift_cents = CentsField()
    currency = FixedCharField(max_length=3)
    started_at = TimestampField()
    finished_at = TimestampField(null=True)
    error_text = models.CharField(max_length=255, null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(TenantModel.Meta):
        db_table = "ledger_reconciliation_runs"
        constraints = [
            org_unique("ledger_reconciliation_runs", "run_date", "currency"),
        ]
        indexes = [
            OrgIndex("status", "run_date"),
        ]


class LedgerReconciliationItem(TenantModel):
    """Result per account type or account."""

    run_id = IdField()
    account_type = models.CharField(max_length=32)
    ledger_account_id = IdField(null=True)
    gl_account_code = models.CharField(max_length=16, null=True)
    tb_debits_cents = CentsField()
    tb_credits_cents = CentsField()
    tb_balance_cents = CentsField()
    gl_debits_cents = CentsField()
    gl_credits_cents = CentsField()
    gl_balance_cents = CentsField()
    drift_cents = CentsField()
    explained_cents = CentsField()
    unexplained_cents = CentsField()
    explanation_code = models.CharField(max_length=32, null=True)
    currency = FixedCharField(max_length=3)
    status = models.CharField(max_length=32)
    resolved_by_user_id = IdField(null=True)
    resolved_at = TimestampField(null=True)
    resolution_note = models.CharField(max_length=255, null=True)
    correction_transfer_id = IdField(null=True)
    created_at = StampField()
    updated_at = StampField()
    parent_item_id = IdField(null=True)
    ledger_transfer_id = IdField(null=True)
    gl_entry_id = IdField(null=True)
    stray_transfer_id = FixedCharField(max_length=32, null=True)

    run = org_ref("oi_billing.LedgerReconciliationRun", "run_id", related_name="+")
    ledger_account = org_ref(
        "oi_billing.LedgerAccount", "ledger_account_id", related_name="+", null=True
    )
    correction_transfer = org_ref(
        "oi_billing.LedgerTransfer", "correction_transfer_id", related_name="+", null=True
    )
    parent_item = org_ref(
        "oi_billing.LedgerReconciliationItem", "parent_item_id", related_name="+", null=True
    )
    ledger_transfer = org_ref(
        "oi_billing.LedgerTransfer", "ledger_transfer_id", related_name="+", null=True
    )
    gl_entry = org_ref("oi_billing.GlJournalEntry", "gl_entry_id", related_name="+", null=True)

    class Meta(TenantModel.Meta):
        db_table = "ledger_reconciliation_items"
        indexes = [
            OrgIndex("run_id", "account_type"),
            OrgIndex("status", "created_at"),
            OrgIndex("ledger_account_id"),
        ]
