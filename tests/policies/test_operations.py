"""Writes of a policy: golden refunds, the machine, one effect per form, another org's policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from openinsure.audit.models import AuditLog
from openinsure.audit.origin import Origin
from openinsure.console.acting import Actor
from openinsure.console.forms import Once
from openinsure.console.states import IllegalTransition
from openinsure.keyspaces.ids import new_id
from openinsure.money.taxes import Tax
from openinsure.policies.cancelling import Rules, preview_cancellation
from openinsure.policies.models import (
    Cancellation,
    Endorsement,
    Policy,
    PolicyEvent,
    PolicyNote,
    PolicyTransaction,
)
from openinsure.policies.operations import cancellations, work
from openinsure.policies.queries import get_policy
from openinsure.problems import BadForm, Conflict, NotFound
from openinsure.tenancy.scope import Scope, entered
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_policies"])

ON = date(2026, 11, 20)
NOW = datetime(2026, 11, 21, 15, tzinfo=UTC)
RULES = Rules(Decimal("0.9"), Decimal("0.25"), Decimal("0.30"))


def actor() -> Actor:
    return Actor(new_id(), "underwriter", Origin(request_id=new_id()))


def golden(scope: Scope, *, endorsed: bool = True) -> Policy:
    """G1, with E1 on request (domain.md 4.3, 4.4)."""
    policy = factories.policy(
        scope,
        producer_commission_rate=Decimal("0.125"),
        mga_commission_rate=Decimal("0.10"),
        written_premium_cents=1_234_567,
    )
    factories.transaction(scope, policy, transaction_no=1)
    if endorsed:
        factories.transaction(
            scope, policy, transaction_no=2, transaction_type="ENDORSEMENT",
            effective_date=date(2026, 9, 15), written_premium_cents=109_808,
        )  # fmt: skip
        with entered(scope):
            Policy.objects.within(scope).update(written_premium_cents=1_344_375)
    return policy


def cancel(scope: Scope, policy: Policy, **given: Any) -> Any:
    values: dict[str, Any] = {
        "on": ON, "method": "pro_rata", "reason_code": "INSURED_REQUEST",
        "initiated_by": "insured", "rules": RULES, "once": Once(new_id()), "actor": actor(),
        "version": 0, "now": NOW,
    } | given  # fmt: skip
    return cancellations.cancel_policy(scope, policy.id, **values)


@pytest.mark.parametrize(
    ("method", "refund", "penalty", "legs"),
    [
        ("pro_rata", 408_031, 0, (51_004, 40_804, 94_867, 221_356)),
        ("short_rate", 367_228, 40_803, (45_904, 36_723, 85_380, 199_221)),
        ("flat", 1_344_375, 0, None),
    ],
)
def test_it_previews_the_golden_refunds(
    acme: Scope, method: Any, refund: int, penalty: int, legs: tuple[int, ...] | None
) -> None:
    policy = golden(acme)
    with entered(acme):
        seen = preview_cancellation(acme, policy.id, on=ON, method=method, rules=RULES)
    assert (seen.refund_cents, seen.penalty_cents) == (refund, penalty)
    assert seen.written_cents == seen.earned_cents + seen.penalty_cents + seen.refund_cents
    back = seen.legs_back
    found = (back.producer_cents, back.mga_cents, back.ceded_cents, back.carrier_cents)
    assert legs is None or found == legs


def test_it_keeps_the_minimum_earned(acme: Scope) -> None:
    policy = golden(acme, endorsed=False)
    with entered(acme):
        early = date(2026, 4, 1)
        seen = preview_cancellation(acme, policy.id, on=early, method="pro_rata", rules=RULES)
    assert (seen.earned_cents, seen.minimum_cents, seen.refund_cents) == (104_854, 308_642, 925_925)


def test_it_cancels_once_and_tells_billing_all(acme: Scope) -> None:
    policy, once = golden(acme), Once(new_id())
    with entered(acme):
        answers = [cancel(acme, policy, once=once) for _ in range(10)]
        assert [answer.repeated for answer in answers] == [False] + [True] * 9
        assert {answer.status for answer in answers} == {"cancelled"}
        (event,) = PolicyEvent.objects.within(acme).filter(policy_id=policy.id)
        assert (event.id, event.delivered_at) == (once.id, None)
        assert event.payload["refund_cents"] == 408_031
        assert sum(event.payload["legs_back_cents"].values()) == 408_031
        (row,) = Cancellation.objects.within(acme).filter(policy_id=policy.id)
        (movement,) = PolicyTransaction.objects.within(acme).filter(source_id=row.id)
        assert movement.written_premium_cents == -408_031
        assert movement.producer_commission_cents == -51_004
        assert Policy.objects.within(acme).get(id=policy.id).written_premium_cents == 936_344
        actions = AuditLog.objects.within(acme).values_list("action", flat=True)
        assert sorted(actions) == ["policy.cancelled", "policy.cancelled.intent"]


def test_it_reinstates_the_same_streams(acme: Scope) -> None:
    policy = golden(acme)
    with entered(acme):
        cancel(acme, policy)
        common: dict[str, Any] = {"actor": actor(), "now": NOW}
        cancellations.reinstate_policy(
            acme, policy.id, reason="Paid", once=Once(new_id()), version=1, **common
        )
        row = Policy.objects.within(acme).get(id=policy.id)
        assert (row.status, row.written_premium_cents) == ("active", 1_344_375)
        found = get_policy(acme, policy.policy_number, now=NOW, as_of=date(2027, 1, 1))
        assert found.in_force.answer
        assert found.earned.earned_cents == 1_035_007 + 71_014
        again = preview_cancellation(acme, policy.id, on=ON, method="pro_rata", rules=RULES)
        assert again.refund_cents == 408_031
        with pytest.raises(IllegalTransition):
            cancellations.reinstate_policy(
                acme, policy.id, reason="x", once=Once(new_id()), version=2, **common
            )


def test_it_returns_tax_with_premium_and_takes_it_again(acme: Scope) -> None:
    """671.53 - 469.96 = 201.57 back; the service fee and the policy fee stay (domain.md 4.5)."""
    policy = golden(acme)
    taxes = (
        Tax("tax", Fraction("0.0494"), on_fees=True, refundable=True),
        Tax("stamping_fee", Fraction("0.0006"), on_fees=True, refundable=False),
    )
    with entered(acme):
        Policy.objects.within(acme).update(
            fees_cents=15_000, taxes_cents=67_969, total_cents=1_427_344
        )
        cancel(acme, policy, rules=replace(RULES, taxes=taxes))
        row = Policy.objects.within(acme).get(id=policy.id)
        assert (row.taxes_cents, row.fees_cents) == (67_969 - 20_157, 15_000)
        assert row.total_cents == 1_427_344 - 408_031 - 20_157
        told = PolicyEvent.objects.within(acme).get(event_type="policy.cancelled").payload
        assert told["due_cents"] == {"premium": 936_344, "policy_fee": 15_000, "tax": 46_996}
        assert told["back_cents"] == {"premium": 408_031, "policy_fee": 0, "tax": 20_157}
        assert Cancellation.objects.within(acme).get().return_tax_cents == 20_157
        cancellations.reinstate_policy(
            acme, policy.id, reason="Paid", once=Once(new_id()), version=1, actor=actor(), now=NOW
        )
        row = Policy.objects.within(acme).get(id=policy.id)
        assert (row.taxes_cents, row.total_cents) == (67_969, 1_427_344)
        again = PolicyEvent.objects.within(acme).get(event_type="policy.reinstated").payload
        assert again["due_cents"] == {"premium": 1_344_375, "policy_fee": 15_000, "tax": 67_153}
        moved = PolicyTransaction.objects.within(acme).filter(policy_id=policy.id)
        assert sum(row.taxes_cents for row in moved) == 0


def test_it_waits_for_a_day_to_come_and_can_be_rescinded(acme: Scope) -> None:
    policy = golden(acme)
    with entered(acme):
        later = date(2026, 12, 20)
        assert cancel(acme, policy, on=later).status == "pending_cancellation"
        (told,) = PolicyEvent.objects.within(acme).filter(policy_id=policy.id)
        assert told.event_type == "cancellation.requested"
        assert Policy.objects.within(acme).get(id=policy.id).written_premium_cents == 1_344_375
        done = cancellations.rescind_cancellation(
            acme, policy.id, reason="Paid", once=Once(new_id()), actor=actor(), version=1, now=NOW
        )
        assert done.status == "active"
        assert get_policy(acme, policy.policy_number, now=NOW, as_of=later).in_force.answer


def test_it_refuses_what_the_machine_does_not_have(acme: Scope) -> None:
    policy = factories.policy(acme, status="expired")
    with entered(acme), pytest.raises(IllegalTransition) as refusal:
        cancel(acme, policy)
    assert refusal.value.status == 422
    with entered(acme):
        assert not PolicyEvent.objects.within(acme).filter(policy_id=policy.id).exists()


def test_it_refuses_a_day_outside_the_term_and_an_old_version(acme: Scope) -> None:
    policy = golden(acme)
    with entered(acme):
        with pytest.raises(BadForm, match="effective"):
            cancel(acme, policy, on=date(2027, 3, 1))
        with pytest.raises(BadForm, match="from 1 Mar 2026 to 28 Feb 2027"):
            cancel(acme, policy, on=date(2027, 3, 1))
        with pytest.raises(Conflict):
            cancel(acme, policy, version=7)


def test_it_cannot_reach_another_organisations_policy(acme: Scope, borealis: Scope) -> None:
    theirs = golden(borealis)
    with entered(acme):
        with pytest.raises(NotFound):
            cancel(acme, theirs)
        with pytest.raises(NotFound):
            preview_cancellation(acme, theirs.id, on=ON, method="flat", rules=RULES)


def test_it_notes_assigns_and_drafts(acme: Scope) -> None:
    policy, who = factories.policy(acme), actor()
    common: dict[str, Any] = {"actor": who, "now": NOW}
    with entered(acme):
        once = Once(new_id())
        for _ in range(3):
            work.add_note(acme, policy.id, body="Called back", once=once, **common)
        assert PolicyNote.objects.within(acme).filter(policy_id=policy.id).count() == 1
        chosen = new_id()
        work.assign_underwriter(
            acme, policy.id, underwriter_id=chosen, once=Once(new_id()), version=1, **common
        )
        assert Policy.objects.within(acme).get(id=policy.id).underwriter_user_id == chosen
        work.request_endorsement(
            acme, policy.id, kind="DRIVER_ADD", effective=ON, description="Add J. Doe",
            once=Once(new_id()), version=2, **common,
        )  # fmt: skip
        (draft,) = Endorsement.objects.within(acme).filter(policy_id=policy.id)
        assert (draft.status, draft.endorsement_no, draft.written_delta_cents) == ("draft", 1, 0)
        seqs = PolicyEvent.objects.within(acme).filter(policy_id=policy.id).values_list("seq")
        assert sorted(seq for (seq,) in seqs) == [1, 2, 3]
