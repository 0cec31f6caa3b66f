"""05:00: what the stored readings say of each database over the day before; rebuildable."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta

from django.db import transaction

from dbops.models import StoredReading
from dbops.readings import State
from openinsure.jobs.models import HealthDay
from openinsure.jobs.runs import Outcome

DOWN = frozenset({State.UNREACHABLE.value, State.UNKNOWN.value, State.FAILED.value})
RANK = {state.value: place for place, state in enumerate(State)}  # worst first


def roll_up(scheduled_for: datetime) -> Outcome:
    """Count the UTC day before `scheduled_for`, replacing what was counted of it."""
    day = scheduled_for.astimezone(UTC).date() - timedelta(days=1)
    begin = datetime.combine(day, time(), UTC)
    end = begin + timedelta(days=1)
    told: dict[str, list[StoredReading]] = defaultdict(list)
    for row in StoredReading.objects.filter(first_at__lt=end, read_at__gte=begin):
        told[row.slug].append(row)
    with transaction.atomic():
        HealthDay.objects.filter(day=day).delete()
        HealthDay.objects.bulk_create(
            _day(slug, rows, begin, end) for slug, rows in sorted(told.items())
        )
    return Outcome(done=len(told), figures={"day": day.isoformat()})


def _day(slug: str, rows: list[StoredReading], begin: datetime, end: datetime) -> HealthDay:
    spans = [(row.state, _seconds(row, begin, end)) for row in rows]
    return HealthDay(
        slug=slug,
        day=begin.date(),
        watched_s=sum(seconds for _, seconds in spans),
        up_s=sum(seconds for state, seconds in spans if state not in DOWN),
        changes=sum(begin <= row.first_at < end for row in rows),
        slowest_ms=max(round(row.latency_ms) for row in rows),
        worst_state=min((state for state, _ in spans), key=lambda s: RANK.get(s, len(RANK))),
    )


def _seconds(row: StoredReading, begin: datetime, end: datetime) -> int:
    return int((min(row.read_at, end) - max(row.first_at, begin)).total_seconds())
