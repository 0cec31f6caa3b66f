"""Earning a day's premium: postings by stream, journal and outbox by program, chunk by chunk.

A chunk is one short transaction of whole policies. It holds everything or nothing, so a run that
was killed goes on after the last policy it posted, and no stream is posted twice for a day.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, F, Max, QuerySet, Sum

from openinsure.billing.earning import Group, Moved, lines_of, transfer_of
from openinsure.billing.models import (
    BillingHold,
    EarnedPremiumPosting,
    EarnedPremiumRun,
    PremiumTransaction,
)
from openinsure.billing.operations import earning_sql as sql
from openinsure.billing.operations.earning_proof import prove
from openinsure.billing.operations.journal import post_entry
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.console.forms import Once
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import Scope

CHUNK_STREAMS, CHUNK_LEAST = 10_000, 250
SLOW_MS = 2_000  # a transaction's limit; the engine kills at 20 s
SOURCE = "earned_premium"
CLOSED_AT_ONCE = 500


class Chunk(NamedTuple):
    """What one transaction posted."""

    streams: int
    groups: frozenset[Group]


class Total(NamedTuple):
    """What postings come to: how many, and their cents."""

    streams: int
    earned_cents: int
    carrier_cents: int
    ledger_cents: int


def earn(scope: Scope, run: EarnedPremiumRun, *, now: datetime) -> int:
    """Post what is left of a run, then end it; how many streams this call posted."""
    night = sql.Night(
        run.id, run.as_of_date, _day_before(scope, run.as_of_date), golden(scope), now
    )
    size, posted, after = CHUNK_STREAMS, 0, _resume_after(scope, run)
    known: set[Group] = set()
    while after != sql.HIGHEST:
        begun = time.monotonic_ns()
        span = (after, sql.chunk_end(scope, after, size))
        known = known or sql.groups(scope, span)
        chunk = _chunk(scope, night, span, known)
        posted, after, known = posted + chunk.streams, span[1], known | chunk.groups
        if time.monotonic_ns() - begun > SLOW_MS * 1_000_000:
            size = max(size // 2, CHUNK_LEAST)
    _finish(scope, run, now)
    return posted


def _chunk(scope: Scope, night: sql.Night, span: sql.Range, known: Collection[Group]) -> Chunk:
    """One transaction: the postings of a range, their entries, what ended, the run's totals."""

    def work() -> Chunk:
        head = new_id()[: sql.HEAD]
        entries = {group: new_id() for group in sorted(known)}
        sql.lock_accounts(scope, span)
        streams = sql.post(scope, night, span, head=head, entries=entries)
        if not streams:
            return Chunk(0, frozenset())
        prove(scope, night, head)
        sums = _sums(scope, head)
        for group, total in sorted(sums.items()):
            _enter(scope, night, head, group, total, given=entries.get(group))
        _close(scope, night, span)
        _add_up(scope, night, sums.values())
        return Chunk(streams, frozenset(sums))

    return in_transaction(work)


def _sums(scope: Scope, head: str) -> dict[Group, Total]:
    """What a chunk's postings come to, by group."""
    rows = _postings(scope, head).order_by().values("program_id", "carrier_id", "currency")
    return {
        Group(row["program_id"], row["carrier_id"], row["currency"]): Total(
            row["streams"], int(row["earned"]), int(row["carrier"]), int(row["ledger"])
        )
        for row in rows.annotate(
            streams=Count("id"),
            earned=Sum("earned_cents"),
            carrier=Sum("carrier_earned_cents"),
            ledger=Sum("ledger_earned_cents"),
        )
    }


def _enter(
    scope: Scope, night: sql.Night, head: str, group: Group, total: Total, *, given: str | None
) -> None:
    """One entry and at most one transfer of a group, under the id its postings were given."""
    moved = Moved(total.ledger_cents, total.carrier_cents - total.ledger_cents)
    lines = lines_of(group, moved)
    entry = (given or new_id()) if lines else None
    if entry:
        as_of = night.as_of
        post_entry(
            scope,
            once=Once(entry),
            entry_id=entry,
            entry_date=as_of - timedelta(days=1),
            source_type=SOURCE,
            source_id=night.run_id,
            lines=lines,
            transfers=[transfer_of(group, moved, row_id=entry)],
            now=night.now,
            event_at=datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC),
            description=f"Premium earned as of {as_of:%Y-%m-%d}",
        )
    transfer = entry if moved.ledger_cents else None
    if (entry, transfer) != (given, given):
        _postings(scope, head).filter(**group._asdict()).update(
            gl_entry_id=entry,
            ledger_transfer_id=transfer,
            ledger_status="handed_over" if transfer else "none",
        )


