"""Accounting periods: months, locked while a number is taken; a closed one takes no more."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from openinsure.billing.models import GlJournalEntry, GlPeriod
from openinsure.keyspaces.ids import new_id
from openinsure.problems import Conflict
from openinsure.tenancy.scope import Scope

OPEN = ("open", "reopened")
PREFIX, DIGITS = "JE", 8


@dataclass(frozen=True, slots=True)
class Booked:
    """Where an entry goes: its period (locked until the transaction ends) and its date there."""

    period_id: str
    entry_date: date
    code: str


def lock_period(scope: Scope, day: date, *, now: datetime) -> Booked:
    """The period of a day, locked; if it is closed, the first day of the oldest open one after it.

    A month that nobody opened counts as closed once a later one is: nothing is posted behind it.
    Raises Conflict when every later period is closed too. Source: decisions 29.
    """
    code = f"{day:%Y-%m}"
    rows = GlPeriod.objects.within(scope).select_for_update()
    period = rows.filter(period_code=code).first()
    if period is None:
        open_period(scope, day, now=now)
        period = rows.filter(period_code=code).first()
    if period is not None and period.status in OPEN:
        return Booked(period.id, day, code)
    later = (
        GlPeriod.objects.within(scope)
        .filter(status__in=OPEN, start_date__gt=day)
        .order_by("start_date", "id")
        .values_list("start_date", flat=True)
        .first()
    )
    if later is None:
        later = _after_all(scope, now)
        ensure_period(scope, later, now=now)
    open_one = GlPeriod.objects.within(scope).select_for_update().get(start_date=later)
    if open_one.status not in OPEN:
        raise Conflict(f"The period {open_one.period_code} was closed just now. Try again.")
    return Booked(open_one.id, open_one.start_date, open_one.period_code)


def open_period(scope: Scope, day: date, *, now: datetime) -> None:
    """The month of a day exists afterwards, unless a later one is closed already."""
    later = GlPeriod.objects.within(scope).filter(start_date__gt=day)
    if not later.exclude(status__in=OPEN).exists():
        ensure_period(scope, day, now=now)


def ensure_period(scope: Scope, day: date, *, now: datetime) -> None:
    """The month of a day exists afterwards, open if it is new."""
    first = day.replace(day=1)
    code = f"{day:%Y-%m}"
    if GlPeriod.objects.within(scope).filter(period_code=code).exists():
        return
    last = day.replace(day=calendar.monthrange(day.year, day.month)[1])
    try:
        with transaction.atomic(using="oi_billing"):
            GlPeriod.objects.create(
                org_id=scope.org_id,
                id=new_id(),
                period_code=code,
                start_date=first,
                end_date=last,
                status="open",
                created_at=now,
                updated_at=now,
            )
    except IntegrityError:
        return  # somebody else opened the month meanwhile


def next_entry_number(scope: Scope, period: Booked) -> str:
    """The next number of a locked period: no gaps, because a rolled back one was never read."""
    prefix = f"{PREFIX}-{period.code}-"
    last = (
        GlJournalEntry.objects.within(scope)
        .filter(entry_number__gte=prefix, entry_number__lt=prefix + "~")
        .select_for_update()
        .order_by("-entry_number", "-id")
        .values_list("entry_number", flat=True)
        .first()
    )
    taken = int(last.removeprefix(prefix)) if last else 0
    return f"{prefix}{taken + 1:0{DIGITS}d}"


def _after_all(scope: Scope, now: datetime) -> date:
    """The month after the last one known, at least the current one."""
    last: date | None = (
        GlPeriod.objects.within(scope)
        .order_by("-start_date", "-id")
        .values_list("end_date", flat=True)
        .first()
    )
    current = now.date().replace(day=1)
    if last is None or last < current:
        return current
    return date(last.year + last.month // 12, last.month % 12 + 1, 1)
