"""/billing/bordereaux and /billing/settlements: every rendering, the acts and who may do them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from openinsure.billing.models import Bordereau, CarrierSettlement
from openinsure.tenancy.scope import Scope, entered
from tests import factories, people
from tests.billing import carriers, posting

DATABASES = ["default", "oi_global", "oi_policies", "oi_claims", "oi_billing"]
pytestmark = pytest.mark.django_db(databases=DATABASES)
JSON = {"accept": "application/json"}


@pytest.fixture
def finance(acme: Scope, db: None) -> Client:
    """A browser of a finance analyst."""
    posting.organization(acme)
    return people.browser(acme.org_id, "finance_analyst")


def form_id(client: Client, path: str) -> str:
    """The id of the form at an address."""
    page = client.get(path).content.decode()
    found = re.search(r'name="form_id" value="([^"]+)"', page)
    assert found, page
    return found.group(1)


def post(client: Client, path: str, **fields: str) -> Any:
    """Send the form of an address."""
    return client.post(path, {"form_id": form_id(client, path), **fields})


def test_it_lists_bordereaux_with_totals_and_a_file(acme: Scope, finance: Client) -> None:
    told = carriers.bordereau(acme)
    rows = finance.get("/billing/bordereaux", headers=JSON).json()["rows"]
    assert [(row["number"], row["net_to_carrier_cents"], row["ceded_cents"]) for row in rows] == [
        (told.bordereau_number, 669_752, 287_037)
    ]
    assert told.bordereau_number in finance.get("/billing/bordereaux").content.decode()
    file = finance.get("/billing/bordereaux?format=csv")
    assert file.headers["X-Export-Rows"] == "1"
    assert finance.get("/billing/bordereaux?status=nonsense").status_code == 400


def test_it_shows_a_bordereau_line_by_line(acme: Scope, finance: Client) -> None:
    told = carriers.bordereau(acme)
    carriers.line(acme, told)
    path = f"/billing/bordereaux/{told.bordereau_number}"
    answer = finance.get(path, headers=JSON).json()
    line = answer["panels"]["lines"]["rows"][0]
    assert (line["net_cents"], line["source"]) == (669_752, "/policies/TST-2026-000001")
    page = finance.get(path).content.decode()
    assert 'value="669752"' in page
    assert 'href="/policies/TST-2026-000001"' in page
    for kind in ("csv", "xlsx"):
        assert finance.get(f"{path}/lines?format={kind}").headers["X-Export-Rows"] == "1"
    assert finance.get(f"{path}/lines").status_code == 200


def test_an_empty_list_says_what_it_is_for(acme: Scope, finance: Client) -> None:
    for path in ("/billing/bordereaux", "/billing/settlements"):
        page = finance.get(path).content.decode()
        assert 'data-panel-state="empty"' in page
        assert "appears here once" in page


def test_it_shows_a_settlement_in_every_tab(acme: Scope, finance: Client) -> None:
    row = carriers.settlement(acme)
    carriers.payout(acme, row)
    carriers.bordereau(acme, settlement_id=row.id)
    path = f"/billing/settlements/{row.settlement_number}"
    shown = finance.get(path, headers=JSON).json()
    assert shown["row"]["net_due_cents"] == 110_096
    assert [p["amount_cents"] for p in shown["panels"]["payouts"]["rows"]] == [110_096]
    bridge = finance.get(f"{path}?tab=bridge", headers=JSON).json()["panels"]["bridge"]["rows"]
    assert [row["id"] for row in bridge][-1] == "payable"
    assert sum(row["cents"] for row in bridge[:-1]) == bridge[-1]["cents"]
    for tab in ("", "?tab=bridge", "?tab=books"):
        assert finance.get(path + tab).status_code == 200
    assert finance.get(f"{path}?tab=else").status_code == 400


def test_another_person_approves_from_the_page(acme: Scope, finance: Client) -> None:
    row = carriers.settlement(acme)
    path = f"/billing/settlements/{row.settlement_number}"
    assert "Approve" in finance.get(path).content.decode()
    assert post(finance, f"{path}/approvals").status_code == 303
    with entered(acme):
        assert CarrierSettlement.objects.within(acme).get().status == "approved"
    page = finance.get(path).content.decode()
    assert "a third person releases it" in page
    assert post(finance, f"{path}/releases").status_code == 403


def test_the_author_cannot_approve(acme: Scope, db: None) -> None:
    posting.organization(acme)
    person = people.account(acme.org_id, "finance_analyst")
    client = people.browser_of(person)
    row = carriers.settlement(acme, author_user_id=person.user_id)
    path = f"/billing/settlements/{row.settlement_number}"
    assert "another person approves it" in client.get(path).content.decode()
    assert post(client, f"{path}/approvals").status_code == 403


def test_a_rejection_needs_a_reason(acme: Scope, finance: Client) -> None:
    row = carriers.settlement(acme)
    path = f"/billing/settlements/{row.settlement_number}/rejections"
    answer = post(finance, path, reason="no")
    assert answer.status_code == 422
    assert "10 to 255" in answer.content.decode()
    assert post(finance, path, reason="The claims are not agreed").status_code == 303


def test_it_draws_up_a_bordereau_from_the_policies(acme: Scope, finance: Client) -> None:
    program = factories.program(acme, quota_share_rate="0.30")
    rates = {"producer_commission_rate": "0.125", "mga_commission_rate": "0.10"}
    parties = {"program_id": program.id, "carrier_id": program.carrier_id}
    policy = factories.policy(acme, **parties, **rates)
    factories.transaction(acme, policy, transaction_type="NEW", process_date="2026-05-02",
                          written_premium_cents=1_234_567)  # fmt: skip
    wanted = {"kind": "premium", "program": program.id, "period_start": "2026-05-01",
              "period_end": "2026-05-31"}  # fmt: skip
    answer = post(finance, "/billing/bordereaux/new", **wanted)
    assert answer.status_code == 303, answer.content.decode()
    with entered(acme):
        row = Bordereau.objects.within(acme).get()
    assert (row.line_count, row.net_to_carrier_cents, row.status) == (1, 669_752, "generated")
    assert row.content_sha256
    again = post(finance, "/billing/bordereaux/new", **wanted)
    assert again.status_code == 422
    assert "nothing to report" in again.content.decode()


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"kind": "else"}, "kind"),
        ({"program": "x"}, "program"),
        ({"period_end": "tomorrow"}, "period_end"),
        ({"period_end": "2026-04-01"}, "period_end"),
        ({"period_end": "2027-12-31"}, "period_end"),
    ],
)
def test_it_names_the_field_that_is_wrong(
    acme: Scope, finance: Client, fields: dict[str, str], named: str
) -> None:
    program = factories.program(acme)
    wanted = {"kind": "premium", "program": program.id, "period_start": "2026-05-01",
              "period_end": "2026-05-31"}  # fmt: skip
    answer = post(finance, "/billing/bordereaux/new", **(wanted | fields))
    assert answer.status_code == 422
    assert re.search(rf'id="[^"]*{named}[^"]*"[^>]*aria-invalid|aria-invalid[^>]*{named}',
                     answer.content.decode())  # fmt: skip


def test_support_sees_none_of_it(acme: Scope, acme_support: Client) -> None:
    for path in ("/billing/bordereaux", "/billing/settlements"):
        assert acme_support.get(path).status_code == 403
