"""/ops/jobs: all nine by time, one job's runs, and who may start one."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from openinsure.jobs import cli, tasks

INBOX = "mailbox_ingest"
pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])


def test_it_lists_the_nine_and_shows_one(operator: Client) -> None:
    assert cli.main(["jobs", "run", "health-rollup"]) == 0
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
