"""Roll-ups of the home page and of the policies list: counted per organisation, kept when away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.utils import OperationalError
from django.test import Client
from django.utils import timezone

from openinsure.billing.models import BillingAccount
from openinsure.keyspaces.ids import new_id
from openinsure.pages import figures
from openinsure.pages.models import PolicyStanding
from openinsure.tenancy.scope import Scope, entered
from tests import factories, people
from tests.billing import making
from tests.claims import made
from tests.pages.test_find import ALL

pytestmark = pytest.mark.django_db(databases=ALL)


def refreshed(scope: Scope, minutes: int = 0) -> bool:
    with entered(scope):
        return figures.refresh_org(scope, at=timezone.now() + timedelta(minutes=minutes))


def read(scope: Scope) -> dict[str, figures.Figure]:
    with entered(scope):
        return figures.figures_of(scope)


def standing(scope: Scope, policy: Any) -> tuple[int, int, int]:
    with entered(scope):
        row = PolicyStanding.objects.within(scope).get(policy_id=policy.id)
    return row.balance_cents, row.past_due_cents, row.open_claims


def test_it_counts_each_organisation_by_itself(acme: Scope, borealis: Scope) -> None:
    today = timezone.now().date()
    for scope, due in ((acme, 5_000), (borealis, 0)):
        policy = factories.policy(
            scope, effective_date=today - timedelta(days=350),
            expiration_date=today + timedelta(days=15),
        )  # fmt: skip
        making.account(scope, policy_id=policy.id, past_due_cents=due, balance_cents=due)
        assert refreshed(scope)
    ours, theirs = read(acme), read(borealis)
    assert (ours["in_force"].count, ours["expiring"].count) == (1, 1)
    assert (ours["past_due"].count, ours["past_due"].cents) == (1, 5_000)
    assert (theirs["past_due"].count, theirs["past_due"].cents) == (0, 0)
    assert "differences" not in ours  # no comparison was made: no figure


@pytest.mark.parametrize("role", ["auditor", "superadmin"])
def test_the_platforms_own_home_shows_no_book(acme: Scope, role: str) -> None:
    told = people.bearer(acme.org_id, role).get("/").json()
    assert [tile["name"] for tile in told["tiles"]] == ["databases"]
    assert list(told["panels"]) == ["databases"]
    page = people.browser(acme.org_id, role).get("/").content.decode()
    assert "Policies changed last" not in page


def test_it_keeps_the_last_figure_of_a_keyspace_that_is_away(
    acme: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    making.account(acme, past_due_cents=700)
    refreshed(acme)
    before = read(acme)["past_due"]

    def away(*_: Any) -> Any:
        raise OperationalError(2002, "refused")

    monkeypatch.setattr("openinsure.billing.counts.past_due", away)
    assert not refreshed(acme, minutes=5)
    assert read(acme)["past_due"] == before
    assert read(acme)["in_force"].read_at > before.read_at


def test_it_takes_up_what_changed_in_billing_and_claims(acme: Scope) -> None:
    policy = factories.policy(acme)
    account = making.account(acme, policy_id=policy.id, balance_cents=100, past_due_cents=40)
    refreshed(acme)
    assert standing(acme, policy) == (100, 40, 0)
    made.claim(
        acme, policy_id=policy.id, policy_number=policy.policy_number, updated_at=timezone.now()
    )
    refreshed(acme, minutes=1)
    assert standing(acme, policy) == (100, 40, 1)
    with entered(acme):
        BillingAccount.objects.within(acme).filter(id=account.id).update(
            balance_cents=0, past_due_cents=0, updated_at=timezone.now()
        )
    refreshed(acme, minutes=2)
    assert standing(acme, policy) == (0, 0, 1)
    refreshed(acme, minutes=3)
    assert standing(acme, policy) == (0, 0, 1)


def test_the_list_carries_balance_and_open_claims(acme: Scope, acme_support: Client) -> None:
    policy, bare = factories.policy(acme), factories.policy(acme)
    factories.standing(acme, policy, balance_cents=12_345, open_claims=2)
    script = people.bearer(acme.org_id, "support")
    rows = {row["id"]: row for row in script.get("/policies").json()["rows"]}
    assert (rows[policy.id]["balance_cents"], rows[policy.id]["claims"]) == (12_345, 2)
    assert (rows[bare.id]["balance_cents"], rows[bare.id]["claims"]) == (None, None)
    page = acme_support.get("/policies").content.decode()
    assert 'value="12345"' in page
    hidden = people.bearer(acme.org_id, "underwriter").get("/policies").json()["rows"]
    assert not any("balance_cents" in row for row in hidden)
    assert {row["claims"] for row in hidden} == {2, None}


def test_home_shows_the_figures_of_the_own_organisation(acme: Scope, acme_support: Client) -> None:
    empty = acme_support.get("/").content.decode()
    assert "Not read yet" in empty
    making.account(acme, policy_id=new_id(), past_due_cents=12_300)
    refreshed(acme)
    page = acme_support.get("/").content.decode()
    assert 'data-panel="past_due" data-panel-state="ok"' in page
    assert "$123.00" in page
