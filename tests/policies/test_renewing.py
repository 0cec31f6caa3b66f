"""Renewing a term: what the next one holds, once, and when it is refused by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from openinsure.console.forms import Once
from openinsure.console.states import IllegalTransition
from openinsure.jobs import portfolio_sweep
from openinsure.keyspaces.ids import new_id
from openinsure.money.renewal import Basis
from openinsure.orgs import models as orgs
from openinsure.orgs.renewal_terms import renewal_terms
from openinsure.policies import models
from openinsure.policies.operations.renewals import Offer, renew_policy
from openinsure.policies.queries import get_policy
from openinsure.problems import BadForm, Conflict, NotFound
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import Scope, entered
from tests.factories import made
from tests.policies import renewable
from tests.policies.test_operations import actor

pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES])
NOW = datetime(2027, 1, 10, 15, tzinfo=UTC)
TODAY, ENDS = NOW.date(), date(2027, 3, 1)
BASIS = Basis(
    fee_cents=15_000, taxes=(), producer=Decimal("0.11"), mga=Decimal("0.10"),
    quota_share=Decimal("0.30"),
)  # fmt: skip
OFFER = Offer(annual_cents=1_300_000, plan="QUARTERLY", basis=BASIS, admitted=False)
CARRIED = (
    models.PolicyVehicle, models.PolicyDriver, models.PolicyVehicleDriver, models.PolicyCoverage,
)  # fmt: skip


@pytest.fixture
def policy(db: None, acme: Scope) -> models.Policy:
    return renewable.term(acme, TODAY, expiration_date=ENDS)


def renew(scope: Scope, policy: models.Policy, offer: Offer = OFFER, **given: Any) -> Any:
    values: dict[str, Any] = {
        "once": Once(new_id()), "actor": actor(), "version": 0, "now": NOW,
    } | given  # fmt: skip
    return renew_policy(scope, policy.id, offer, **values)


def successor(scope: Scope, policy: models.Policy) -> models.Policy:
    found: models.Policy = models.Policy.objects.within(scope).get(prior_policy_id=policy.id)
    return found


def rows(scope: Scope, model: Any, policy: models.Policy) -> list[Any]:
    return list(model.objects.within(scope).filter(policy_id=policy.id).order_by("id"))


def test_it_binds_the_next_term_once(acme: Scope, policy: models.Policy) -> None:
    once = Once(new_id())
    with entered(acme):
        done = [renew(acme, policy, once=once) for _ in range(10)]
        assert [one.repeated for one in done] == [False] + [True] * 9
        made = successor(acme, policy)
        assert (made.policy_number, made.term_number, made.status) == (
            policy.policy_number, 2, "bound",
        )  # fmt: skip
        assert (made.effective_date, made.expiration_date) == (ENDS, date(2028, 3, 1))
        assert (made.written_premium_cents, made.total_cents) == (1_300_000, 1_315_000)
        assert (made.billing_plan, made.billing_account_id, made.submission_id) == (
            "QUARTERLY", None, None,
        )  # fmt: skip
        assert made.producer_commission_rate == Decimal("0.11")
        assert (made.vehicle_count, made.driver_count) == (1, 1)
        assert models.Policy.objects.within(acme).get(id=policy.id).status == "active"
        (movement,) = rows(acme, models.PolicyTransaction, made)
        assert (movement.transaction_type, movement.written_premium_cents) == (
            "RENEWAL", 1_300_000,
        )  # fmt: skip
        assert (movement.producer_commission_cents, movement.mga_commission_cents) == (
            143_000, 130_000,
        )  # fmt: skip


def test_it_carries_what_stands_at_the_end(acme: Scope, policy: models.Policy) -> None:
    with entered(acme):
        before = {model: rows(acme, model, policy) for model in CARRIED}
        renew(acme, policy)
        made = successor(acme, policy)
        units, drivers, pairs, covered = (rows(acme, model, made) for model in CARRIED)
        assert [unit.vin for unit in units] == ["1FUJGLDR9CSBP8834"]
        assert (units[0].effective_date, units[0].removal_date) == (ENDS, None)
        old = before[models.PolicyDriver][0]
        assert (drivers[0].license_number_enc, drivers[0].license_last4) == (
            old.license_number_enc, "4821",
        )  # fmt: skip
        assert [(one.vehicle_id, one.driver_id) for one in pairs] == [(units[0].id, drivers[0].id)]
        costs = {one.coverage_code: one.annual_premium_cents for one in covered}
        assert sum(costs.values()) == 1_300_000
        assert costs == {"AL": 947_701, "PD": 352_299}
        assert {one.expiration_date for one in covered} == {date(2028, 3, 1)}
        assert {one.vehicle_id for one in covered} == {None, units[0].id}
        (segment,) = rows(acme, models.PolicySegment, made)
        assert {one.segment_id for one in covered} == {segment.id}
        assert segment.source_type == "renewal"
        again = {model: rows(acme, model, policy) for model in CARRIED}
        assert {m: [r.updated_at for r in before[m]] for m in CARRIED} == {
            m: [r.updated_at for r in again[m]] for m in CARRIED
        }


def test_both_terms_tell_of_each_other(acme: Scope, policy: models.Policy) -> None:
    with entered(acme):
        once = Once(new_id())
        renew(acme, policy, once=once)
        made = successor(acme, policy)
        (old,) = rows(acme, models.PolicyEvent, policy)
        (new,) = rows(acme, models.PolicyEvent, made)
        assert (old.id, old.event_type, old.effective_date) == (
            once.id, "policy.renewal_bound", ENDS,
        )  # fmt: skip
        assert old.payload["renewed_policy_id"] == made.id
        assert (new.event_type, new.correlation_id, new.delivered_at) == (
            "policy.bound", once.id, None,
        )  # fmt: skip
        assert (new.payload["prior_term"], new.payload["premium_cents"]) == (1, 1_300_000)
        item = models.Renewal.objects.within(acme).get(policy_id=policy.id)
        assert (item.status, item.renewed_policy_id, item.offer_premium_cents) == (
            "accepted", made.id, 1_300_000,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "may"),
    [
        ("issued", "active or cancelled"),
        ("pending_cancellation", "cancelled or active"),
        ("nonrenewal_pending", "nonrenewed or active"),
        ("cancelled", "active"),
        ("expired", "nothing"),
        ("renewed", "nothing"),
    ],
)
def test_only_an_active_term_is_renewed(
    acme: Scope, policy: models.Policy, status: str, may: str
) -> None:
    with entered(acme):
        models.Policy.objects.within(acme).filter(id=policy.id).update(status=status)
        with pytest.raises(IllegalTransition) as refusal:
            renew(acme, policy)
        assert (refusal.value.status, refusal.value.message.endswith(f"Next: {may}.")) == (
            422, True,
        )  # fmt: skip
        assert not models.Policy.objects.within(acme).exclude(id=policy.id).exists()


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (datetime(2026, 11, 1, 3, 59, tzinfo=UTC), "from 1 Nov 2026, 120 days before"),
        (datetime(2027, 3, 1, 5, tzinfo=UTC), "It ended 1 Mar 2027"),
    ],
)
def test_it_is_renewed_in_its_last_120_days(
    acme: Scope, policy: models.Policy, now: datetime, words: str
) -> None:
    """Days of New York: the first instant is still 31 October there, the second is 1 March."""
    with entered(acme):
        with pytest.raises(Conflict, match=words):
            renew(acme, policy, now=now)
        inside = now + timedelta(hours=1) if now.year == 2026 else now - timedelta(hours=1)
        assert renew(acme, policy, now=inside).repeated is False


@pytest.mark.parametrize("status", ["decided", "pending", "mailed"])
def test_a_decision_not_to_renew_stands_in_the_way(
    acme: Scope, policy: models.Policy, status: str
) -> None:
    refusal = made(acme, models.Nonrenewal, {
        "id": new_id(), "policy_id": policy.id, "reason_code": "LOSS_HISTORY", "notice_days": 45,
        "notice_due_date": date(2027, 1, 15), "effective_date": ENDS, "status": status,
    })  # fmt: skip
    with entered(acme):
        with pytest.raises(Conflict, match="decided not to renew"):
            renew(acme, policy)
        models.Nonrenewal.objects.within(acme).filter(id=refusal.id).update(status="withdrawn")
        assert renew(acme, policy).repeated is False


def test_what_does_not_hold_is_named_and_nothing_is_bound(
    acme: Scope, borealis: Scope, policy: models.Policy
) -> None:
    with entered(acme):
        for offer, problem in (
            (replace(OFFER, unmet=("State is authorized",)), Conflict),
            (replace(OFFER, plan="WEEKLY"), BadForm),
            (replace(OFFER, annual_cents=0), BadForm),
        ):
            with pytest.raises(problem):
                renew(acme, policy, offer)
        with pytest.raises(Conflict, match="changed at"):
            renew(acme, policy, version=7)
        assert not models.Policy.objects.within(acme).exclude(id=policy.id).exists()
    with entered(borealis), pytest.raises(NotFound):
        renew(borealis, policy)


def test_a_second_form_finds_the_next_term(acme: Scope, policy: models.Policy) -> None:
    with entered(acme):
        renew(acme, policy)
        with pytest.raises(Conflict, match="next term stands"):
            renew(acme, policy, version=1)
        assert models.Policy.objects.within(acme).count() == 2


@pytest.mark.parametrize(("cancelled", "ends_as"), [(False, "renewed"), (True, "expired")])
def test_the_end_of_the_term_finds_whether_a_renewal_stands(
    acme: Scope, policy: models.Policy, cancelled: bool, ends_as: str
) -> None:
    with entered(acme):
        renew(acme, policy)
        if cancelled:
            models.Policy.objects.within(acme).filter(prior_policy_id=policy.id).update(
                status="cancelled"
            )
        portfolio_sweep.run_org(acme, datetime(2027, 3, 1, 17, tzinfo=UTC))
        assert models.Policy.objects.within(acme).get(id=policy.id).status == ends_as


def test_the_page_chooses_the_term_in_force(acme: Scope, policy: models.Policy) -> None:
    with entered(acme):
        renew(acme, policy)
        for day, term in ((ENDS - timedelta(days=1), 1), (ENDS, 2)):
            found = get_policy(acme, policy.policy_number, now=NOW, as_of=day)
            assert (found.policy.term, found.in_force.answer) == (term, True)
        assert get_policy(acme, policy.policy_number, now=NOW, term=1).successor is not None


def test_rates_are_the_producers_own_then_the_programs(acme: Scope, policy: models.Policy) -> None:
    def rates() -> tuple[str, str]:
        told = renewal_terms(acme, policy.program_id, policy.producer_id, state="FL", on=ENDS).basis
        return str(told.producer), str(told.mga)

    with entered(acme):
        assert rates() == ("0.125000", "0.100000")
        renewable.agreed(acme, policy.program_id, "0.110000", "0.090000")
        assert rates() == ("0.110000", "0.090000")
        for program, rate, since in (
            (None, "0.120000", 1), (policy.program_id, "0.115000", 2), (None, "0.130000", 400),
        ):  # fmt: skip
            made(acme, orgs.ProducerCommissionOverride, {
                "id": new_id(), "producer_id": policy.producer_id, "program_id": program,
                "transaction_type": "RENEWAL", "rate": Decimal(rate),
                "effective_date": renewable.LONG_AGO + timedelta(days=since),
            })  # fmt: skip
        assert rates() == ("0.115000", "0.090000")


def test_fee_and_taxes_are_those_of_the_new_first_day(acme: Scope, policy: models.Policy) -> None:
    def basis() -> Basis:
        return renewal_terms(acme, policy.program_id, policy.producer_id, state="FL", on=ENDS).basis

    with entered(acme):
        assert (basis().fee_cents, basis().taxes) == (15_000, ())
        for state, cents, since in (
            (None, 16_000, date(2027, 1, 1)), ("FL", 17_000, date(2026, 1, 1)),
            ("FL", 18_000, date(2027, 3, 2)), ("GA", 19_000, date(2027, 1, 1)),
        ):  # fmt: skip
            made(acme, orgs.ProgramFee, {
                "id": new_id(), "program_id": policy.program_id, "state": state,
                "fee_code": "POLICY_FEE", "amount_cents": cents, "retained_by": "mga",
                "currency": "USD", "effective_date": since,
            })  # fmt: skip
        renewable.taxed(acme.org_id)
        assert basis().fee_cents == 17_000
        assert [tax.component for tax in basis().taxes] == ["stamping_fee", "tax"]
        orgs.Program.objects.within(acme).filter(id=policy.program_id).update(admitted=True)
        assert basis().taxes == ()
