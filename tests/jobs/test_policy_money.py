"""A cancellation told to billing: its premium goes back, once, whatever is killed between."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from openinsure.billing.models import PremiumTransaction, Refund
from openinsure.jobs import policy_money
from openinsure.keyspaces.ids import new_id
from openinsure.policies.models import PolicyEvent
from openinsure.tenancy.scope import Scope, entered
from tests import factories, people
from tests.billing import making, posting
from tests.billing.earning import Book
from tests.billing.posting import balances
from tests.billing.test_returns import Golden
from tests.policies.test_operations import NOW, ON, cancel, golden

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_policies", "oi_billing"])


@pytest.fixture
def world(acme: Scope) -> Golden:
    """G1 with E1 paid up but for E1, cancelled a moment ago."""
    policy = golden(acme)
    made = Golden(acme)
    made.account = making.account(
        acme, policy_id=policy.id, policy_number=policy.policy_number,
        producer_id=policy.producer_id,
    )  # fmt: skip
    made.paid_up()
    made.invoice(12, ("tax", 5_424), ("premium", 109_808))
    with entered(acme):
        factories.program(acme, id=policy.program_id)
        cancel(acme, policy)
    return made


def deliver(scope: Scope) -> int:
    """One round."""
    with entered(scope):
        return policy_money.deliver(scope, now=NOW)


def waiting(scope: Scope) -> int:
    """Events of cancellations that are not delivered."""
    with entered(scope):
        rows = PolicyEvent.objects.within(scope).filter(event_type="policy.cancelled")
        return rows.filter(delivered_at=None).count()


def test_it_books_a_cancellation_once(world: Golden) -> None:
    assert waiting(world.scope) == 1
    assert [deliver(world.scope), deliver(world.scope)] == [1, 0]
    assert waiting(world.scope) == 0
    assert world.refund().amount_cents == 298_223
    returned = [line for line in world.statement() if line[0] == "return_premium"]
    assert sum(cents for _, cents, _ in returned) == -408_031


def test_it_is_exact_when_killed_before_the_mark(
    world: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*args: Any, **kwargs: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(policy_money, "mark_delivered", killed)
        with pytest.raises(SystemExit):
            deliver(world.scope)
    before = balances(world.scope)
    assert waiting(world.scope) == 1
    assert deliver(world.scope) == 1
    assert balances(world.scope) == before
    with entered(world.scope):
        assert Refund.objects.within(world.scope).count() == 1


def test_it_stops_the_streams(world: Golden) -> None:
    book = Book(world.scope)
    book.stream(world.account, 0, 0, 1_234_567, ON.replace(month=3, day=1),
                ON.replace(year=ON.year + 1, month=3, day=1), share=669_752)  # fmt: skip
    deliver(world.scope)
    with entered(world.scope):
        rows = PremiumTransaction.objects.within(world.scope).filter(earn_to__gt=ON)
        assert {row.stopped_on for row in rows} == {ON}


def step(browser: Client, address: str) -> None:
    """Take a step by its form."""
    page = browser.get(address).content.decode()
    form_id = page.split('name="form_id" value="')[1].split('"')[0]
    assert browser.post(address, {"form_id": form_id}).status_code == 303


def test_a_person_issues_the_refund_from_the_account(world: Golden) -> None:
    deliver(world.scope)
    browser = people.browser(world.scope.org_id, "finance_analyst")
    account = f"/billing/accounts/{world.account.account_number}"
    step(browser, f"{account}/refunds/{world.refund().id}/approvals")
    assert world.refund().status == "approved"
    posting.take_holds(world.scope)
    address = f"{account}/refunds/{world.refund().id}/issues"
    assert f'href="{address}"' in browser.get(f"{account}?tab=holds").content.decode()
    page = browser.get(address).content.decode()
    assert "$2,982.23" in page
    form_id = page.split('name="form_id" value="')[1].split('"')[0]
    done = browser.post(address, {"form_id": form_id})
    assert (done.status_code, done["Location"]) == (303, f"{account}?tab=holds")
    assert world.refund().status == "issued"
    assert world.statement()[-1] == ("refund", 298_223, 5_424)
    unknown = f"{account}/refunds/{new_id()}/issues"
    assert browser.get(unknown).status_code == 404


def test_it_lets_one_wait_and_books_the_others(world: Golden) -> None:
    with entered(world.scope):
        stray = factories.policy(world.scope)
        PolicyEvent.objects.within(world.scope).create(
            id=new_id(), policy_id=stray.id, seq=1, event_type="policy.cancelled",
            actor_role="system", effective_date=ON, occurred_at=NOW, created_at=NOW,
            payload={"cancellation_id": new_id(), "retained_cents": 1},
        )  # fmt: skip
    assert deliver(world.scope) == 1
    assert waiting(world.scope) == 1


def test_it_books_no_other_organisations_events(world: Golden, borealis: Scope) -> None:
    assert deliver(borealis) == 0
    assert waiting(world.scope) == 1
