"""Reinstated later than coverage ended: the gap is neither covered nor charged, to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from openinsure.console.forms import Once
from openinsure.keyspaces.ids import new_id
from openinsure.money.rounding import half_even
from openinsure.money.taxes import Tax
from openinsure.policies.cancelling import preview_cancellation
from openinsure.policies.models import Policy, PolicyEvent, PolicyTransaction, Reinstatement
from openinsure.policies.operations import cancellations
from openinsure.policies.queries import get_policy
from openinsure.policies.reinstating import choices_of
from openinsure.problems import BadForm
from openinsure.tenancy.scope import Scope, entered
from tests.policies.test_operations import ON, RULES, actor, cancel, golden

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_policies"])
BACK = date(2026, 12, 1)  # 11 days without cover
NOW = datetime(2026, 12, 1, 15, tzinfo=UTC)
RETAINED, END = 936_344, date(2027, 3, 1)
# Unearned on 1 December: 12,345.67 after 275 of 365 days, 1,098.08 after 77 of 167.
CHARGED = 1_344_375 - half_even(1_234_567 * 275, 365) - half_even(109_808 * 77, 167)


def reinstate(scope: Scope, policy: Policy, on: date | None = BACK, **given: Any) -> Any:
    values: dict[str, Any] = {
        "on": on, "rules": RULES, "reason": "Paid late", "once": Once(new_id()),
        "actor": actor(), "now": NOW, "version": 1,
    } | given  # fmt: skip
    return cancellations.reinstate_policy(scope, policy.id, **values)


def earned_on(scope: Scope, policy: Policy, day: date) -> tuple[int, int]:
    """Written and earned as of a day, as the policy's page says."""
    found = get_policy(scope, policy.policy_number, now=NOW, as_of=day).earned
    return found.written_cents, found.earned_cents


def covered(scope: Scope, policy: Policy, day: date) -> bool:
    return get_policy(scope, policy.policy_number, now=NOW, as_of=day).in_force.answer


def test_the_gap_is_not_covered_and_not_charged(acme: Scope) -> None:
    policy, once = golden(acme), Once(new_id())
    with entered(acme):
        before = earned_on(acme, policy, date(2026, 11, 1))
        cancel(acme, policy)
        done = [reinstate(acme, policy, once=once) for _ in range(2)]
        assert [one.repeated for one in done] == [False, True]
        row = Policy.objects.within(acme).get(id=policy.id)
        assert (row.status, row.written_premium_cents) == ("active", RETAINED + CHARGED)
        assert CHARGED == 363_592
        days = (ON - timedelta(days=1), ON, BACK - timedelta(days=1), BACK, END)
        assert [covered(acme, policy, day) for day in days] == [True, False, False, True, False]
        assert earned_on(acme, policy, date(2026, 11, 1)) == before
        assert earned_on(acme, policy, BACK) == (RETAINED + CHARGED, RETAINED)
        assert earned_on(acme, policy, END) == (RETAINED + CHARGED,) * 2
        told = PolicyEvent.objects.within(acme).get(event_type="policy.reinstated").payload
        assert (told["lapse_days"], told["premium_cents"]) == (11, CHARGED)
        assert told["due_cents"] == {"premium": RETAINED + CHARGED}
        kept = Reinstatement.objects.within(acme).get(policy_id=policy.id)
        assert (kept.lapse_days, kept.effective_date) == (11, BACK)
        moved = PolicyTransaction.objects.within(acme).filter(policy_id=policy.id)
        assert sum(one.written_premium_cents for one in moved) == RETAINED + CHARGED
        assert moved.get(transaction_type="REINSTATEMENT").effective_date == BACK


def test_a_second_cancellation_returns_what_was_charged_again(acme: Scope) -> None:
    policy, again = golden(acme), date(2027, 1, 1)
    with entered(acme):
        cancel(acme, policy)
        reinstate(acme, policy)
        seen = preview_cancellation(acme, policy.id, on=again, method="pro_rata", rules=RULES)
        assert seen.written_cents == RETAINED + CHARGED
        assert seen.refund_cents == CHARGED - half_even(CHARGED * 31, 90)
        later = datetime(2027, 1, 10, 15, tzinfo=UTC)
        cancel(acme, policy, on=again, version=2, now=later)
        whole = reinstate(acme, policy, None, version=3, now=later)
        assert whole.status == "active"
        row = Policy.objects.within(acme).get(id=policy.id)
        assert row.written_premium_cents == RETAINED + CHARGED
        assert earned_on(acme, policy, END) == (RETAINED + CHARGED,) * 2
        assert not covered(acme, policy, ON)
        assert covered(acme, policy, again)


