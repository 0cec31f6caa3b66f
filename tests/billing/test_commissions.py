"""A commission statement paid out: three people, the ledger, the bank; worked example step 9."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from openinsure.billing import models as billing
from openinsure.billing.operations import commissions as steps
from openinsure.billing.queries.ledger import outbox_state
from openinsure.console.forms import Once
from openinsure.console.states import IllegalTransition
from openinsure.jobs import relay
from openinsure.jobs.reconciliation import reconcile
from openinsure.keyspaces.ids import new_id
from openinsure.problems import Conflict, Forbidden
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.billing import carriers, posting
from tests.billing.posting import balances, once
from tests.billing.settlements import in_ledger
from tests.billing.test_dues import RECEIPT_1, state
from tests.billing.test_ledger_close import transfers_check
from tests.billing.test_payments import World

DATABASES = ["default", "oi_global", "oi_claims", "oi_billing", "ledger_engine"]
pytestmark = pytest.mark.django_db(databases=DATABASES)
NOW = posting.NOW
OWED = 30_864  # producer's share of receipt 1 (domain.md 5.5)
ANN, BOB, CYD = new_id(), new_id(), new_id()


@pytest.fixture
def world(acme: Scope) -> World:
    """Receipt 1 in the ledger, stated, and the producer's account verified."""
    made = World(acme)
    made.pay(RECEIPT_1)
    state(made, date(2026, 3, 31))
    carriers.producer_account(acme, made.account.producer_id)
    with entered(acme):
        relay.relay(acme, now=NOW)
    return made


def draw(scope: Scope, by: str = ANN, form: Once | None = None) -> Any:
    with entered(scope):
        statement = billing.CommissionStatement.objects.within(scope).get()
        return steps.draw_payout(
            scope, once=form or once(), statement_id=statement.id, actor_user_id=by, now=NOW
        )


def act(scope: Scope, name: str, payout: str, by: str, **more: Any) -> Any:
    with entered(scope):
        return getattr(steps, name)(scope, payout, actor_user_id=by, now=NOW, **more)


def unexplained(scope: Scope) -> list[int]:
    """Of the comparison after the outbox is empty."""
    with entered(scope):
        relay.relay(scope, now=NOW)
        found = reconcile(scope, date(2026, 11, 20), now=NOW)
    assert all(not one.faults for one in found)
    return [one.unexplained_cents for part in found for one in part.compared]


def test_it_pays_the_producer_as_the_worked_example(world: World) -> None:
    scope, form = world.scope, once()
    key = draw(scope, form=form).number
    assert draw(scope, form=form).repeated
    with pytest.raises(Forbidden):
        act(scope, "approve_payout", key, ANN)
    assert [act(scope, "approve_payout", key, BOB).repeated for _ in range(2)] == [False, True]
    for person in (ANN, BOB):
        with pytest.raises(Forbidden):
            act(scope, "release_payout", key, person)
    act(scope, "release_payout", key, CYD)
    with pytest.raises(Conflict, match="not taken"):
        act(scope, "confirm_payout", key, ANN)
    assert set(unexplained(scope)) == {0}
    assert in_ledger(scope)["EXTERNAL_PAYOUT"] == (0, -OWED)
    assert [act(scope, "confirm_payout", key, ANN).repeated for _ in range(2)] == [False, True]
    assert set(unexplained(scope)) == {0}
    books = balances(scope)
    assert ("2200" in books, "2090" in books) == (False, False)
    assert books["1010"] == RECEIPT_1 - OWED
    assert "PRODUCER_PAYABLE" not in in_ledger(scope)
    assert in_ledger(scope)["MGA_FIDUCIARY"] == (RECEIPT_1 - OWED, 0)
    with entered(scope):
        assert billing.CommissionStatement.objects.within(scope).get().status == "paid"
    with pytest.raises(Conflict, match="left to pay"):
        draw(scope)


def test_a_payout_that_comes_back_is_owed_again(world: World) -> None:
    scope, before = world.scope, balances(world.scope)
    key = draw(scope).number
    act(scope, "approve_payout", key, BOB)
    act(scope, "release_payout", key, CYD)
    assert set(unexplained(scope)) == {0}
    act(scope, "return_payout", key, ANN, reason="Account closed at the bank")
    assert balances(scope) == before
    assert set(unexplained(scope)) == {0}
    assert draw(scope).status == "ready"


