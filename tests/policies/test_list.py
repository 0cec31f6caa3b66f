"""GET /policies: whose rows, which, in what form, and how it goes on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openinsure.tenancy.scope import Scope
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_policies"])
FIELDS = {
    "id", "number", "term", "status", "insured", "program", "state", "effective", "expires",
    "premium_cents",
}  # fmt: skip
HTMX = {"HX-Request": "true"}


def numbers(client: Client, address: str) -> list[str]:
    """The policy numbers that an address lists."""
    return [row["number"] for row in told(client, address)["rows"]]


def told(client: Client, address: str, status: int = 200) -> Any:
    """The JSON of an address."""
    response = client.get(address)
    assert response.status_code == status, response.content
    return response.json()


def html(client: Client, address: str, **headers: Any) -> str:
    response = client.get(address, **headers)
    assert response.status_code == 200, response.content
    return response.content.decode()


def test_it_hides_other_orgs(acme_support: Client, acme: Scope, borealis: Scope) -> None:
    ours, theirs = factories.policy(acme), factories.policy(borealis)
    page = html(acme_support, "/policies")
    assert f'data-id="{ours.id}"' in page
    assert theirs.id not in page
    assert theirs.policy_number not in page


def test_it_shows_each_org_its_own(
    acme_script: Client, borealis_script: Client, acme: Scope, borealis: Scope
) -> None:
    ours, theirs = factories.policy(acme), factories.policy(borealis)
    assert numbers(acme_script, "/policies") == [ours.policy_number]
    assert numbers(borealis_script, "/policies") == [theirs.policy_number]


def test_it_carries_the_marks(acme_support: Client, acme: Scope) -> None:
    row = factories.policy(acme, status="pending_cancellation")
    page = html(acme_support, "/policies")
    assert 'data-page="policies.list"' in page
    assert f'data-org="{acme.org_id}"' in page
    assert f'<tr data-id="{row.id}" data-state="pending_cancellation">' in page
    assert f'href="/policies/{row.policy_number}"' in page
    assert '<data class="money" value="1234567">$12,345.67</data>' in page
    assert '<time datetime="2026-03-01">1 Mar 2026</time>' in page


def test_it_tells_programs_the_fields_of_a_row(acme_script: Client, acme: Scope) -> None:
    program, producer = factories.program(acme), factories.producer(acme)
    row = factories.policy(acme, program_id=program.id, producer_id=producer.id)
    body = told(acme_script, "/policies")
    assert (body["page"], body["org"], body["next"]) == ("policies.list", acme.org_id, None)
    assert set(body) == {"page", "org", "rows", "next"}
    (line,) = body["rows"]
    assert set(line) >= FIELDS
    assert line["id"] == row.id
    assert (line["program"], line["producer"]) == (program.code, producer.code)
    assert (line["effective"], line["premium_cents"]) == ("2026-03-01", 1_234_567)
    assert line["updated"].endswith("Z")


def test_it_pages_by_its_own_links(acme_script: Client, acme: Scope) -> None:
    rows = [factories.policy(acme) for _ in range(35)]
    seen: list[str] = []
    address: str | None = "/policies?size=10"
    while address:
        body = told(acme_script, address)
        seen += [row["number"] for row in body["rows"]]
        address = body["next"]
    assert seen == [row.policy_number for row in reversed(rows)]


def test_it_links_both_directions(acme_support: Client, acme: Scope) -> None:
    for _ in range(25):
        factories.policy(acme)
    first = html(acme_support, "/policies?size=10")
    assert 'rel="next"' in first
    assert 'rel="prev"' not in first
    second = html(acme_support, link(first, "next"))
    assert "11–20" in second
    assert ids(html(acme_support, link(second, "prev"))) == ids(first)
    third = html(acme_support, link(second, "next"))
    assert 'rel="next"' not in third
    assert "21–25" in third


def link(page: str, rel: str) -> str:
    """The address of a paging link."""
    from html import unescape

    _, after = page.split(f'rel="{rel}" href="', 1)
    return unescape(after.split('"', 1)[0])


def ids(page: str) -> list[str]:
    return [part.split('"', 1)[0] for part in page.split('<tr data-id="')[1:]]


def test_it_filters_by_every_parameter(acme_script: Client, acme: Scope) -> None:
    program, producer = factories.program(acme), factories.producer(acme)
    hit = factories.policy(
        acme,
        status="bound",
        state="TX",
        program_id=program.id,
        producer_id=producer.id,
        effective_date=date(2026, 7, 1),
        expiration_date=date(2027, 7, 1),
    )
    factories.policy(acme)
    for query in (
        "status=bound",
        "status=bound&status=cancelled",
        "state=TX",
        f"program={program.code}",
        f"producer={producer.code}",
        "effective_from=2026-07-01",
        "effective_from=2026-07-01&effective_to=2026-07-01",
        "expires_from=2027-06-30&expires_to=",
        "effective_from=2026-06-01&sort=number&status=bound&state=TX",
        f"q={hit.policy_number.lower()}",
    ):
        assert numbers(acme_script, f"/policies?{query}") == [hit.policy_number], query
    for query in ("status=cancelled", "state=GA", "effective_to=2026-02-28", "q=ZZZ"):
        assert numbers(acme_script, f"/policies?{query}") == [], query


def test_it_sorts_by_every_offered_column(acme_script: Client, acme: Scope) -> None:
    first = factories.policy(
        acme,
        policy_number="AAA-2026-000001",
        insured_name_norm="a",
        effective_date=date(2026, 1, 1),
        expiration_date=date(2027, 1, 1),
        written_premium_cents=1,
        updated_at=factories.EARLIEST,
    )
    last = factories.policy(acme, updated_at=factories.EARLIEST + timedelta(days=1))
    for sort in ("number", "insured", "effective", "expires", "premium_cents", "updated"):
        rising = [first.policy_number, last.policy_number]
        assert numbers(acme_script, f"/policies?sort={sort}") == rising
        assert numbers(acme_script, f"/policies?sort=-{sort}") == rising[::-1]


def test_it_says_which_column_is_sorted_and_offers_the_other_way(
    acme_support: Client, acme: Scope
) -> None:
    factories.policy(acme)
    page = html(acme_support, "/policies?sort=insured&state=FL")
    assert page.count("aria-sort=") == 1
    assert 'aria-sort="ascending"><a href="/policies?sort=-insured&amp;state=FL">' in page


def test_it_offers_named_views(acme_script: Client, acme: Scope) -> None:
    today = timezone.now().date()
    soon = factories.policy(acme, expiration_date=today + timedelta(days=10))
    factories.policy(acme, expiration_date=today + timedelta(days=10), status="cancelled")
    factories.policy(acme, expiration_date=today + timedelta(days=40))
    noticed = factories.policy(acme, status="pending_cancellation")
    assert numbers(acme_script, "/policies?view=expiring") == [soon.policy_number]
    assert numbers(acme_script, "/policies?view=pending_cancellation") == [noticed.policy_number]
    assert len(numbers(acme_script, "/policies?view=all")) == 4


def test_it_shows_the_columns_asked_for(acme_support: Client, acme: Scope) -> None:
    row = factories.policy(acme)
    page = html(acme_support, "/policies?columns=insured,term")
    assert page.count('<th scope="col"') == 2
    assert f'<th scope="row"><a href="/policies/{row.policy_number}">{row.insured_name}' in page
    assert "$12,345.67" not in page


def test_it_answers_htmx_with_the_part_of_the_page(acme_support: Client, acme: Scope) -> None:
    row = factories.policy(acme)
    part = html(acme_support, "/policies", headers=HTMX)
    assert "<html" not in part
    assert part.strip().startswith('<section id="list"')
    assert row.id in part
    restored = html(
        acme_support, "/policies", headers=HTMX | {"HX-History-Restore-Request": "true"}
    )
    assert "<html" in restored


def test_it_counts_after_the_page(acme_support: Client, acme: Scope) -> None:
    for _ in range(12):
        factories.policy(acme)
    assert 'id="list-count" hx-get="/policies"' in html(acme_support, "/policies")
    headers = HTMX | {"HX-Target": "list-count"}
    assert html(acme_support, "/policies?size=10", headers=headers).strip() == "of 12"


def test_it_peeks_into_one_row(acme_support: Client, acme: Scope) -> None:
    row = factories.policy(acme)
    part = html(acme_support, f"/policies?peek={row.id}", headers=HTMX | {"HX-Target": "drawer"})
    assert "<html" not in part
    assert "data-drawer" in part
    assert row.insured_name in part
    page = html(acme_support, f"/policies?peek={row.id}")
    assert '<dialog id="drawer" class="drawer" aria-label="Details" open>' in page
    assert "data-drawer" in page


def test_it_peeks_into_no_other_org(acme_support: Client, acme: Scope, borealis: Scope) -> None:
    theirs = factories.policy(borealis)
    foreign = acme_support.get(f"/policies?peek={theirs.id}")
    unknown = acme_support.get(f"/policies?peek={acme.subject}")
    assert foreign.status_code == unknown.status_code == 404
    assert theirs.policy_number not in foreign.content.decode()


def test_it_says_why_it_is_empty(acme_support: Client, acme: Scope) -> None:
    page = html(acme_support, "/policies")
    assert "No policies yet" in page
    assert 'data-panel-state="empty"' in page
    filtered = html(acme_support, "/policies?status=bound")
    assert "No policy fits these filters" in filtered
    assert "Remove filter Status: Bound" in filtered


def test_it_says_how_far_it_searched(
    acme_script: Client, acme_support: Client, acme: Scope
) -> None:
    factories.many_policies(acme, [{"state": "GA"} for _ in range(2_100)])
    address = "/policies?state=FL&status=bound&sort=number"
    body = told(acme_script, address)
    assert (body["rows"], body["partial"]) == ([], True)
    assert body["searched_to"].startswith("TST-")
    assert "partial" not in told(acme_script, body["next"])
    page = html(acme_support, address)
    assert "Continue searching" in page
    assert 'rel="next"' in page


def test_it_reads_one_statement_of_the_keyspace(acme_script: Client, acme: Scope) -> None:
    for _ in range(60):
        factories.policy(acme)
    told(acme_script, "/policies")
    with (
        CaptureQueriesContext(connections["oi_policies"]) as rows,
        CaptureQueriesContext(connections["oi_global"]) as codes,
    ):
        told(acme_script, "/policies?status=active")
    assert len(rows) == 1
    assert len(codes) == 0


def test_it_needs_a_person_who_may(acme: Scope, operator: Client, client: Client) -> None:
    assert client.get("/policies", headers={"accept": "application/json"}).status_code == 401
    assert client.get("/policies").status_code == 302
    assert operator.get("/policies").status_code == 403


def test_it_takes_no_other_verb(acme_support: Client) -> None:
    assert acme_support.post("/policies").status_code in (403, 405)
    assert acme_support.delete("/policies").status_code in (403, 405)
