"""What the sums are made of: journal lines beyond a mark, by what they are summed by.

Numbers of a month are taken under the lock of its period, in order, without gaps (operations/
periods.py): whoever sees a number sees every lower one of the month. So "up to number n" is exact
however many people post, and what lies beyond it is the live tail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet, Sum

from openinsure.billing.models import GlJournalEntry, GlJournalLine, PremiumTransaction
from openinsure.billing.operations.settlements import SETTLING
from openinsure.tenancy.scope import Scope

LOWEST, HIGHEST = "JE-", "JE-~"
PAYABLE, UNCOLLECTED, EARNED = "2100", "2110", "earned_premium"
Stream = tuple[str, str, datetime, int]  # id, carrier, when it was made, carrier's cents


@dataclass(frozen=True, slots=True)
class Moved:
    """What lines of one day, account, carrier and kind come to, cents."""

    day: date
    account: str
    currency: str
    carrier_id: str | None
    kind: str
    debit_cents: int
    credit_cents: int

    def of_carrier(self) -> tuple[int, ...]:
        """What it adds to a carrier's written, earned, uncollected, settled and payable."""
        cents, settling = self.credit_cents - self.debit_cents, self.kind in SETTLING
        owed, later = self.account == PAYABLE, self.account == UNCOLLECTED
        return (
            0,
            cents if (owed or later) and self.kind == EARNED else 0,
            cents if later and not settling else 0,
            -cents if owed and settling else 0,
            cents if owed else 0,
        )


def month_of(number: str) -> str:
    """`JE-2026-11` of JE-2026-11-00000007."""
    return number.rpartition("-")[0]


def beyond(marks: Iterable[str], path: str = "") -> Q:
    """Entries that no mark covers: the ranges between them. path: to the entry."""
    found, low = Q(), LOWEST
    for mark in sorted(marks):
        found |= _between(path, low, f"{month_of(mark)}-")
        low = mark
    return found | _between(path, low, HIGHEST)


def up_to(marks: Mapping[str, str], reached: Mapping[str, str], path: str = "") -> Q:
    """Entries beyond the marks of their months, up to the numbers reached."""
    found = Q()
    for month, number in reached.items():
        low = marks.get(month, f"{month}-")
        found |= Q(**{f"{path}entry_number__gt": low, f"{path}entry_number__lte": number})
    return found


def _between(path: str, low: str, high: str) -> Q:
    return Q(**{f"{path}entry_number__gt": low, f"{path}entry_number__lt": high})


def numbers(scope: Scope, marks: Iterable[str], most: int) -> list[str]:
    """Numbers of entries that no mark covers, in order. One statement."""
    rows = GlJournalEntry.objects.within(scope).filter(beyond(marks))
    return list(rows.order_by("entry_number", "id").values_list("entry_number", flat=True)[:most])


def lines(scope: Scope) -> QuerySet[GlJournalLine]:
    """The lines, to be narrowed by their entries."""
    rows: QuerySet[GlJournalLine] = GlJournalLine.objects.within(scope)
    return rows


def summed(rows: QuerySet[GlJournalLine]) -> list[Moved]:
    """These lines by day, account, carrier and kind. One statement."""
    found = (
        rows.order_by()
        .values_list(
            "entry_date", "account_code", "currency", "carrier_id", "journal_entry__source_type"
        )
        .annotate(debit=Sum("debit_cents"), credit=Sum("credit_cents"))
    )
    return [
        Moved(day, code, currency, carrier, kind, int(debit), int(credit))
        for day, code, currency, carrier, kind, debit, credit in found
    ]


def streams(scope: Scope, after: str, upto: str, most: int | None) -> list[Stream]:
    """Streams in the order of their ids; most None: all of them. One statement."""
    rows = PremiumTransaction.objects.within(scope).filter(id__gt=after, id__lte=upto)
    columns = ("id", "carrier_id", "created_at", "carrier_written_cents")
    return list(rows.order_by("id").values_list(*columns)[:most])
