"""03:00: premium earned through yesterday, one organisation at a time; run twice = run once.

The day comes from the scheduled time (03:00 UTC is the evening before in the US). A night that
was missed is caught up: each missed first of a month in order, then the newest day.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from openinsure.billing.operations.earning import begin_run, due_days, earn
from openinsure.billing.operations.unearned import store_month_end
from openinsure.jobs.leases import leased
from openinsure.jobs.runs import Outcome
from openinsure.problems import Conflict
from openinsure.tenancy.scope import CANONICAL_UUID, Scope

LEASE, LEASE_LASTS = "earned_premium", timedelta(minutes=10)  # the hard limit of a task


def run_org(scope: Scope, scheduled_for: datetime) -> Outcome:
    """Earn the days that are due for the organisation entered; how many postings.

    Raises Conflict while another worker is at it.
    """
    newest, now = scheduled_for.astimezone(UTC).date(), timezone.now()
    cron_run_id = scope.request_id if CANONICAL_UUID.fullmatch(scope.request_id) else None
    posted = 0
    with leased(scope, LEASE, now=now, lasts=LEASE_LASTS) as ours:
        if not ours:
            raise Conflict("Another worker earns this organization's premium now.")
        for day in due_days(scope, newest):
            run = begin_run(scope, day, cron_run_id=cron_run_id, now=now)
            if run is None:
                continue
            posted += earn(scope, run, now=now)
            if day.day == 1:
                store_month_end(scope, day, now=now)
    return Outcome(done=posted)