def test_a_penalty_is_not_given_back_by_a_lapse(acme: Scope) -> None:
    """One day after: more is unearned than was returned, which is all that is charged again."""
    policy = golden(acme)
    with entered(acme):
        cancel(acme, policy, method="short_rate")
        reinstate(acme, policy, ON + timedelta(days=1))
        row = Policy.objects.within(acme).get(id=policy.id)
        assert row.written_premium_cents == 1_344_375
        assert earned_on(acme, policy, ON + timedelta(days=1))[1] == 1_344_375 - 367_228
        assert not covered(acme, policy, ON)


def test_tax_follows_the_premium_that_is_kept(acme: Scope) -> None:
    policy = golden(acme)
    taxes = (
        Tax("tax", Fraction("0.0494"), on_fees=True, refundable=True),
        Tax("stamping_fee", Fraction("0.0006"), on_fees=True, refundable=False),
    )
    rules = replace(RULES, taxes=taxes)
    with entered(acme):
        Policy.objects.within(acme).update(
            fees_cents=15_000, taxes_cents=67_969, total_cents=1_427_344
        )
        cancel(acme, policy, rules=rules)
        reinstate(acme, policy, rules=rules)
        row = Policy.objects.within(acme).get(id=policy.id)
        tax = half_even((RETAINED + CHARGED + 15_000) * 494, 10_000)
        told = PolicyEvent.objects.within(acme).get(event_type="policy.reinstated").payload
        assert told["due_cents"] == {
            "premium": RETAINED + CHARGED, "policy_fee": 15_000, "tax": tax,
        }  # fmt: skip
        assert row.taxes_cents == 67_969 - (67_153 - tax)
        assert row.total_cents == row.written_premium_cents + row.fees_cents + row.taxes_cents


@pytest.mark.parametrize("on", [ON - timedelta(days=1), BACK + timedelta(days=1), END])
def test_a_day_that_cannot_be_changes_nothing(acme: Scope, on: date) -> None:
    policy = golden(acme)
    with entered(acme):
        cancel(acme, policy)
        with pytest.raises(BadForm) as refusal:
            reinstate(acme, policy, on)
        assert set(refusal.value.errors) == {"reinstate_from"}
        assert Policy.objects.within(acme).get(id=policy.id).status == "cancelled"


def test_it_offers_both_days_with_what_they_charge(acme: Scope) -> None:
    policy = golden(acme)
    with entered(acme):
        assert choices_of(acme, policy.id, now=NOW) == ()
        cancel(acme, policy)
        (first, without), (second, later) = choices_of(acme, policy.id, now=NOW)
        assert (first, second) == (ON.isoformat(), BACK.isoformat())
        assert "without lapse: $4,080.31" in without
        assert "after 11 days without cover: $3,635.92" in later


@settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    ended=some.integers(0, 360),
    lapse=some.integers(1, 364),
    method=some.sampled_from(["pro_rata", "short_rate", "flat"]),
)
def test_what_is_written_is_earned_and_no_more_than_before(
    acme: Scope, ended: int, lapse: int, method: Any
) -> None:
    start = date(2026, 3, 1)
    on = start + timedelta(days=ended)
    back = min(on + timedelta(days=lapse), END - timedelta(days=1))
    now = datetime.combine(back, NOW.time(), UTC)
    policy = golden(acme, endorsed=False)
    with entered(acme):
        Policy.objects.within(acme).filter(id=policy.id).update(written_premium_cents=1_234_567)
        cancel(acme, policy, on=on, method=method, now=now)
        retained = Policy.objects.within(acme).get(id=policy.id).written_premium_cents
        reinstate(acme, policy, back, now=now)
        written = Policy.objects.within(acme).get(id=policy.id).written_premium_cents
        charged = 1_234_567 - half_even(1_234_567 * (back - start).days, 365)
        assert written == retained + min(charged, 1_234_567 - retained)
        assert earned_on(acme, policy, back) == (written, retained)
        assert earned_on(acme, policy, END) == (written, written)
