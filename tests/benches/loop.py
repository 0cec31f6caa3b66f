"""Earning a night as one writes it first: model by model, a row at a time. What the job is held to.

The same rules and the same rows as the job leaves, with the exact fractions of `money.earning`.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum

from openinsure.billing.earning import Group, Moved, lines_of, transfer_of
from openinsure.billing.models import (
    BillingAccount,
    EarnedPremiumPosting,
    EarnedPremiumRun,
    PaymentAllocation,
    PremiumTransaction,
)
from openinsure.billing.operations.journal import post_entry
from openinsure.console.forms import Once
from openinsure.keyspaces.ids import new_id
from openinsure.money.earning import Stream, earned_cents
from openinsure.tenancy.scope import Scope


def earn(scope: Scope, run: EarnedPremiumRun, *, now: datetime) -> int:
    """Post every open stream, a transaction a policy, and one entry a group; how many."""
    posted, moved = 0, defaultdict[Group, list[int]](lambda: [0, 0])
    for account in BillingAccount.objects.within(scope).order_by("policy_id"):
        with transaction.atomic(using="oi_billing"):
            posted += _policy(scope, run, account.policy_id, moved, now)
    as_of = run.as_of_date
    for group, (ledger, uncollected) in sorted(moved.items()):
        sums, entry = Moved(ledger, uncollected), new_id()
        post_entry(
            scope, once=Once(entry), entry_date=as_of - timedelta(days=1), source_type="loop",
            source_id=run.id, lines=lines_of(group, sums),
            transfers=[transfer_of(group, sums, entry)], now=now,
            event_at=datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC),
        )  # fmt: skip
    return posted


def _policy(
    scope: Scope, run: EarnedPremiumRun, policy: str, moved: dict[Group, list[int]], now: datetime
) -> int:
    paid = _collected(scope, policy)
    streams = PremiumTransaction.objects.within(scope).filter(policy_id=policy, fully_earned=False)
    pairs = [
        (stream, _last(scope, stream.id, run.as_of_date))
        for stream in streams.filter(earn_from__lt=run.as_of_date).order_by("transaction_no", "id")
    ]
    upto = sum(last.carrier_cumulative_cents for _, last in pairs if last)
    for stream, last in pairs:
        made = _posting(scope, run, stream, last, now)
        before, upto = upto, upto + made.carrier_earned_cents
        made.ledger_earned_cents = min(upto, paid) - min(before, paid)
        made.save(force_insert=True)
        held = moved[Group(stream.program_id, stream.carrier_id, stream.currency)]
        held[0] += made.ledger_earned_cents
        held[1] += made.carrier_earned_cents - made.ledger_earned_cents
    return len(pairs)


def _posting(
    scope: Scope, run: EarnedPremiumRun, stream: Any, last: Any, now: datetime
) -> EarnedPremiumPosting:
    as_of, days = run.as_of_date, (stream.earn_from, stream.earn_to, stream.stopped_on)
    gross = earned_cents(Stream(stream.written_cents, *days), as_of)
    share = earned_cents(Stream(stream.carrier_written_cents, *days), as_of)
    before = last.cumulative_cents if last else 0
    return EarnedPremiumPosting(
        org_id=scope.org_id, id=new_id(), run_id=run.id, policy_id=stream.policy_id,
        premium_transaction_id=stream.id, program_id=stream.program_id,
        carrier_id=stream.carrier_id, state=stream.state, as_of_date=as_of,
        days_elapsed=Stream(0, *days).days(as_of), days_total=Stream(0, *days).term_days,
        previous_cumulative_cents=before, cumulative_cents=gross, earned_cents=gross - before,
        unearned_after_cents=stream.written_cents - gross, currency=stream.currency,
        ledger_status="handed_over", created_at=now, carrier_cumulative_cents=share,
        carrier_earned_cents=share - (last.carrier_cumulative_cents if last else 0),
    )  # fmt: skip


def _collected(scope: Scope, policy: str) -> int:
    rows = PaymentAllocation.objects.within(scope).filter(policy_id=policy, component="premium")
    return int(rows.aggregate(cents=Sum("carrier_cents"))["cents"] or 0)


def _last(scope: Scope, stream: str, as_of: date) -> Any:
    rows = EarnedPremiumPosting.objects.within(scope).filter(premium_transaction_id=stream)
    return rows.filter(as_of_date__lt=as_of).order_by("-as_of_date").first()
