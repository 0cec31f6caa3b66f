"""A job that dies before one of its statements and is begun again: every effect once, none lost.

In one process: an exception stands for the kill, inside the test's own transactions, so what an
open transaction of the job had done is taken back and what it committed stays. A run of the suite
dies KILLS times a job, evenly over its statements; OPENINSURE_PROPERTIES=properties before every
one. test_killed_jobs.py kills real workers. Letters that may have gone are `unknown` and never
sent again; rows are compared without instants and ids of the run.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connections, transaction

from openinsure.jobs import runs, starting
from openinsure.jobs.models import HealthDay, Lease
from openinsure.policies.models import PolicyNotice
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.models import TenantModel
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests.billing.test_settlement_kills import Clock, Killed
from tests.jobs import world
from tests.jobs.test_every_job import due_on, place
from tests.letters import letters

__all__ = ["letters", "place"]
pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES, "ledger_engine"])
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ENGINES = ("default", *KEYSPACES)
EVERY = os.environ.get("OPENINSURE_PROPERTIES") == "properties"
KILLS = 16  # of each job, evenly over its statements
AT_ONCE = ("health_rollup",)  # few statements: each of them
LETTERS = {"payment_reminders", "policy_notices", "renewals", "nonrenewals", "invoices"}
JOBS = (
    "health_rollup", "portfolio_sweep", "payment_reminders", "renewal_notices",
    "fl_dhsmv_export", "mailbox_ingest",
)  # fmt: skip


@contextmanager
def watched(dies: int = 0) -> Iterator[Clock]:
    """Inside, every statement on tenants' databases is counted; before number `dies`, a kill."""
    clock = Clock(dies)
    with ExitStack() as stack:
        for alias in ENGINES:
            stack.enter_context(connections[alias].execute_wrapper(clock))
        yield clock


@contextmanager
def undone(folder: Path) -> Iterator[None]:
    """What happens inside is taken back: rows and files."""
    kept = folder.with_name(f"{folder.name}-kept")
    shutil.copytree(folder, kept)
    with ExitStack() as stack:
        for alias in ENGINES:
            stack.enter_context(transaction.atomic(using=alias))
        yield
        for alias in ENGINES:
            transaction.set_rollback(True, using=alias)
    shutil.rmtree(folder)
    kept.rename(folder)


def effects(scope: Scope, known: Collection[str] | None = None) -> dict[str, list[str]]:
    """Rows of the organisation by table, without instants and without ids made since `known`;
    what a run keeps of itself is apart.
    """
    found: dict[str, list[str]] = {}
    with entered(scope):
        for model in apps.get_models():
            table = model._meta.db_table
            if not issubclass(model, TenantModel) or table in world.OWN:
                continue
            names = [f.attname for f in model._meta.concrete_fields if f.column]
            kept = [str(name) for name in names if not name.endswith("_at")]
            rows = sorted(
                UUID.sub(lambda one: one[0] if known is None or one[0] in known else "", str(row))
                for row in model.objects.within(scope).values_list(*kept)
            )
            if rows:
                found[table] = rows
    days = HealthDay.objects.values_list("slug", "day", "watched_s", "up_s", "changes")
    return found | {"health_days": sorted(str(row) for row in days)}


def files_of(folder: Path, *, but: str = "\0") -> dict[str, str]:
    """What lies outside the databases beside letters, which bear an instant: by place."""
    found = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            name = str(file.relative_to(folder))
            if not name.startswith("letters") and not name.endswith(but):
                found[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


def letters_of(folder: Path) -> int:
    return sum(1 for file in (folder / "letters").rglob("*") if file.is_file())


def begin(key: str, due: Any, *, again: bool = False) -> Any:
    """As beat starts it; again: as the watch does, once a dead worker's time is over."""
    now = due + runs.KILLED_AFTER + timedelta(minutes=1) if again else due
    return starting.start(starting.job_named(key), now=now, scheduled_for=due)


def unknown(scope: Scope) -> bool:
    """Whether a letter may have gone."""
    with entered(scope):
        told = PolicyNotice.objects.within(scope).filter(status="unknown").exists()
        reminders = apps.get_model("oi_billing", "PaymentReminder").objects.within(scope)
        return told or bool(reminders.filter(status="unknown").exists())


@pytest.mark.parametrize("key", JOBS)
def test_it_has_each_effect_once_after_a_kill_before_a_statement(
    key: str, acme: Scope, borealis: Scope, place: Path, tmp_path: Path
) -> None:
    due = due_on(starting.job_named(key), date(2026, 11, 20))
    world.shared(due)
    world.build(acme, due, place)
    before = effects(acme)
    known = set(UUID.findall(str(before)))
    with undone(tmp_path):
        with watched() as clock:
            assert begin(key, due).status == "succeeded"
        wanted, outside, sent = effects(acme, known), files_of(tmp_path), letters_of(tmp_path)
    assert effects(acme) == before != wanted  # the run did something, and it is taken back
    step = 1 if EVERY or key in AT_ONCE else max(1, clock.seen // KILLS)
    for dies in range(1, clock.seen + 1, step):
        with undone(tmp_path):
            with watched(dies), pytest.raises(Killed):
                begin(key, due)
            for scope in (acme, borealis, SystemScope(PLATFORM_ORG_ID, "service:test")):
                with entered(scope):  # the dead worker's lease ran out
                    Lease.objects.within(scope).delete()
            found = begin(key, due, again=True)
            assert found is None or found.status == "succeeded", (dies, found.error_detail)
            told, lost = effects(acme, known), unknown(acme)
            assert letters_of(tmp_path) <= sent, dies
            if lost:  # it went or not, nobody knows: its rows may stand apart
                told, expected = (
                    {table: rows for table, rows in all_.items() if table not in LETTERS}
                    for all_ in (told, wanted)
                )
                assert told == expected, dies
            else:
                assert told == wanted, dies
                assert files_of(tmp_path) == outside, dies
