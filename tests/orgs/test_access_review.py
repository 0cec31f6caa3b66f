"""/access-review over everybody: batches, the file, and the signature of a quarter."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from openinsure.accounts import sessions
from openinsure.accounts.models import WebSession
from openinsure.audit.models import AuditLog
from openinsure.authz import spicedb
from openinsure.authz.client import Client
from openinsure.authz.port import PEOPLE_AT_ONCE
from openinsure.jobs import relations
from openinsure.pages import exports_tasks
from openinsure.pages.access_signing import SIGNED, quarter_of
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests import staff
from tests.authz.conftest import on_spicedb, spice
from tests.orgs.test_user_pages import colleague, signed_in
from tests.pages import files

__all__ = ["on_spicedb", "spice"]
pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_claims", "oi_billing"])
NOTE = "Looked at everybody, took two roles away."
MANY = 2 * PEOPLE_AT_ONCE + 5


def crowd(scope: Scope, size: int) -> None:
    """People who support."""
    with entered(scope):
        for _ in range(size):
            staff.user(scope, role="support")


def rows_of(body: bytes) -> list[dict[str, str]]:
    text = body.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def sync(scope: Scope, client: Client) -> None:
    with entered(SystemScope(scope.org_id, "service:authz")) as own:
        relations.sync(client, own, now=timezone.now())


def test_it_asks_in_batches_for_a_file_of_everybody(
    acme: Scope, on_spicedb: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff.organization(acme)
    admin = colleague(acme, "org_admin")
    crowd(acme, MANY)
    sync(acme, on_spicedb)
    browser = signed_in(admin)
    monkeypatch.setattr(spicedb, "REVIEW_DEADLINE_S", 30.0)  # how fast is not asked here
    browser.get("/users")
    before = on_spicedb.calls
    answer: Any = browser.get("/access-review?format=csv")
    rows = rows_of(files.body(answer))
    assert len(rows) == MANY + 1
    assert on_spicedb.calls - before == 1 + 3, "the page's own right, then three batches"
    assert all("claim.view" in row["permissions"] for row in rows)


def test_it_makes_the_file_by_a_job(
    acme: Scope, acme_admin: Browser, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FILES_DIR = str(tmp_path)
    monkeypatch.setattr("openinsure.pages.exports_lists.PAGE_ROWS", 40)
    crowd(acme, MANY)
    monkeypatch.setattr(exports_tasks.run_export, "enqueue", lambda scope, **kwargs: "message")
    asked = files.ask(acme_admin, list="users.review")
    assert files.work(acme.org_id, asked["id"]) == "ready"
    (ready,) = files.listed(acme_admin)
    assert (ready["status"], ready["rows"]) == ("ready", MANY)


def sign(browser: Browser, note: str = NOTE) -> Any:
    return browser.post("/access-review/signatures", {"note": note})


def signatures(scope: Scope) -> list[AuditLog]:
    with entered(scope):
        return list(AuditLog.objects.within(scope).filter(action=SIGNED).order_by("seq"))


def test_it_signs_a_quarter_once_for_the_same_answers(acme: Scope, acme_admin: Browser) -> None:
    crowd(acme, PEOPLE_AT_ONCE + 1)
    page = acme_admin.get("/access-review").content.decode()
    assert 'data-signed="no"' in page
    assert [sign(acme_admin).status_code for _ in range(2)] == [303, 303]
    (row,) = signatures(acme)
    assert row.after_json["people"] == PEOPLE_AT_ONCE + 1
    assert len(row.after_json["sha256"]) == 64
    assert row.reason == NOTE
    page = acme_admin.get("/access-review").content.decode()
    assert 'data-signed="yes"' in page
    assert NOTE in page
    crowd(acme, 1)
    assert sign(acme_admin).status_code == 303
    first, second = signatures(acme)
    assert first.after_json["sha256"] != second.after_json["sha256"], "somebody is new"


def test_it_signs_nothing_without_a_note_or_a_fresh_proof(acme: Scope) -> None:
    staff.organization(acme)
    browser = signed_in(colleague(acme, "org_admin"))
    assert sign(browser, "fine").status_code == 422
    WebSession.objects.update(stepped_up_at=timezone.now() - timedelta(minutes=11))
    sessions.forget()
    assert sign(browser).status_code == 307
    assert signatures(acme) == []


@pytest.mark.parametrize(
    ("month", "quarter"), [(1, "2026 Q1"), (3, "2026 Q1"), (4, "2026 Q2"), (12, "2026 Q4")]
)
def test_it_knows_the_quarter(month: int, quarter: str) -> None:
    assert quarter_of(datetime(2026, month, 15, tzinfo=UTC)) == quarter