def test_what_the_ledger_refused_is_named_until_it_is_recorded_as_come_back(world: World) -> None:
    scope, before = world.scope, balances(world.scope)
    key = draw(scope).number
    act(scope, "approve_payout", key, BOB)
    act(scope, "release_payout", key, CYD)
    with entered(scope):
        rows = billing.LedgerTransfer.objects.within(scope).filter(source_id=key)
        assert rows.update(status="refused", result_code="EXCEEDS_CREDITS") == 1
        statement = billing.CommissionStatement.objects.within(scope).get().id
        check = transfers_check(scope, NOW)
        assert outbox_state(scope, now=NOW).stuck == 1
    (blocker,) = check.blockers
    assert (check.status, check.found) == ("open", "1 refused")
    assert blocker.name == f"Commission payout COM-{key[-12:].upper()}"
    assert blocker.href == f"/billing/commissions/{statement}"
    assert "record there that it came back" in blocker.why
    page = people.browser(scope.org_id, "finance_analyst").get(f"/ledger/close/{NOW:%Y-%m}")
    assert f'<a href="{blocker.href}">{blocker.name}</a>' in page.content.decode()
    with pytest.raises(Conflict, match="refused"):
        act(scope, "confirm_payout", key, ANN)
    act(scope, "return_payout", key, ANN, reason="The ledger refused it")
    with entered(scope):
        check = transfers_check(scope, NOW)
        assert outbox_state(scope, now=NOW).stuck == 0
        out, back = (
            billing.GlJournalEntry.objects.within(scope).get(source_type=kind)
            for kind in ("commission_release", "commission_return")
        )
    assert (check.status, check.found, check.blockers) == ("passed", "None waiting", ())
    assert (back.reversal_of_id, out.reversed_by_id) == (out.id, back.id)
    assert balances(scope) == before
    assert set(unexplained(scope)) == {0}


def test_nothing_is_paid_twice_or_to_an_unverified_account(world: World) -> None:
    scope = world.scope
    first = draw(scope).number
    with pytest.raises(Conflict, match="left to pay"):
        draw(scope)
    act(scope, "reject_payout", first, BOB, reason="Wrong month was stated")
    with pytest.raises(IllegalTransition):
        act(scope, "approve_payout", first, BOB)
    with entered(scope):
        billing.ExternalAccount.objects.within(scope).update(verified_at=None)
    with pytest.raises(Conflict, match="verified"):
        draw(scope)


def test_three_people_pay_it_in_the_browser(world: World) -> None:
    scope = world.scope
    with entered(scope):
        statement = billing.CommissionStatement.objects.within(scope).get()
    author, approver, releaser = (
        people.browser(scope.org_id, role) for role in
        ("finance_analyst", "org_admin", "finance_analyst")
    )  # fmt: skip
    page = f"/billing/commissions/{statement.id}"
    assert f"{page}/payouts" in author.get(page).content.decode()
    submit(author, f"{page}/payouts")
    for person, word in ((author, "approve"), (approver, "approve"), (releaser, "release")):
        listed = person.get("/approvals").content.decode()
        assert "COM-" in listed
        sent = {
            "form_id": listed.split('name="form_id" value="')[1].split('"')[0]
            if 'name="form_id"' in listed else "", "kind": "commission", "act": word,
            "number": "COM-" + listed.split("COM-")[1][:12], "note": "",
        }  # fmt: skip
        answer = person.post("/approvals/decisions", sent)
        assert answer.status_code == (303 if person is not author else 422), word
    assert releaser.post("/approvals/decisions", sent).status_code == 303  # a double click
    with entered(scope):
        row = billing.CommissionPayout.objects.within(scope).get()
        assert (row.status, len({row.author_user_id, row.approved_by_user_id,
                                 row.released_by_user_id})) == ("released", 3)  # fmt: skip
        relay.relay(scope, now=NOW)
    submit(author, f"/billing/commissions/payouts/{row.id}/confirmations")
    assert "Paid" in author.get(page).content.decode()


def submit(browser: Any, address: str) -> None:
    """Take a step by its form."""
    body = browser.get(address).content.decode()
    form_id = body.split('name="form_id" value="')[1].split('"')[0]
    assert browser.post(address, {"form_id": form_id}).status_code == 303
