"""What must hold before a month is closed: each tie-out with its figure and where to look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Count

from openinsure.billing.books import reading
from openinsure.billing.journal_filters import KINDS
from openinsure.billing.journal_rows import Blocker, Check, PeriodRow
from openinsure.billing.models import (
    BankReconciliation,
    EarnedPremiumRun,
    LedgerReconciliationRun,
    LedgerTransfer,
)
from openinsure.billing.queries.ledger import STUCK, not_taken_back
from openinsure.billing.queries.origins import Origin, origins_of
from openinsure.console.dates import format_day
from openinsure.console.links import url
from openinsure.console.money import format_cents
from openinsure.console.words import sentence
from openinsure.plurals import many
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading, read_together

OK, OPEN, UNKNOWN = "passed", "open", "unknown"
# What is said of transfers that are not in the ledger, in the order of their way.
WAITING = {
    "queued": "queued",
    "sent": "sent without an answer",
    "refused": "refused",
    "needs_review": "for a person to look at",
}
# Payouts that the ledger holds from their release until the bank answers.
RELEASES = frozenset({"settlement_release", "commission_release", "tax_remittance"})
STUCK_COLUMNS = (
    *("status", "source_type", "source_id", "tb_transfer_id", "amount_cents", "currency"),
)
STUCK_READ, BLOCKERS_SHOWN = 100, 5  # legs; a chain has a dozen at most
NOT_PAID = "The ledger refused it, so nothing was paid: record there that it came back"
NOT_BOOKED = "The ledger refused it: what it was posted for must be taken back"
ANOTHER = "The ledger has another transfer under its id: a person compares the two"


def list_checks(scope: Scope, period: PeriodRow) -> list[Check]:
    """The checklist of a period. Three statements on oi_billing, one more where one is stuck."""
    ran = EarnedPremiumRun.objects.within(scope).filter(as_of_date__gt=period.end_date)
    compared = LedgerReconciliationRun.objects.within(scope).filter(run_date__gt=period.end_date)
    tied = BankReconciliation.objects.within(scope).filter(
        statement_date__gte=period.start_date, statement_date__lte=period.end_date
    )
    drift = ("unexplained_drift_cents", "currency", "run_date")
    stuck = _not_in_ledger(scope, period).filter(status__in=STUCK).order_by("created_at", "id")
    queries = (
        stuck.values_list(*STUCK_COLUMNS)[:STUCK_READ],
        ran.order_by("as_of_date", "id").values_list("status", flat=True)[:1],
        compared.order_by("-run_date", "-id").values_list(*drift)[:1],
        tied.values_list("difference_cents", flat=True),
    )
    found = read_together([Reading((query,), tuple) for query in queries])
    return [
        *_balanced(scope, period),
        _transfers(scope, period, _blockers(scope, found[0])),
        _earned(period, found[1]),
        _reconciled(found[2]),
        _bank(found[3]),
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


def _not_in_ledger(scope: Scope, period: PeriodRow) -> Any:
    """Transfers of the entries up to the month's end that the ledger does not have."""
    rows = LedgerTransfer.objects.within(scope).filter(
        status__in=list(WAITING), gl_entry__entry_date__lte=period.end_date
    )
    return not_taken_back(scope, rows)


def _transfers(scope: Scope, period: PeriodRow, blockers: tuple[Blocker, ...]) -> Check:
    """Every transfer of the month's entries is in the ledger, but for those taken back."""
    rows = _not_in_ledger(scope, period).order_by().values("status").annotate(rows=Count("id"))
    waiting = dict(rows.values_list("status", "rows"))
    words = ", ".join(f"{waiting[one]:,} {WAITING[one]}" for one in WAITING if one in waiting)
    return Check(
        id="transfers",
        title="All transfers are posted to the ledger",
        status=OPEN if waiting else OK,
        blocking=True,
        found=words or "None waiting",
        place="ledger.transfers",
        blockers=blockers,
    )


def _blockers(scope: Scope, stuck: Sequence[tuple[Any, ...]]) -> tuple[Blocker, ...]:
    """What the ledger will not take, the oldest first: each source once. One statement at most."""
    first: dict[tuple[str, str], tuple[Any, ...]] = {}
    for row in stuck:
        first.setdefault((row[1], row[2]), row)
    shown = dict(list(first.items())[:BLOCKERS_SHOWN])
    origins = origins_of(scope, shown)
    return tuple(_blocker(row, origins.get(key)) for key, row in shown.items())


def _blocker(row: tuple[Any, ...], origin: Origin | None) -> Blocker:
    status, kind, _, transfer, cents, currency = row
    word = origin.word if origin else KINDS.get(kind, sentence(kind))
    number = origin.number if origin else ""
    not_paid = status == "refused" and kind in RELEASES and origin is not None
    why = NOT_PAID if not_paid else NOT_BOOKED if status == "refused" else ANOTHER
    return Blocker(
        name=f"{word} {number or format_cents(cents, currency)}",
        href=origin.href if origin and not_paid else url("ledger.transfer", transfer),
        why=why,
    )


def _earned(period: PeriodRow, ran: Sequence[str]) -> Check:
    """Premium is earned to the end of the month."""
    status = ran[0] if ran else ""
    as_of = format_day(period.end_date + timedelta(days=1))
    return Check(
        id="earned",
        title="Premium is earned to the last day",
        status=OK if status == "succeeded" else OPEN,
        blocking=True,
        found=f"Run {status}" if status else f"No run as of {as_of} or later",
        place="ops.jobs",
    )


def _reconciled(compared: Sequence[tuple[int, str, date]]) -> Check:
    """The morning after, or any later one, left nothing unexplained."""
    status, found = UNKNOWN, "Not compared since the month ended"
    for cents, currency, day in compared:
        status = OPEN if cents else OK
        found = f"{format_cents(cents, currency)} unexplained on {format_day(day)}"
    return Check(
        id="reconciled",
        title="Journal and ledger agree",
        status=status,
        blocking=status == OPEN,
        found=found,
        place="ledger.reconciliation",
    )


def _bank(differences: Sequence[int]) -> Check:
    """The trust accounts were tied out to a statement of the month; errors never cancel out."""
    off = sum(map(abs, differences))
    status, words = UNKNOWN, "No statement of this month"
    if differences:
        status = OPEN if off else OK
        words = f"{many(len(differences), 'statement')}, {format_cents(off, 'USD')} apart"
    return Check(
        id="bank",
        title="Trust cash agrees with the bank",
        status=status,
        blocking=False,
        found=words,
        place="billing.bank",
    )
