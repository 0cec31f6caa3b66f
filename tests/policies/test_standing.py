"""/policies?balance= and ?claims=: the roll-up orders, oi_policies answers (decisions 9)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from openinsure.pages import standing
from openinsure.tenancy.scope import Scope, entered
from tests import factories, people
from tests.policies.reads import counted

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_policies"])


def numbers(client: Client, query: str) -> list[str]:
    response = client.get(f"/policies?{query}")
    assert response.status_code == 200, response.content
    return [row["number"] for row in response.json()["rows"]]


def owing(scope: Scope, cents: int, **given: Any) -> str:
    row = factories.policy(scope, **given)
    factories.standing(scope, row, balance_cents=cents, past_due_cents=cents // 2)
    return str(row.policy_number)


def test_it_lists_the_largest_balance_first(
    acme_script: Client, acme: Scope, borealis: Scope
) -> None:
    small, large, settled = owing(acme, 100), owing(acme, 90_000), owing(acme, 0)
    owing(borealis, 500)
    claimed = factories.policy(acme)
    factories.standing(acme, claimed, open_claims=2)
    assert numbers(acme_script, "balance=due") == [large, small]
    assert numbers(acme_script, "balance=past_due") == [large, small]
    assert set(numbers(acme_script, "balance=none")) == {settled, claimed.policy_number}
    assert numbers(acme_script, "claims=open") == [claimed.policy_number]


def test_it_tells_the_age_of_the_figures(
    acme_script: Client, acme_support: Client, acme: Scope
) -> None:
    owing(acme, 100)
    body = acme_script.get("/policies?balance=due").json()
    assert body["read_at"] == "2026-01-01T12:00:00Z"
    assert "Rolled-up figures read" in acme_support.get("/policies?balance=due").content.decode()


@pytest.mark.parametrize("extra", ["", "&status=active"])
def test_it_pages_by_balance(
    acme_script: Client, acme: Scope, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "WALK_ROWS", 30)
    wanted = [owing(acme, 100 * number, status="active") for number in range(1, 36)]
    for number in range(40):
        owing(acme, 7 * number + 1, status="bound" if extra else "active")
    if not extra:
        wanted = numbers(acme_script, "balance=due&size=200")
    seen: list[str] = []
    address: str | None = f"/policies?balance=due&size=10{extra}"
    while address:
        body = acme_script.get(address).json()
        seen += [row["number"] for row in body["rows"]]
        assert len(body["rows"]) <= 10
        address = body["next"]
    assert sorted(seen) == sorted(wanted)
    assert len(seen) == len(set(seen))


def test_it_reads_at_most_two_thousand_rows(acme: Scope) -> None:
    factories.many_policies(acme, [{} for _ in range(1_200)])
    with entered(acme):
        ids = list(factories.policies.Policy.objects.within(acme).values_list("id", flat=True))
        for key in ids:
            row = factories.PolicyStanding(org_id=acme.org_id, policy_id=key, balance_cents=5)
            row.read_at = factories.EARLIEST
            row.save(force_insert=True)
        from openinsure.policies.filters import PolicyFilter

        with counted("default") as rollup, counted("oi_policies") as terms:
            page = standing.list_by_standing(
                acme,
                standing.BALANCES["due"],
                PolicyFilter({"status": ("bound",)}),
                at=None,
                size=50,
            )
    assert page.partial
    assert rollup.rows + terms.rows <= 2_000 + 4


def hidden(client: Client, query: str, tool: str) -> set[str]:
    """What the form of one filter carries along."""
    html = client.get(f"/policies?{query}&tool={tool}").content.decode()
    form = html.partition(f'name="{tool}"')[0].rpartition("<form")[2]
    return set(re.findall(r'type="hidden" name="(\w+)"', form))


def test_its_filter_forms_never_ask_for_two_orders(acme_support: Client) -> None:
    sorted_by = "sort=-premium_cents&status=active"
    assert hidden(acme_support, sorted_by, "balance") == {"status"}
    assert hidden(acme_support, sorted_by, "state") == {"status", "sort"}
    assert hidden(acme_support, "claims=open", "balance") == set()


def test_it_tells_no_balance_to_who_may_not_see_billing(acme: Scope) -> None:
    owing(acme, 90_000)
    underwriter = people.browser(acme.org_id, "underwriter")
    html = underwriter.get("/policies").content.decode()
    assert "Balance" not in html
    assert "Claims" in html
    assert underwriter.get("/policies?balance=due").status_code == 400
    script = people.bearer(acme.org_id, "underwriter")
    assert "balance_cents" not in script.get("/policies").json()["rows"][0]
