"""/exports: short lists at once, long ones by a job; who may, what is in the file, how long."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerAway

from openinsure.accounts.models import Account
from openinsure.console import exports_csv, exports_files
from openinsure.console.models import ExportRow
from openinsure.keyspaces.ids import new_id
from openinsure.orgs.models import Notification
from openinsure.pages import exports_jobs
from openinsure.pages import exports_tasks as tasks
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests import factories, people
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


@pytest.fixture
def finance(db: None, acme: Scope) -> Client:
    """A browser of acme's finance analyst."""
    return people.browser(acme.org_id, "finance_analyst")


def sheet_text(body: bytes) -> str:
    """Every part of an XLSX file as text."""
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return "".join(book.read(name).decode() for name in book.namelist())


def test_it_downloads_a_short_list_at_once(finance: Client, acme: Scope) -> None:
    row = factories.policy(acme, insured_name="=cmd|' /C calc'!A0")
    factories.policy(acme, status="cancelled")
    form = {"list": "policies.list", "query": "status=active&size=10", "format": "xlsx"}
    response = finance.post("/exports", form)
    assert response.status_code == 200
    assert response["X-Export-Rows"] == "1"
    assert response["X-Export-SHA256"] == hashlib.sha256(response.content).hexdigest()
    text = sheet_text(response.content)
    assert row.policy_number in text
    assert "'=cmd|" in text
    assert "<f>" not in text
    assert "status=active" in text  # the sheet About
    same = finance.get("/policies?status=active&format=xlsx")
    assert same["Content-Type"].startswith("application/vnd.openxmlformats")
    assert files.listed(finance) == []


def test_it_makes_a_long_list_by_a_job(
    finance: Client, acme: Scope, borealis: Scope, monkeypatch: pytest.MonkeyPatch, place: Path
) -> None:
    monkeypatch.setattr(exports_csv, "ROWS_MAX", 20)
    monkeypatch.setattr("openinsure.pages.exports_lists.PAGE_ROWS", 10)
    factories.many_policies(acme, [{} for _ in range(25)])
    factories.policy(borealis)
    form = {"list": "policies.list", "query": "status=active&sort=number", "format": "csv"}
    assert finance.post("/exports", form).status_code == 303
    (queued,) = files.listed(finance)
    assert (queued["status"], queued["rows"]) == ("queued", 0)
    assert finance.get(f"/exports/{queued['id']}/file", headers=files.JSON).status_code == 409
    assert files.work(acme.org_id, queued["id"]) == "ready"
    assert files.work(acme.org_id, queued["id"]) == ""  # a second message does nothing
    (ready,) = files.listed(finance)
    assert (ready["status"], ready["rows"], ready["filter"]) == ("ready", 25, "status=active")
    body = files.body(finance.get(f"/exports/{ready['id']}/file"))
    assert hashlib.sha256(body).hexdigest() == ready["sha256"]
    numbers = [line[1] for line in csv.reader(io.StringIO(body.decode(), newline=""))][1:]
    assert len(numbers) == 25
    assert numbers == sorted(numbers)
    manifest = json.loads(files.body(finance.get(f"/exports/{ready['id']}/manifest")))
    assert (manifest["rows"], manifest["filter"]) == (25, "status=active")
    assert manifest["files"][0]["sha256"] == ready["sha256"]
    assert manifest["as_of"].endswith("Z")
    assert (place / "exports" / acme.org_id / ready["id"] / "manifest.json").is_file()
    done = [a for a in visitors.actions(acme.org_id) if a.startswith("export.")]
    assert done == ["export.requested", "export.created", "export.fetched", "export.fetched"]


def test_it_tells_the_owner(finance: Client, acme: Scope) -> None:
    factories.policy(acme)
    assert finance.get("/notifications/bell", headers=files.JSON).json()["unread"] == 0
    files.work(acme.org_id, files.ask(finance)["id"])
    assert finance.get("/notifications/bell", headers=files.JSON).json()["unread"] == 1
    assert "1 unread notifications" in finance.get("/notifications/bell").content.decode()
    (notice,) = finance.get("/notifications", headers=files.JSON).json()["rows"]
    assert (notice["title"], notice["link"]) == ("Policies: 1 row ready", "/exports")
    assert finance.post("/notifications").status_code == 303
    assert finance.get("/notifications/bell", headers=files.JSON).json()["unread"] == 0


def test_it_exports_the_ticked_rows_of_a_page(finance: Client, acme: Scope) -> None:
    rows = [factories.policy(acme) for _ in range(12)]
    wanted = [rows[3].id, rows[7].id]
    form = {"list": "policies.list", "query": "sort=number&size=10", "format": "csv", "id": wanted}
    response = finance.post("/exports", form)
    lines = list(csv.reader(io.StringIO(response.content.decode(), newline="")))
    assert [line[0] for line in lines[1:]] == wanted
    gone = finance.post("/exports", form | {"id": [*wanted, acme.org_id]}, headers=files.JSON)
    assert gone.status_code == 409
    assert "1 selected row is no longer" in gone.json()["message"]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"format": "pdf"}, "format"),
        ({"list": "settings"}, "list"),
        ({"list": "nowhere"}, "list"),
        ({"query": "colour=red"}, "colour"),
        ({"query": "x" * 5_000}, "query"),
        ({"id": ["../etc"]}, "id"),
    ],
)
def test_it_names_what_it_cannot_read(finance: Client, form: dict[str, Any], field: str) -> None:
    given = {"list": "policies.list", "query": "", "format": "csv"} | form
    refused = finance.post("/exports", given, headers=files.JSON)
    assert refused.status_code in {400, 422}
    assert refused.json()["field"] == field


