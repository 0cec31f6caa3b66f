"""GET /claims and /claims/disbursements: whose rows, which, in what order, at what cost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import Scope
from tests import factories, people
from tests.claims import made

pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES])
FIELDS = {
    "id", "number", "policy_number", "status", "loss_date", "reported_at", "reserve_cents",
    "paid_cents", "recovered_cents", "incurred_cents",
}  # fmt: skip


@pytest.fixture
def script(db: None, acme: Scope) -> Client:
    """A program with a support token of acme."""
    return people.bearer(acme.org_id, "support")


def told(client: Client, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return response.json()


def numbers(client: Client, address: str) -> list[str]:
    return [row["number"] for row in told(client, address)["rows"]]


def test_it_tells_figures_and_the_day_where_the_policy_is(script: Client, acme: Scope) -> None:
    policy = factories.policy(acme, timezone="America/New_York")
    row = made.claim(
        acme,
        policy_id=policy.id,
        date_of_loss=datetime(2026, 5, 2, 3, 30, tzinfo=UTC),
        outstanding_indemnity_cents=900,
        outstanding_expense_cents=100,
        paid_indemnity_cents=450,
        paid_expense_cents=50,
        recovered_cents=200,
        incurred_cents=1300,
    )
    body = told(script, "/claims")
    assert (body["page"], body["org"]) == ("claims.list", acme.org_id)
    (found,) = body["rows"]
    assert found.keys() >= FIELDS
    assert (found["id"], found["loss_date"]) == (row.id, "2026-05-01")
    cents = [found[name] for name in sorted(FIELDS) if name.endswith("_cents")]
    assert cents == [1300, 500, 200, 1000]


def test_it_hides_other_orgs(acme_support: Client, acme: Scope, borealis: Scope) -> None:
    ours, theirs = made.claim(acme), made.claim(borealis)
    page = acme_support.get("/claims").content.decode()
    assert f'data-id="{ours.id}"' in page
    assert theirs.id not in page
    assert theirs.claim_number not in page


def test_it_hides_claims_from_the_recused_until_withdrawn(acme: Scope) -> None:
    who = people.account(acme.org_id, "adjuster")
    kept, hidden = made.claim(acme), made.claim(acme)
    disbursed = made.disbursement(acme, hidden)
    without_claim = made.disbursement(acme, None)
    made.recusal(acme, hidden, who.user_id)
    token = people._signed(who.user_id, acme.org_id, "adjuster", who.email)
    client = Client(headers={"authorization": f"Bearer {token}", "accept": "application/json"})
    assert numbers(client, "/claims") == [kept.claim_number]
    assert client.get(f"/claims/{hidden.claim_number}").status_code == 404
    assert client.get(f"/claims?peek={hidden.id}").status_code == 404
    assert numbers(client, "/claims/disbursements") == [without_claim.disbursement_number]
    number = disbursed.disbursement_number
    assert client.get(f"/claims/disbursements/{number}").status_code == 404
    made.recusal(acme, hidden, who.user_id, operation="delete")
    assert set(numbers(client, "/claims")) == {kept.claim_number, hidden.claim_number}


def test_it_shows_my_open_and_the_litigated_ones(acme: Scope) -> None:
    who = people.account(acme.org_id, "adjuster")
    me, other = made.adjuster(acme, user_id=who.user_id), made.adjuster(acme)
    mine = made.claim(acme, adjuster_id=me.id)
    made.claim(acme, adjuster_id=me.id, status="closed")
    sued = made.claim(acme, adjuster_id=other.id, status="litigated")
    token = people._signed(who.user_id, acme.org_id, "adjuster", who.email)
    client = Client(headers={"authorization": f"Bearer {token}", "accept": "application/json"})
    assert numbers(client, "/claims?view=mine") == [mine.claim_number]
    assert numbers(client, "/claims?view=litigated") == [sued.claim_number]
    assert numbers(client, "/claims?view=open") == [sued.claim_number, mine.claim_number]
    assert numbers(client, f"/claims?adjuster={other.id}") == [sued.claim_number]


def test_it_shows_nobody_as_mine_without_an_adjuster(script: Client, acme: Scope) -> None:
    made.claim(acme)
    made.claim(acme, adjuster_id=made.adjuster(acme).id)
    assert numbers(script, "/claims?view=mine") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=closed", 1), ("status=closed&status=investigating", 2), ("state=GA", 1),
        ("loss_from=2026-04-11", 1), ("loss_to=2026-04-10", 1), ("reported_to=2026-04-20", 1),
        ("loss_from=2026-04-10&loss_to=2026-04-10", 1), ("q=CLM-XX-7", 1), ("q=CLM-YY", 0),
    ],
)  # fmt: skip
def test_it_filters(script: Client, acme: Scope, query: str, found: int) -> None:
    made.claim(
        acme,
        claim_number="CLM-XX-700001",
        status="closed",
        loss_state="GA",
        date_of_loss=datetime(2026, 4, 10, 23, 59, tzinfo=UTC),
        date_reported=datetime(2026, 4, 12, tzinfo=UTC),
    )
    made.claim(acme)
    assert len(numbers(script, f"/claims?{query}")) == found


@pytest.mark.parametrize(
    "sort", ["reported_at", "updated", "loss_date", "number", "policy_number", "insured",
             "incurred_cents"],
)  # fmt: skip
def test_it_walks_every_sort_to_the_full_list(script: Client, acme: Scope, sort: str) -> None:
    made_numbers = {made.claim(acme, incurred_cents=k % 3).claim_number for k in range(23)}
    address, walked = f"/claims?sort={sort}&size=10", []
    while address:
        body = told(script, address)
        walked += [row["number"] for row in body["rows"]]
        address = body["next"]
    assert len(walked) == 23
    assert set(walked) == made_numbers


@pytest.mark.parametrize(
    "query",
    ["status=new", "adjuster=x", "sort=paid_cents", "view=closed", "loss_from=1", "q=Rosa Lee",
     "program=NOPE", "state=XX", "balance=due"],
)  # fmt: skip
def test_it_names_what_it_cannot_read(script: Client, acme: Scope, query: str) -> None:
    response = script.get(f"/claims?{query}")
    assert response.status_code == 400
    assert response.json()["field"] == query.partition("=")[0]


def test_it_masks_payees(script: Client, acme: Scope) -> None:
    made.disbursement(acme, made.claim(acme))
    body = script.get("/claims/disbursements").content.decode()
    assert "Hiddenpayee" not in body
    (row,) = told(script, "/claims/disbursements")["rows"]
    assert row["payee"] == "R••• H•••"


def test_it_takes_few_statements(script: Client, acme: Scope) -> None:
    policy = factories.policy(acme)
    for _ in range(12):
        made.claim(acme, policy_id=policy.id)
    told(script, "/claims")  # codes are kept from now on
    counts = {}
    for alias in KEYSPACES:
        with CaptureQueriesContext(connections[alias]) as seen:
            told(script, "/claims")
        counts[alias] = len([q for q in seen if "SAVEPOINT" not in q["sql"]])
    assert counts["oi_claims"] == 2, counts
    assert counts["oi_policies"] == 1
    assert sum(counts.values()) <= 6, counts
