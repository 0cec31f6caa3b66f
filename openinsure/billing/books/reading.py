"""The books as of this moment: sums up to the marks, and what was posted beyond them.

Marks and sums are read in one transaction, so they belong together; the tail after them. Before
anything is taken up the tail is the whole journal: slower, and as right.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Sum

from openinsure.billing.books import source
from openinsure.billing.books.models import STREAMS, CarrierDay, JournalDay
from openinsure.billing.books.running import Cents, added
from openinsure.billing.books.taking import journal_marks, marks_of
from openinsure.billing.models import PremiumTransaction
from openinsure.tenancy.scope import Scope

Key = tuple[str, str]  # account, currency


@dataclass(frozen=True, slots=True)
class CarrierSums:
    """What was written, earned and owed of a carrier up to a day, cents."""

    written: int = 0
    earned: int = 0
    uncollected: int = 0
    settled: int = 0
    payable: int = 0


def moved(scope: Scope, first: date | None, upto: date) -> dict[Key, Cents]:
    """Debits and credits by account and currency of these days; first None: from the beginning.

    Four statements on oi_console, five with a first day, and one on oi_billing.
    """
    with transaction.atomic():
        marks = journal_marks(marks_of(scope))
        sums = _as_of(scope, upto) if marks else {}
        if marks and first:
            sums = added(sums, _as_of(scope, first - timedelta(days=1)), sign=-1)
    tail = source.lines(scope).filter(
        source.beyond(marks.values(), "journal_entry__"), entry_date__lte=upto
    )
    if first:
        tail = tail.filter(entry_date__gte=first)
    found = (
        tail.order_by()
        .values_list("account_code", "currency")
        .annotate(debit=Sum("debit_cents"), credit=Sum("credit_cents"))
    )
    late = {(code, currency): (int(debit), int(credit)) for code, currency, debit, credit in found}
    return {key: cents for key, cents in added(sums, late).items() if any(cents)}


def _as_of(scope: Scope, day: date) -> dict[Key, Cents]:
    """Every account up to the end of a day. Two statements."""
    rows = JournalDay.objects.within(scope)
    last = rows.filter(day__lte=day).order_by("-day").values_list("day", flat=True).first()
    if last is None:
        return {}
    columns = ("account_code", "currency", "debit_cents", "credit_cents")
    found = rows.filter(day=last).order_by().values_list(*columns)
    return {(code, currency): (debit, credit) for code, currency, debit, credit in found}


def carrier_sums(scope: Scope, carrier_id: str, cutoff: date) -> CarrierSums:
    """A carrier up to a day. Two statements on oi_console, two on oi_billing."""
    with transaction.atomic():
        marks = marks_of(scope)
        rows = CarrierDay.objects.within(scope).filter(carrier_id=carrier_id, day__lte=cutoff)
        names = [f"{name}_cents" for name in CarrierSums.__slots__]
        stored = rows.order_by("-day").values_list(*names).first()
    sums: dict[str, Cents] = defaultdict(lambda: (0,) * len(names))
    if stored:
        sums[carrier_id] = stored
    for row in source.summed(
        source.lines(scope).filter(
            source.beyond(journal_marks(marks).values(), "journal_entry__"),
            carrier_id=carrier_id,
            entry_date__lte=cutoff,
        )
    ):
        sums[carrier_id] = added(sums, {carrier_id: row.of_carrier()})[carrier_id]
    one = CarrierSums(*sums[carrier_id])
    late = _written_since(scope, marks.get(STREAMS, ""), carrier_id, cutoff)
    return CarrierSums(one.written + late, one.earned, one.uncollected, one.settled, one.payable)


def _written_since(scope: Scope, mark: str, carrier_id: str, cutoff: date) -> int:
    ends = datetime.combine(cutoff + timedelta(days=1), time(), UTC)
    rows = PremiumTransaction.objects.within(scope).filter(
        id__gt=mark, carrier_id=carrier_id, created_at__lt=ends
    )
    return int(rows.aggregate(cents=Sum("carrier_written_cents"))["cents"] or 0)
