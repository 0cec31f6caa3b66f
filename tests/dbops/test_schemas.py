"""What a reading says when one schema of several gave no answer."""

from __future__ import annotations

from dbops.probes.schemas import NO_HISTORY, Schema, _size
from dbops.probes.sessions import Away
from dbops.readings import State

SILENT = Schema("oi_claims", expected=29, fault=Away(State.UNKNOWN, "no answer within 2 s"))
READ = Schema("oi_billing", live={"invoices": frozenset({"id"})}, expected=1)


def test_it_calls_nothing_missing_that_it_did_not_read() -> None:
    assert SILENT.findings == []
    assert SILENT.state is State.UNKNOWN


def test_it_still_misses_tables_of_a_schema_it_read() -> None:
    assert READ._replace(expected=2, history=NO_HISTORY).findings


def test_it_counts_only_the_keyspaces_that_answered() -> None:
    assert _size([SILENT, READ]) == "1 table across 1 of 2 keyspaces"
    assert _size([READ, READ]) == "2 tables across 2 keyspaces"
