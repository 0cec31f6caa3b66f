"""What must hold before a month is closed: each tie-out with its figure and where to look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Count, Sum

from openinsure.billing.books import reading
from openinsure.billing.journal_rows import Check, PeriodRow
from openinsure.billing.models import (
    BankReconciliation,
    EarnedPremiumRun,
    LedgerReconciliationRun,
    LedgerTransfer,
)
from openinsure.console.dates import format_day
from openinsure.console.money import format_cents
from openinsure.tenancy.scope import Scope

OK, OPEN, UNKNOWN = "passed", "open", "unknown"
# What is said of transfers that are not in the ledger, in the order of their way.
WAITING = {
    "queued": "queued",
    "sent": "sent without an answer",
    "refused": "refused",
    "needs_review": "for a person to look at",
}


def list_checks(scope: Scope, period: PeriodRow) -> list[Check]:
    """The checklist of a period. Five statements on oi_billing."""
    return [
        *_balanced(scope, period),
        _transfers(scope, period),
        _earned(scope, period),
        _reconciled(scope, period),
        _bank(scope, period),
    ]


def _balanced(scope: Scope, period: PeriodRow) -> Iterator[Check]:
    """Debits equal credits, in every currency."""
    sums: dict[str, tuple[int, int]] = {}
    for (_, currency), moved in reading.moved(scope, period.start_date, period.end_date).items():
        debits, credits = sums.get(currency, (0, 0))
        sums[currency] = (debits + moved[0], credits + moved[1])
    for currency, (debits, credits) in sorted(sums.items()) or [("USD", (0, 0))]:
        difference = debits - credits
        found = f"{format_cents(debits, currency)} both ways"
        if difference:
            found = f"{format_cents(difference, currency)} more debits than credits"
        yield Check(
            id=f"balanced-{currency}",
            title="Debits equal credits",
            status=OPEN if difference else OK,
            blocking=True,
            found=found,
            place="ledger.trial_balance",
        )


def _transfers(scope: Scope, period: PeriodRow) -> Check:
    """Every transfer of the month's entries is in the ledger, but for those taken back."""
    rows = (
        LedgerTransfer.objects.within(scope)
        .filter(status__in=list(WAITING), gl_entry__entry_date__lte=period.end_date)
        .exclude(status="refused", gl_entry__reversed_by_id__isnull=False)
        .order_by()
        .values("status")
        .annotate(rows=Count("id"))
        .values_list("status", "rows")
    )
    waiting = dict(rows)
    words = ", ".join(f"{waiting[one]} {WAITING[one]}" for one in WAITING if one in waiting)
    return Check(
        id="transfers",
        title="All transfers are posted to the ledger",
        status=OPEN if waiting else OK,
        blocking=True,
        found=words or "None waiting",
        place="ledger.transfers",
    )


def _earned(scope: Scope, period: PeriodRow) -> Check:
    """Premium is earned to the end of the month."""
    as_of = period.end_date + timedelta(days=1)
    runs = EarnedPremiumRun.objects.within(scope).filter(as_of_date__gte=as_of)
    status = runs.order_by("as_of_date", "id").values_list("status", flat=True).first()
    return Check(
        id="earned",
        title="Premium is earned to the last day",
        status=OK if status == "succeeded" else OPEN,
        blocking=True,
        found=f"Run {status}" if status else f"No run as of {format_day(as_of)} or later",
        place="ops.jobs",
    )


def _reconciled(scope: Scope, period: PeriodRow) -> Check:
    """The morning after, or any later one, left nothing unexplained."""
    runs = LedgerReconciliationRun.objects.within(scope).filter(run_date__gt=period.end_date)
    last: Any = runs.order_by("-run_date", "-id").first()
    if last is None:
        status, found = UNKNOWN, "Not compared since the month ended"
    else:
        left = format_cents(last.unexplained_drift_cents, last.currency)
        status = OPEN if last.unexplained_drift_cents else OK
        found = f"{left} unexplained on {format_day(last.run_date)}"
    return Check(
        id="reconciled",
        title="Journal and ledger agree",
        status=status,
        blocking=status == OPEN,
        found=found,
        place="ledger.reconciliation",
    )


def _bank(scope: Scope, period: PeriodRow) -> Check:
    """The trust accounts were tied out to a statement of the month."""
    rows = BankReconciliation.objects.within(scope).filter(
        statement_date__gte=period.start_date, statement_date__lte=period.end_date
    )
    found = rows.aggregate(n=Count("id"), off=Sum("difference_cents"))
    count, off = found["n"], int(found["off"] or 0)
    if not count:
        status, words = UNKNOWN, "No statement of this month"
    else:
        status = OPEN if off else OK
        words = f"{count} statements, {format_cents(off, 'USD')} apart"
    return Check(
        id="bank",
        title="Trust cash agrees with the bank",
        status=status,
        blocking=False,
        found=words,
        place="billing.bank",
    )
