"""Reserves within authority; disbursements asked for, decided and issued by different people."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from openinsure.claims import models
from openinsure.keyspaces.ids import new_id
from openinsure.orgs.staff import forget
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import Scope, entered
from tests import staff
from tests.claims import made
from tests.claims.desk import WHY, Desk, payload_of, signed_in

pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES])


@pytest.fixture
def desk(db: None, acme: Scope) -> Desk:
    """A desk in acme."""
    return Desk(acme)


def test_it_sets_a_reserve_and_the_header_follows(desk: Desk) -> None:
    assert desk.reserve("12,345.67").status_code == 201
    row = desk.fresh()
    assert row.outstanding_indemnity_cents == row.incurred_cents == 1_234_567
    (event,) = desk.events()
    assert payload_of(event)["delta_cents"] == 1_234_567
    assert (payload_of(event)["direction"], payload_of(event)["policy_id"]) == ("up", row.policy_id)
    desk.reserve("10,000.00", reason_code="new_information")
    assert [payload_of(e)["direction"] for e in desk.events()] == ["up", "down"]
    with entered(desk.scope):
        steps = models.ClaimReserveHistory.objects.within(desk.scope).order_by("seq")
        told = list(steps.values_list("seq", "previous_cents", "delta_cents", "new_cents"))
    assert told == [(1, 0, 1_234_567, 1_234_567), (2, 1_234_567, -234_567, 1_000_000)]


def test_it_refuses_a_reserve_above_authority_naming_the_limit(desk: Desk) -> None:
    response = desk.reserve("50,000.01")
    assert response.status_code == 422
    assert "$50,000.00" in response.json()["errors"]["amount"]
    assert desk.reserve("50,000.00").status_code == 201


def test_it_says_how_an_amount_is_written(desk: Desk) -> None:
    desk.client.defaults["HTTP_ACCEPT"] = "text/html"
    for noun in ("reserves", "disbursements"):
        page = desk.client.get(f"{desk.path}/{noun}").content.decode()
        assert "as in 1,234.56" in page.partition('name="amount"')[2].partition("</div>")[0]


def test_it_has_no_authority_where_none_is_recorded(acme: Scope) -> None:
    desk = Desk(acme)
    with entered(acme):
        models.AdjusterAuthorityLimit.objects.within(acme).filter(
            adjuster_id=desk.adjuster.id
        ).delete()
    assert "$0.00" in desk.reserve("0.01").json()["errors"]["amount"]


def test_it_lets_only_the_assigned_adjuster_set_a_reserve(desk: Desk) -> None:
    for role in ("adjuster", "org_admin"):
        client, _ = signed_in(desk.scope, role)
        sent = {
            **desk.form("reserves", client), "exposure": desk.exposure.id, "amount": "5",
            "cost_type": "indemnity", "reason_code": "initial", "rationale": WHY,
        }  # fmt: skip
        response = client.post(f"{desk.path}/reserves", sent)
        assert (response.status_code, response.json()["error"]) == (403, "not_assigned")
    assert desk.events() == []


def test_it_hides_the_forms_from_the_recused(desk: Desk) -> None:
    made.recusal(desk.scope, desk.claim, desk.user_id)
    for noun in ("reserves", "transitions", "notes", "assignments", "disbursements", "diary"):
        assert desk.client.get(f"{desk.path}/{noun}").status_code == 404
        assert desk.client.post(f"{desk.path}/{noun}", {}).status_code == 404


def test_it_raises_the_flags(desk: Desk) -> None:
    desk.reserve("1000")
    desk.reserve("20,000", reason_code="new_information")
    with entered(desk.scope):
        rows = models.ClaimReserveFlag.objects.within(desk.scope)
        codes = set(rows.values_list("flag_code", flat=True))
    assert codes == {"ROUND_NUMBER", "RAPID_INCREASE", "EXCEEDED_ESTIMATE"}
    assert set(payload_of(desk.events()[-1])["flags"]) == codes


@pytest.mark.parametrize(
    "amount", ["", "-5", "1.005", "1e3", "١٢", "NaN", "1,2,3", "9" * 20, "$", "0x10", "1 000"]
)
def test_it_reads_no_other_amount(desk: Desk, amount: str) -> None:
    response = desk.reserve(amount)
    assert response.status_code == 422
    assert "amount" in response.json()["errors"]


def number_of(desk: Desk) -> str:
    """The number of the claim's newest disbursement."""
    rows = desk.client.get(desk.path).json()["panels"]["disbursements"]["rows"]
    return str(rows[0]["number"])


def decide(client: Client, number: str, decision: str, note: str = "") -> Any:
    path = f"/claims/disbursements/{number}/decisions"
    form_id = client.get(path).json()["row"]["form_id"]
    return client.post(path, {"form_id": form_id, "decision": decision, "note": note})


