"""Earning a day's premium: postings by stream, journal and outbox by program, chunk by chunk.

A chunk is one short transaction of whole policies. It holds everything or nothing, so a run that
was killed goes on after the last policy it posted, and no stream is posted twice for a day.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import starmap

from django.db.models import Count, Max, Sum

from openinsure.billing.earning import (
    Earned,
    Group,
    Moved,
    OpenStream,
    calc,
    grouped,
    lines_of,
    transfer_of,
    with_ledger,
)
from openinsure.billing.models import (
    BillingHold,
    EarnedPremiumPosting,
    EarnedPremiumRun,
    LedgerTransfer,
    PremiumTransaction,
)
from openinsure.billing.operations import earning_sql as sql
from openinsure.billing.operations.journal import post_entry
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.console.forms import Once
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import Scope

CHUNK_STREAMS, CHUNK_LEAST = 10_000, 250
SLOW_MS = 2_000  # a transaction's limit; the engine kills at 20 s
SOURCE = "earned_premium"
CLOSED_AT_ONCE = 500
NOT_POSTED = (None, None, "none")  # journal entry, transfer, what became of it
Entries = Mapping[Group, tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one transaction posted. last: the policy it ended with."""

    last: str
    streams: int


def earn(scope: Scope, run: EarnedPremiumRun, *, now: datetime) -> int:
    """Post what is left of a run, then its totals; how many streams this call posted."""
    as_of, size, posted = run.as_of_date, CHUNK_STREAMS, 0
    before = _day_before(scope, as_of)
    kept_out = golden(scope)
    after = _resume_after(scope, run)
    while after != sql.HIGHEST:
        begun = time.monotonic_ns()
        chunk = _chunk(scope, run, after, before, kept_out, size, now)
        posted, after = posted + chunk.streams, chunk.last
        if time.monotonic_ns() - begun > SLOW_MS * 1_000_000:
            size = max(size // 2, CHUNK_LEAST)
    _finish(scope, run, now)
    return posted


def _chunk(
    scope: Scope, run: EarnedPremiumRun, after: str, before: date | None,
    kept_out: frozenset[str], size: int, now: datetime,
) -> Chunk:  # fmt: skip
    as_of = run.as_of_date
    last = sql.chunk_end(scope, after, as_of, size)
    span = (after, last)

    def work() -> Chunk:
        sql.lock_accounts(scope, span)
        found = sql.streams(scope, span, as_of=as_of, before=before)
        open_ones = [one for one in found if one.policy_id not in kept_out] if kept_out else found
        policies = frozenset(one.policy_id for one in open_ones)
        earned = with_ledger(
            calc(open_ones, as_of.toordinal()),
            collected=sql.collected(scope, span),
            closed=sql.closed_earned(scope, span, policies),
        )
        entries = _post(scope, run, grouped(earned), now)
        sql.insert(_rows(scope, run, earned, entries, now))
        _close(scope, earned, as_of.toordinal(), now)
        return Chunk(last, len(earned))

    return in_transaction(work)


def _post(
    scope: Scope, run: EarnedPremiumRun, moved: Mapping[Group, Moved], now: datetime
) -> Entries:
    """One entry and at most one transfer a group; group -> their ids."""
    as_of = run.as_of_date
    made: dict[Group, tuple[str, str | None]] = {}
    for group, sums in moved.items():
        lines = lines_of(group, sums)
        if not lines:
            continue
        once = Once(new_id())
        entry = post_entry(
            scope,
            once=once,
            entry_date=as_of - timedelta(days=1),
            source_type=SOURCE,
            source_id=run.id,
            lines=lines,
            transfers=[transfer_of(group, sums, leg=once.id)],
            now=now,
            event_at=datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC),
            description=f"Premium earned as of {as_of:%Y-%m-%d}",
        )
        transfers = LedgerTransfer.objects.within(scope).filter(gl_entry_id=entry.entry_id)
        made[group] = (entry.entry_id, transfers.values_list("id", flat=True).first())
    return made


def _rows(
    scope: Scope, run: EarnedPremiumRun, earned: Sequence[Earned], entries: Entries, now: datetime
) -> list[tuple[object, ...]]:
    """Postings in the order of earning_sql.POSTING."""
    org_id, run_id, as_of = scope.org_id, run.id, run.as_of_date
    day = as_of.toordinal()
    told: dict[tuple[str, str, str], tuple[str | None, str | None, str]] = {
        group: (*ids, "handed_over" if ids[1] else "none") for group, ids in entries.items()
    }

    def row(
        stream: OpenStream, days: int, total: int, gross: int, share: int, ledger: int
    ) -> tuple[object, ...]:
        left = 0 if 0 < stream.stopped <= day else stream.written_cents - gross
        key = (stream.program_id, stream.carrier_id, stream.currency)
        named = told.get(key, NOT_POSTED)
        return (
            new_id(), org_id, run_id, stream.policy_id, stream.id, stream.program_id,
            stream.carrier_id, stream.state, as_of, days, total, stream.previous_cents, gross,
            gross - stream.previous_cents, left, stream.currency, *named, now,
            share - stream.carrier_previous_cents, ledger, share,
        )  # fmt: skip

    return list(starmap(row, earned))


def _close(scope: Scope, earned: Sequence[Earned], day: int, now: datetime) -> None:
    """Mark the streams that earn nothing more after this day."""
    done = [
        (one.stream.id, "stopped" if one.stream.stopped else "earned")
        for one in earned
        if min(one.stream.earn_to, one.stream.stopped or one.stream.earn_to) <= day
    ]
    for status in ("earned", "stopped"):
        ids = [key for key, ended in done if ended == status]
        for start in range(0, len(ids), CLOSED_AT_ONCE):
            rows = PremiumTransaction.objects.within(scope)
            rows.filter(id__in=ids[start : start + CLOSED_AT_ONCE]).update(
                fully_earned=True, status=status, updated_at=now
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
    """The totals, from the postings themselves."""
    sums = (
        EarnedPremiumPosting.objects.within(scope)
        .filter(run_id=run.id)
        .aggregate(
            streams=Count("id"),
            earned=Sum("earned_cents"),
            gl=Sum("carrier_earned_cents"),
            ledger=Sum("ledger_earned_cents"),
        )
    )
    run.streams_total = run.streams_posted = sums["streams"]
    run.earned_cents = int(sums["earned"] or 0)
    run.gl_total_cents = int(sums["gl"] or 0)
    run.ledger_total_cents = int(sums["ledger"] or 0)
    run.status, run.finished_at, run.updated_at = "succeeded", now, now
    run.save()
