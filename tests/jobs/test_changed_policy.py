"""A policy changed on its page earns at night: endorsed, cancelled, reinstated, to the cent."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from openinsure.billing.models import EarnedPremiumPosting, PremiumTransaction
from openinsure.jobs import earned_premium, policy_money
from openinsure.keyspaces.ids import new_id
from openinsure.money.legs import legs_of
from openinsure.orgs.models import RefTaxRate
from openinsure.policies.models import Endorsement, Policy, PolicySegment
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests import factories, people
from tests.billing import making
from tests.billing.posting import balances
from tests.billing.test_payments import SPLIT
from tests.billing.test_returns import Golden
from tests.pages.test_find import ALL
from tests.pages.test_policy_actions import hidden, work

pytestmark = pytest.mark.django_db(databases=ALL)


@pytest.fixture
def policy(db: None, acme: Scope) -> Policy:
    """G1 with its fee and taxes."""
    program = factories.program(
        acme, quota_share_rate=Decimal("0.30"), cancel_method_insured="pro_rata"
    )
    row = factories.policy(
        acme, program_id=program.id, insured_id=factories.insured(acme).id,
        producer_commission_rate=Decimal("0.125"), mga_commission_rate=Decimal("0.10"),
        fees_cents=15_000, taxes_cents=62_479, total_cents=1_312_046,
    )  # fmt: skip
    factories.transaction(acme, row, transaction_no=1)
    with entered(SystemScope(acme.org_id, "service:test")):
        for code, rate in (("SURPLUS_LINES", "0.0494"), ("SERVICE_OFFICE", "0.0006")):
            RefTaxRate.objects.create(
                id=new_id(), state="FL", tax_code=code, rate=Decimal(rate), includes_fees=True,
                currency="USD", effective_date=date(2023, 1, 1),
            )  # fmt: skip
    return row


@pytest.fixture
def world(acme: Scope, policy: Policy) -> Golden:
    """Its account, paid up."""
    made = Golden(acme)
    made.account = making.account(
        acme, policy_id=policy.id, policy_number=policy.policy_number,
        producer_id=policy.producer_id,
    )  # fmt: skip
    made.paid_up()
    return made


def post(client: Client, policy: Policy, below: str, **fields: str) -> None:
    sent = hidden(work(client, policy), below) | fields
    assert client.post(f"/policies/{policy.policy_number}/{below}", sent).status_code == 303


def endorse(client: Client, policy: Policy, scope: Scope, annual: str) -> None:
    """Requested and bound on the page, told to billing."""
    post(client, policy, "endorsements", endorsement="COVERAGE_ADD", endorse_from="2026-09-15",
         endorse_text="Unit added")  # fmt: skip
    with entered(scope):
        draft = Endorsement.objects.within(scope).get(policy_id=policy.id, status="draft")
    post(client, policy, "endorsement-bindings", bound_endorsement=draft.id, annual_change=annual)
    deliver(scope)


def deliver(scope: Scope) -> int:
    with entered(scope):
        return policy_money.deliver(scope, now=datetime(2026, 11, 21, 12, tzinfo=UTC))


def night(scope: Scope, day: date) -> tuple[int, int]:
    """Earned so far after the night of a day: gross, and the carrier's share. Cents."""
    with entered(scope):
        earned_premium.run_org(scope, datetime(day.year, day.month, day.day, 3, tzinfo=UTC))
        rows = list(EarnedPremiumPosting.objects.within(scope))
    return sum(r.earned_cents for r in rows), sum(r.carrier_earned_cents for r in rows)


def streams(scope: Scope) -> list[Any]:
    with entered(scope):
        return list(PremiumTransaction.objects.within(scope).order_by("transaction_no", "id"))


