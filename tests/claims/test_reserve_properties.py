"""Reserves under any sequence of steps: outstanding = deltas - takedowns >= 0, seq gap-free."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openinsure.audit.origin import Origin
from openinsure.claims import flags, models
from openinsure.claims.operations.changing import Act
from openinsure.claims.operations.reserves import TAKEDOWN, Wish, move_reserve, set_reserve
from openinsure.console.acting import Actor
from openinsure.console.amounts import read_cents, typed_cents
from openinsure.console.forms import Once
from openinsure.console.money import format_cents
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm
from openinsure.tenancy.scope import Scope, entered
from tests.claims import made

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
CASES = 200
Moves = list[tuple[str, str, int]]
moves = st.lists(
    st.tuples(
        st.sampled_from(["set", "pay"]),
        st.sampled_from(["indemnity", "expense"]),
        st.integers(0, 6_000_000),
    ),
    max_size=7,
)


@given(st.integers(0, 10**14))
def test_it_reads_back_every_amount_it_writes(cents: int) -> None:
    assert read_cents("amount", typed_cents(cents)) == cents
    assert read_cents("amount", format_cents(cents)) == cents


@given(st.text(max_size=12))
def test_it_reads_amounts_or_names_the_field(text: str) -> None:
    refused = {}
    try:
        assert read_cents("amount", text) >= 0
    except BadForm as refusal:
        refused = refusal.errors
    assert list(refused) in ([], ["amount"])


@given(
    st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 10**9),
    st.lists(st.tuples(st.integers(0, 90), st.integers(0, 10**9)), max_size=5),
)  # fmt: skip
@settings(max_examples=CASES)
def test_it_flags_by_the_published_thresholds(
    new: int, paid: int, limit: int, steps: list[tuple[int, int]]
) -> None:
    ordered = sorted(steps, key=lambda step: -step[0])
    earlier = [flags.Step(NOW - timedelta(days=age), cents) for age, cents in ordered]
    position = flags.Position(
        new_cents=new, paid_cents=paid, claim_cents=new + paid, policy_limit_cents=limit,
        earlier=earlier, currency="USD",
    )  # fmt: skip
    codes = {code for code, _ in flags.raised(position, now=NOW)}
    assert ("ROUND_NUMBER" in codes) == (new > 0 and new % 1_000_000 == 0)
    assert ("APPROACHING_POLICY_LIMIT" in codes) == (5 * (new + paid) > 4 * limit)
    first = earlier[0].new_cents if earlier else 0
    assert ("EXCEEDED_ESTIMATE" in codes) == (first > 0 and 4 * (new + paid) > 5 * first)
    if "RAPID_INCREASE" in codes:
        assert any(2 * new > 3 * step.new_cents > 0 for step in earlier)


def act(user_id: str) -> Act:
    """A fresh form of the adjuster."""
    actor = Actor(user_id, "adjuster", Origin(request_id=new_id(), ip="", user_agent=""))
    return Act(actor=actor, once=Once(new_id()), now=NOW)


def take_down(scope: Scope, claim_id: str, exposure_id: str, move: Any, form: Act) -> int:
    """A payment's takedown, at most what is held; how much."""
    _, cost_type, cents = move
    claim = models.Claim.objects.within(scope).get(id=claim_id)
    exposure = models.ClaimExposure.objects.within(scope).get(id=exposure_id)
    taken = min(cents, getattr(exposure, f"outstanding_{cost_type}_cents"))
    if taken:
        move_reserve(
            scope, claim, exposure, cost_type, -taken, form, step_id=new_id(), reason=TAKEDOWN
        )
        claim.save(force_update=True)
    return int(taken)


@pytest.mark.django_db(databases=["default", "oi_global", "oi_claims"])
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moves)
def test_it_keeps_reserve_exposure_and_claim_in_step(acme: Scope, wanted: Moves) -> None:
    person = made.adjuster(acme)
    claim = made.claim(acme, adjuster_id=person.id)
    exposure = made.exposure(acme, claim)
    made.authority(acme, person)
    taken = {"indemnity": 0, "expense": 0}
    with entered(acme):
        for move in wanted:
            how, cost_type, cents = move
            form = act(person.user_id)
            if how == "pay":
                with transaction.atomic(using="oi_claims"):
                    taken[cost_type] += take_down(acme, claim.id, exposure.id, move, form)
                continue
            wish = Wish(
                exposure_id=exposure.id, cost_type=cost_type, new_cents=cents,
                reason_code="new_information", rationale="Any sequence of steps",
            )  # fmt: skip
            with suppress(BadForm):  # unchanged or above authority: nothing may move
                set_reserve(acme, claim.id, form, wish)
        check(acme, claim.id, exposure.id, taken)


def check(scope: Scope, claim_id: str, exposure_id: str, taken: dict[str, int]) -> None:
    """The invariant, read back from the rows."""
    claim = models.Claim.objects.within(scope).get(id=claim_id)
    held = 0
    for cost_type, down in taken.items():
        rows = models.ClaimReserveHistory.objects.within(scope).filter(
            exposure_id=exposure_id, cost_type=cost_type
        )
        steps = list(rows.order_by("seq"))
        assert [step.seq for step in steps] == list(range(1, len(steps) + 1))
        own = sum(step.delta_cents for step in steps if step.reason_code != TAKEDOWN)
        outstanding = getattr(claim, f"outstanding_{cost_type}_cents")
        assert own - down == outstanding >= 0
        held += outstanding
    assert claim.incurred_cents == held
