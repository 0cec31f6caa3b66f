"""A policy reinstated after a lapse earns at night what it is charged, and nothing in the gap."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from openinsure.billing.models import Refund
from openinsure.console.forms import Once
from openinsure.jobs.cancel_terms import cancel_terms
from openinsure.keyspaces.ids import new_id
from openinsure.money.legs import legs_of
from openinsure.money.rounding import half_even
from openinsure.policies.models import Policy
from openinsure.policies.operations import cancellations
from openinsure.tenancy.scope import Scope, entered
from tests.billing.posting import balances
from tests.billing.test_payments import SPLIT
from tests.billing.test_returns import Golden
from tests.jobs import test_changed_policy as changed
from tests.jobs.test_changed_policy import deliver, night, streams
from tests.pages.test_find import ALL
from tests.policies.test_operations import actor

pytestmark = pytest.mark.django_db(databases=ALL)
policy, world = changed.policy, changed.world
ON, BACK, END = date(2026, 11, 20), date(2026, 12, 1), date(2027, 3, 1)
RETAINED = half_even(1_234_567 * 264, 365)
CHARGED = 1_234_567 - half_even(1_234_567 * 275, 365)


def changes(scope: Scope, of: Policy, *, version: int, now: datetime) -> dict[str, Any]:
    """What every change of the policy is given."""
    rules = cancel_terms(
        scope, of.program_id, state=of.state, effective=of.effective_date, charged=True
    ).rules
    return {"rules": rules, "once": Once(new_id()), "actor": actor(), "version": version,
            "now": now}  # fmt: skip


def lapse(scope: Scope, of: Policy) -> None:
    """Cancelled on 20 November, back on 1 December; billing hears of each."""
    with entered(scope):
        told = changes(scope, of, version=0, now=datetime(2026, 11, 20, 15, tzinfo=UTC))
        cancellations.cancel_policy(
            scope, of.id, on=ON, method="pro_rata", reason_code="INSURED_REQUEST",
            initiated_by="insured", **told,
        )  # fmt: skip
    assert deliver(scope) == 1
    assert night(scope, BACK - timedelta(days=2))[0] == RETAINED
    with entered(scope):
        told = changes(scope, of, version=1, now=datetime(2026, 12, 1, 15, tzinfo=UTC))
        cancellations.reinstate_policy(scope, of.id, on=BACK, reason="Paid late", **told)
    assert deliver(scope) == 1


def test_the_gap_earns_nothing_and_the_rest_to_the_cent(
    acme: Scope, policy: Policy, world: Golden
) -> None:
    lapse(acme, policy)
    whole = RETAINED + CHARGED
    assert night(acme, BACK)[0] == RETAINED
    assert night(acme, BACK + timedelta(days=30))[0] == RETAINED + half_even(CHARGED * 30, 90)
    assert night(acme, END) == (whole, legs_of(SPLIT, whole).carrier_cents)
    assert [one.earn_from for one in streams(acme) if one.written_cents == CHARGED] == [BACK]
    assert sum(balances(acme).values()) == 0
    with entered(acme):
        refund = Refund.objects.within(acme).get(status="requested")
    assert refund.parts["premium"] == 1_234_567 - whole
    tax = 61_729 - half_even((whole + 15_000) * 494, 10_000)
    assert refund.parts["tax"] == tax


def test_a_second_cancellation_has_earned_what_is_kept(
    acme: Scope, policy: Policy, world: Golden
) -> None:
    lapse(acme, policy)
    again = date(2027, 1, 1)
    with entered(acme):
        told = changes(acme, policy, version=2, now=datetime(2027, 1, 1, 15, tzinfo=UTC))
        cancellations.cancel_policy(
            acme, policy.id, on=again, method="pro_rata", reason_code="INSURED_REQUEST",
            initiated_by="insured", **told,
        )  # fmt: skip
    assert deliver(acme) == 1
    kept = RETAINED + half_even(CHARGED * 31, 90)
    assert night(acme, END) == (kept, legs_of(SPLIT, kept).carrier_cents)
    assert Decimal(sum(balances(acme).values())) == 0
