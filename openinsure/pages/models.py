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


register_console_table("policy_standing", purpose="Balance and open claims by policy, a roll-up")
