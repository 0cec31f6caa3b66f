"""Tables whose ledger is gone: what ran is not known, so nothing runs."""

from __future__ import annotations

import pytest

from dbops.cli.main import main
from tests.dbops.benches import Bench
from tests.dbops.test_live_states import bench as bench  # the tool of the parameter

pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])
LEDGERS = {
    "DrizzleBench": "__drizzle_migrations",
    "D1Bench": "applied",
    "PrismaBench": "_prisma_migrations",
}


@pytest.mark.parametrize("bench", ["drizzle", "d1", "prisma"], indirect=True)
def test_it_runs_no_file_on_tables_whose_ledger_is_gone(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.apply(1)
    bench.run(f"DROP TABLE {LEDGERS[type(bench).__name__]}")
    assert main(["db", "migrate", "--dry-run"]) == 6
    assert "blocked, it holds tables and no ledger" in capsys.readouterr().out
    bench.run("DROP TABLE accounts")
    assert main(["db", "migrate", "--dry-run"]) == 0
