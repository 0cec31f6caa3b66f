"""Reads of earned premium: what of a policy is earned, the runs and their postings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet, Sum

from openinsure.billing.models import EarnedPremiumPosting, EarnedPremiumRun
from openinsure.console.row_reading import rows_of
from openinsure.tenancy.scope import Scope

POSTINGS_MAX = 200


@dataclass(frozen=True, slots=True)
class RunRow:
    """One night's run. Cents; gl = ledger + uncollected."""

    id: str
    as_of_date: date
    status: str
    streams_total: int
    streams_posted: int
    earned_cents: int
    gl_total_cents: int
    ledger_total_cents: int
    currency: str
    finished_at: datetime | None

    @property
    def uncollected_cents(self) -> int:
        """Carrier share earned but not collected: in the journal only."""
        return self.gl_total_cents - self.ledger_total_cents


@dataclass(frozen=True, slots=True)
class PostingRow:
    """What one stream earned by one run, cents."""

    id: str
    policy_id: str
    policy_number: str
    as_of_date: date
    days_elapsed: int
    days_total: int
    earned_cents: int
    cumulative_cents: int
    carrier_earned_cents: int
    ledger_earned_cents: int
    currency: str
    ledger_transfer_id: str | None


def carrier_earned(scope: Scope, policy_id: str) -> int:
    """The carrier share earned of a policy so far, cents: E of domain.md 4.7. One statement."""
    rows = EarnedPremiumPosting.objects.within(scope).filter(policy_id=policy_id)
    return int(rows.aggregate(cents=Sum("carrier_earned_cents"))["cents"] or 0)


def get_run(scope: Scope, run_id: str) -> RunRow | None:
    """One run by id."""
    rows = EarnedPremiumRun.objects.within(scope).filter(id=run_id)
    return next(iter(rows_of(rows, RunRow, {})), None)


def postings_of_transfer(scope: Scope, transfer_id: str) -> list[PostingRow]:
    """Streams whose earning a transfer carries, biggest first, at most POSTINGS_MAX."""
    rows = EarnedPremiumPosting.objects.within(scope).filter(ledger_transfer_id=transfer_id)
    return _postings(rows.order_by("-ledger_earned_cents", "id"))


def postings_of_policy(scope: Scope, policy_id: str) -> list[PostingRow]:
    """What runs earned of a policy, newest first, at most POSTINGS_MAX."""
    rows = EarnedPremiumPosting.objects.within(scope).filter(policy_id=policy_id)
    return _postings(rows.order_by("-as_of_date", "id"))


def _postings(rows: QuerySet[Any]) -> list[PostingRow]:
    columns = {"policy_number": "premium_transaction__policy_number"}
    return rows_of(rows, PostingRow, columns, limit=POSTINGS_MAX)
