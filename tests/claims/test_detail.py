"""GET /claims/<number>: the whole file of one claim, and nothing of anybody else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
from django.db import connections
from django.db.utils import OperationalError
from django.test import Client
from django.test.utils import CaptureQueriesContext

from openinsure.claims import models
from openinsure.keyspaces.ids import new_id
from openinsure.pages.claim_tabs import TABS
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import Scope
from tests import factories, people
from tests.claims import made

pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES])
SECRETS = ("555-0147", "3055550147", "rosa.secret@claimants.test", "77 Hidden Road", "Hiddenpayee")


@pytest.fixture
def script(db: None, acme: Scope) -> Client:
    """A program with a support token of acme."""
    return people.bearer(acme.org_id, "support")


def whole_claim(scope: Scope) -> models.Claim:
    """A claim with a row in several regions."""
    policy = factories.policy(scope)
    factories.coverage(scope, policy)
    row = made.claim(
        scope,
        policy_id=policy.id,
        policy_number=policy.policy_number,
        outstanding_indemnity_cents=300_000,
        paid_indemnity_cents=100_000,
        recovered_cents=40_000,
        incurred_cents=360_000,
        date_of_loss=datetime(2026, 5, 2, 15, tzinfo=UTC),
    )
    made.exposure(scope, row, outstanding_indemnity_cents=300_000)
    made.disbursement(scope, row)
    return row


def told(client: Client, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return response.json()


def test_it_tells_the_claim_and_every_region(script: Client, acme: Scope) -> None:
    row = whole_claim(acme)
    body = told(script, f"/claims/{row.claim_number}")
    assert (body["page"], body["org"]) == ("claims.detail", acme.org_id)
    assert body["row"]["incurred_cents"] == 360_000
    assert body["row"]["loss_date"] == "2026-05-02"
    named = [region.name for _, regions in TABS.values() for region in regions]
    assert list(body["panels"]) == named
    assert {panel["state"] for panel in body["panels"].values()} == {"ok", "empty"}
    assert body["panels"]["coverage"]["rows"][0]["code"] == "AL"
    assert body["panels"]["exposures"]["rows"][0]["reserve_cents"] == 300_000


def test_it_masks_contact_tax_and_payee(script: Client, acme: Scope) -> None:
    row = whole_claim(acme)
    text = script.get(f"/claims/{row.claim_number}").content.decode()
    assert not any(secret in text for secret in SECRETS)
    claimant = told(script, f"/claims/{row.claim_number}")["panels"]["claimants"]["rows"][0]
    assert claimant["tax_number"] == "•••• 6789"
    assert claimant["phone"] == claimant["email"] == "••••"


@pytest.mark.parametrize("tab", ["", *TABS])
def test_it_shows_every_tab(acme_support: Client, acme: Scope, tab: str) -> None:
    row = whole_claim(acme)
    response = acme_support.get(f"/claims/{row.claim_number}" + (f"?tab={tab}" if tab else ""))
    page = response.content.decode()
    assert response.status_code == 200, page
    for region in TABS[tab or "overview"][1]:
        assert f'data-panel="{region.name}"' in page
    assert not any(secret in page for secret in SECRETS)
    assert 'value="360000"' in page


def test_it_answers_a_foreign_number_like_an_unknown_one(
    script: Client, acme: Scope, borealis: Scope
) -> None:
    foreign = made.claim(borealis)
    first = script.get(f"/claims/{foreign.claim_number}")
    second = script.get("/claims/CLM-XXX-000009")
    assert (first.status_code, second.status_code) == (404, 404)
    swapped = first.json()["message"].replace(foreign.claim_number, "CLM-XXX-000009")
    assert swapped == second.json()["message"]


@pytest.mark.parametrize("number", ["0", "' or 1=1", "%00", "clm-1", "A" * 500, "..", "CLM 1"])
def test_it_knows_no_such_number(script: Client, acme: Scope, number: str) -> None:
    assert script.get(f"/claims/{number}").status_code == 404
    assert script.get(f"/claims/disbursements/{number}").status_code == 404


def test_it_keeps_privileged_notes_for_those_who_work_the_claim(acme: Scope) -> None:
    row = made.claim(acme)
    for text, privileged in (("Counsel says settle", True), ("Called insured", False)):
        values = {
            "id": new_id(), "claim_id": row.id, "author_user_id": new_id(),
            "category": "legal", "body": text, "privileged": privileged,
        }  # fmt: skip
        factories.made(acme, models.ClaimNote, values)
    address = f"/claims/{row.claim_number}?tab=diary"
    for role, sees in (("support", False), ("adjuster", True), ("org_admin", True)):
        text = people.bearer(acme.org_id, role).get(address).content.decode()
        assert ("Counsel says settle" in text) is sees, role
        assert "Called insured" in text


def test_it_degrades_region_by_region(script: Client, acme: Scope) -> None:
    row = whole_claim(acme)
    away = OperationalError(2002, "away")
    with (
        mock.patch("openinsure.pages.claim_sources.list_coverages", side_effect=away),
        mock.patch("openinsure.pages.claim_list.zones_of", side_effect=away),
    ):
        body = told(script, f"/claims/{row.claim_number}")
    assert body["row"]["loss_date"] is None
    assert body["panels"]["coverage"]["state"] == "unavailable"
    assert body["panels"]["exposures"]["state"] == "ok"


def test_it_shows_a_disbursement_with_its_claim(script: Client, acme: Scope) -> None:
    row = whole_claim(acme)
    number = told(script, "/claims/disbursements")["rows"][0]["number"]
    body = told(script, f"/claims/disbursements/{number}")
    assert body["row"]["claim_number"] == row.claim_number
    assert body["row"]["payee"] == "R••• H•••"
    assert body["panels"]["approvals"] == {"state": "empty", "rows": []}


def test_it_reads_approvals_and_payments_of_a_disbursement_together(acme: Scope) -> None:
    held = made.disbursement(acme, made.claim(acme))
    finance = people.bearer(acme.org_id, "finance_analyst")
    address = f"/claims/disbursements/{held.disbursement_number}"
    told(finance, address)  # what is kept from now on
    with CaptureQueriesContext(connections["oi_claims"]) as seen:
        told(finance, address)
    said = [one["sql"] for one in seen]
    assert len(said) == 2, "the disbursement, and what belongs to it"
    assert "claim_payments" in said[1]
    assert "disbursement_approvals" in said[1]
