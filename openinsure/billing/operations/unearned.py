"""Unearned premium at the end of a month, by program, carrier and state."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Sum

from openinsure.billing.models import EarnedPremiumPosting, GlPeriod, UnearnedPremiumBalance
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.operations.periods import ensure_period
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import Scope


def store_month_end(scope: Scope, first: date, *, now: datetime) -> int:
    """Replace the balances of the month before `first` by those of that day's run; how many.

    Streams that ended before are not in it: nothing of them is unearned.
    """
    month_end = first - timedelta(days=1)
    ensure_period(scope, month_end, now=now)

    def work() -> int:
        period = GlPeriod.objects.within(scope).get(period_code=f"{month_end:%Y-%m}")
        UnearnedPremiumBalance.objects.within(scope).filter(period_id=period.id).delete()
        rows = (
            EarnedPremiumPosting.objects.within(scope)
            .filter(as_of_date=first)
            .order_by()
            .values("program_id", "carrier_id", "state", "currency")
            .annotate(earned=Sum("cumulative_cents"), unearned=Sum("unearned_after_cents"))
        )
        made = [
            UnearnedPremiumBalance(
                org_id=scope.org_id,
                id=new_id(),
                period_id=period.id,
                program_id=row["program_id"],
                carrier_id=row["carrier_id"],
                state=row["state"],
                written_cents=int(row["earned"]) + int(row["unearned"]),
                earned_cents=int(row["earned"]),
                unearned_cents=int(row["unearned"]),
                currency=row["currency"],
                created_at=now,
                updated_at=now,
            )
            for row in rows
        ]
        UnearnedPremiumBalance.objects.bulk_create(made)
        return len(made)

    return in_transaction(work)
