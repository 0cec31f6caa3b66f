"""Exports that fail: no file without its audit row stays, none is queued without one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from openinsure.audit.record import AuditEvent
from openinsure.console.models import ExportRow
from openinsure.pages import exports_jobs, exports_run
from openinsure.pages import exports_tasks as tasks
from openinsure.problems import Unavailable
from openinsure.tenancy.scope import SystemScope, entered
from tests import people
from tests.audit import visitors
from tests.pages import files
from tests.pages.test_housekeeping import run

pytestmark = pytest.mark.django_db(databases=files.ALIASES)


@pytest.fixture(autouse=True)
def place(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files in a folder of this test; messages are not sent, the test runs the job."""
    settings.FILES_DIR = str(tmp_path)
    monkeypatch.setattr(tasks.run_export, "enqueue", lambda scope, **kwargs: "message")
    return tmp_path


def test_it_keeps_no_file_of_a_job_that_failed(place: Path) -> None:
    org_id = visitors.make_org()
    client = people.browser(org_id, "finance_analyst")
    asked = files.ask(client)
    home = SystemScope(org_id, "service:test")
    folder = place / "exports" / org_id / asked["id"]
    for left in (folder, folder.with_suffix(".part")):  # killed before it was ready, or midway
        left.mkdir(parents=True)
        (left / "policies-list.csv").write_text("id,number")
    with entered(home):
        ExportRow.objects.within(home).update(
            status="running",
            heartbeat_at=timezone.now() - timedelta(minutes=17),
            told={"attempts": exports_jobs.ATTEMPTS_MAX - 1},
        )
    run("exports.sweep")
    assert files.listed(client)[0]["status"] == "failed"
    assert list(folder.parent.iterdir()) == []


def test_it_keeps_no_file_whose_making_was_not_recorded(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    org_id = visitors.make_org()
    client = people.browser(org_id, "finance_analyst")
    asked = files.ask(client)
    monkeypatch.setattr(exports_run, "append", away)
    assert files.work(org_id, asked["id"]) == "failed"
    assert not (place / "exports" / org_id / asked["id"]).exists()


def test_it_queues_nothing_that_was_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    client = people.browser(visitors.make_org(), "finance_analyst")
    monkeypatch.setattr(exports_run, "append", away)
    form = {"list": "policies.list", "query": "", "format": "csv"}
    assert client.post("/exports", form, headers=files.JSON).status_code == 503
    assert files.listed(client) == []


def away(event: AuditEvent) -> str:
    """The audit store takes nothing."""
    raise Unavailable("The audit log does not answer.", code="audit_unavailable")
