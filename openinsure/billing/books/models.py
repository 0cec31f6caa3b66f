"""Sums of journal, carriers, ledger accounts and open commissions: roll-ups in oi_console."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import IdField
from openinsure.keyspaces.inventory import register_console_table
from openinsure.tenancy.models import ScopedModel

STREAMS, COMMISSIONS = "streams", "commissions"  # sources of BooksMark beside the months


class JournalDay(ScopedModel):
    """An account's debits and credits up to the end of a day, from the first entry on.

    A day that has a row has one of every account known by then: one day is a whole balance.
    """

    pk = models.CompositePrimaryKey("org_id", "day", "account_code", "currency")
    org_id = IdField()
    day = models.DateField()
    account_code = models.CharField(max_length=16)
    currency = models.CharField(max_length=3)
    debit_cents = models.BigIntegerField()
    credit_cents = models.BigIntegerField()

    class Meta(ScopedModel.Meta):
        managed = True
        app_label = "books"
        db_table = "journal_days"

    def __str__(self) -> str:
        return f"{self.account_code} on {self.day}"


class CarrierDay(ScopedModel):
    """What was written, earned and owed of a carrier up to the end of a day; cents.

    payable: credits less debits of 2100. settled: what settlements took off it. uncollected: of
    2110. A day that has a row has one of every carrier known by then.
    """

    pk = models.CompositePrimaryKey("org_id", "carrier_id", "day")
    org_id = IdField()
    carrier_id = IdField()
    day = models.DateField()
    written_cents = models.BigIntegerField()
    earned_cents = models.BigIntegerField()
    uncollected_cents = models.BigIntegerField()
    settled_cents = models.BigIntegerField()
    payable_cents = models.BigIntegerField()

    class Meta(ScopedModel.Meta):
        managed = True
        app_label = "books"
        db_table = "carrier_days"
        indexes = [models.Index(fields=["org_id", "day"], name="carrier_days_day")]

    def __str__(self) -> str:
        return f"{self.carrier_id} on {self.day}"


class BooksMark(ScopedModel):
    """How far a source is taken up. source: a month of the journal (mark: its last entry number),
    STREAMS (mark: the last stream's id), or COMMISSIONS, which are counted whole (no mark).
    """

    pk = models.CompositePrimaryKey("org_id", "source")
    org_id = IdField()
    source = models.CharField(max_length=40)
    mark = models.CharField(max_length=40)
    taken_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        managed = True
        app_label = "books"
        db_table = "books_marks"

    def __str__(self) -> str:
        return f"{self.source} up to {self.mark}"


class LedgerTypeSum(ScopedModel):
    """The stored balances of all ledger accounts of a type, added up. read_at: the oldest one's."""

    pk = models.CompositePrimaryKey("org_id", "account_type", "sub_purpose", "currency")
    org_id = IdField()
    account_type = models.CharField(max_length=32)
    sub_purpose = models.CharField(max_length=32)
    currency = models.CharField(max_length=3)
    accounts = models.IntegerField()
    debits_posted_cents = models.DecimalField(max_digits=39, decimal_places=0)
    credits_posted_cents = models.DecimalField(max_digits=39, decimal_places=0)
    debits_pending_cents = models.DecimalField(max_digits=39, decimal_places=0)
    credits_pending_cents = models.DecimalField(max_digits=39, decimal_places=0)
    read_at = models.DateTimeField(null=True)
    latest = models.DateTimeField(null=True)
    counted_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        managed = True
        app_label = "books"
        db_table = "ledger_type_sums"

    def __str__(self) -> str:
        return f"{self.account_type} as of {self.counted_at}"


class OpenCommissionSum(ScopedModel):
    """A producer's commission that no statement has yet, as last counted."""

    pk = models.CompositePrimaryKey("org_id", "producer_id", "currency")
    org_id = IdField()
    producer_id = IdField()
    currency = models.CharField(max_length=3)
    items = models.IntegerField()
    cents = models.BigIntegerField()

    class Meta(ScopedModel.Meta):
        managed = True
        app_label = "books"
        db_table = "open_commission_sums"
        indexes = [
            models.Index(fields=["org_id", "cents", "producer_id"], name="open_commission_cents")
        ]

    def __str__(self) -> str:
        return f"{self.producer_id}: {self.cents}"


register_console_table("journal_days", purpose="Journal by account and day, a roll-up")
register_console_table("carrier_days", purpose="What carriers are owed by day, a roll-up")
register_console_table("books_marks", purpose="How far the roll-ups of the books go")
register_console_table("ledger_type_sums", purpose="Ledger balances by type, a roll-up")
register_console_table("open_commission_sums", purpose="Commission not yet stated, a roll-up")
