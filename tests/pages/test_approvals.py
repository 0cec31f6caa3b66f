"""/approvals: what waits for me, and deciding it in place."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from openinsure.authz.decorators import SIGNED_IN
from openinsure.billing.models import (
    Bordereau,
    CarrierSettlement,
    LedgerReconciliationRun,
    LedgerTransfer,
    TaxRemittance,
)
from openinsure.claims.models import Disbursement, DisbursementApproval
from openinsure.console.newest import SIZE
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import Scope, entered
from tests import factories, people
from tests.billing import booked, carriers, differences, posting
from tests.claims import made

pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_policies", "oi_claims", "oi_billing"]
)
JSON = {"accept": "application/json"}


@pytest.fixture
def person(acme: Scope, db: None) -> Any:
    """A finance analyst of an organisation with a ledger."""
    posting.organization(acme)
    return people.account(acme.org_id, "finance_analyst")


@pytest.fixture
def finance(person: Any) -> Client:
    """Their browser."""
    return people.browser_of(person)


def check(scope: Scope, **given: Any) -> Any:
    """A disbursement that waits, with its one step."""
    claim = made.claim(scope, policy_id=factories.policy(scope).id)
    row = made.disbursement(scope, claim, status="pending_approval", **given)
    step = {"id": new_id(), "disbursement_id": row.id, "step_no": 1,
            "required_role": "finance_analyst"}  # fmt: skip
    factories.made(scope, DisbursementApproval, step)
    return row


def rows(client: Client) -> list[dict[str, Any]]:
    """What the page tells a program."""
    found: list[dict[str, Any]] = client.get("/approvals", headers=JSON).json()["rows"]
    return found


def decide(client: Client, row: dict[str, Any], act: str, note: str = "") -> Any:
    """Press a button of a row."""
    sent = {"form_id": row["form_id"], "kind": row["kind"], "number": row["number"]}
    return client.post("/approvals/decisions", sent | {"act": act, "note": note})


def test_it_shows_what_waits_for_the_viewer(acme: Scope, finance: Client) -> None:
    paid, settled, told = check(acme), carriers.settlement(acme), carriers.bordereau(
        acme, status="generated")  # fmt: skip
    assert {row["number"] for row in rows(finance) if row["mine"]} == {
        paid.disbursement_number, settled.settlement_number, told.bordereau_number}  # fmt: skip
    page = finance.get("/approvals").content.decode()
    assert page.count('action="/approvals/decisions"') == 5
    assert len(set(re.findall(r'name="form_id" value="([^"]+)"', page))) == 5


def test_what_i_asked_for_waits_for_others(acme: Scope, finance: Client, person: Any) -> None:
    own = carriers.settlement(acme, author_user_id=person.user_id)
    assert [row["mine"] for row in rows(finance)] == [False]
    page = finance.get("/approvals").content.decode()
    assert "because you took part" in page
    assert "/approvals/decisions" not in page
    sent = {"kind": "settlement", "number": own.settlement_number, "act": "approve"}
    other = carriers.settlement(acme)
    form = next(row for row in rows(finance) if row["number"] == other.settlement_number)
    refused = finance.post("/approvals/decisions", sent | {"form_id": form["form_id"]})
    assert refused.status_code == 403


def test_it_decides_in_place(acme: Scope, finance: Client) -> None:
    check(acme), carriers.settlement(acme), carriers.bordereau(acme, status="generated")
    tax = carriers.remittance(acme)
    for row in rows(finance):
        answer = decide(finance, row, row["act"].lower())
        assert (answer.status_code, answer["location"]) == (303, "/approvals"), row["kind"]
    with entered(acme):
        assert Disbursement.objects.within(acme).get().status == "approved"
        assert CarrierSettlement.objects.within(acme).get().status == "approved"
        assert Bordereau.objects.within(acme).get().status == "approved"
        assert TaxRemittance.objects.within(acme).get(id=tax.id).status == "released"
        # The ledger has caught up before the settlement is released.
        LedgerTransfer.objects.within(acme).update(status="posted")
    assert [row["act"] for row in rows(finance)] == ["Release"]
    assert [row["mine"] for row in rows(finance)] == [False]


def test_another_person_releases(acme: Scope, finance: Client) -> None:
    carriers.settlement(acme)
    decide(finance, rows(finance)[0], "approve")
    third = people.browser(acme.org_id, "finance_analyst")
    assert decide(third, rows(third)[0], "release").status_code == 303
    with entered(acme):
        assert CarrierSettlement.objects.within(acme).get().status in ("released", "settled")
    assert rows(third) == []


def test_a_rejection_without_a_reason_keeps_the_row(acme: Scope, finance: Client) -> None:
    check(acme)
    row = rows(finance)[0]
    refused = decide(finance, row, "reject", "")
    assert refused.status_code == 422
    assert row["number"] in refused.content.decode()
    assert decide(finance, row, "reject", "The invoice is missing").status_code == 303
    with entered(acme):
        assert Disbursement.objects.within(acme).get().status == "rejected"


def test_a_disbursement_is_not_rejected_by_another_word(acme: Scope, finance: Client) -> None:
    check(acme)
    assert decide(finance, rows(finance)[0], "release", "A word of other kinds").status_code == 422
    with entered(acme):
        assert Disbursement.objects.within(acme).get().status == "pending_approval"


@pytest.mark.parametrize(
    "sent",
    [
        {"kind": "else", "number": "STL-1", "act": "approve"},
        {"kind": "settlement", "number": "STL-1", "act": "pay"},
        {"kind": "bordereau", "number": "BDX-1", "act": "reject"},
        {"kind": "settlement", "act": "approve"},
        {"kind": "settlement", "number": "STL-1", "act": "approve"},
        {"kind": "settlement", "number": "\0" * 99, "act": "approve"},
    ],
)
def test_it_refuses_what_it_does_not_know(finance: Client, sent: dict[str, str]) -> None:
    answer = finance.post("/approvals/decisions", sent)
    assert answer.status_code in (404, 422)


def test_each_role_sees_its_own_rows(acme: Scope, finance: Client) -> None:
    check(acme), carriers.settlement(acme)
    support = people.browser(acme.org_id, "support")
    assert rows(support) == []
    assert "Your role decides nothing" in support.get("/approvals").content.decode()
    sent = {"kind": "settlement", "number": "STL-1", "act": "approve"}
    assert support.post("/approvals/decisions", sent).status_code == 403
    assert SIGNED_IN


def test_it_is_another_organizations_no_business(
    acme: Scope, borealis: Scope, finance: Client
) -> None:
    foreign = carriers.settlement(borealis)
    carriers.settlement(acme)
    row = rows(finance)[0] | {"number": foreign.settlement_number}
    assert decide(finance, row, "approve").status_code == 404


def test_it_lists_what_other_pages_decide(finance: Client, person: Any, acme: Scope) -> None:
    """Months to reopen and differences are shown with the form that decides them."""
    month = booked.period(acme, status="reopen_requested", reopen_asked_by_user_id=new_id(),
                          reopen_reason="The carrier's statement came late.")  # fmt: skip
    item = differences.fault(acme, differences.transfer(acme))
    found = {row["kind"]: row for row in rows(finance)}
    assert found["period"]["number"] == month.period_code
    assert found["period"]["what"] == "The carrier's statement came late."
    assert found["period"]["amount_cents"] is None
    assert found["difference"]["amount_cents"] == -1_234
    assert found["difference"]["form"] == f"/ledger/reconciliation/{item.id}/resolutions"
    page = finance.get("/approvals").content.decode()
    assert f'href="/ledger/close/{month.period_code}/reopenings"' in page
    for row in (found["period"], found["difference"]):
        assert finance.get(row["form"]).status_code == 200
        assert finance.get(row["href"]).status_code == 200


def test_it_keeps_a_month_from_who_asked_and_a_difference_from_its_booker(
    finance: Client, person: Any, acme: Scope
) -> None:
    booked.period(acme, status="reopen_requested", reopen_asked_by_user_id=person.user_id)
    entry = booked.entry(acme, posted_by_user_id=person.user_id)
    differences.fault(acme, differences.transfer(acme, gl_entry_id=entry.id))
    found = {row["kind"]: row["mine"] for row in rows(finance)}
    assert (found["period"], found["difference"]) == (False, False)


def test_it_shows_only_the_newest_comparison(finance: Client, acme: Scope) -> None:
    old = differences.fault(acme)
    with entered(acme):
        runs = LedgerReconciliationRun.objects.within(acme)
        runs.update(run_date=date(2026, 11, 1))
    new = differences.fault(acme)
    ids = {row["id"] for row in rows(finance) if row["kind"] == "difference"}
    assert ids == {new.id} != {old.id}


def walked(client: Client, kind: str) -> list[dict[str, Any]]:
    """All rows of a kind, page by page."""
    found, path = list[dict[str, Any]](), f"/approvals?kind={kind}"
    while path:
        told = client.get(path, headers=JSON).json()
        assert len(told["rows"]) <= SIZE
        found += told["rows"]
        path = told["more"].get(kind, "")
    return found


def test_it_says_that_more_wait_and_how_to_reach_them(finance: Client, acme: Scope) -> None:
    """Each kind ends after a page; nothing that waits is out of reach, nothing comes twice."""
    for day in range(SIZE + 2):
        carriers.settlement(acme, due_date=date(2026, 12, 1) + timedelta(day // 3))
    checks = [check(acme) for _ in range(SIZE + 1)]
    with entered(acme):
        Disbursement.objects.within(acme).filter(id=checks[0].id).update(status="requested")
    page = finance.get("/approvals").content.decode()
    assert f"Settlements to approve ({SIZE}+)" in page
    assert page.count(f"{SIZE} shown; more wait.") == 2
    told = finance.get("/approvals", headers=JSON).json()
    assert set(told["more"]) == {"disbursements", "settlements"}
    settled = walked(finance, "settlements")
    assert len(settled) == len({row["id"] for row in settled}) == SIZE + 2
    assert [row["id"] for row in walked(finance, "disbursements")] == [row.id for row in checks]
    last = finance.get(told["more"]["settlements"]).content.decode()
    assert "No more wait." in last
    assert "Settlements to approve (2)" in last


def test_a_page_goes_on_behind_a_row_decided_meanwhile(finance: Client, acme: Scope) -> None:
    for _ in range(SIZE + 1):
        carriers.settlement(acme)
    told = finance.get("/approvals", headers=JSON).json()
    assert decide(finance, told["rows"][-1], "approve").status_code == 303
    rest = finance.get(told["more"]["settlements"], headers=JSON).json()
    assert (len(rest["rows"]), rest["more"]) == (1, {})


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("kind=else", 400),
        ("kind=", 400),
        ("after=0190a000-0000-7000-8000-00000000000a", 400),
        ("kind=settlements&after=x", 400),
        ("kind=settlements&after=0190a000-0000-7000-8000-00000000000a", 404),
        ("kind=settlements&kind=entries", 400),
    ],
)
def test_it_refuses_an_address_it_cannot_read(finance: Client, query: str, status: int) -> None:
    assert finance.get(f"/approvals?{query}").status_code == status


def test_a_remittance_is_found_by_its_number_alone(finance: Client, acme: Scope) -> None:
    waiting = carriers.remittance(acme)
    (row,) = (row for row in rows(finance) if row["kind"] == "remittance")
    for wrong in ("FL-SLT", f"{row['number']}0", row["number"].replace("-", "--"), "FL-X-20261399"):
        assert decide(finance, row | {"number": wrong}, "release").status_code == 404, wrong
    assert decide(finance, row, "release").status_code == 303
    with entered(acme):
        assert TaxRemittance.objects.within(acme).get(id=waiting.id).status == "released"
