"""The trial balance: closed months from their stored balances, the rest from the daily sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from openinsure.billing.books import reading
from openinsure.billing.chart import CHART
from openinsure.billing.journal_rows import PeriodRow, Trial, TrialRow
from openinsure.billing.models import GlAccountBalance, GlPeriod
from openinsure.problems import NotFound
from openinsure.tenancy.scope import Scope

PERIODS_MAX = 240  # twenty years
LOCKED = ("closed", "reopen_requested")
COLUMNS = (
    "id", "period_code", "start_date", "end_date", "status", "closed_at", "closed_by_user_id",
    "reopen_asked_by_user_id", "reopen_reason", "reopened_at",
)  # fmt: skip


def list_periods(scope: Scope) -> list[PeriodRow]:
    """The organisation's periods, newest first. One statement."""
    rows = GlPeriod.objects.within(scope).order_by("-start_date", "-id")
    return [PeriodRow(*values) for values in rows.values_list(*COLUMNS)[:PERIODS_MAX]]


def get_period(scope: Scope, code: str) -> PeriodRow:
    """One period by its month. Raises NotFound."""
    rows = GlPeriod.objects.within(scope).filter(period_code=code)
    values = rows.values_list(*COLUMNS).first()
    if values is None:
        raise NotFound("period", code)
    return PeriodRow(*values)


def closed_before(periods: Sequence[PeriodRow], day: date) -> PeriodRow | None:
    """The last period up to a day that is closed with every one before it."""
    last = None
    for period in sorted(periods, key=lambda one: one.start_date):
        if period.status not in LOCKED or period.end_date > day:
            break
        last = period
    return last


def trial_balance(scope: Scope, *, upto: date, account: str = "") -> Trial:
    """Every account as of the end of a day. account: only this one."""
    start = closed_before(list_periods(scope), upto)
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    if start is not None:
        stored = GlAccountBalance.objects.within(scope).filter(period_id=start.id)
        for code, currency, closing in stored.order_by().values_list(
            "gl_account__account_code", "currency", "closing_cents"
        ):
            sums[code, currency][closing < 0] += abs(closing)
    first = start.end_date + timedelta(days=1) if start else None
    for key, (debits, credits) in reading.moved(scope, first, upto).items():
        sums[key][0] += debits
        sums[key][1] += credits
    rows = [_row(code, currency, *moved) for (code, currency), moved in sorted(sums.items())]
    shown = tuple(row for row in rows if not account or row.account == account)
    return Trial(upto=upto, from_period=start.code if start else "", rows=shown)


def _row(code: str, currency: str, debits: int, credits: int) -> TrialRow:
    """Net on one side, as a trial balance has it."""
    kind, net = CHART[code], int(debits) - int(credits)
    return TrialRow(
        id=f"{code}-{currency}",
        account=code,
        name=kind.name,
        account_class=kind.account_class,
        normal_side="Dr" if kind.side == "D" else "Cr",
        ledger=kind.ledger,
        debit_cents=max(net, 0),
        credit_cents=max(-net, 0),
        balance_cents=net if kind.side == "D" else -net,
        currency=currency,
    )
