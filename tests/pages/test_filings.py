"""/compliance/filings: due list with days left, views, other organisations, who may see it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openinsure.keyspaces.ids import new_id
from openinsure.policies import filings
from openinsure.policies.models import (
    PolicyNotice,
    Renewal,
    StateInsuranceReport,
    StateInsuranceReportRecord,
)
from openinsure.tenancy.scope import Scope
from tests import factories
from tests.factories import made
from tests.policies.reads import counted

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_policies"])
JSON: Any = {"HTTP_ACCEPT": "application/json"}


def duties(scope: Scope, name: str = "FL-1.xml") -> None:
    """A record four days past due, a sent notice, an offer due in ten days."""
    today = timezone.now().date()
    policy = factories.policy(scope)
    report = made(scope, StateInsuranceReport, {
        "id": new_id(), "state": "FL", "report_kind": "dhsmv", "file_name": name, "status": "ready",
    })  # fmt: skip
    made(scope, StateInsuranceReportRecord, {
        "id": new_id(), "report_id": report.id, "policy_id": policy.id, "transaction_code": "20",
        "effective_date": today, "due_date": today - timedelta(days=4), "status": "due",
    })  # fmt: skip
    made(scope, PolicyNotice, {
        "id": new_id(), "policy_id": policy.id, "notice_kind": "nonrenewal", "method": "email",
        "recipient_kind": "insured", "recipient_name": "x", "status": "sent",
        "mailed_at": datetime(2026, 11, 2, tzinfo=UTC), "effective_date": today,
    })  # fmt: skip
    made(scope, Renewal, {
        "id": new_id(), "policy_id": policy.id, "expiration_date": today + timedelta(days=70),
        "status": "open", "currency": "USD", "notice_due_date": today + timedelta(days=10),
    })  # fmt: skip


def test_it_lists_what_is_due(acme_admin: Client, acme: Scope, borealis: Scope) -> None:
    duties(acme)
    duties(borealis, "FL-2.xml")
    told = acme_admin.get("/compliance/filings", **JSON).json()["rows"]
    assert [(row["what"], row["status"], row["days_left"]) for row in told] == [
        ("Renewal offer", "open", 10),
        ("Notice of non-renewal", "sent", None),
        ("FL DHSMV 20: New policy", "overdue", -4),
    ]
    due = acme_admin.get("/compliance/filings?view=due", **JSON).json()["rows"]
    assert [row["status"] for row in due] == ["overdue", "open"]
    html = acme_admin.get("/compliance/filings?view=state").content.decode()
    assert "FL-1.xml" in html
    assert "FL-2.xml" not in html


def records(scope: Scope, *told: tuple[str, int]) -> None:
    """Records of one file, each with a status and the days until its day."""
    today = timezone.now().date()
    policy = factories.policy(scope)
    report = made(scope, StateInsuranceReport, {
        "id": new_id(), "state": "FL", "report_kind": "dhsmv", "file_name": "x", "status": "ready",
    })  # fmt: skip
    for status, days in told:
        made(scope, StateInsuranceReportRecord, {
            "id": new_id(), "report_id": report.id, "policy_id": policy.id, "status": status,
            "transaction_code": "20", "effective_date": today,
            "due_date": today + timedelta(days=days),
        })  # fmt: skip


def left(client: Client, query: str) -> list[tuple[str, int | None]]:
    """Status and days left of the rows of a list."""
    rows = client.get(f"/compliance/filings{query}", **JSON).json()["rows"]
    return [(row["status"], row["days_left"]) for row in rows]


def test_newer_records_hide_nothing_that_is_due(
    acme_admin: Client, acme: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filings, "EACH_MAX", 3)
    records(acme, ("due", -9), ("due", 2), ("rejected", 1), *[("accepted", n) for n in range(8)])
    assert left(acme_admin, "?view=due") == [("overdue", -9), ("rejected", 1), ("due", 2)]
    assert left(acme_admin, "?status=overdue") == [("overdue", -9)]
    assert left(acme_admin, "?status=due") == [("due", 2)]
    assert left(acme_admin, "?status=due&status=overdue&sort=due") == [("overdue", -9), ("due", 2)]
    assert left(acme_admin, "?sort=due&kind=state_record")[0] == ("overdue", -9)
    assert left(acme_admin, "?kind=notice") == []


def notices(scope: Scope, *told: tuple[str, int | None, int]) -> None:
    """Notices, each with a status, the days until its end (None: none) and the days of notice."""
    today = timezone.now().date()
    policy = factories.policy(scope)
    for status, ends, days in told:
        made(scope, PolicyNotice, {
            "id": new_id(), "policy_id": policy.id, "notice_kind": "nonrenewal", "method": "mail",
            "recipient_kind": "insured", "recipient_name": "x", "status": status,
            "effective_date": None if ends is None else today + timedelta(days=ends),
            "rule_days": days,
        })  # fmt: skip


def walked(client: Client, query: str, way: str) -> list[list[dict[str, Any]]]:
    """Every page of a list, from link to link."""
    pages, address = [], f"/compliance/filings?{query}"
    while address:
        answer = client.get(address, headers={"accept": "text/html"})
        page = re.search(rf'<a[^>]*rel="{way}"[^>]*>', answer.content.decode())
        pages.append(client.get(address, **JSON).json()["rows"])
        href = re.search(r'href="([^"]+)"', page[0]) if page else None
        address = unescape(href[1]) if href else ""
    return pages


@pytest.mark.parametrize("most", [480, 7])
@pytest.mark.parametrize("order", ["due", "-due"])
def test_it_pages_to_the_last_of_every_kind(
    acme_admin: Client, acme: Scope, monkeypatch: pytest.MonkeyPatch, order: str, most: int
) -> None:
    monkeypatch.setattr(filings, "EACH_MAX", most)
    records(acme, *[("accepted", n % 9) for n in range(23)], ("due", -3))
    notices(acme, *[("mailed", n % 5, 30) for n in range(13)], ("to_mail", 40, 35),
            ("to_mail", 3, 30), ("sent", None, 0))  # fmt: skip
    duties(acme)
    pages = walked(acme_admin, f"sort={order}&size=10", "next")
    rows = [row for page in pages for row in page]
    assert len(rows) == len({row["id"] for row in rows}) == 24 + 16 + 3
    places = [(row["due"], row["id"]) for row in rows]
    assert places == sorted(places, reverse=order == "-due")
    waiting = {row["due"]: row["days_left"] for row in rows if row["status"] == "to_mail"}
    assert sorted(waiting.values()) == [-27, 5]
    if most == 480:
        assert [len(page) for page in pages] == [10, 10, 10, 10, 3]
    assert left(acme_admin, "?kind=notice&status=to_mail&sort=due") == [
        ("to_mail", -27), ("to_mail", 5),
    ]  # fmt: skip
    assert left(acme_admin, "?kind=notice&status=sent&status=to_mail&sort=due")[0][0] == "to_mail"


def test_it_pages_back_as_it_came(acme_admin: Client, acme: Scope) -> None:
    records(acme, *[("accepted", n % 4) for n in range(22)])
    notices(acme, *[("mailed", n % 4, 30) for n in range(12)])
    forth = walked(acme_admin, "sort=due&size=10", "next")
    last = acme_admin.get("/compliance/filings?sort=due&size=10").content.decode()
    for _ in forth[1:]:
        onward = re.search(r'<a[^>]*rel="next"[^>]*>', last)
        assert onward
        address = unescape(re.findall(r'href="([^"]+)"', onward[0])[0])
        last = acme_admin.get(address).content.decode()
    back = walked(acme_admin, address.partition("?")[2], "prev")
    assert [row["id"] for page in reversed(back) for row in page] == [
        row["id"] for page in forth for row in page
    ]


@pytest.mark.parametrize("query", ["", "?status=due", "?peek="])
def test_it_reads_only_what_it_shows(
    acme_admin: Client, acme: Scope, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr(filings, "EACH_MAX", 5)
    records(acme, ("due", -1), *[("accepted", n % 7) for n in range(199)])
    if query == "?peek=":
        query += acme_admin.get("/compliance/filings", **JSON).json()["rows"][-1]["id"]
    acme_admin.get(f"/compliance/filings{query}")
    with counted() as reads, CaptureQueriesContext(connections["oi_policies"]) as caught:
        assert acme_admin.get(f"/compliance/filings{query}").status_code == 200
    assert reads.rows <= 50
    assert len(caught) <= 6


def test_one_record_costs_no_other(acme_admin: Client, acme: Scope) -> None:
    records(acme, *[("accepted", n % 7) for n in range(20)])
    records(acme, ("rejected", 1))
    found = acme_admin.get("/compliance/filings?status=rejected", **JSON).json()["rows"][0]
    address = f"/compliance/filings/{found['id']}"
    acme_admin.get(address)
    with counted() as reads:
        assert acme_admin.get(address).status_code == 200
    assert reads.rows <= 10


def test_it_shows_one_in_the_drawer(acme_admin: Client, acme: Scope) -> None:
    duties(acme)
    key = acme_admin.get("/compliance/filings", **JSON).json()["rows"][0]["id"]
    assert "Renewal offer" in acme_admin.get(f"/compliance/filings?peek={key}").content.decode()
    assert acme_admin.get(f"/compliance/filings?peek={new_id()}").status_code == 404


def test_it_is_not_for_support(acme_support: Client) -> None:
    assert acme_support.get("/compliance/filings").status_code == 403


def test_it_says_when_nothing_is_due(acme_admin: Client) -> None:
    assert (
        "once the nightly jobs find them due"
        in acme_admin.get("/compliance/filings").content.decode()
    )
