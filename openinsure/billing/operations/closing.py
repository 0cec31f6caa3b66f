"""Closing and reopening a month: its balances are stored, and it takes no more entries.

Months close in order and open again in the opposite one, so stored balances never go stale.
Reopening takes two people: one asks with a reason, another agrees (decisions 36).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Sum

from openinsure.audit import reasons
from openinsure.billing.models import GlAccount, GlAccountBalance, GlJournalLine, GlPeriod
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.operations.periods import OPEN
from openinsure.console.words import spoken
from openinsure.keyspaces.ids import new_id
from openinsure.problems import Conflict, Forbidden, NotFound
from openinsure.tenancy.scope import Scope

CLOSED, ASKED, REOPENED = "closed", "reopen_requested", "reopened"


@dataclass(frozen=True, slots=True)
class Period:
    """A period after the step. repeated: it stood so before."""

    number: str
    status: str
    repeated: bool


def close_period(scope: Scope, code: str, *, actor_user_id: str, now: datetime) -> Period:
    """Close a month that is over and store its balances. Raises NotFound, Conflict."""

    def work() -> Period:
        period, others = _locked(scope, code)
        if period.status not in OPEN:
            return Period(code, period.status, repeated=True)
        if period.end_date >= now.date():
            raise Conflict(f"{code} is not over: it ends on {period.end_date:%Y-%m-%d}.")
        for other in others:
            if other.start_date < period.start_date and other.status in OPEN:
                raise Conflict(f"{other.period_code} is open and comes before {code}.")
        _store_balances(scope, period, _closing_before(scope, period, others), now)
        period.status, period.closed_by_user_id, period.closed_at = CLOSED, actor_user_id, now
        period.reopen_asked_by_user_id = period.reopen_reason = None
        _save(period, now)
        return Period(code, CLOSED, repeated=False)

    return in_transaction(work)


def ask_to_reopen(
    scope: Scope, code: str, *, reason: str, actor_user_id: str, now: datetime
) -> Period:
    """Ask that the last closed month be opened again. Raises BadForm, NotFound, Conflict."""
    reason = reasons.stated(reason)

    def work() -> Period:
        period, others = _locked(scope, code)
        if period.status == ASKED and period.reopen_asked_by_user_id == actor_user_id:
            return Period(code, ASKED, repeated=True)
        if period.status != CLOSED:
            raise Conflict(f"{code} is {spoken(period.status)}, not closed.")
        _must_be_last(period, others)
        period.status, period.reopen_asked_by_user_id = ASKED, actor_user_id
        period.reopen_reason = reason
        _save(period, now)
        return Period(code, ASKED, repeated=False)

    return in_transaction(work)


def reopen_period(scope: Scope, code: str, *, actor_user_id: str, now: datetime) -> Period:
    """Open a month that another person asked for. Raises NotFound, Conflict, Forbidden."""

    def work() -> Period:
        period, others = _locked(scope, code)
        if period.status == REOPENED:
            return Period(code, REOPENED, repeated=True)
        if period.status != ASKED:
            raise Conflict(f"Nobody asked to reopen {code}.")
        if period.reopen_asked_by_user_id == actor_user_id:
            raise Forbidden("Another person than the one who asked reopens a period.")
        _must_be_last(period, others)
        GlAccountBalance.objects.within(scope).filter(period_id=period.id).delete()
        period.status, period.reopened_by_user_id, period.reopened_at = REOPENED, actor_user_id, now
        _save(period, now)
        return Period(code, REOPENED, repeated=False)

    return in_transaction(work)


def _locked(scope: Scope, code: str) -> tuple[Any, list[Any]]:
    """The period and all others, every one locked: posting and closing wait for each other."""
    rows = list(GlPeriod.objects.within(scope).select_for_update().order_by("start_date", "id"))
    for row in rows:
        if row.period_code == code:
            return row, [other for other in rows if other is not row]
    raise NotFound("period", code)


def _must_be_last(period: Any, others: list[Any]) -> None:
    for other in others:
        if other.start_date > period.start_date and other.status not in OPEN:
            raise Conflict(f"{other.period_code} is closed and comes after {period.period_code}.")


def _closing_before(scope: Scope, period: Any, others: list[Any]) -> dict[tuple[str, str], int]:
    """Closing balances of the month before, by account and currency."""
    earlier = [other for other in others if other.start_date < period.start_date]
    if not earlier:
        return {}
    rows = GlAccountBalance.objects.within(scope).filter(period_id=earlier[-1].id).order_by()
    return {(a, c): cents for a, c, cents in rows.values_list(
        "gl_account_id", "currency", "closing_cents")}  # fmt: skip


def _store_balances(
    scope: Scope, period: Any, opening: dict[tuple[str, str], int], now: datetime
) -> None:
    moved: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    moved.update(_moved(scope, period.start_date, period.end_date))
    GlAccountBalance.objects.within(scope).filter(period_id=period.id).delete()
    GlAccountBalance.objects.bulk_create(
        GlAccountBalance(
            org_id=scope.org_id,
            id=new_id(),
            gl_account_id=key[0],
            period_id=period.id,
            opening_cents=opening.get(key, 0),
            debit_cents=moved[key][0],
            credit_cents=moved[key][1],
            closing_cents=opening.get(key, 0) + moved[key][0] - moved[key][1],
            currency=key[1],
            created_at=now,
            updated_at=now,
        )
        for key in sorted(opening.keys() | moved.keys())
    )


def _moved(scope: Scope, first: date, last: date) -> dict[tuple[str, str], tuple[int, int]]:
    rows = (
        GlJournalLine.objects.within(scope)
        .filter(entry_date__gte=first, entry_date__lte=last)
        .order_by()
        .values("account_code", "currency")
        .annotate(debits=Sum("debit_cents"), credits=Sum("credit_cents"))
        .values_list("account_code", "currency", "debits", "credits")
    )
    accounts = dict(GlAccount.objects.within(scope).order_by().values_list("account_code", "id"))
    return {
        (accounts[code], currency): (int(debits), int(credits))
        for code, currency, debits, credits in rows
    }


def _save(period: Any, now: datetime) -> None:
    period.updated_at = now
    period.save()