def test_it_pays_by_three_people_and_books_once(desk: Desk) -> None:
    desk.reserve("30,000")
    assert desk.ask("10,000.01").status_code == 201  # above 10,000.00: two approvals
    number = number_of(desk)
    (first, _), (second, _) = (signed_in(desk.scope, "finance_analyst") for _ in range(2))
    assert decide(first, number, "approved").status_code == 201
    again = decide(first, number, "approved")
    assert (again.status_code, again.json()["error"]) == (403, "same_approver")
    assert decide(second, number, "approved").status_code == 201
    path = f"/claims/disbursements/{number}/issues"
    form = {"form_id": first.get(path).json()["row"]["form_id"], "check_number": "100234"}
    assert [first.post(path, form).status_code for _ in range(2)] == [201, 200]
    row = desk.fresh()
    assert (row.paid_indemnity_cents, row.outstanding_indemnity_cents) == (1_000_001, 1_999_999)
    assert row.incurred_cents == 3_000_000
    issued = desk.events()[-1]
    assert issued.event_type == "disbursement.issued"
    assert payload_of(issued)["takedowns"][0]["takedown_cents"] == 1_000_001
    assert "payee" not in json.dumps(issued.payload)
    assert [e.seq for e in desk.events()] == list(range(1, 6))


def test_a_decided_form_says_by_whom_and_offers_what_may_be_done(desk: Desk) -> None:
    desk.reserve("100")
    desk.ask("50")
    number, (client, user_id) = number_of(desk), signed_in(desk.scope, "finance_analyst")
    with entered(desk.scope):
        staff.user(desk.scope, id=user_id, full_name="Ann Adams", role="finance_analyst")
    staff.organization(desk.scope)
    forget(desk.scope.org_id)
    path, html = f"/claims/disbursements/{number}", {"accept": "text/html"}
    early = client.get(f"{path}/issues", headers=html).content.decode()
    assert "This disbursement is pending approval: there is nothing to issue." in early
    assert f'href="{path}/decisions">Approve or reject</a>' in early
    assert decide(client, number, "approved").status_code == 201
    page = client.get(f"{path}/decisions", headers=html).content.decode()
    assert "This disbursement is approved: nothing is left to decide." in page
    assert re.search(r"<dd>Approved by Ann Adams, \d+ \w+ \d{4}, \d\d:\d\d UTC</dd>", page)
    assert f'href="{path}/issues">Issue</a>' in page
    assert 'name="decision"' not in page
    form = {
        "form_id": client.get(f"{path}/issues").json()["row"]["form_id"],
        "decision": "approved",
    }
    refused = client.post(f"{path}/decisions", form, headers=html)
    assert refused.status_code == 422
    assert "it cannot become approved. Next: issued or voided." in refused.content.decode()
    sent = client.post(f"{path}/issues", form | {"check_number": "100234"}, headers=html)
    assert sent.status_code == 303
    for noun in ("decisions", "issues"):
        over = client.get(f"{path}/{noun}", headers=html).content.decode()
        assert "This disbursement is issued: " in over
        assert "Approved by Ann Adams" in over
        assert f'action="{path}/' not in over


def test_it_never_lets_the_requester_decide(acme: Scope) -> None:
    desk = Desk(acme)
    desk.reserve("100")
    desk.ask("50")
    with entered(acme):
        models.Disbursement.objects.within(acme).update(requested_by_user_id=new_id())
    client, user_id = signed_in(acme, "finance_analyst")
    with entered(acme):
        models.Disbursement.objects.within(acme).update(requested_by_user_id=user_id)
    response = decide(client, number_of(desk), "approved")
    assert (response.status_code, response.json()["error"]) == (403, "own_request")


def test_it_rejects_with_a_reason_and_frees_the_reserve(desk: Desk) -> None:
    desk.reserve("100")
    desk.ask("80")
    assert "reserve not yet in flight" in desk.ask("30").json()["errors"]["amount"]
    client, _ = signed_in(desk.scope, "org_admin")
    assert "note" in decide(client, number_of(desk), "rejected").json()["errors"]
    assert decide(client, number_of(desk), "rejected", "Wrong payee").status_code == 201
    illegal = decide(client, number_of(desk), "approved")
    assert (illegal.status_code, illegal.json()["error"]) == (422, "illegal_transition")
    assert desk.ask("30").status_code == 201


def test_it_keeps_the_reserve_above_what_is_in_flight(desk: Desk) -> None:
    desk.reserve("100")
    desk.ask("80")
    refused = desk.reserve("79.99", reason_code="new_information")
    assert "$80.00" in refused.json()["errors"]["amount"]


def test_it_pays_no_more_than_the_exposure_limit(acme: Scope) -> None:
    desk = Desk(acme)
    with entered(acme):
        models.ClaimExposure.objects.within(acme).update(limit_cents=5_000)
    desk.reserve("100")
    assert "limit of $50.00" in desk.ask("50.01").json()["errors"]["amount"]
    assert desk.ask("50").status_code == 201
