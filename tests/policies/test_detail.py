"""GET /policies/<number>: one term on a date, its tabs, and nothing of anybody else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import Scope
from tests import factories, people
from tests.billing import differences

pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_policies", "oi_claims", "oi_billing"]
)


def told(client: Client, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return response.json()


def html(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return response.content.decode()


def two_terms(scope: Scope) -> Any:
    """A renewed term and its successor."""
    first = factories.policy(
        scope, status="renewed", effective_date=date(2025, 3, 1), expiration_date=date(2026, 3, 1)
    )
    return factories.policy(
        scope, policy_number=first.policy_number, term_number=2, prior_policy_id=first.id
    )


def test_it_tells_the_policy_and_its_panels(acme_script: Client, acme: Scope) -> None:
    policy = factories.policy(acme, vehicle_count=1)
    factories.vehicle(acme, policy)
    factories.coverage(acme, policy)
    factories.event(acme, policy)
    body = told(acme_script, f"/policies/{policy.policy_number}?as_of=2026-05-01")
    assert (body["page"], body["org"]) == ("policies.detail", acme.org_id)
    assert body["row"]["id"] == policy.id
    assert body["row"]["in_force"]["answer"] is True
    panels = body["panels"]
    assert list(panels) == [
        "billing", "claims", "contact", "coverages", "vehicles", "drivers", "endorsements",
        "documents", "timeline", "ledger",
    ]  # fmt: skip
    assert panels["vehicles"]["state"] == "ok"
    assert panels["vehicles"]["rows"][0]["vin"] == "1FUJGLDR9CSBP8834"
    assert panels["drivers"] == {"state": "empty", "rows": []}
    assert panels["timeline"]["rows"][0]["title"] == "Bound"


def test_it_answers_a_foreign_number_like_an_unknown_one(
    acme_support: Client, acme: Scope, borealis: Scope
) -> None:
    foreign = factories.policy(borealis, policy_number="BOR-2026-000001")
    answers = [
        acme_support.get(f"/policies/{number}")
        for number in (foreign.policy_number, "BOR-2026-000002")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    bodies = [
        answer.content.decode()
        .replace("BOR-2026-000001", "N")
        .replace("BOR-2026-000002", "N")
        .replace(answer["X-Request-ID"], "R")
        for answer in answers
    ]
    assert without_token(bodies[0]) == without_token(bodies[1])


def without_token(page: str) -> str:
    """The page without its CSRF token, which is masked anew each time."""
    import re

    return re.sub(r'(csrf-token" content|csrfmiddlewaretoken" value)="[^"]*"', "", page)


@pytest.mark.parametrize(
    "number",
    [
        "0", "-1", "9223372036854775808", "' or 1=1", "%00", "ACM%002026", "ＡＣＭ", "[]", "{}",
        "acm-2026-000001", "ACM 2026", "\u202eACM", "A" * 10_000, "..", "%2e%2e",
        "ACM-2026-000001 ",
    ],
)  # fmt: skip
def test_it_knows_no_such_number(acme_support: Client, acme: Scope, number: str) -> None:
    factories.policy(acme, policy_number="ACM-2026-000001")
    response = acme_support.get(f"/policies/{number}")
    assert response.status_code == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("as_of=yesterday", "as_of"), ("as_of=2026-02-30", "as_of"), ("as_of=", "as_of"),
        ("as_of=0000-00-00", "as_of"), ("as_of=2026-01-01&as_of=2026-01-02", "as_of"),
        ("term=0", "term"), ("term=-1", "term"), ("term=1.0", "term"), ("term=", "term"),
        ("tab=loans", "tab"), ("tab=", "tab"), ("sort=number", "sort"), ("x=1", "x"),
    ],
)  # fmt: skip
def test_it_names_what_it_cannot_read(
    acme_script: Client, acme: Scope, query: str, field: str
) -> None:
    number = factories.policy(acme).policy_number
    response = acme_script.get(f"/policies/{number}?{query}")
    assert response.status_code == 400
    assert f"The parameter {field} " in response.json()["message"]


def test_it_opens_the_term_of_the_date(acme_script: Client, acme: Scope) -> None:
    number = two_terms(acme).policy_number
    for as_of, term in (("2025-06-01", 1), ("2026-03-01", 2), ("2024-01-01", 1), ("2030-01-01", 2)):
        assert told(acme_script, f"/policies/{number}?as_of={as_of}")["row"]["term"] == term
    row = told(acme_script, f"/policies/{number}?term=1&as_of=2026-06-01")["row"]
    assert (row["term"], row["in_force"]["answer"]) == (1, False)
    assert [term["term"] for term in row["terms"]] == [1, 2]
    assert acme_script.get(f"/policies/{number}?term=3").status_code == 404


def test_it_answers_in_force_from_dates_not_status(acme_script: Client, acme: Scope) -> None:
    policy = factories.policy(acme, status="active", cancellation_effective_date=date(2026, 6, 1))
    cancelled = factories.cancellation(acme, policy)
    factories.reinstatement(acme, policy, cancelled)
    address = f"/policies/{policy.policy_number}?as_of="
    for day, answer in (
        ("2026-02-28", False),
        ("2026-03-01", True),
        ("2026-05-31", True),
        ("2026-06-01", False),
        ("2026-06-14", False),
        ("2026-06-15", True),
        ("2027-02-28", True),
        ("2027-03-01", False),
    ):
        in_force = told(acme_script, address + day)["row"]["in_force"]
        assert in_force["answer"] is answer, day
        assert in_force["reason"]
        assert in_force["gaps"] == [["2026-06-01", "2026-06-15"]]


def test_it_earns_day_by_day(acme_script: Client, acme: Scope) -> None:
    """G1 of domain.md 4.4: 12,345.67 from 2026-03-01, and its endorsement E1."""
    policy = factories.policy(acme)
    factories.transaction(acme, policy)
    address = f"/policies/{policy.policy_number}?as_of="
    for day, cents in (
        ("2026-03-01", 0),
        ("2026-04-01", 104_854),
        ("2026-05-01", 206_325),
        ("2026-10-01", 723_828),
        ("2027-03-01", 1_234_567),
        ("2027-06-01", 1_234_567),
    ):
        assert told(acme_script, address + day)["row"]["earned_cents"] == cents, day
    factories.transaction(
        acme,
        policy,
        transaction_type="ENDORSEMENT",
        effective_date=date(2026, 9, 15),
        written_premium_cents=109_808,
    )
    row = told(acme_script, address + "2027-01-01")["row"]
    assert row["earned_cents"] == 1_035_007 + 71_014


def test_it_masks_licences_and_never_tells_what_is_sealed(
    acme_script: Client, acme_support: Client, acme: Scope
) -> None:
    policy = factories.policy(acme)
    factories.driver(acme, policy)
    address = f"/policies/{policy.policy_number}?tab=drivers&as_of=2026-04-01"
    answer = acme_script.get(address)
    (driver,) = answer.json()["panels"]["drivers"]["rows"]
    assert driver["license"] == "•••• 4821"
    page = html(acme_support, address)
    assert "•••• 4821" in page
    for secret in ("sealed-license", "sealed-birth-date", "birth"):
        assert secret not in page
        assert secret not in answer.content.decode()


def test_it_shows_the_schedule_of_the_date(acme_script: Client, acme: Scope) -> None:
    policy = factories.policy(acme)
    factories.vehicle(acme, policy, unit_no=1, removal_date=date(2026, 5, 1))
    factories.vehicle(acme, policy, unit_no=2, effective_date=date(2026, 6, 1))
    for day, units in (("2026-04-30", [1]), ("2026-05-01", []), ("2026-06-01", [2])):
        address = f"/policies/{policy.policy_number}?tab=vehicles&as_of={day}"
        rows = told(acme_script, address)["panels"]["vehicles"]["rows"]
        assert [row["unit"] for row in rows] == units, day


def test_it_shows_endorsements_before_and_after(acme_support: Client, acme: Scope) -> None:
    policy = factories.policy(acme)
    change = factories.endorsement(acme, policy)
    factories.made(
        acme,
        factories.policies.EndorsementItem,
        {
            "id": new_id(),
            "endorsement_id": change.id,
            "policy_id": policy.id,
            "entity_table": "policy_coverages",
            "entity_id": new_id(),
            "field_name": "deductible_cents",
            "before_json": {"value": 100000},
            "after_json": {"value": 250000},
        },
    )
    page = html(acme_support, f"/policies/{policy.policy_number}?tab=endorsements")
    assert 'value="24000"' in page
    assert "<del>100000</del>" in page
    assert "<ins>250000</ins>" in page


@pytest.mark.parametrize(
    "tab", ["overview", "coverages", "vehicles", "drivers", "endorsements", "timeline"]
)
def test_it_opens_each_tab_empty_and_full(acme_support: Client, acme: Scope, tab: str) -> None:
    empty = factories.policy(acme)
    address = f"/policies/{empty.policy_number}?tab={tab}&as_of=2026-06-01"
    page = html(acme_support, address)
    assert f'data-panel="{tab}"' in page
    assert 'data-page="policies.detail"' in page
    full = factories.policy(acme)
    for make in (
        factories.vehicle,
        factories.driver,
        factories.coverage,
        factories.endorsement,
        factories.event,
    ):
        make(acme, full)
    page = html(acme_support, f"/policies/{full.policy_number}?tab={tab}&as_of=2026-06-01")
    assert f'data-panel="{tab}" data-panel-state="ok"' in page


def test_it_offers_every_tab(acme_support: Client, acme: Scope) -> None:
    address = f"/policies/{factories.policy(acme).policy_number}"
    page = html(acme_support, address)
    for tab in ("billing", "claims", "ledger", "documents"):
        assert f"tab={tab}" in page
        assert 'class="tabs"' in html(acme_support, f"{address}?tab={tab}")


def test_it_shows_the_rest_when_a_panel_is_away(
    acme_script: Client, acme: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db.utils import OperationalError

    from openinsure.policies import history

    def away(*_: Any, **__: Any) -> Any:
        raise OperationalError(2013, "Lost connection")

    monkeypatch.setattr(history, "list_events", away)
    body = told(acme_script, f"/policies/{factories.policy(acme).policy_number}")
    assert body["panels"]["timeline"]["state"] == "unavailable"
    assert body["panels"]["timeline"]["reason"].startswith("Timeline did not answer")
    assert body["panels"]["coverages"]["state"] == "empty"


def test_it_needs_a_person_who_may(acme: Scope, operator: Client, client: Client) -> None:
    number = factories.policy(acme, bound_at=datetime(2026, 1, 1, tzinfo=UTC)).policy_number
    assert client.get(f"/policies/{number}").status_code == 302
    assert operator.get(f"/policies/{number}").status_code == 403


def test_the_ledger_tab_shows_every_term(acme: Scope, acme_finance: Client) -> None:
    second = two_terms(acme)
    stranger = factories.policy(acme)
    moved = [
        differences.transfer(acme, policy_id=key)
        for key in (second.prior_policy_id, second.id, stranger.id)
    ]
    page = html(acme_finance, f"/policies/{second.policy_number}?tab=ledger&as_of=2026-06-01")
    shown = [f'<tr data-id="{row.id}"' in page for row in moved]
    assert shown == [True, True, False]
    assert '<th scope="col">Term</th>' in page
    single = html(acme_finance, f"/policies/{stranger.policy_number}?tab=ledger&as_of=2026-06-01")
    assert f'<tr data-id="{moved[2].id}"' in single
    assert '<th scope="col">Term</th>' not in single


@pytest.fixture
def acme_finance(acme: Scope) -> Client:
    return people.browser(acme.org_id, "finance_analyst")
