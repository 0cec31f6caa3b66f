"""Roll-ups of several keyspaces in oi_console: no keyspace table can hold what crosses them."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import IdField
from openinsure.keyspaces.inventory import register_console_table
from openinsure.tenancy.models import ScopedModel


class PolicyStanding(ScopedModel):
    """What a policy term owes and its open claims, as last read from billing and claims."""

    pk = models.CompositePrimaryKey("org_id", "policy_id")
    org_id = IdField()
    policy_id = IdField()
    balance_cents = models.BigIntegerField(default=0)
    past_due_cents = models.BigIntegerField(default=0)
    open_claims = models.IntegerField(default=0)
    read_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        managed = True
        app_label = "pages"
        db_table = "policy_standing"
        indexes = [
            models.Index(
                fields=["org_id", "balance_cents", "policy_id"], name="policy_standing_balance"
            ),
            models.Index(
                fields=["org_id", "past_due_cents", "policy_id"], name="policy_standing_past_due"
            ),
            models.Index(
                fields=["org_id", "open_claims", "policy_id"], name="policy_standing_claims"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} as of {self.read_at}"


class BillingAgeing(ScopedModel):
    """What one billing account owes past due, by age, as last read from billing."""

    pk = models.CompositePrimaryKey("org_id", "account_id")
    org_id = IdField()
    account_id = IdField()
    account_number = models.CharField(max_length=40)
    policy_number = models.CharField(max_length=40, null=True)
    payer = models.CharField(max_length=255)
    currency = models.CharField(max_length=3)
    oldest_due = models.DateField()
    d0_30_cents = models.BigIntegerField()
    d31_60_cents = models.BigIntegerField()
    d61_90_cents = models.BigIntegerField()
    d90_plus_cents = models.BigIntegerField()
    total_cents = models.BigIntegerField()
    read_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        managed = True
        app_label = "pages"
        db_table = "billing_ageing"
        indexes = [
            models.Index(fields=["org_id", column, "account_id"], name=f"billing_ageing_{short}")
            for column, short in (
                ("total_cents", "total"),
                ("oldest_due", "oldest"),
                ("d90_plus_cents", "d90_plus"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_number} as of {self.read_at}"


class BillingAgeingTotal(ScopedModel):
    """What an organisation is owed past due, by currency and age, as last read from billing."""

    pk = models.CompositePrimaryKey("org_id", "currency")
    org_id = IdField()
    currency = models.CharField(max_length=3)
    accounts = models.IntegerField()
    d0_30_cents = models.BigIntegerField()
    d31_60_cents = models.BigIntegerField()
    d61_90_cents = models.BigIntegerField()
    d90_plus_cents = models.BigIntegerField()
    total_cents = models.BigIntegerField()
    read_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        managed = True
        app_label = "pages"
        db_table = "billing_ageing_totals"

    def __str__(self) -> str:
        return f"{self.currency} as of {self.read_at}"


class OrgFigure(ScopedModel):
    """One counted figure of an organisation for its home page, as last read from its keyspace."""

    pk = models.CompositePrimaryKey("org_id", "name")
    org_id = IdField()
    name = models.CharField(max_length=40)
    count = models.BigIntegerField()
    cents = models.BigIntegerField(null=True)
    read_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        managed = True
        app_label = "pages"
        db_table = "org_figures"

    def __str__(self) -> str:
        return f"{self.name} as of {self.read_at}"


register_console_table("org_figures", purpose="Figures of the home page, a roll-up")
register_console_table("policy_standing", purpose="Balance and open claims by policy, a roll-up")


class SearchToken(ScopedModel):
    """One word of an insured's name: names are found by their words in any order."""

    pk = models.CompositePrimaryKey("org_id", "token", "created_at", "id")
    org_id = IdField()
    token = models.CharField(max_length=40)
    created_at = models.DateTimeField()
    id = IdField()

    class Meta(ScopedModel.Meta):
        managed = True
        app_label = "pages"
        db_table = "search_tokens"
        indexes = [models.Index(fields=["org_id", "id"], name="search_tokens_org_id")]

    def __str__(self) -> str:
        return f"a word of {self.id}"


class SearchMark(ScopedModel):
    """Up to which change of insureds the tokens of an organisation are taken up."""

    pk = models.CompositePrimaryKey("org_id", "source")
    org_id = IdField()
    source = models.CharField(max_length=32, default="insureds")
    updated_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        managed = True
        app_label = "pages"
        db_table = "search_marks"

    def __str__(self) -> str:
        return f"{self.org_id} up to {self.updated_at}"


class StoredSearch(ScopedModel):
    """A look-up whose text may be personal: the address carries its id instead. Kept 30 days."""

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = IdField()
    id = IdField()
    user_id = models.CharField(max_length=64)
    text = models.CharField(max_length=255)
    created_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        managed = True
        app_label = "pages"
        db_table = "stored_searches"
        indexes = [models.Index(fields=["org_id", "created_at"], name="stored_searches_age")]

    def __str__(self) -> str:
        return f"search {self.id}"


class RecentObject(ScopedModel):
    """What a person opened from the look-up last; only they see it."""

    pk = models.CompositePrimaryKey("org_id", "user_id", "kind", "object_id")
    org_id = IdField()
    user_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=16)
    object_id = IdField()
    number = models.CharField(max_length=40)
    title = models.CharField(max_length=255)
    opened_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        managed = True
        app_label = "pages"
        db_table = "recent_objects"
        indexes = [
            models.Index(fields=["org_id", "user_id", "opened_at"], name="recent_objects_newest")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


register_console_table("search_tokens", purpose="Words of insureds' names, for the look-up")
register_console_table("search_marks", purpose="How far search_tokens are taken up")
register_console_table("stored_searches", purpose="Look-ups with personal text, kept 30 days")
register_console_table("recent_objects", purpose="What each person opened last")
register_console_table("billing_ageing", purpose="Past due by account and age, a roll-up")
register_console_table("billing_ageing_totals", purpose="Past due by age, a roll-up")
