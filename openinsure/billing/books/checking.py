"""The proof of the daily sums: made anew from the journal in memory, and held against the stored.

Only what the marks cover is compared; what is posted meanwhile lies beyond them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from openinsure.billing.books import source, taking
from openinsure.billing.books.models import STREAMS, CarrierDay, JournalDay
from openinsure.billing.books.running import Cents, carried
from openinsure.billing.books.taking import Sums
from openinsure.tenancy.scope import Scope


def wrong_days(scope: Scope) -> list[date]:
    """Days whose stored sums are not those of journal and streams, oldest first. Reads it all."""
    with transaction.atomic():
        marks = taking.marks_of(scope)
        by_account = taking.days_of(scope, JournalDay)
        by_carrier = taking.days_of(scope, CarrierDay)
    months = taking.journal_marks(marks)
    lines = source.lines(scope).filter(source.up_to({}, months, "journal_entry__"))
    found = source.summed(lines) if months else []
    streams = source.streams(scope, "", marks.get(STREAMS, ""), None)
    return sorted(
        {
            *_apart(by_account, taking.by_account(found)),
            *_apart(by_carrier, taking.by_carrier(found, streams)),
        }
    )


def _apart(stored: Sums, moved: Sums) -> set[date]:
    wanted = carried({}, {}, moved)
    days = stored.keys() | wanted.keys()
    return {day for day in days if _some(stored.get(day, {})) != _some(wanted.get(day, {}))}


def _some(sums: Mapping[tuple[str, ...], Cents]) -> dict[tuple[str, ...], Cents]:
    """Without what came to nothing: taken up in two goes it leaves a row of zeros."""
    return {key: cents for key, cents in sums.items() if any(cents)}