def _postings(scope: Scope, head: str) -> QuerySet[EarnedPremiumPosting]:
    """The postings of one chunk, next to each other in the table."""
    rows: QuerySet[EarnedPremiumPosting] = EarnedPremiumPosting.objects.within(scope)
    return rows.filter(id__gte=head + sql.FIRST, id__lte=head + sql.LAST)


def _add_up(scope: Scope, night: sql.Night, totals: Iterable[Total]) -> None:
    """The run's totals grow with each chunk: its progress, and in the end its result."""
    streams, earned, carrier, ledger = (sum(column) for column in zip(*totals, strict=True))
    EarnedPremiumRun.objects.within(scope).filter(id=night.run_id).update(
        streams_total=F("streams_total") + streams,
        streams_posted=F("streams_posted") + streams,
        earned_cents=F("earned_cents") + earned,
        gl_total_cents=F("gl_total_cents") + carrier,
        ledger_total_cents=F("ledger_total_cents") + ledger,
        updated_at=night.now,
    )


def _close(scope: Scope, night: sql.Night, span: sql.Range) -> None:
    """Mark the streams that earn nothing more after this day."""
    done = sql.ended(scope, night, span)
    for status, stopped in (("earned", False), ("stopped", True)):
        ids = [key for key, was_stopped in done if was_stopped is stopped]
        for start in range(0, len(ids), CLOSED_AT_ONCE):
            rows = PremiumTransaction.objects.within(scope)
            rows.filter(id__in=ids[start : start + CLOSED_AT_ONCE]).update(
                fully_earned=True, status=status, updated_at=night.now
            )


def begin_run(
    scope: Scope, as_of: date, *, cron_run_id: str | None, now: datetime
) -> EarnedPremiumRun | None:
    """The run of a day, open; None if it is done. Its caller holds the organisation's lease."""
    run: EarnedPremiumRun | None = (
        EarnedPremiumRun.objects.within(scope).filter(as_of_date=as_of).first()
    )
    if run is None:
        run = EarnedPremiumRun(
            org_id=scope.org_id,
            id=new_id(),
            as_of_date=as_of,
            cron_run_id=cron_run_id,
            status="running",
            currency="USD",
            started_at=now,
            created_at=now,
            updated_at=now,
        )
        run.save(force_insert=True)
    return None if run.status == "succeeded" else run


def due_days(scope: Scope, newest: date) -> list[date]:
    """The days to earn, oldest first: unfinished runs, missed firsts of a month, the newest.

    Empty when a later day, or this one, is earned already: an older one is never posted after it.
    """
    runs = EarnedPremiumRun.objects.within(scope)
    done: date | None = runs.filter(status="succeeded").aggregate(at=Max("as_of_date"))["at"]
    if done is not None and newest <= done:
        return []
    begun = set(runs.exclude(status="succeeded").values_list("as_of_date", flat=True))
    days = {day for day in begun if day <= newest and (done is None or day > done)} | {newest}
    first = (min(days) if done is None else done).replace(day=1)
    while (first := (first + timedelta(days=32)).replace(day=1)) < newest:
        days.add(first)
    return sorted(days)


def golden(scope: Scope) -> frozenset[str]:
    """Policies that no job touches: an open hold "golden" keeps their figures fixed."""
    rows = BillingHold.objects.within(scope).filter(reason="golden", released_at=None)
    return frozenset(rows.values_list("billing_account__policy_id", flat=True)) - {None}


def _resume_after(scope: Scope, run: EarnedPremiumRun) -> str:
    """The last policy this run posted, "" at its start."""
    rows = EarnedPremiumPosting.objects.within(scope).filter(run_id=run.id)
    return rows.aggregate(last=Max("policy_id"))["last"] or ""


def _day_before(scope: Scope, as_of: date) -> date | None:
    """The newest day earned before this one."""
    rows = EarnedPremiumPosting.objects.within(scope).filter(as_of_date__lt=as_of)
    day: date | None = rows.aggregate(day=Max("as_of_date"))["day"]
    return day


def _finish(scope: Scope, run: EarnedPremiumRun, now: datetime) -> None:
    """Nothing is left of the run; its totals stand since its last chunk."""
    EarnedPremiumRun.objects.within(scope).filter(id=run.id).update(
        status="succeeded", finished_at=now, updated_at=now
    )
