"""The second look at a chunk: some of its policies earned again by the rule, cent for cent.

The nightly statement computes in the engine; openinsure/billing/earning.py computes here, from rows
read through the models. A difference ends the run before anything of the chunk is committed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import OuterRef, Subquery, Sum

from openinsure.billing.earning import OpenStream, calc, with_ledger
from openinsure.billing.models import EarnedPremiumPosting, PaymentAllocation, PremiumTransaction
from openinsure.billing.operations.earning_sql import FIRST, LAST, Night
from openinsure.tenancy.scope import Scope

PROVEN = 50  # postings of a chunk
FIGURES = (
    *("days_elapsed", "days_total", "previous_cumulative_cents", "cumulative_cents"),
    *("carrier_cumulative_cents", "carrier_earned_cents", "ledger_earned_cents"),
)
Figures = tuple[int, ...]


class EarningDiffers(Exception):
    """A posting is not what the rule says. Nothing of its chunk was kept."""


def prove(scope: Scope, night: Night, head: str) -> int:
    """Compare the first postings of a chunk with the rule; how many. Raises EarningDiffers."""
    rows = EarnedPremiumPosting.objects.within(scope)
    found = list(
        rows.filter(id__gte=head + FIRST, id__lte=head + LAST)
        .order_by("id")
        .values_list("policy_id", "premium_transaction_id", *FIGURES)[:PROVEN]
    )
    if len(found) == PROVEN:  # the last policy may go on
        found = [row for row in found if row[0] != found[-1][0]]
    posted = {row[1]: row[2:] for row in found}
    wanted = by_rule(scope, night.as_of, sorted({row[0] for row in found}))
    if posted != wanted:
        stream = next(one for one in posted | wanted if posted.get(one) != wanted.get(one))
        raise EarningDiffers(
            f"stream {stream} as of {night.as_of}: posted {posted.get(stream)},"
            f" by the rule {wanted.get(stream)} ({', '.join(FIGURES)})"
        )
    return len(posted)


def by_rule(scope: Scope, as_of: date, policies: Sequence[str]) -> dict[str, Figures]:
    """Open stream -> its FIGURES as of a day, for whole policies."""
    streams = PremiumTransaction.objects.within(scope).filter(policy_id__in=policies)
    ended = streams.filter(fully_earned=True).values_list("id", flat=True)
    postings = EarnedPremiumPosting.objects.within(scope)
    closed = postings.filter(premium_transaction_id__in=list(ended))
    allocated = PaymentAllocation.objects.within(scope).filter(
        policy_id__in=policies, component="premium"
    )
    earned = with_ledger(
        calc(_open(scope, streams, as_of), as_of.toordinal()),
        collected=_by_policy(allocated, "carrier_cents"),
        closed=_by_policy(closed, "carrier_earned_cents"),
    )
    return {
        one.stream.id: (
            one.days, one.days_total, one.stream.previous_cents, one.cumulative_cents,
            one.carrier_cumulative_cents, one.carrier_change_cents, one.ledger_cents,
        )
        for one in earned
    }  # fmt: skip


def _open(scope: Scope, streams: Any, as_of: date) -> list[OpenStream]:
    """What still earns of these policies, in the order of transactions."""
    older = EarnedPremiumPosting.objects.within(scope).filter(
        premium_transaction_id=OuterRef("id"), as_of_date__lt=as_of
    )
    newest = older.order_by("-as_of_date")
    rows = streams.filter(fully_earned=False, earn_from__lt=as_of).annotate(
        before=Subquery(newest.values("cumulative_cents")[:1]),
        carrier_before=Subquery(newest.values("carrier_cumulative_cents")[:1]),
    )
    return [
        OpenStream(
            row.id, row.policy_id, row.program_id, row.carrier_id, row.state, row.currency,
            row.written_cents, row.carrier_written_cents, row.earn_from.toordinal(),
            row.earn_to.toordinal(), row.stopped_on.toordinal() if row.stopped_on else 0,
            row.before or 0, row.carrier_before or 0,
        )
        for row in rows.order_by("policy_id", "transaction_no", "id")
    ]  # fmt: skip


def _by_policy(rows: Any, cents: str) -> dict[str, int]:
    sums = rows.order_by().values("policy_id").annotate(cents=Sum(cents))
    return {row["policy_id"]: int(row["cents"]) for row in sums}
