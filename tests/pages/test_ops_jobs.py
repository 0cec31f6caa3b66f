"""/ops/jobs: all nine by time, one job's runs, and who may start one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from openinsure.jobs import cli, tasks
from openinsure.jobs.models import CronRun
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests import people

INBOX = "mailbox_ingest"
pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])


def test_it_lists_the_nine_and_shows_one(acme: Scope, operator: Client) -> None:
    who = people.account(acme.org_id, "db_operator").email
    assert cli.main(["jobs", "run", "health-rollup", "--as", who]) == 0
    page = operator.get("/ops/jobs")
    assert page.status_code == 200
    assert page.content.count(b"data-job=") == 9
    told = operator.get("/ops/jobs", headers={"accept": "application/json"}).json()["rows"]
    states = {row["name"]: row["state"] for row in told}
    assert states.pop("health-rollup") == "succeeded"
    assert set(states.values()) == {"unknown"}
    detail = operator.get("/ops/jobs/health-rollup")
    assert detail.status_code == 200
    assert b'data-panel="runs" data-panel-state="ok"' in detail.content
    assert operator.get("/ops/jobs/no-such-job").status_code == 404


def recorded(job: str, due: datetime, status: str = "succeeded") -> None:
    """A run as cron_runs keeps it: two seconds long, or missed."""
    ran = status != "missed"
    ended = due + timedelta(seconds=2) if ran else None
    with entered(SystemScope(PLATFORM_ORG_ID, "service:system")):
        CronRun.objects.create(
            id=new_id(), job_key=job, schedule="", scheduled_for=due, status=status, attempt=1,
            started_at=due if ran else None, finished_at=ended,
            idempotency_key=f"{job}:{due:%Y%m%dT%H%MZ}", currency="USD",
        )  # fmt: skip


def test_it_says_what_the_strip_shows(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 11, 20, 9, 40, tzinfo=UTC)
    monkeypatch.setattr("openinsure.pages.ops_jobs.timezone.now", lambda: now)
    for back in range(14):
        due = datetime(2026, 11, 20, 6, tzinfo=UTC) - timedelta(days=back)
        recorded("portfolio_sweep", due, {3: "failed", 5: "missed"}.get(back, "succeeded"))
    recorded("renewal_notices", datetime(2026, 11, 19, 9, tzinfo=UTC))
    page = operator.get("/ops/jobs").content.decode()
    strips = dict(re.findall(r'<tr [^>]*data-job="([^"]+)".*?aria-label="([^"]+)"', page, re.S))
    words = "12 ok, 1 failed (17 Nov), 1 missed (15 Nov)"
    assert strips["portfolio-sweep"] == f"14 days to 20 Nov 2026: {words}"
    assert f'<span class="below quiet">{words}</span>' in page  # seen, not only heard
    row = re.search(r'<tr [^>]*data-job="portfolio-sweep".*?</tr>', page, re.S)
    assert row is not None
    days = re.findall(r'data-day="([^"]+)" data-state="([^"]+)"', row[0])
    assert len(days) == 14
    assert ("2026-11-17", "failed") in days
    shapes = {state: re.sub(r"translate.\d+.", "", drawn) for state, drawn in re.findall(
        r'data-state="(\w+)"><title>[^<]*</title>(.*?)</g></g>', row[0])}  # fmt: skip
    assert len(set(shapes.values())) == len(shapes) == 3  # a shape of its own for each status
    assert "last 2.0 s, median 2.0 s" in row[0]
    overdue = re.search(
        r'<tr [^>]*data-job="renewal-notices" data-state="missed".*?</tr>', page, re.S
    )
    assert overdue is not None
    assert "Overdue: was due" in overdue[0]
    told = operator.get("/ops/jobs", headers={"accept": "application/json"}).json()["rows"]
    assert {row["name"]: row["strip_words"] for row in told}["portfolio-sweep"] == words


def test_a_job_of_many_runs_a_day_shows_all_its_days(operator: Client) -> None:
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    for quarter in range(96):
        recorded(INBOX, now - timedelta(minutes=15 * quarter))
    recorded(INBOX, now - timedelta(days=9), "failed")
    page = operator.get("/ops/jobs/mailbox-ingest").content.decode()
    day = (now - timedelta(days=9)).date().isoformat()
    assert f'data-day="{day}" data-state="failed"' in page


def test_it_starts_only_what_is_confirmed_and_built(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.run_job, "enqueue_platform", lambda **kw: sent.append(kw))
    assert operator.post("/ops/jobs/health-rollup/runs").status_code == 422
    monkeypatch.setattr("openinsure.jobs.starting.has_runner", lambda job: job.key != INBOX)
    unbuilt = {"confirm": "mailbox-ingest"}
    assert operator.post("/ops/jobs/mailbox-ingest/runs", unbuilt).status_code == 409
    done = operator.post("/ops/jobs/health-rollup/runs", {"confirm": "health-rollup"})
    assert (done.status_code, done["Location"]) == (303, "/ops/jobs/health-rollup")
    assert sent == [{"job": "health_rollup"}]
