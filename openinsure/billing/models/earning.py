"""Earning streams, runs and postings."""

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


class PremiumTransaction(TenantModel):
    """Earning streams: one per written premium movement."""

    policy_id = IdField()
    policy_number = models.CharField(max_length=40)
    policy_transaction_id = IdField()
    program_id = IdField()
    carrier_id = IdField()
    state = FixedCharField(max_length=2)
    written_cents = CentsField()
    currency = FixedCharField(max_length=3)
    earn_from = models.DateField()
    earn_to = models.DateField()
    stopped_on = models.DateField(null=True)
    fully_earned = models.BooleanField(default=False)
    status = models.CharField(max_length=32)
    created_at = StampField()
    updated_at = StampField()
    transaction_no = models.IntegerField(default=0)
    carrier_written_cents = CentsField()

    class Meta(TenantModel.Meta):
        db_table = "premium_transactions"
        constraints = [
            org_unique("premium_transactions", "policy_transaction_id"),
        ]
        indexes = [
            OrgIndex("policy_id", "earn_from"),
            OrgIndex("status", "earn_to"),
            OrgIndex("program_id", "earn_from"),
            OrgIndex("fully_earned", "policy_id", "earn_from", "earn_to", "stopped_on"),
        ]


class EarnedPremiumRun(TenantModel):
    """One run of the 03:00 batch per organisation and date."""

    as_of_date = models.DateField()
    cron_run_id = IdField(null=True)
    status = models.CharField(max_length=32)
    streams_total = models.IntegerField(default=0)
    streams_posted = models.IntegerField(default=0)
    earned_cents = CentsField()
    gl_total_cents = CentsField()
    ledger_total_cents = CentsField()
    currency = FixedCharField(max_length=3)
    started_at = TimestampField()
    finished_at = TimestampField(null=True)
    error_text = models.CharField(max_length=255, null=True)
    created_at = StampField()
    updated_at = StampField()

    class Meta(TenantModel.Meta):
        db_table = "earned_premium_runs"
        constraints = [
            org_unique("earned_premium_runs", "as_of_date"),
        ]
        indexes = [
            OrgIndex("status", "as_of_date"),
        ]


class EarnedPremiumPosting(TenantModel):
    """Earned amount per stream and day."""

    run_id = IdField()
    policy_id = IdField()
    premium_transaction_id = IdField()
    program_id = IdField()
    carrier_id = IdField()
    state = FixedCharField(max_length=2)
    as_of_date = models.DateField()
    days_elapsed = models.IntegerField()
    days_total = models.IntegerField()
    previous_cumulative_cents = CentsField()
    cumulative_cents = CentsField()
    earned_cents = CentsField()
    unearned_after_cents = CentsField()
    currency = FixedCharField(max_length=3)
    gl_entry_id = IdField(null=True)
    ledger_transfer_id = IdField(null=True)
    ledger_status = models.CharField(max_length=32)
    created_at = StampField()
    carrier_earned_cents = CentsField()
    ledger_earned_cents = CentsField()
    carrier_cumulative_cents = CentsField()

    run = org_ref("oi_billing.EarnedPremiumRun", "run_id", related_name="+")
    premium_transaction = org_ref(
        "oi_billing.PremiumTransaction", "premium_transaction_id", related_name="+"
    )
    gl_entry = org_ref("oi_billing.GlJournalEntry", "gl_entry_id", related_name="+", null=True)
    ledger_transfer = org_ref(
        "oi_billing.LedgerTransfer", "ledger_transfer_id", related_name="+", null=True
    )

    class Meta(TenantModel.Meta):
        db_table = "earned_premium_postings"
        constraints = [
            org_unique("earned_premium_postings", "premium_transaction_id", "as_of_date"),
        ]
        indexes = [
            OrgIndex("policy_id", "as_of_date"),
            OrgIndex("as_of_date", "program_id"),
            OrgIndex("run_id"),
            OrgIndex("ledger_status", "as_of_date"),
            OrgIndex("ledger_transfer_id"),
            OrgIndex("gl_entry_id", "as_of_date", "id"),
        ]


class UnearnedPremiumBalance(TenantModel):
    """Month-end unearned premium by program and state."""

    period_id = IdField()
    program_id = IdField()
    carrier_id = IdField()
    state = FixedCharField(max_length=2)
    written_cents = CentsField()
    earned_cents = CentsField()
    unearned_cents = CentsField()
    currency = FixedCharField(max_length=3)
    created_at = StampField()
    updated_at = StampField()

    period = org_ref("oi_billing.GlPeriod", "period_id", related_name="+")

    class Meta(TenantModel.Meta):
        db_table = "unearned_premium_balances"
        constraints = [
            org_unique(
                "unearned_premium_balances", "period_id", "program_id", "carrier_id", "state"
            ),
        ]
