"""What beat starts: every trigger names a registered task that signs itself and does its work."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery.beat import Scheduler
from django.test import Client
from django.utils import timezone

from openinsure.accounts import trail
from openinsure.accounts.models import WaitingAudit, WebSession
from openinsure.audit.console_models import Anchor
from openinsure.celery import app
from openinsure.console.models import OrgRollup
from openinsure.settings.cron import HOUSEKEEPING, Trigger
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.jobs import HEADER, signed_header
from openinsure.tenancy.scope import SystemScope, entered
from tests import factories, people
from tests.audit import visitors
from tests.audit.test_append import make_event

ALIASES = ["default", "oi_global", "oi_policies", "oi_claims"]
pytestmark = pytest.mark.django_db(databases=ALIASES)


def run(name: str) -> None:
    """Run a task as the worker would: by a signed message."""
    app.loader.import_default_modules()
    task = app.tasks[name]
    signed = signed_header(SystemScope(PLATFORM_ORG_ID, "service:system"), name, {})
    task.apply(headers={HEADER: signed}, throw=True)


def test_it_schedules_only_tasks_that_exist_and_sign_themselves() -> None:
    app.loader.import_default_modules()
    sent: list[tuple[str, dict[str, Any]]] = []

    class Recorder(Scheduler):
        def apply_async(self, entry: Any, *args: Any, **options: Any) -> None:
            sent.append((entry.task, entry.options))

    beat = Recorder(app=app)
    due = {entry.task: entry for entry in beat.schedule.values()}
    for trigger in HOUSEKEEPING:
        assert trigger.task in app.tasks
        assert app.tasks[trigger.task].subject == "service:system"
        entry = due[trigger.task]
        assert entry.schedule.run_every == timedelta(seconds=trigger.every_s)
        assert entry.options["expires"] == trigger.every_s
        beat.apply_entry(entry)
    assert {task for task, _ in sent} == {trigger.task for trigger in HOUSEKEEPING}


def test_it_anchors_every_chain(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR = str(tmp_path)
    org_id = visitors.make_org()
    scope = SystemScope(org_id, "service:test")
    make_event_in(scope)
    run("audit.housekeeping")
    with entered(scope):
        assert Anchor.objects.within(scope).get().seq == 1


def make_event_in(scope: SystemScope) -> None:
    """One row in the chain."""
    from openinsure.audit.record import append

    append(make_event(scope))


def test_it_ends_sessions_and_writes_waiting_rows(acme_support: Client) -> None:
    past = timezone.now() - timedelta(hours=9)
    WebSession.objects.update(expires_at=past)
    run("accounts.sessions")
    assert not WebSession.objects.exists()
    person = people.account(PLATFORM_ORG_ID, "auditor")
    event = {
        "org_id": PLATFORM_ORG_ID,
        "action": "signin.failed",
        "actor_user_id": person.user_id,
        "actor_role": "auditor",
        "request_id": "test",
        "occurred_at": past.isoformat(),
    }
    WaitingAudit.objects.create(event=event, created_at=past)
    trail._state.may_wait = True
    run("accounts.trail")
    assert not WaitingAudit.objects.exists()
    assert "signin.failed" in visitors.actions(PLATFORM_ORG_ID)


def test_it_counts_each_organization_for_the_list_of_them() -> None:
    org_id = visitors.make_org("Cedar Freight Underwriters")
    scope = SystemScope(org_id, "service:test")
    today = timezone.now().date()
    running = {
        "effective_date": today - timedelta(days=9),
        "expiration_date": today + timedelta(days=9),
    }
    factories.policy(scope, **running)
    factories.policy(scope, **running, status="cancelled")
    factories.policy(scope, **(running | {"effective_date": today + timedelta(days=1)}))
    run("pages.org_rollups")
    run("pages.org_rollups")
    with entered(scope):
        row = OrgRollup.objects.within(scope).get()
    assert (row.policies_in_force, row.open_claims) == (1, 0)
    auditor = people.bearer("", "auditor")
    (line,) = auditor.get("/orgs?q=Cedar Freight").json()["rows"]
    assert (line["policies_in_force"], line["open_claims"]) == (1, 0)
    assert line["read_at"]


def test_it_keeps_a_figure_whose_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db.utils import OperationalError

    from openinsure.pages import org_rollups

    org_id = visitors.make_org()
    scope = SystemScope(org_id, "service:test")
    before = timezone.now()
    org_rollups.refresh(at=before)

    def away(scope: Any) -> int:
        raise OperationalError(2002, "away")

    monkeypatch.setattr(org_rollups.claims, "count_open", away)
    factories.policy(scope, expiration_date=before.date() + timedelta(days=9))
    org_rollups.refresh(at=before + timedelta(minutes=5))
    with entered(scope):
        row = OrgRollup.objects.within(scope).get()
    assert (row.policies_in_force, row.open_claims) == (1, 0)
    assert abs(row.read_at - before) < timedelta(seconds=1)


def test_it_says_how_often_in_words() -> None:
    said = {
        Trigger("a", "b", every_s=each, does="c").words for each in (10, 60, 300, 3_600, 86_400)
    }
    assert said == {
        "every 10 seconds",
        "every minute",
        "every 5 minutes",
        "every hour",
        "every day",
    }
