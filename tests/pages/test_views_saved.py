"""Saved views: a list's whole state under a name, own, shared or a role's default."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from openinsure.console.models import SavedView
from openinsure.tenancy.scope import Scope, entered
from tests import factories, people
from tests.audit import visitors
from tests.pages import files

pytestmark = pytest.mark.django_db(databases=files.ALIASES)
QUERY = "status=active&state=TX&sort=-premium_cents&columns=number,premium_cents"


@pytest.fixture
def admin(db: None, acme: Scope) -> Client:
    """A browser of acme's administrator."""
    return people.browser(acme.org_id, "org_admin")


@pytest.fixture
def finance(db: None, acme: Scope) -> Client:
    """A browser of acme's finance analyst."""
    return people.browser(acme.org_id, "finance_analyst")


def save(client: Client, **form: Any) -> str:
    """A view saved; its address."""
    given = {"list": "policies.list", "query": QUERY, "name": "Texas by premium"} | form
    answer = client.post("/views", given)
    assert answer.status_code == 303, answer.content
    return str(answer["Location"])


def page(client: Client, address: str) -> str:
    """The HTML of an address."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_it_keeps_filters_order_columns_and_density(finance: Client, acme: Scope) -> None:
    low = factories.policy(acme, state="TX", written_premium_cents=100)
    high = factories.policy(acme, state="TX", written_premium_cents=900)
    factories.policy(acme, state="FL")
    html = page(finance, save(finance, density="compact"))
    assert re.findall(r'<tr data-id="([^"]+)"', html) == [high.id, low.id]
    assert re.findall(r'<th scope="col"[^>]*><a[^>]*>(\w+)', html) == ["Policy", "Premium"]
    assert 'data-density="compact" data-panel="list"' in html
    assert 'aria-current="page">Texas by premium</a>' in html
    assert "unsaved changes" not in html
    # The links carry the whole state, so a copied one is complete.
    (more,) = set(re.findall(r'href="(/policies\?[^"]*sort=-number[^"]*)"', html))
    assert "state=TX" in more
    changed = page(finance, more.replace("&amp;", "&"))
    assert "Texas by premium <span" in changed
    assert "unsaved changes" in changed


def test_it_saves_changes_and_forgets(finance: Client, acme: Scope) -> None:
    address = save(finance)
    view_id = address.rpartition("=")[2]
    form = {"list": "policies.list", "query": "status=bound"}
    assert finance.post(f"/views/{view_id}/changes", form)["Location"] == address
    with entered(acme):
        row = SavedView.objects.within(acme).get()
    assert row.state["params"] == {"status": ["bound"]}
    assert finance.post(f"/views/{view_id}/removals").status_code == 303
    gone = finance.get(address, headers=files.JSON)
    assert (gone.status_code, gone.json()["field"]) == (400, "view")


def test_it_shares_within_the_organization_only(
    finance: Client, acme: Scope, borealis: Scope
) -> None:
    own, shared = save(finance), save(finance, name="For all", shared="on")
    colleague = people.browser(acme.org_id, "support")
    assert colleague.get(own).status_code == 400
    html = page(colleague, shared)
    assert "For all</a>" in html
    assert "Texas by premium" not in html
    shared_id = shared.rpartition("=")[2]
    assert colleague.post(f"/views/{shared_id}/removals").status_code == 404
    stranger = people.browser(borealis.org_id, "org_admin")
    assert stranger.get(shared).status_code == 400
    assert stranger.post(f"/views/{shared_id}/removals").status_code == 404
    assert "For all" not in page(stranger, "/policies")
    admin = people.browser(acme.org_id, "org_admin")
    assert admin.post(f"/views/{shared_id}/removals").status_code == 303


def test_it_opens_the_default_of_a_role(admin: Client, acme: Scope) -> None:
    texas = factories.policy(acme, state="TX")
    florida = factories.policy(acme, state="FL")
    save(admin, default_for="support")
    support = people.browser(acme.org_id, "support")
    html = page(support, "/policies")
    assert texas.id in html
    assert florida.id not in html
    assert florida.id in page(support, "/policies?view=all")
    assert 'href="/policies?view=all' in html
    assert florida.id in page(people.browser(acme.org_id, "finance_analyst"), "/policies")
    script = people.bearer(acme.org_id, "support")
    assert len(script.get("/policies").json()["rows"]) == 2
    refused = support.post(
        "/views", {"list": "policies.list", "query": "", "name": "x", "default_for": "support"}
    )
    assert refused.status_code == 403


def test_it_leaves_out_what_the_list_no_longer_has(finance: Client, acme: Scope) -> None:
    row = factories.policy(acme, state="TX")
    address = save(finance)
    with entered(acme):
        saved = SavedView.objects.within(acme).get()
        saved.state["columns"].append("shoe_size")
        saved.state["params"] |= {"colour": ["red"], "program": ["GONE"]}
        saved.state["sort"] = "-weight"
        saved.save()
    html = page(finance, address)
    assert row.id in html
    assert "no longer has it: shoe_size, weight, colour, program." in html
    assert finance.get("/policies?columns=number,shoe_size").status_code == 400


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"density": "huge"}, "density"),
        ({"default_for": "king"}, "default_for"),
        ({"query": "colour=red"}, "colour"),
        ({"list": "home"}, "list"),
    ],
)
def test_it_names_what_it_cannot_keep(admin: Client, form: dict[str, str], field: str) -> None:
    given = {"list": "policies.list", "query": "", "name": "x"} | form
    refused = admin.post("/views", given, headers=files.JSON)
    assert refused.status_code in {400, 422}
    assert refused.json()["field"] == field


def test_it_refuses_a_second_view_of_the_name(finance: Client) -> None:
    save(finance)
    form = {"list": "policies.list", "query": "", "name": "Texas by premium"}
    refused = finance.post("/views", form, headers=files.JSON)
    assert (refused.status_code, refused.json()["field"]) == (422, "name")


def test_it_writes_nothing_in_a_visit() -> None:
    org_id = visitors.make_org()
    client = visitors.signed_in(visitors.make_account("auditor"))
    form = {"orgId": org_id, "reason": "Quarterly review of the book", "next": ""}
    assert client.post("/orgs/enter", form).status_code == 303
    given = {"list": "policies.list", "query": "", "name": "x"}
    refused = client.post(f"/views?orgId={org_id}", given, headers=files.JSON)
    assert (refused.status_code, refused.json()["error"]) == (403, "read_only_grant")
    assert "Save view" not in page(client, f"/policies?orgId={org_id}")


def test_it_opens_a_view_whose_filter_brings_its_own_order(admin: Client, acme: Scope) -> None:
    small, large = factories.policy(acme), factories.policy(acme)
    factories.standing(acme, small, balance_cents=100)
    factories.standing(acme, large, balance_cents=900)
    address = save(admin, query="balance=due&columns=number", default_for="support")
    html = page(admin, address)
    assert re.findall(r'<tr data-id="([^"]+)"', html) == [large.id, small.id]
    assert "unsaved changes" not in html
    assert large.id in page(people.browser(acme.org_id, "support"), "/policies")


def test_it_offers_the_roles_of_an_organization(admin: Client) -> None:
    html = page(admin, "/policies?tool=save")
    offered = re.findall(r'<option value="(\w+)">([^<]+)', html)
    assert ("mhcis_operator", "Operator") in offered
    assert ("org_admin", "Organization admin") in offered
    assert not {"auditor", "superadmin", "system", "db_operator"} & {role for role, _ in offered}
    form = {"list": "policies.list", "query": "", "name": "x", "default_for": "auditor"}
    assert admin.post("/views", form).status_code == 422
