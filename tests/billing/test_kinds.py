"""Lines from before kinds were kept take them from their entries, once, whatever is missing."""

from __future__ import annotations

import pytest

from openinsure.billing.models import GlJournalEntry, GlJournalLine
from openinsure.billing.operations import kinds
from openinsure.tenancy.scope import Scope, entered
from tests.billing import booked

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_billing"])


def told(scope: Scope) -> dict[str, int]:
    """Lines by kind."""
    with entered(scope):
        rows = GlJournalLine.objects.within(scope).values_list("source_type", flat=True)
        found = list(rows)
    return {kind: found.count(kind) for kind in set(found)}


def test_it_fills_what_can_be_derived(
    acme: Scope, borealis: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "LINES_AT_ONCE", 3)
    for kind in ("payment", "invoice", "close"):
        booked.entry(acme, source_type=kind)
    lost, kept = booked.entry(acme, source_type="refund"), booked.entry(borealis)
    with entered(acme):
        GlJournalLine.objects.within(acme).update(source_type="")
        GlJournalEntry.objects.within(acme).filter(id=lost.id).delete()
    with entered(borealis):
        GlJournalLine.objects.within(borealis).filter(journal_entry_id=kept.id).update(
            source_type=""
        )
    with entered(acme):
        assert [kinds.fill_kinds(acme), kinds.fill_kinds(acme)] == [6, 0]
    assert told(acme) == {"payment": 2, "invoice": 2, "close": 2, "": 2}
    assert told(borealis) == {"": 2}


def test_it_goes_on_where_a_call_ended(acme: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "LINES_AT_ONCE", 1)
    booked.entry(acme)
    with entered(acme):
        GlJournalLine.objects.within(acme).update(source_type="")
        assert [kinds.fill_kinds(acme, steps=1) for _ in range(3)] == [1, 1, 0]
