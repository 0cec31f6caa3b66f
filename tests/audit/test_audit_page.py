"""/audit: own organisation, a visited one, four renderings, filters, drawer, chain state."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from openinsure.audit import record
from openinsure.audit.anchors import take_anchor
from openinsure.audit.chain import KeyRing
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import SystemScope
from tests.audit import visitors
from tests.audit.test_append import make_event
from tests.audit.test_verify import tamper

pytestmark = [
    pytest.mark.django_db(databases=visitors.ALIASES),
    pytest.mark.urls("tests.audit.visitors"),
]
HTML, JSON = {"Accept": "text/html"}, {"Accept": "application/json"}
RING = KeyRing.parse(settings.AUDIT_KEYS)
REASON = "Sampling the third quarter"


@pytest.fixture
def org() -> SystemScope:
    return SystemScope(visitors.make_org("Acme Specialty MGA"), "service:test")


@pytest.fixture
def admin(org: SystemScope) -> Client:
    return visitors.signed_in(visitors.make_account("org_admin", org.org_id))


def add(scope: SystemScope, action: str, **values: Any) -> str:
    at = timezone.now() - timedelta(hours=1)
    given = {"actor_user_id": None, "occurred_at": at, **values}
    return record.append(make_event(scope, action=action, **given))


def rows_of(client: Client, query: str = "") -> list[dict[str, Any]]:
    response = client.get(f"/audit?{query}", headers=JSON)
    assert response.status_code == 200, response.content
    rows: list[dict[str, Any]] = response.json()["rows"]
    return [row for row in rows if row["action"] != "audit.viewed"]


def test_it_shows_the_own_chain_with_the_promised_fields(admin: Client, org: SystemScope) -> None:
    add(org, "policy.cancelled", object="ACM-2026-000123", reason="Asked by the insured")
    add(org, "deploy.failed", entity_table="deploy_requests", object="7")
    failed, cancelled = rows_of(admin)
    assert set(cancelled) >= {
        "seq", "at", "actor", "role", "action", "object", "result", "reason", "request_id",
        "cross_org",
    }  # fmt: skip
    assert (cancelled["seq"], cancelled["object"]) == (1, "ACM-2026-000123")
    assert (cancelled["actor"], cancelled["result"]) == ("service:system", "ok")
    assert (failed["object"], failed["result"]) == ("7", "failed")


def test_it_hides_other_organisations(admin: Client, org: SystemScope) -> None:
    other = SystemScope(visitors.make_org(), "service:test")
    theirs = add(other, "policy.changed", object="BOR-1")
    ours = add(org, "policy.changed", object="ACM-1")
    html = admin.get("/audit", headers=HTML).content.decode()
    assert f'data-id="{ours}"' in html
    assert theirs not in html
    assert admin.get(f"/audit?peek={theirs}", headers=JSON).status_code == 404


def test_it_renders_page_fragment_json_and_csv(admin: Client, org: SystemScope) -> None:
    ours = add(org, "policy.changed", object="ACM-1")
    page = admin.get("/audit", headers=HTML).content.decode()
    assert re.search(r'<html[^>]* data-page="audit.list"[^>]* data-scope="own"', page)
    part = admin.get("/audit", headers={**HTML, "HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert f'data-id="{ours}"' in part
    csv = admin.get("/audit?format=csv").content.decode()
    assert "policy.changed" in csv


def test_it_records_each_look_at_itself(admin: Client, org: SystemScope) -> None:
    admin.get("/audit?role=support", headers=JSON)
    (row,) = visitors.chain(org.org_id)
    assert (row["action"], row["after_json"]["filters"]) == ("audit.viewed", {"role": ["support"]})


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("action=policy.changed", ["policy.changed"]),
        ("kind=claims", ["claim.closed"]),
        ("role=adjuster", ["claim.closed"]),
        ("cross_org=yes", ["crossorg.enter"]),
        ("action=policy.changed&cross_org=yes", []),
        ("from=2000-01-01&to=2000-01-02", []),
        ("from=2000-01-01", ["crossorg.enter", "claim.closed", "policy.changed"]),
        ("sort=seq", ["policy.changed", "claim.closed", "crossorg.enter"]),
        ("object=0190a000-0000-7000-8000-0000000000cc", ["claim.closed"]),
        ("actor=0190a000-0000-7000-8000-0000000000dd", ["crossorg.enter"]),
    ],
)
def test_it_filters(admin: Client, org: SystemScope, query: str, found: list[str]) -> None:
    add(org, "policy.changed", entity_table="policies")
    add(
        org,
        "claim.closed",
        entity_table="claims",
        actor_role="adjuster",
        entity_id="0190a000-0000-7000-8000-0000000000cc",
    )
    visitor = "0190a000-0000-7000-8000-0000000000dd"
    add(org, "crossorg.enter", cross_org=True, actor_user_id=visitor)
    assert [row["action"] for row in rows_of(admin, query)] == found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("object=; DROP", "object"),
        ("colour=red", "colour"),
        ("actor=me", "actor"),
        ("action=DROP", "action"),
        ("kind=a-b", "kind"),
        ("cross_org=1", "cross_org"),
        ("role=king", "role"),
        ("from=yesterday", "from"),
        ("from=2026-02-30", "from"),
        ("from=2026-02-02&to=2026-02-01", "to"),
        ("sort=actor", "sort"),
        ("size=9", "size"),
        ("after=xx", "after"),
        ("peek=1", "peek"),
        ("view=mine", "view"),
        ("view=reads&action=policy.changed", "action"),
        ("view=reads&sort=seq", "sort"),
    ],
)
def test_it_names_what_it_cannot_read(admin: Client, query: str, field: str) -> None:
    response = admin.get(f"/audit?{query}", headers=JSON)
    assert (response.status_code, response.json()["field"]) == (400, field)


@pytest.mark.parametrize("sort", ["-at", "at", "-seq", "seq"])
def test_it_walks_all_pages_once(admin: Client, org: SystemScope, sort: str) -> None:
    ids = {add(org, "policy.changed") for _ in range(25)}
    seen: list[str] = []
    address = f"/audit?size=10&action=policy.changed&sort={sort}"
    while address:
        told = admin.get(address, headers=JSON).json()
        seen += [row["id"] for row in told["rows"]]
        address = told["next"]
    assert len(seen) == len(ids)
    assert set(seen) == ids


def test_it_opens_an_entry_with_before_after_and_its_request(
    admin: Client, org: SystemScope
) -> None:
    request_id = "0190a000-0000-7000-8000-0000000000ee"
    intent = add(org, "policy.cancel.intent", request_id=request_id)
    entry = add(
        org,
        "policy.cancelled",
        request_id=request_id,
        before={"status": "active"},
        after={"status": "<b>cancelled</b>"},
    )
    html = admin.get(f"/audit?peek={entry}", headers=HTML).content.decode()
    drawer = html[html.index("data-drawer") :]
    assert "&#34;status&#34;: &#34;active&#34;" in drawer
    assert "&lt;b&gt;cancelled&lt;/b&gt;" in drawer
    assert f"peek={intent}" in drawer


def test_it_says_how_far_the_chain_is_verified(
    admin: Client, org: SystemScope, tmp_path: Path
) -> None:
    add(org, "policy.changed")
    assert 'data-chain="unknown"' in admin.get("/audit", headers=HTML).content.decode()
    now = timezone.now()
    take_anchor(org, ring=RING, files_dir=tmp_path, at=now)
    assert 'data-chain="verified"' in admin.get("/audit", headers=HTML).content.decode()
    tamper("update audit_log set reason='x' where org_id=%s and seq=1", org.org_id)
    take_anchor(org, ring=RING, files_dir=tmp_path, at=now + timedelta(hours=1), full=True)
    html = admin.get("/audit", headers=HTML).content.decode()
    assert 'data-chain="broken"' in html
    assert "broken at entry 1 (changed)" in html


def test_it_shows_the_administrator_who_visited(admin: Client, org: SystemScope) -> None:
    auditor = visitors.make_account("auditor")
    browser = visitors.signed_in(auditor)
    browser.post("/orgs/enter", {"orgId": org.org_id, "reason": REASON})
    browser.get(f"/tenant-page?status=active&orgId={org.org_id}", headers=JSON)
    (entry,) = rows_of(admin, "cross_org=yes")
    assert (entry["action"], entry["actor"]) == ("crossorg.enter", auditor.email)
    (read,) = rows_of(admin, "view=reads")
    assert (read["action"], read["object"]) == ("crossorg.read", "/tenant-page")
    assert (read["actor"], read["reason"]) == (auditor.email, REASON)
    drawer = admin.get(f"/audit?view=reads&peek={read['id']}", headers=HTML).content.decode()
    assert "Rows shown" in drawer


def test_it_shows_a_visitor_the_visited_chain_under_the_banner(org: SystemScope) -> None:
    ours = add(org, "policy.changed")
    browser = visitors.signed_in(visitors.make_account("auditor"))
    browser.post("/orgs/enter", {"orgId": org.org_id, "reason": REASON})
    html = browser.get(f"/audit?orgId={org.org_id}", headers=HTML).content.decode()
    assert f'data-id="{ours}"' in html
    assert 'data-scope="cross"' in html
    assert f'data-org="{org.org_id}"' in html
    banner = html[html.index('data-banner="cross-org"') :]
    banner = banner[: banner.index("</section>")]
    for said in ("Acme Specialty MGA", "read only", REASON, "60 min left", "/orgs/leave"):
        assert said in banner


def test_it_keeps_the_organisation_on_every_link_of_a_visit(org: SystemScope) -> None:
    """A crawl from /audit: each internal link and form either names it or leaves the visit."""
    for _ in range(12):
        add(org, "policy.changed")
    browser = visitors.signed_in(visitors.make_account("auditor"))
    browser.post("/orgs/enter", {"orgId": org.org_id, "reason": REASON})
    waiting, seen, lost = [f"/audit?size=10&orgId={org.org_id}"], set[str](), []
    while waiting and len(seen) < 40:
        address = waiting.pop()
        seen.add(address)
        response = browser.get(address, headers=HTML)
        html = response.content.decode()
        assert 'data-scope="cross"' in html, address
        for tag, found in re.findall(r'<(\w+)[^>]*(?:href|action|hx-get|hx-post)="(/[^"]*)"', html):
            link, outside = (
                found.replace("&amp;", "&"),
                ("/login", "/logout", "/settings", "/static/", "/notifications"),
            )
            if tag == "form" or link.startswith(outside):
                continue  # a GET form drops the query: it carries a hidden field, below
            if f"orgId={org.org_id}" not in link and not link.startswith("/orgs"):
                lost.append((address, link))
            elif link.startswith("/audit") and "format=csv" not in link and link not in seen:
                waiting.append(link)
        for form in re.findall(r'<form[^>]*method="get".*?</form>', html, re.DOTALL):
            assert f'name="orgId" value="{org.org_id}"' in form
    assert sorted({link for _, link in lost}) == []
    assert len(seen) > 5


def test_it_shows_platform_people_their_own_chain() -> None:
    told = visitors.bearer(visitors.make_account("auditor")).get("/audit", headers=JSON).json()
    assert (told["page"], told["org"]) == ("audit.list", PLATFORM_ORG_ID)


@pytest.mark.parametrize("role", ["support", "underwriter", "db_operator", "finance_analyst"])
def test_it_is_closed_without_the_permission(role: str, org: SystemScope) -> None:
    client = visitors.bearer(visitors.make_account(role, org.org_id))
    assert client.get("/audit", headers=JSON).status_code == 403


def test_it_lists_the_organisations_to_enter(org: SystemScope) -> None:
    browser = visitors.signed_in(visitors.make_account("superadmin"))
    told = browser.get(f"/orgs?q={org.org_id}", headers=JSON).json()
    assert [(row["id"], row["name"]) for row in told["rows"]] == [
        (org.org_id, "Acme Specialty MGA")
    ]
    html = browser.get(f"/orgs?q={org.org_id}", headers=HTML).content.decode()
    assert f'data-id="{org.org_id}"' in html
    assert f"/orgs/enter?orgId={org.org_id}" in html
    form = browser.get(f"/orgs/enter?orgId={org.org_id}&next=/policies", headers=HTML)
    assert 'name="reason"' in form.content.decode()
    refused = browser.post("/orgs/enter", {"orgId": org.org_id, "reason": "short"}, headers=HTML)
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.content.decode()


@pytest.mark.parametrize("sort", ["name", "-name"])
def test_it_pages_through_the_directory_both_ways(sort: str) -> None:
    names = [f"Zebra {number:02d} {timezone.now().timestamp()}" for number in range(23)]
    ids = [visitors.make_org(name) for name in names]
    expected = ids if sort == "name" else ids[::-1]
    client = visitors.bearer(visitors.make_account("auditor"))
    seen: list[str] = []
    address = f"/orgs?q=Zebra&size=10&sort={sort}"
    while address:
        told = client.get(address, headers=JSON).json()
        seen += [row["id"] for row in told["rows"]]
        address = told["next"]
    assert seen == expected
