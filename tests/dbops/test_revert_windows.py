"""A deploy's revert window: open until when, and never open because nobody knows its end."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from dbops import collect
from dbops.cli.main import main
from dbops.models import MigrationRun
from tests.dbops.benches import Bench
from tests.dbops.test_live_states import FAR, SLUG, Tell, bench, run_of, tell

__all__ = ["bench", "tell"]
pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])


@pytest.mark.parametrize("bench", ["drizzle", "d1", "prisma"], indirect=True)
def test_it_calls_no_window_open_whose_end_nobody_knows(
    bench: Bench, tell: Tell, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.apply(1)
    bench.statements(2)
    bench.remove(3)
    deploy = run_of(bench, kind="deploy", ended_at=timezone.now(), outcome="applied")
    tell(deploy)
    reading = collect.check_now(SLUG, now=timezone.now())
    assert (str(reading.state), reading.migrations[1].state) == ("unknown", "live_unrecorded")
    assert "revert window is not known" in reading.migrations[1].evidence
    assert main(["db", "status", "--json", "--timeout", "20"]) == 5
    (told,) = json.loads(capsys.readouterr().out)["databases"]
    assert told["state"] == "unknown"
    MigrationRun.objects.update(revertable_until=FAR)
    reading = collect.check_now(SLUG, now=timezone.now())
    said = "live in an open revert window until 00:00:00 UTC; row follows"
    assert (str(reading.state), reading.migrations[1].evidence) == ("revert_window", said)
