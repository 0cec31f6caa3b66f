"""What goes from one process to another as JSON comes out as it went in."""

from __future__ import annotations

import json
from datetime import timedelta

from dbops import packing
from dbops.catalog import stored
from dbops.catalog.stored import Told
from dbops.history.states import FileState
from dbops.readings import Drift, Keyspace, Migration, Reading, State
from tests.dbops.conftest import NOW


def test_it_brings_a_reading_whole() -> None:
    reading = Reading(
        State.DRIFTED, "one table is missing", NOW, applied=3, available=4, pending=("0004_d.sql",),
        drift=Drift(critical=1, low=2), drift_checked_at=NOW - timedelta(minutes=5),
        keyspaces=(Keyspace("main", 10, 11, State.DRIFTED, basis="a1"),),
        migrations=(Migration("0001_a", "main", FileState.MODIFIED, statements=2, quiet=True),),
        findings=("table_missing main.c",), version="15.4", latency_ms=3.5, notes=("a note",),
    )  # fmt: skip
    assert packing.of_whole(json.loads(json.dumps(packing.whole(reading)))) == reading


def test_it_brings_an_unknown_reading_whole() -> None:
    reading = Reading(State.UNKNOWN, "", NOW, error="no answer within 2 s", counted=False)
    assert packing.of_whole(json.loads(json.dumps(packing.whole(reading)))) == reading


def test_it_tells_what_oi_console_said() -> None:
    compared = [("ai", NOW, "{}"), ("oi-auth", NOW, '{"main": {}}')]
    runs = [
        ("ai", "oi_claims", "0003_c", 1, 0, 0, None, 0),
        ("ai", "oi_claims", "0004_d", 0, 1, None, NOW + timedelta(hours=1), 0),
    ]
    told = Told(compared, [("oi-auth", "0001_a", "ab12")], runs)
    back = stored.unpacked(json.loads(json.dumps(stored.packed(told))))
    assert back.compared == compared
    assert [tuple(row) for row in back.seen] == told.seen
    assert back.runs == runs


def test_it_takes_silence_as_nothing_known() -> None:
    assert stored.read(stored.unpacked(None)) == {}
