"""The list of commission payouts: own ones only, page by page, each leading to its statement."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from openinsure.billing import models as billing
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.billing import carriers
from tests.billing.test_commissions import ANN, BOB, CYD, act, draw, world
from tests.billing.test_payments import World

__all__ = ["world"]  # the fixture
pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES, "ledger_engine"])
PATH = "/billing/commissions/payouts"
JSON = {"accept": "application/json"}


def rows(browser: Any, address: str = PATH) -> Any:
    answer = browser.get(address, headers=JSON)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_it_walks_every_payout_once_newest_first(acme: Scope, borealis: Scope) -> None:
    made = []
    for day in range(25):
        at = carriers.EARLIEST + timedelta(days=day // 2)  # two of a moment
        stated = carriers.statement(acme)
        made.append(carriers.commission_payout(acme, stated, created_at=at, amount_cents=day + 1))
    foreign = carriers.commission_payout(borealis, carriers.statement(borealis))
    page = people.browser(acme.org_id, "finance_analyst")
    seen, address = [], f"{PATH}?size=10"
    while address:
        told = rows(page, address)
        seen += told["rows"]
        address = told["next"]
    assert {row["id"] for row in seen} == {row.id for row in made}
    assert len(seen) == len(made)
    drawn = [row["drawn_up"] for row in seen]
    assert drawn == sorted(drawn, reverse=True)
    assert foreign.id not in str(seen)


def test_it_filters_by_status(acme: Scope) -> None:
    kept = carriers.commission_payout(acme, carriers.statement(acme), status="returned")
    carriers.commission_payout(acme, carriers.statement(acme), status="paid")
    page = people.browser(acme.org_id, "finance_analyst")
    assert [row["id"] for row in rows(page, f"{PATH}?status=returned")["rows"]] == [kept.id]
    assert page.get(f"{PATH}?status=lost").status_code == 400
    assert people.browser(acme.org_id, "support").get(PATH).status_code == 403


def test_list_statement_and_books_lead_to_each_other(world: World) -> None:
    scope = world.scope
    key = draw(scope).number
    act(scope, "approve_payout", key, BOB)
    act(scope, "release_payout", key, CYD)
    assert ANN != CYD
    page = people.browser(scope.org_id, "finance_analyst")
    (row,) = rows(page)["rows"]
    assert (row["id"], row["number"]) == (key, f"COM-{key[-12:].upper()}")
    with entered(scope):
        stated = billing.CommissionStatement.objects.within(scope).get()
    statement = f"/billing/commissions/{stated.id}"
    assert f'href="{statement}"' in page.get(PATH).content.decode()
    html = page.get(statement).content.decode()
    assert PATH in html
    entry = html.split('href="/ledger/journal/')[1].split('"')[0]
    assert statement in page.get(f"/ledger/journal/{entry}").content.decode()
