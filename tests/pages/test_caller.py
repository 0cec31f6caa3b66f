"""The one screen for the caller: owed, paid, claims, whom to call; on a day; each panel alone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db.utils import OperationalError
from django.test import Client

from openinsure.keyspaces import pools
from openinsure.keyspaces.ids import new_id
from openinsure.pages import policy_caller
from openinsure.policies.models import Insured
from openinsure.tenancy.scope import Scope
from tests import factories, people
from tests.billing import making
from tests.claims import made
from tests.pages.test_find import ALL

pytestmark = pytest.mark.django_db(databases=ALL)


@pytest.fixture(autouse=True)
def _closed_breakers() -> None:
    pools.reset()


@pytest.fixture
def desk(db: None, acme: Scope) -> Client:
    """A script of acme's support."""
    return people.bearer(acme.org_id, "support")


def book(scope: Scope) -> Any:
    """A policy owing 1,242.57 on 1 May and 1 June, the first paid on 28 April; a claim in June."""
    agency = factories.producer(scope, phone="(813) 555-0100")
    policy = factories.policy(scope, producer_id=agency.id, insured_id=factories.insured(scope).id)
    account = making.account(scope, policy_id=policy.id, policy_number=policy.policy_number)
    for month in (4, 5):
        making.invoice(
            scope, account, policy_id=policy.id, status="issued",
            issue_date=date(2026, month, 11), due_date=date(2026, month + 1, 1),
            total_cents=124_257, paid_cents=0, balance_cents=124_257,
        )  # fmt: skip
    making.payment(
        scope, account, policy_id=policy.id, amount_cents=124_257, status="split",
        received_at=datetime(2026, 4, 28, 15, tzinfo=UTC),
    )  # fmt: skip
    made.claim(
        scope, policy_id=policy.id, policy_number=policy.policy_number, status="open",
        date_of_loss=datetime(2026, 6, 10, 15, tzinfo=UTC),
    )  # fmt: skip
    return policy


def panels(client: Client, address: str) -> dict[str, Any]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    told: dict[str, Any] = answer.json()["panels"]
    return told


@pytest.mark.parametrize(
    ("day", "balance", "past_due", "next_due", "last", "claims"),
    [
        ("2026-04-10", 0, 0, None, None, 0),
        ("2026-04-20", 124_257, 0, "2026-05-01", None, 0),
        ("2026-04-29", 0, 0, None, 124_257, 0),
        ("2026-05-20", 124_257, 0, "2026-06-01", 124_257, 0),
        ("2026-06-15", 124_257, 124_257, None, 124_257, 1),
    ],
)
def test_it_answers_as_of_a_day(
    desk: Client, acme: Scope, day: str, balance: int, past_due: int, next_due: str | None,
    last: int | None, claims: int,
) -> None:  # fmt: skip
    policy = book(acme)
    told = panels(desk, f"/policies/{policy.policy_number}?as_of={day}")
    (owed,) = told["billing"]["rows"]
    assert (owed["balance_cents"], owed["past_due_cents"]) == (balance, past_due)
    assert owed["next_due"] == next_due
    assert [receipt["amount_cents"] for receipt in owed["receipts"]] == ([last] if last else [])
    assert len(told["claims"]["rows"]) == claims
    assert told["contact"]["rows"][0]["phone"] == "(813) 555-0100"


def test_it_shows_all_of_it_without_a_click(acme_support: Client, acme: Scope) -> None:
    policy = book(acme)
    page = acme_support.get(f"/policies/{policy.policy_number}?as_of=2026-06-15").content.decode()
    for said in ('data-in-force="yes"', "$1,242.57", "(813) 555-0100", 'data-panel="claims"',
                 'data-panel="billing"', "Past due"):  # fmt: skip
        assert said in page, said


@pytest.mark.parametrize(
    ("method", "said"),
    [("ach", "by ACH"), ("check", "by check"), ("finance", "by finance company")],
)
def test_its_timeline_says_how_a_payment_came(
    desk: Client, acme: Scope, method: str, said: str
) -> None:
    policy = factories.policy(acme)
    account = making.account(acme, policy_id=policy.id, policy_number=policy.policy_number)
    received = datetime(2026, 4, 28, 15, tzinfo=UTC)
    making.payment(
        acme, account, policy_id=policy.id, amount_cents=124_257, status="split", method=method,
        received_at=received,
    )  # fmt: skip
    told = panels(desk, f"/policies/{policy.policy_number}?tab=timeline&as_of=2026-06-15")
    details = [one["detail"] for one in told["timeline"]["rows"] if "received" in one["title"]]
    assert details == [said]


