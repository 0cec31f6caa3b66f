"""Losses billed to reinsurers: every cent of the statement's ceded loss, claim by claim."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from openinsure.billing import models as billing
from openinsure.billing.operations import cessions, recoverables
from openinsure.billing.operations.journal import post_entry
from openinsure.billing.postings import Line
from openinsure.keyspaces.ids import new_id
from openinsure.money.rates import of
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.billing import carriers, posting
from tests.billing.posting import once
from tests.billing.test_payments import World
from tests.claims import made as claims
from tests.factories import made

NOW = posting.NOW


@settings(max_examples=300, deadline=None)
@given(
    paid=some.dictionaries(some.text("abcdef", min_size=1, max_size=4),
                           some.integers(-(10**8), 10**8), max_size=12),
    millionths=some.integers(1, 10**6),
    tenths=some.lists(some.integers(1, 9), min_size=1, max_size=5),
)  # fmt: skip
def test_rows_of_a_participant_make_its_share(
    paid: dict[str, int], millionths: int, tenths: list[int]
) -> None:
    ceded, rates = Fraction(millionths, 10**6), [Decimal(one) / 10 for one in tenths]
    rows = list(recoverables.by_claim(paid, ceded, rates))
    sums = [0] * len(rates)
    for claim, place, cents in rows:
        assert claim in paid
        assert cents
        sums[place] += cents
    assert sums == recoverables.shares(of(ceded, sum(paid.values())), rates)


def spend(scope: Scope, policy_id: str, claim_id: str, cents: int) -> None:
    """A claim payment in the journal; negative: money that came back."""
    lines = [
        Line(account="5100", cents=cents, policy_id=policy_id, claim_id=claim_id),
        Line(account="1020", cents=-cents, policy_id=policy_id, claim_id=claim_id),
    ]
    with entered(scope):
        post_entry(scope, once=once(), entry_date=date(2026, 3, 20), source_type="close",
                   source_id=new_id(), lines=lines, transfers=[], now=NOW)  # fmt: skip


@pytest.mark.django_db(
    databases=["default", "oi_global", "oi_policies", "oi_claims", "oi_billing", "ledger_engine"]
)
def test_it_bills_each_claim_once_with_its_statement(acme: Scope) -> None:
    world = World(acme)
    world.pay(324_392)
    policy, program = world.account.policy_id, new_id()
    treaty = carriers.treaty(acme, program_id=program)
    carriers.participant(acme, treaty, "Re Two", "0.500000")
    made(acme, billing.PremiumTransaction, {
        "id": new_id(), "policy_id": policy, "policy_transaction_id": new_id(),
        "policy_number": "TST-1", "program_id": program, "carrier_id": new_id(), "state": "FL",
        "written_cents": 1_234_567, "currency": "USD", "earn_from": date(2026, 3, 1),
        "earn_to": date(2027, 3, 1), "status": "open"})  # fmt: skip
    first, second = claims.claim(acme, policy_id=policy), claims.claim(acme, policy_id=policy)
    spend(acme, policy, first.id, 100_001)
    spend(acme, policy, second.id, 50_000)
    spend(acme, policy, second.id, -50_000)  # all of it came back: nothing to bill
    form = once()
    for _ in range(2):  # the form twice
        with entered(acme):
            cessions.draw_cessions(
                acme, once=form, treaty_id=treaty.id, period_end=date(2026, 3, 31), now=NOW
            )
    with entered(acme):
        rows = list(billing.ReinsuranceRecoverable.objects.within(acme))
        told = billing.ReinsuranceCession.objects.within(acme)
        loss = sum(told.values_list("ceded_loss_cents", flat=True))
    assert {row.claim_id for row in rows} == {first.id}
    assert sum(row.billed_cents for row in rows) == loss == 30_000
    page = people.browser(acme.org_id, "finance_analyst")
    answer = page.get("/billing/reinsurance/recoverables", headers={"accept": "application/json"})
    shown = answer.json()["rows"]
    assert {row["claim"] for row in shown} == {first.claim_number}
    assert sum(row["left_cents"] for row in shown) == loss
    html = page.get("/billing/reinsurance/recoverables").content.decode()
    assert f'href="/claims/{first.claim_number}?tab=books"' in html
    assert "Open by reinsurer" in html