def test_an_endorsement_bound_on_the_page_earns(acme: Scope, policy: Policy, world: Golden) -> None:
    """E1: 1,098.08 of 2,400.00, tax 54.24 and 0.66; 10,350.07 + 710.14 as of 2027-01-01."""
    writer = people.browser(acme.org_id, "underwriter")
    endorse(writer, policy, acme, "2,400.00")
    with entered(acme):
        row = Policy.objects.within(acme).get(id=policy.id)
        bound = Endorsement.objects.within(acme).get(policy_id=policy.id)
        parts = PolicySegment.objects.within(acme).filter(policy_id=policy.id)
        assert [one.annual_rate_cents for one in parts] == [1_234_567 + 240_000]
    assert (bound.status, bound.written_delta_cents, bound.tax_delta_cents) == (
        "bound", 109_808, 5_424 + 66,
    )  # fmt: skip
    assert str(bound.prorata_factor) == "0.4575342466"
    assert (row.written_premium_cents, row.taxes_cents) == (1_344_375, 62_479 + 5_490)
    assert world.fresh().balance_cents == 109_808 + 5_490
    assert [one.written_cents for one in streams(acme)] == [1_234_567, 109_808]
    assert (
        sum(one.carrier_written_cents for one in streams(acme))
        == legs_of(SPLIT, 1_344_375).carrier_cents
    )
    assert night(acme, date(2027, 1, 1))[0] == 1_035_007 + 71_014


def test_a_cancelled_policy_has_earned_what_it_retains(
    acme: Scope, policy: Policy, world: Golden
) -> None:
    """9,363.44 with the carrier's 5,079.67, its odd cent included; the night before ran on."""
    writer = people.browser(acme.org_id, "underwriter")
    endorse(writer, policy, acme, "2,400.00")
    assert night(acme, date(2026, 11, 19))[0] > 900_000
    address = f"/policies/{policy.policy_number}/cancellations"
    page = writer.get(f"{address}?effective=2026-11-20&method=pro_rata").content.decode()
    form = page.rsplit('name="form_id" value="', 1)[1].split('"')[0]
    done = writer.post(address, {
        "form_id": form, "version": "2", "effective": "2026-11-20", "method": "pro_rata",
        "reason_code": "INSURED_REQUEST", "initiated_by": "insured",
        "cancel_confirm": policy.policy_number,
    })  # fmt: skip
    assert done.status_code == 303
    assert deliver(acme) == 1
    assert night(acme, date(2026, 12, 1)) == (936_344, 507_967)
    assert night(acme, date(2027, 2, 1)) == (936_344, 507_967)
    refund = world.refund()
    assert refund.parts == {"premium": 298_223, "tax": 61_729 - 46_996}
    post(writer, policy, "reinstatements", reinstate_from="2026-11-20", reinstate_reason="Paid",
         reinstate_confirm=policy.policy_number)  # fmt: skip
    assert deliver(acme) == 1
    assert world.refund().status == "voided"
    assert night(acme, date(2027, 3, 1)) == (1_344_375, legs_of(SPLIT, 1_344_375).carrier_cents)
    assert sum(balances(acme).values()) == 0


def test_a_short_rate_penalty_is_earned_on_the_day(
    acme: Scope, policy: Policy, world: Golden
) -> None:
    """Retained is earned: no cent of the penalty waits, before or after."""
    writer = people.browser(acme.org_id, "underwriter")
    endorse(writer, policy, acme, "-600.00")
    retained = cancel_short(writer, policy)
    assert deliver(acme) == 1
    assert night(acme, date(2026, 12, 1)) == (retained, legs_of(SPLIT, retained).carrier_cents)
    assert [one.written_cents < 0 for one in streams(acme)][:2] == [False, True]


def cancel_short(writer: Client, policy: Policy) -> int:
    """Cancelled short rate on the page; what is retained, cents."""
    address = f"/policies/{policy.policy_number}/cancellations"
    query = "effective=2026-11-20&method=short_rate"
    told = writer.get(f"{address}?{query}", headers={"accept": "application/json"}).json()["row"]
    page = writer.get(f"{address}?{query}").content.decode()
    form = page.rsplit('name="form_id" value="', 1)[1].split('"')[0]
    done = writer.post(address, {
        "form_id": form, "version": "2", "effective": "2026-11-20", "method": "short_rate",
        "reason_code": "INSURED_REQUEST", "initiated_by": "insured",
        "cancel_confirm": policy.policy_number,
    })  # fmt: skip
    assert done.status_code == 303
    assert told["penalty_cents"] > 0
    return int(told["retained_cents"])
