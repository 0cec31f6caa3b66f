"""Taking up what was posted since the marks: daily sums and marks move in one transaction.

A backdated entry changes the sums of its day and of every later one. Two workers at once: the
marks are compared under their lock, and who comes second takes nothing up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial

from django.db import transaction

from openinsure.billing.books import source
from openinsure.billing.books.models import (
    COMMISSIONS,
    STREAMS,
    BooksMark,
    CarrierDay,
    JournalDay,
)
from openinsure.billing.books.running import Cents, added, carried
from openinsure.keyspaces.ids import lowest_id
from openinsure.tenancy.scope import Scope

CHUNK_ENTRIES, CHUNK_STREAMS, BATCH_ROWS = 2_000, 10_000, 500
SETTLED = timedelta(minutes=10)  # a transaction takes seconds: older ids are all committed
Daily = type[JournalDay] | type[CarrierDay]
KEYS: dict[Daily, tuple[str, ...]] = {
    JournalDay: ("account_code", "currency"),
    CarrierDay: ("carrier_id",),
}
CENTS: dict[Daily, tuple[str, ...]] = {
    JournalDay: ("debit_cents", "credit_cents"),
    CarrierDay: (
        *("written_cents", "earned_cents", "uncollected_cents"),
        *("settled_cents", "payable_cents"),
    ),
}
Sums = dict[date, dict[tuple[str, ...], Cents]]  # by day, by what is summed by
Marks = dict[str, str]


def take_up(scope: Scope, *, at: datetime) -> int:
    """Take up everything posted until now; how many entries and streams. Safe to repeat."""
    entries = sum(iter(partial(_entries, scope, at), 0))
    return entries + sum(iter(partial(_streams, scope, at), 0))


def rebuild(scope: Scope, *, at: datetime) -> int:
    """Forget the sums and take everything up anew; pages sum the journal itself meanwhile."""
    with transaction.atomic():
        BooksMark.objects.within(scope).exclude(source=COMMISSIONS).delete()
        JournalDay.objects.within(scope).delete()
        CarrierDay.objects.within(scope).delete()
    return take_up(scope, at=at)


def marks_of(scope: Scope, *, locking: bool = False) -> Marks:
    """How far each source is taken up. One statement."""
    rows = BooksMark.objects.within(scope).exclude(source=COMMISSIONS)
    if locking:
        rows = rows.select_for_update()
    return dict(rows.order_by("source").values_list("source", "mark"))


def journal_marks(marks: Marks) -> Marks:
    """Month of the journal -> the last number taken up."""
    return {month: mark for month, mark in marks.items() if month != STREAMS}


def _entries(scope: Scope, at: datetime) -> int:
    marks = marks_of(scope)
    known = journal_marks(marks)
    numbers = source.numbers(scope, known.values(), CHUNK_ENTRIES)
    reached = {source.month_of(number): number for number in numbers}
    if not reached:
        return 0
    taken = source.up_to(known, reached, "journal_entry__")
    found = source.summed(source.lines(scope).filter(taken))
    with transaction.atomic():
        if marks_of(scope, locking=True) != marks:
            return 0
        _add(scope, JournalDay, by_account(found))
        _add(scope, CarrierDay, by_carrier(found))
        _move(scope, reached, at)
    return len(numbers)


def _streams(scope: Scope, at: datetime) -> int:
    marks = marks_of(scope)
    last = lowest_id(at - SETTLED)
    found = source.streams(scope, marks.get(STREAMS, ""), last, CHUNK_STREAMS)
    if not found:
        return 0
    with transaction.atomic():
        if marks_of(scope, locking=True) != marks:
            return 0
        _add(scope, CarrierDay, by_carrier((), found))
        _move(scope, {STREAMS: found[-1][0]}, at)
    return len(found)


def by_account(found: Iterable[source.Moved]) -> Sums:
    """Debits and credits by day, account and currency."""
    days: Sums = defaultdict(dict)
    for row in found:
        cents = (row.debit_cents, row.credit_cents)
        _count(days, row.day, (row.account, row.currency), cents)
    return days


def by_carrier(found: Iterable[source.Moved], written: Iterable[source.Stream] = ()) -> Sums:
    """What lines and streams add to carriers, by day and carrier."""
    days: Sums = defaultdict(dict)
    for row in found:
        moved = row.of_carrier()
        if row.carrier_id and any(moved):
            _count(days, row.day, (row.carrier_id,), moved)
    for _, carrier, created, cents in written:
        _count(days, created.astimezone(UTC).date(), (carrier,), (cents, 0, 0, 0, 0))
    return days


def _count(sums: Sums, day: date, key: tuple[str, ...], cents: Cents) -> None:
    sums[day] = added(sums[day], {key: cents})


def _add(scope: Scope, model: Daily, moved: Sums) -> None:
    """Add what moved to the days, and write the first of them and all after it anew."""
    if not moved:
        return
    first = min(moved)
    rows = model.objects.within(scope)
    last = rows.filter(day__lt=first).order_by("-day").values_list("day", flat=True).first()
    before = days_of(scope, model, day=last) if last else {}
    standing = days_of(scope, model, day__gte=first)
    made = carried(before.get(last or first, {}), standing, moved)
    columns = ("day", *KEYS[model], *CENTS[model])
    rows.filter(day__gte=first).delete()
    model.objects.bulk_create(
        (
            model(org_id=scope.org_id, **dict(zip(columns, (day, *key, *cents), strict=True)))
            for day, sums in made.items()
            for key, cents in sums.items()
        ),
        batch_size=BATCH_ROWS,
    )


def days_of(scope: Scope, model: Daily, **limits: date) -> Sums:
    """Stored sums by day and key; limits: of the day. One statement."""
    keys, days = len(KEYS[model]), Sums()
    rows = model.objects.within(scope).filter(**limits).order_by()
    for day, *values in rows.values_list("day", *KEYS[model], *CENTS[model]):
        days.setdefault(day, {})[tuple(values[:keys])] = tuple(values[keys:])
    return days


def _move(scope: Scope, reached: Mapping[str, str], at: datetime) -> None:
    """The marks of these sources, further on."""
    BooksMark.objects.within(scope).filter(source__in=sorted(reached)).delete()
    BooksMark.objects.bulk_create(
        BooksMark(org_id=scope.org_id, source=name, mark=mark, taken_at=at)
        for name, mark in reached.items()
    )
