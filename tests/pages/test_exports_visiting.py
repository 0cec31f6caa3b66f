"""Exports of an organisation entered by grant: made and served only while a grant is live."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from openinsure.pages import exports_run
from openinsure.pages import exports_tasks as tasks
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import SystemScope
from tests import factories
from tests.audit import visitors
from tests.pages import files

pytestmark = pytest.mark.django_db(databases=files.ALIASES)
REASON = "Quarterly review of the book"


@pytest.fixture(autouse=True)
def place(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files in a folder of this test; messages are not sent, the test runs the job."""
    settings.FILES_DIR = str(tmp_path)
    monkeypatch.setattr(tasks.run_export, "enqueue", lambda scope, **kwargs: "message")
    return tmp_path


@pytest.fixture
def org_id() -> str:
    """An organisation with one policy."""
    made = visitors.make_org()
    factories.policy(SystemScope(made, "service:test"))
    return made


def enter(client: Client, org_id: str) -> None:
    """Open a grant."""
    answer = client.post("/orgs/enter", {"orgId": org_id, "reason": REASON, "next": ""})
    assert answer.status_code == 303, answer.content


def leave(client: Client, org_id: str) -> None:
    """End it."""
    assert client.post("/orgs/leave", {"orgId": org_id}).status_code == 303


def ask(client: Client, org_id: str) -> dict[str, Any]:
    """A job over the organisation entered."""
    form = {"list": "policies.list", "query": "", "format": "csv"}
    answer = client.post(f"/exports?orgId={org_id}", form, headers=files.JSON)
    assert answer.status_code == 202, answer.content
    row: dict[str, Any] = answer.json()["row"]
    return row


def test_it_makes_and_serves_under_a_live_grant_only(org_id: str, place: Path) -> None:
    client = visitors.signed_in(visitors.make_account("auditor"))
    enter(client, org_id)
    asked = ask(client, org_id)
    assert asked["visiting"] is True
    assert files.work(PLATFORM_ORG_ID, asked["id"]) == "ready"
    assert (place / "exports" / org_id / asked["id"]).is_dir()
    address = f"/exports/{asked['id']}/file"
    assert client.get(f"{address}?orgId={org_id}").status_code == 200
    at_home = client.get(address, headers=files.JSON)
    assert (at_home.status_code, at_home.json()["error"]) == (403, "reason_required")
    leave(client, org_id)
    outside = client.get(f"{address}?orgId={org_id}", headers=files.JSON)
    assert (outside.status_code, outside.json()["error"]) == (403, "reason_required")
    done = visitors.chain(org_id)
    rows = [row for row in done if row["action"].startswith("export.")]
    assert [row["action"] for row in rows] == [
        "export.requested",
        "export.created",
        "export.fetched",
    ]
    assert all(row["cross_org"] and row["reason"] == REASON for row in rows)
    assert any(row["route"].startswith("export of") for row in visitors.accesses(org_id))


def test_it_waits_until_its_owner_enters_again(org_id: str) -> None:
    client = visitors.signed_in(visitors.make_account("auditor"))
    enter(client, org_id)
    asked = ask(client, org_id)
    leave(client, org_id)
    assert files.work(PLATFORM_ORG_ID, asked["id"]) == "enter_again"
    page = client.get("/exports").content.decode()
    assert "Enter again" in page
    refused = client.post(f"/exports/{asked['id']}/restarts", headers=files.JSON)
    assert refused.status_code == 403
    enter(client, org_id)
    again = client.post(f"/exports/{asked['id']}/restarts?orgId={org_id}")
    assert again.status_code == 303
    assert files.work(PLATFORM_ORG_ID, asked["id"]) == "ready"


def test_it_stops_when_the_grant_ends_on_the_way(
    org_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = visitors.make_account("auditor")
    client = visitors.signed_in(account)
    enter(client, org_id)
    asked = ask(client, org_id)
    late = exports_run.Work.progress

    def progress(work: Any, rows: int) -> None:
        ended = work.viewer.grant.expires_at
        late(replace(work, clock=lambda: ended), rows)

    monkeypatch.setattr(exports_run.Work, "progress", progress)
    assert files.work(PLATFORM_ORG_ID, asked["id"]) == "enter_again"


def test_it_stops_when_its_owner_leaves_on_the_way(
    org_id: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = visitors.signed_in(visitors.make_account("auditor"))
    enter(client, org_id)
    asked = ask(client, org_id)
    told = exports_run.Work.progress

    def progress(work: Any, rows: int) -> None:
        leave(client, org_id)
        told(work, rows)

    monkeypatch.setattr(exports_run.Work, "progress", progress)
    assert files.work(PLATFORM_ORG_ID, asked["id"]) == "enter_again"
    assert not (place / "exports" / org_id / asked["id"]).exists()


def test_it_starts_no_job_for_a_token_elsewhere(org_id: str) -> None:
    script = visitors.bearer(visitors.make_account("auditor"))
    form = {"list": "policies.list", "query": "", "format": "csv"}
    headers = {"X-Audit-Reason": REASON}
    refused = script.post(f"/exports?orgId={org_id}", form, headers=headers)
    assert (refused.status_code, refused.json()["error"]) == (403, "browser_only")
    machine = visitors.system_bearer().post(f"/exports?orgId={org_id}", form, headers=headers)
    assert machine.status_code == 403


def test_it_never_shows_the_jobs_of_others(org_id: str) -> None:
    first, second = (visitors.signed_in(visitors.make_account("auditor")) for _ in range(2))
    enter(first, org_id)
    asked = ask(first, org_id)
    enter(second, org_id)
    assert files.listed(second, f"?orgId={org_id}") == []
    assert second.get(f"/exports/{asked['id']}/file?orgId={org_id}").status_code == 404
