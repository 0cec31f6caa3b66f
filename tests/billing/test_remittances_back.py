"""Tax that was not paid over: rejected, refused by the ledger, returned; held again."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from openinsure.billing.models import (
    GlJournalEntry,
    LedgerAccount,
    LedgerTransfer,
    TaxAccrual,
    TaxRemittance,
)
from openinsure.billing.operations import remittances
from openinsure.billing.queries.closing import list_checks
from openinsure.billing.queries.trial import list_periods
from openinsure.console.states import IllegalTransition
from openinsure.jobs import relay
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm, Conflict, Forbidden
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.billing import carriers, posting
from tests.billing.posting import balances, once
from tests.billing.settlements import in_ledger
from tests.billing.test_dues import NOW, RECEIPT_1, draw
from tests.billing.test_payments import World

pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_billing", "oi_claims", "ledger_engine"]
)
TAX, WHY = 61_729, "The state's account was closed"
ANN, BOB = new_id(), new_id()


@pytest.fixture
def world(acme: Scope) -> World:
    """The golden policy with its first receipt, in the ledger."""
    made = World(acme)
    made.pay(RECEIPT_1)
    take(acme)
    return made


def take(scope: Scope) -> None:
    """The ledger takes what waits."""
    with entered(scope):
        relay.relay(scope, now=NOW)


def step(world: World, name: str, key: str, by: str = BOB, **given: Any) -> Any:
    """One step of the remittance `key`."""
    run = getattr(remittances, f"{name}_remittance")
    with entered(world.scope):
        return run(world.scope, remittance_id=key, actor_user_id=by, now=NOW, **given)


def released(world: World, form: Any = None) -> str:
    """A remittance on its way to the ledger."""
    key = str(draw(world, ANN, form).remittance_id)
    step(world, "release", key)
    return key


def held(world: World) -> list[tuple[str, str | None]]:
    """Status and remittance of each receipt of the tax."""
    with entered(world.scope):
        rows = TaxAccrual.objects.within(world.scope).filter(tax_code="tax")
        return list(rows.values_list("status", "remittance_id"))


def test_another_person_rejects_it_and_the_tax_is_held(world: World) -> None:
    key = draw(world, ANN).remittance_id
    with pytest.raises(Forbidden):
        step(world, "reject", key, ANN, reason=WHY)
    with pytest.raises(BadForm):
        step(world, "reject", key, reason="short")
    done = [step(world, "reject", key, reason=WHY) for _ in range(2)]
    assert [(one.status, one.repeated) for one in done] == [("rejected", False), ("rejected", True)]
    assert held(world) == [("open", None)]
    assert balances(world.scope)["2300"] == -TAX - 750
    for name in ("release", "return"):
        with pytest.raises(IllegalTransition):
            step(world, name, key, **({"reason": WHY} if name == "return" else {}))


def test_the_period_is_drawn_up_again_and_remitted(world: World) -> None:
    first, form = once(), once()
    key = draw(world, ANN, first).remittance_id
    with pytest.raises(Conflict, match="already"):
        draw(world, ANN, form)
    step(world, "reject", key, reason=WHY)
    again = [draw(world, BOB, form) for _ in range(2)]
    assert [(one.remittance_id, one.repeated) for one in again] == [(key, False), (key, True)]
    with pytest.raises(Forbidden):
        step(world, "release", key, BOB)
    step(world, "release", key, ANN)
    take(world.scope)
    step(world, "confirm", key, confirmation="FL123")
    take(world.scope)
    assert held(world) == [("remitted", key)]
    assert balances(world.scope)["2300"] == -750
    with entered(world.scope):
        row = TaxRemittance.objects.within(world.scope).get()
    assert (row.attempt, row.reason, row.author_user_id) == (1, None, BOB)


def test_what_came_back_is_released_anew_and_paid(world: World) -> None:
    key = released(world)
    with pytest.raises(Conflict, match="not taken"):
        step(world, "return", key, reason=WHY)
    take(world.scope)
    before = balances(world.scope)
    assert [step(world, "return", key, reason=WHY).repeated for _ in range(2)] == [False, True]
    take(world.scope)
    assert balances(world.scope)["2300"] == before["2300"] - TAX
    assert "2090" not in balances(world.scope)
    assert in_ledger(world.scope)["TAX_AUTHORITY_PAYABLE"] == (-TAX - 750, 0)
    assert in_ledger(world.scope).get("EXTERNAL_PAYOUT", (0, 0)) == (0, 0)
    draw(world, ANN)
    step(world, "release", key)
    take(world.scope)
    step(world, "confirm", key, confirmation="FL123")
    take(world.scope)
    assert in_ledger(world.scope)["TAX_AUTHORITY_PAYABLE"] == (-750, 0)
    assert in_ledger(world.scope)["MGA_FIDUCIARY"] == (RECEIPT_1 - TAX, 0)
    assert balances(world.scope)["2300"] == -750


def refuse(world: World, key: str) -> None:
    """The ledger does not take the transfer of the release."""
    with entered(world.scope):
        rows = LedgerTransfer.objects.within(world.scope).filter(source_id=key)
        assert rows.update(status="refused", result_code="EXCEEDS_CREDITS") == 1


def test_what_the_ledger_refused_comes_back_and_does_not_hold_up_the_month(world: World) -> None:
    key = released(world)
    refuse(world, key)
    with pytest.raises(Conflict, match="refused"):
        step(world, "confirm", key, confirmation="FL123")
    assert transfers_check(world) == "open"
    step(world, "return", key, reason=WHY)
    assert transfers_check(world) == "passed"
    with entered(world.scope):
        rows = LedgerTransfer.objects.within(world.scope).filter(source_id=key)
        assert [row.status for row in rows] == ["refused"]
        out, back = GlJournalEntry.objects.within(world.scope).filter(source_id=key).order_by("id")
    assert (back.reversal_of_id, out.reversed_by_id) == (out.id, back.id)
    assert held(world) == [("open", None)]
    draw(world, ANN)
    step(world, "release", key)
    take(world.scope)
    step(world, "confirm", key, confirmation="FL123")
    take(world.scope)
    assert in_ledger(world.scope)["TAX_AUTHORITY_PAYABLE"] == (-750, 0)


def transfers_check(world: World) -> str:
    """What the checklist of the month says of transfers."""
    with entered(world.scope):
        rows = {row.code: row for row in list_periods(world.scope)}
        period = rows[f"{NOW:%Y-%m}"]
        return next(one.status for one in list_checks(world.scope, period) if one.id == "transfers")


@settings(
    max_examples=10,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(ends=some.lists(some.sampled_from(["reject", "return", "refused"]), max_size=4))
def test_any_number_of_attempts_leaves_the_tax_held_to_the_cent(
    world: World, ends: list[str]
) -> None:
    for end in ends:
        key = draw(world, ANN).remittance_id
        if end == "reject":
            step(world, "reject", key, reason=WHY)
            continue
        step(world, "release", key)
        if end == "refused":
            refuse_newest(world, key)
        else:
            take(world.scope)
        step(world, "return", key, reason=WHY)
        take(world.scope)
    with entered(world.scope):
        assert remittances.held_cents(world.scope) == TAX + 750
        pending = LedgerAccount.objects.within(world.scope).filter(account_type="EXTERNAL_PAYOUT")
        assert all(row.last_credits_pending == 0 for row in pending)
    assert balances(world.scope)["2300"] == -TAX - 750
    assert "2090" not in balances(world.scope)
    assert held(world) == [("open", None)]


def refuse_newest(world: World, key: str) -> None:
    with entered(world.scope):
        rows = LedgerTransfer.objects.within(world.scope).filter(source_id=key, status="queued")
        assert rows.update(status="refused") == 1


def test_the_pages_offer_it_to_who_may(acme: Scope, borealis: Scope) -> None:
    posting.organization(acme)
    row = carriers.remittance(acme)
    place = f"/billing/taxes/{row.id}"
    finance = people.browser(acme.org_id, "finance_analyst")
    page = finance.get(place).content.decode()
    assert f"{place}/rejections" in page
    assert f"{place}/returns" not in page
    assert post(finance, f"{place}/rejections", reason="short").status_code == 422
    assert post(finance, f"{place}/rejections", reason=WHY)["location"] == place
    page = finance.get(place).content.decode()
    assert WHY.replace("'", "&#39;") in page
    assert "/billing/taxes/new" in page
    for role, status in (("underwriter", 403), ("support", 403)):
        assert people.browser(acme.org_id, role).get(f"{place}/rejections").status_code == status
    other = people.browser(borealis.org_id, "finance_analyst")
    for noun in ("rejections", "returns"):
        assert other.get(f"{place}/{noun}").status_code == 404


def test_it_is_rejected_among_the_approvals(acme: Scope) -> None:
    row = carriers.remittance(acme)
    finance = people.browser(acme.org_id, "finance_analyst")
    asked = finance.get("/approvals", headers={"accept": "application/json"}).json()
    (told,) = asked["rows"]
    assert told["rejectable"]
    sent = {name: told[name] for name in ("form_id", "kind", "number")}
    sent |= {"act": "reject", "note": WHY}
    assert finance.post("/approvals/decisions", sent).status_code == 303
    with entered(acme):
        assert TaxRemittance.objects.within(acme).get(id=row.id).status == "rejected"


def post(client: Client, place: str, **fields: str) -> Any:
    """Send the form there."""
    page = client.get(place).content.decode()
    form_id = page.split('name="form_id" value="')[1].split('"')[0]
    return client.post(place, {"form_id": form_id} | fields)
