"""Kinds of journal lines from before lines kept one: taken from their entries, in short steps.

The migration that added the column left it empty; a line's kind is its entry's source.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import partial

from openinsure.billing.models import GlJournalEntry, GlJournalLine
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.tenancy.scope import Scope

LINES_AT_ONCE = 1_000
STEPS_MAX = 1_000  # of one call: a million lines; the next call goes on


def fill_kinds(scope: Scope, *, steps: int = STEPS_MAX) -> int:
    """Give every line without a kind that of its entry; how many got one.

    A line whose entry is missing or tells nothing stays as it is. One statement when none is left.
    """
    after: tuple[object, str] = (date.min, "")
    done = 0
    for _ in range(steps):
        found = _next(scope, after)
        if not found:
            break
        after = found[-1][2:]
        done += in_transaction(partial(_fill, scope, found))
    return done


def _next(scope: Scope, after: tuple[object, str]) -> list[tuple[str, str, object, str]]:
    rows = GlJournalLine.objects.within(scope).filter(source_type="", entry_date__gte=after[0])
    rows = rows.exclude(entry_date=after[0], id__lte=after[1])
    named = rows.order_by("entry_date", "id").values_list(
        "id", "journal_entry_id", "entry_date", "id"
    )
    return list(named[:LINES_AT_ONCE])


def _fill(scope: Scope, rows: list[tuple[str, str, object, str]]) -> int:
    entries = GlJournalEntry.objects.within(scope).filter(id__in=sorted({row[1] for row in rows}))
    kinds = dict(entries.order_by().values_list("id", "source_type"))
    by_kind: dict[str, list[str]] = defaultdict(list)
    for line, entry, _, _ in rows:
        if kind := kinds.get(entry):
            by_kind[kind].append(line)
    lines = GlJournalLine.objects.within(scope).filter(source_type="")
    return sum(
        lines.filter(id__in=ids).update(source_type=kind) for kind, ids in sorted(by_kind.items())
    )
