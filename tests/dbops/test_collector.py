"""The collector's task: the first look compares, and what is proven is not compared again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from celery.signals import worker_ready

from dbops import tasks, watch
from dbops.inventory import Target
from dbops.models import StoredComparison, StoredReading
from openinsure import environment
from openinsure.tenancy.scope import SystemScope
from tests.dbops.conftest import NOW, Drizzle, MySql
from tests.dbops.test_vitess_probe import INVENTORY, LEDGER

pytestmark = pytest.mark.django_db(databases=["default"])
Use = Callable[..., list[Target]]
SCOPE = SystemScope("00000000-0000-7000-8000-000000000000", "service:system")
ACCOUNTS = "CREATE TABLE accounts (id int NOT NULL, PRIMARY KEY (id))"


@pytest.fixture
def project(
    use: Use, mysql: MySql, schema: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Drizzle:
    """One file, applied."""
    made = Drizzle(tmp_path / "drizzle")
    digest = made.add("0000_accounts", ACCOUNTS, 1000)
    row = f"INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('{digest}', 1000)"
    mysql.run(LEDGER, ACCOUNTS, row, schema=schema)
    if not environment.optional("SHADOW_URL"):
        monkeypatch.setenv("SHADOW_URL", mysql.url())
    use(INVENTORY.format(schema=schema, more=""), HOLDINGS_URL=mysql.url())
    return made


def state() -> str:
    return StoredReading.objects.order_by("-id")[0].state


def test_it_proves_the_schemas_with_its_first_look(project: Drizzle) -> None:
    assert tasks.collect.run(SCOPE) == 1
    assert state() == "in_sync"


def test_it_compares_again_only_when_other_files_are_applied(
    project: Drizzle, mysql: MySql, schema: str
) -> None:
    tasks.collect.run(SCOPE)
    at = StoredComparison.objects.get().compared_at
    tasks.collect.run(SCOPE)
    assert StoredComparison.objects.get().compared_at == at
    digest = project.add("0001_more", "ALTER TABLE accounts ADD more int;", 2000)
    row = f"INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('{digest}', 2000)"
    mysql.run("ALTER TABLE accounts ADD more int", row, schema=schema)
    tasks.collect.run(SCOPE)
    assert StoredComparison.objects.get().compared_at > at
    assert state() == "in_sync"


def test_it_does_not_compare_a_database_that_does_not_answer(
    project: Drizzle, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    monkeypatch.setenv("HOLDINGS_URL", f"mysql://a:b@127.0.0.1:{closed_port}/")
    assert tasks.collect.run(SCOPE) == 0
    assert watch.compare_due(now=NOW) == []


def test_it_starts_with_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(tasks.collect, "enqueue_platform", lambda: sent.append("collect"))
    worker_ready.send(sender=None)
    assert sent == ["collect"]