def test_it_asks_again_when_the_job_runs_and_when_the_file_is_fetched(
    acme: Scope, finance: Client
) -> None:
    factories.policy(acme)
    first, second = files.ask(finance)["id"], files.ask(finance)["id"]
    assert files.work(acme.org_id, first) == "ready"
    Account.objects.filter(org_id=acme.org_id).update(role="support")
    assert files.work(acme.org_id, second) == "failed"
    other = people.browser(acme.org_id, "finance_analyst")
    assert other.get(f"/exports/{first}/file").status_code == 404
    finance.cookies.clear()
    assert finance.get(f"/exports/{first}/file").status_code == 302


def test_it_needs_the_lists_own_permission_too(acme: Scope) -> None:
    adjuster = people.browser(acme.org_id, "adjuster")
    form = {"list": "audit.list", "query": "", "format": "csv"}
    refused = adjuster.post("/exports", form, headers=files.JSON)
    assert refused.status_code == 403
    support = people.browser(acme.org_id, "support")
    assert support.post("/exports", form | {"list": "policies.list"}).status_code == 403


def test_it_waits_for_the_broker(
    finance: Client, acme: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    org_id = visitors.make_org()
    client = people.browser(org_id, "finance_analyst")

    def away(scope: Scope, **kwargs: Any) -> str:
        raise BrokerAway("refused")

    monkeypatch.setattr(tasks.run_export, "enqueue", away)
    asked = files.ask(client)
    assert files.listed(client)[0]["status"] == "queued"
    sent: list[str] = []
    monkeypatch.setattr(tasks.run_export, "enqueue", lambda s, export_id: sent.append(export_id))
    run("exports.sweep")
    assert sent == []  # its message may still be on the way
    home = SystemScope(org_id, "service:test")
    with entered(home):
        past = timezone.now() - timedelta(minutes=2)
        ExportRow.objects.within(home).update(created_at=past)
    run("exports.sweep")
    assert sent == [asked["id"]]


def test_it_starts_a_killed_job_again_and_gives_up_after_three(place: Path) -> None:
    org_id = visitors.make_org()
    client = people.browser(org_id, "finance_analyst")
    asked = files.ask(client)
    home = SystemScope(org_id, "service:test")
    long_ago = timezone.now() - timedelta(minutes=17)
    for expected in ("queued", "queued", "failed"):
        with entered(home):
            rows = ExportRow.objects.within(home)
            rows.update(status="running", heartbeat_at=long_ago)
        run("exports.sweep")
        assert files.listed(client)[0]["status"] == expected
    assert files.listed(client)[0]["id"] == asked["id"]


def test_it_removes_files_after_a_day(place: Path) -> None:
    org_id = visitors.make_org()
    client = people.browser(org_id, "finance_analyst")
    asked = files.ask(client)
    assert files.work(org_id, asked["id"]) == "ready"
    folder = place / "exports" / org_id / asked["id"]
    assert folder.is_dir()
    home = SystemScope(org_id, "service:test")
    with entered(home):
        ExportRow.objects.within(home).update(expires_at=timezone.now())
    late = client.get(f"/exports/{asked['id']}/file", headers=files.JSON)
    assert (late.status_code, late.json()["error"]) == (409, "export_expired")
    run("exports.sweep")
    assert not folder.exists()
    assert files.listed(client)[0]["status"] == "expired"


def test_it_refuses_more_rows_than_a_sheet_holds(
    finance: Client, acme: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports_files, "XLSX_ROWS_MAX", 1_000)
    monkeypatch.setattr("openinsure.pages.exports_lists.PAGE_ROWS", 500)
    factories.many_policies(acme, [{} for _ in range(1_360)])
    asked = files.ask(finance, format="xlsx")
    assert files.work(acme.org_id, asked["id"]) == "failed"
    (row,) = files.listed(finance)
    expected = "XLSX holds 1,000 rows; this export has about 1,400. Choose CSV."
    assert row["error"] == expected


def test_it_limits_how_often(finance: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports_jobs, "limit_an_hour", lambda: 3)
    for _ in range(3):
        files.ask(finance)
    form = {"list": "policies.list", "query": "", "format": "csv"}
    refused = finance.post("/exports", form, headers=files.JSON)
    assert (refused.status_code, refused["Retry-After"]) == (429, "600")
    assert len(files.listed(finance)) == 3


AS_JSON = {"accept": "application/json"}


def test_it_pages_through_older_exports_and_notices(finance: Client, acme: Scope) -> None:
    who = finance.get("/exports", headers=AS_JSON)
    assert who.status_code == 200
    account = Account.objects.get(org_id=acme.org_id, role="finance_analyst")
    now = timezone.now()
    with entered(acme):
        Notification.objects.bulk_create(
            Notification(
                org_id=acme.org_id, id=new_id(), user_id=account.user_id, kind="export",
                title=f"No. {number}", severity="info", created_at=now,
            )
            for number in range(60)
        )  # fmt: skip
    first = finance.get("/notifications", headers=AS_JSON).json()
    second = finance.get(first["next"], headers=AS_JSON).json()
    assert (len(first["rows"]), len(second["rows"]), second["next"]) == (50, 10, None)
    seen = {row["title"] for row in (*first["rows"], *second["rows"])}
    assert len(seen) == 60
    assert 'rel="next"' in finance.get("/notifications").content.decode()
    for bad in ("after=x", "after=1&after=2", "colour=red"):
        assert finance.get(f"/notifications?{bad}").status_code == 400
    assert finance.get("/exports?after=x").status_code == 400
