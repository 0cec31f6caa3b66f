"""Filter forms and menus of a list: read when opened, whole without script, never in the way."""

from __future__ import annotations

import gzip
import re

import pytest
from django.test import Client

from openinsure.tenancy.scope import Scope
from tests import factories, people

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_policies"])
HTMX = {"HX-Request": "true"}
ROWS = 50
# Bytes: what is not rows (shell, heads, closed menus), and one row with its marks and checkbox.
AROUND_MAX, ROW_MAX, COMPRESSED_MAX = 18_500, 830, 10_500


@pytest.fixture
def admin(db: None, acme: Scope) -> Client:
    return people.browser(acme.org_id, "org_admin")


def page(client: Client, address: str, **headers: str) -> str:
    """The HTML of an address."""
    answer = client.get(address, headers={"accept": "text/html", **headers})
    assert answer.status_code == 200, address
    return str(answer.content.decode())


def test_it_sends_no_form_of_a_closed_filter(acme: Scope, admin: Client) -> None:
    factories.policy(acme)
    shown = page(admin, "/policies?state=FL&sort=expires")
    assert 'name="effective_from"' not in shown
    assert 'id="view-name"' not in shown
    hrefs = re.findall(r'data-later href="([^"]+)"', shown)
    assert {href.split("tool=")[1] for href in hrefs} >= {
        "status",
        "effective_from",
        "columns",
        "save",
    }
    assert all("state=FL" in href and "sort=expires" in href for href in hrefs)


@pytest.mark.parametrize(
    ("tool", "held"),
    [
        ("status", 'name="status" value="bound"'),
        ("effective_from", 'name="effective_to"'),
        ("columns", "Rows a page"),
        ("save", 'id="view-name"'),
    ],
)
def test_it_reads_one_tool_alone_or_opens_the_page_with_it(
    acme: Scope, admin: Client, tool: str, held: str
) -> None:
    row = factories.policy(acme)
    address = f"/policies?sort=expires&tool={tool}"
    part = page(admin, address, **HTMX)
    assert held in part
    assert row.id not in part
    assert "<html" not in part
    whole = page(admin, address)
    assert held in whole
    assert row.id in whole
    main = whole.split("<main")[1].split("</main>")[0]
    assert "tool=" not in re.sub(r'data-later href="[^"]+"', "", main)


def test_it_keeps_the_rest_of_the_address_in_a_filter_form(acme: Scope, admin: Client) -> None:
    part = page(admin, "/policies?sort=expires&state=FL&tool=status", **HTMX)
    assert '<input type="hidden" name="sort" value="expires">' in part
    assert '<input type="hidden" name="state" value="FL">' in part
    assert 'name="tool"' not in part


@pytest.mark.parametrize("tool", ["nothing", "", "effective_to", "columns&tool=save", "<b>"])
def test_it_refuses_a_tool_it_does_not_have(admin: Client, tool: str) -> None:
    answer = admin.get(f"/policies?tool={tool}", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["field"]) == (400, "tool")


def test_it_saves_the_view_without_the_open_menu(acme: Scope, admin: Client) -> None:
    part = page(admin, "/policies?status=active&tool=save", **HTMX)
    assert '<input type="hidden" name="query" value="status=active">' in part


def test_it_weighs_what_it_shows(acme: Scope, admin: Client) -> None:
    factories.many_policies(acme, [{} for _ in range(ROWS)])
    whole = page(admin, "/policies")
    rows = re.findall(r"<tr data-id.*?</tr>", whole, re.DOTALL)
    assert len(rows) == ROWS
    weight = sum(len(row.encode()) for row in rows)
    assert weight <= ROWS * ROW_MAX
    assert len(whole.encode()) - weight <= AROUND_MAX
    assert len(gzip.compress(whole.encode(), 6)) <= COMPRESSED_MAX