@pytest.mark.parametrize("tab", ["billing", "claims", "ledger"])
def test_no_two_regions_have_one_name(acme_support: Client, acme: Scope, tab: str) -> None:
    policy = book(acme)
    page = acme_support.get(f"/policies/{policy.policy_number}?tab={tab}").content.decode()
    names = re.findall(r'<h2 id="panel-[^"]+">([^<]+)</h2>', page)
    assert len(names) > 3
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("panel", ["claims", "billing"])
@pytest.mark.parametrize("code", [2003, 1969])
def test_it_loses_only_the_panel_of_a_database_that_is_away(
    desk: Client, acme_support: Client, acme: Scope, monkeypatch: pytest.MonkeyPatch,
    panel: str, code: int,
) -> None:  # fmt: skip
    policy = book(acme)

    def away(*_: Any, **__: Any) -> Any:
        raise OperationalError(code, "away")

    read = {"claims": "claims_of_policies", "billing": "standing_of"}[panel]
    monkeypatch.setattr(policy_caller, read, away)
    told = panels(desk, f"/policies/{policy.policy_number}?as_of=2026-06-15")
    assert {name for name, p in told.items() if p["state"] == "unavailable"} - {"ledger"} == {panel}
    assert "did not answer" in told[panel]["reason"]
    page = acme_support.get(f"/policies/{policy.policy_number}").content.decode()
    assert f'data-panel="{panel}" data-panel-state="unavailable"' in page
    assert page.count('data-panel-state="unavailable"') == 1


def test_it_leaves_a_failing_database_alone(
    desk: Client, acme: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy, asked = book(acme), []

    def away(*_: Any, **__: Any) -> Any:
        asked.append(1)
        raise OperationalError(2003, "away")

    monkeypatch.setattr(policy_caller, "claims_of_policies", away)
    for _ in range(6):
        assert panels(desk, f"/policies/{policy.policy_number}")["claims"]["state"] == "unavailable"
    assert len(asked) == pools.FAILURES_TO_OPEN


def test_it_shows_no_claim_while_recusals_are_not_known(
    desk: Client, acme: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise OperationalError(2003, "away")

    policy = book(acme)
    monkeypatch.setattr(policy_caller, "list_recusals", away)
    told = panels(desk, f"/policies/{policy.policy_number}")
    assert (told["claims"]["state"], told["claims"]["rows"]) == ("unavailable", [])
    assert told["billing"]["state"] == "ok"


def test_it_names_the_permission_that_is_missing(acme: Scope, db: None) -> None:
    policy = book(acme)
    told = panels(people.bearer(acme.org_id, "underwriter"), f"/policies/{policy.policy_number}")
    for name in ("billing", "claims", "ledger"):
        assert told[name] == {"state": "unavailable", "rows": [], "reason": "forbidden"}


def test_it_tells_an_underwriter_what_the_claims_come_to_and_names_none(acme: Scope) -> None:
    policy = book(acme)
    figures = {"outstanding_indemnity_cents": 120_000, "outstanding_expense_cents": 5_000,
               "paid_indemnity_cents": 40_000, "recovered_cents": 15_000,
               "incurred_cents": 150_000}  # fmt: skip
    closed = made.claim(
        acme, policy_id=policy.id, policy_number=policy.policy_number, status="closed",
        date_of_loss=datetime(2026, 6, 1, 15, tzinfo=UTC), **figures,
    )  # fmt: skip
    script, browser = (make(acme.org_id, "underwriter") for make in (people.bearer, people.browser))
    for address in (f"/policies/{policy.policy_number}", f"/insureds/{policy.insured_id}"):
        told = panels(script, f"{address}?as_of=2026-06-15")
        (row,) = told["claim_totals"]["rows"]
        assert row == {
            "claims": 2, "open": 1, "reserve_cents": 125_000, "paid_cents": 40_000,
            "recovered_cents": 15_000, "incurred_cents": 150_000, "currency": "USD",
        }  # fmt: skip
        assert told["claims"]["rows"] == []
        page = browser.get(f"{address}?as_of=2026-06-15").content.decode()
        card = page.partition('data-panel="claims"')[2].partition("</section>")[0]
        assert "<dd>1 of 2</dd>" in card
        assert 'value="150000"' in card
        assert "This needs the permission View claims." in card
        assert closed.claim_number not in page
        assert closed.claim_number not in script.get(address).content.decode()
    support = panels(people.bearer(acme.org_id, "support"), f"/policies/{policy.policy_number}")
    assert "claim_totals" not in support


def test_it_shows_an_insured_across_terms(desk: Client, acme_support: Client, acme: Scope) -> None:
    policy = book(acme)
    factories.policy(
        acme, policy_number=policy.policy_number, term_number=2, insured_id=policy.insured_id,
        effective_date=date(2027, 3, 1), expiration_date=date(2028, 3, 1),
    )  # fmt: skip
    told = panels(desk, f"/insureds/{policy.insured_id}?as_of=2026-06-15")
    assert [row["term"] for row in told["policies"]["rows"]] == [2, 1]
    assert told["billing"]["rows"][0]["past_due_cents"] == 124_257
    assert len(told["claims"]["rows"]) == 1
    page = acme_support.get(f"/insureds/{policy.insured_id}").content.decode()
    for personal in ("555-0142", "office@redrock.test", "123454417"):
        assert personal not in page
    assert "data-masked" in page


def test_it_answers_a_foreign_insured_like_an_unknown_one(desk: Client, borealis: Scope) -> None:
    foreign: Insured = factories.insured(borealis)
    answers = [desk.get(f"/insureds/{key}") for key in (foreign.id, new_id(), "nonsense")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert desk.get(f"/insureds/{foreign.id}?tab=x").status_code == 400
