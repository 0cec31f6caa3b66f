"""A bound submission becomes one policy with its billing, whatever is killed or runs twice."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connections

from openinsure.audit.origin import Origin
from openinsure.billing import models as billing
from openinsure.console.acting import Actor
from openinsure.console.forms import Once
from openinsure.jobs import binding as relay
from openinsure.jobs import policy_money
from openinsure.keyspaces.ids import new_id
from openinsure.orgs.operations import sequences
from openinsure.policies import models as policies
from openinsure.problems import Problem
from openinsure.submissions import models
from openinsure.submissions.operations.bindings import bind_quote
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests.billing.posting import balances
from tests.submissions import binding

DATABASES = ["default", "oi_global", "oi_submissions", "oi_policies", "oi_billing"]
pytestmark = pytest.mark.django_db(databases=DATABASES)
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
COUNTED = (
    policies.Policy, policies.Insured, policies.PolicySegment, policies.PolicyVehicle,
    policies.PolicyDriver, policies.PolicyTransaction, policies.PolicyEvent,
    billing.BillingAccount, billing.BillingSchedule, billing.PremiumTransaction, billing.Invoice,
)  # fmt: skip


def bind(scope: Scope, at: binding.Ready, once: Once | None = None) -> Any:
    """Bound a moment ago."""
    actor = Actor(new_id(), "underwriter", Origin(request_id="bind"))
    with entered(scope):
        return bind_quote(
            scope, at.row.submission_number, quote_id=at.quote.id, licence=binding.LICENCE,
            once=once or Once(new_id()), actor=actor, version=0, now=NOW,
        )  # fmt: skip


def deliver(scope: Scope) -> list[int]:
    """One round of both steps, as the worker makes it."""
    home = SystemScope(scope.org_id, "service:test")
    with entered(home):
        return [relay.deliver(home, now=NOW), policy_money.deliver(home, now=NOW)]


def counts(scope: Scope) -> dict[str, int]:
    with entered(scope):
        return {one.__name__: one.objects.within(scope).count() for one in COUNTED}


def only(scope: Scope, model: Any) -> Any:
    with entered(scope):
        return model.objects.within(scope).get()


@pytest.fixture
def at(db: None, acme: Scope) -> binding.Ready:
    return binding.ready(acme)


def test_it_writes_the_policy_as_the_quote_says(acme: Scope, at: binding.Ready) -> None:
    with entered(acme):
        sequences.name_prefix(acme, "ACM")
        sequences.start(acme, "policy", 1200)
    bind(acme, at)
    assert [deliver(acme), deliver(acme)] == [[1, 1], [0, 0]]
    policy = only(acme, policies.Policy)
    assert (policy.policy_number, policy.term_number, policy.status) == (
        "ACM-2026-001201", 1, "bound",
    )  # fmt: skip
    assert (policy.effective_date, policy.expiration_date) == (date(2026, 12, 1), date(2027, 12, 1))
    assert (policy.written_premium_cents, policy.fees_cents, policy.taxes_cents) == (
        1_234_567, 15_000, 62_479,
    )  # fmt: skip
    assert (policy.liability_limit_cents, policy.deductible_cents) == (100_000_000, 250_000)
    unit, driver = only(acme, policies.PolicyVehicle), only(acme, policies.PolicyDriver)
    assert (unit.vin, unit.vin_last6, unit.make) == (binding.VIN, "BP8834", "Freightliner")
    assert (driver.full_name, driver.license_hash, driver.mvr_points) == (
        "Dana Driver",
        "b" * 64,
        2,
    )
    with entered(acme):
        covered = policies.PolicyCoverage.objects.within(acme).order_by("coverage_code")
        assert list(covered.values_list("coverage_code", "annual_premium_cents")) == [
            ("AL", 900_000), ("MTC", 334_567),
        ]  # fmt: skip
    movement = only(acme, policies.PolicyTransaction)
    assert (movement.producer_commission_cents, movement.mga_commission_cents) == (154_321, 123_457)
    row, quote = only(acme, models.Submission), only(acme, models.Quote)
    assert row.bound_policy_id == quote.bound_policy_id == policy.id
    assert (policy.submission_id, policy.quote_id) == (row.id, quote.id)


def test_it_bills_the_plan_and_starts_the_stream(acme: Scope, at: binding.Ready) -> None:
    bind(acme, at)
    deliver(acme)
    policy, account = only(acme, policies.Policy), only(acme, billing.BillingAccount)
    assert (account.policy_id, policy.billing_account_id) == (policy.id, account.id)
    with entered(acme):
        dues = billing.Installment.objects.within(acme).order_by("seq")
        told = list(dues.values_list("premium_cents", "fee_cents", "tax_cents", "status"))
    assert told[0] == (246_913, 15_000, 62_479, "invoiced")
    assert [row[0] for row in told[1:]] == [123_457] * 3 + [123_456] + [123_457] * 2 + [
        123_456, 123_457,
    ]  # fmt: skip
    assert {row[1:] for row in told[1:]} == {(800, 0, "pending")}
    invoice = only(acme, billing.Invoice)
    assert (invoice.total_cents, invoice.due_date) == (324_392, date(2026, 12, 1))
    assert account.balance_cents == 324_392
    stream = only(acme, billing.PremiumTransaction)
    assert (stream.written_cents, stream.carrier_written_cents) == (1_234_567, 669_752)
    assert (stream.earn_from, stream.earn_to, stream.status) == (
        binding.EFFECTIVE, binding.EXPIRES, "open",
    )  # fmt: skip


KILLED = [
    (relay, "write_policy"), (relay, "record_policy"), (policy_money, "open_account"),
    (policy_money, "bill_installment"), (policy_money, "name_account"),
    (policy_money, "mark_delivered"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "step"), KILLED, ids=[step for _, step in KILLED])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_it_is_exact_when_killed_at_a_step(
    acme: Scope, at: binding.Ready, monkeypatch: pytest.MonkeyPatch,
    module: Any, step: str, after: bool,
) -> None:  # fmt: skip
    real = getattr(module, step)

    def killed(*args: Any, **kwargs: Any) -> None:
        if after:
            real(*args, **kwargs)
        raise SystemExit

    bind(acme, at)
    with monkeypatch.context() as patch:
        patch.setattr(module, step, killed)
        with pytest.raises(SystemExit):
            deliver(acme)
    deliver(acme)
    assert deliver(acme) == [0, 0]
    assert set(counts(acme).values()) == {1}
    assert balances(acme) == {"1200": 324_392, "2900": -324_392}
    assert only(acme, models.Submission).bound_policy_id == only(acme, policies.Policy).id


def test_it_knows_an_insured_it_has(acme: Scope, at: binding.Ready) -> None:
    from tests import factories

    known = factories.insured(
        acme, legal_name=at.row.insured_name, name_norm=at.row.insured_name_norm,
        usdot_number="2345678",
    )  # fmt: skip
    bind(acme, at)
    deliver(acme)
    assert only(acme, policies.Policy).insured_id == known.id
    assert only(acme, policies.Insured).id == known.id


def test_it_lets_one_wait_and_writes_the_others(acme: Scope, at: binding.Ready) -> None:
    stuck = binding.ready(acme)
    with entered(acme):
        models.Quote.objects.within(acme).filter(id=stuck.quote.id).update(program_id=new_id())
    bind(acme, stuck)
    bind(acme, at)
    assert deliver(acme) == [1, 1]
    assert only(acme, policies.Policy).quote_id == at.quote.id
    with entered(acme):
        waits = models.SubmissionEvent.objects.within(acme).get(delivered_at=None)
    assert waits.submission_id == stuck.row.id


def test_it_takes_the_next_number_when_one_is_taken(acme: Scope, at: binding.Ready) -> None:
    from tests import factories

    with entered(acme):
        sequences.name_prefix(acme, "ACM")
        sequences.start(acme, "policy", 5)
    factories.policy(acme, policy_number="ACM-2026-000006")
    bind(acme, at)
    assert deliver(acme) == [0, 0]
    assert deliver(acme) == [1, 1]
    with entered(acme):
        numbers = policies.Policy.objects.within(acme).values_list("policy_number", flat=True)
        assert sorted(numbers) == ["ACM-2026-000006", "ACM-2026-000007"]


def test_it_writes_nothing_of_another_organisation(
    acme: Scope, borealis: Scope, at: binding.Ready
) -> None:
    bind(acme, at)
    assert deliver(borealis) == [0, 0]
    assert set(counts(borealis).values()) == {0}


def apart(work: Any) -> Any:
    """Call it in a thread of its own, whose connections commit and close."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(work())
        except Problem as refusal:
            found.append(refusal)
        finally:
            for alias in DATABASES:
                connections[alias].close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, found


def test_it_has_one_policy_of_ten_binds_and_ten_workers(acme: Scope) -> None:
    """Real threads and commits; the organisation is fresh, so its rows disturb nobody."""
    thread, made = apart(lambda: binding.ready(acme))
    thread.join()
    at, once = made[0], Once(new_id())
    for work in (lambda: bind(acme, at, once), lambda: deliver(acme)):
        started = [apart(work) for _ in range(10)]
        for thread, _ in started:
            thread.join()
        if work is not None:
            told = [found[0] for _, found in started]
    assert not [one for one in told if isinstance(one, Problem)]
    assert deliver(acme) == [0, 0]
    assert set(counts(acme).values()) == {1}
    assert balances(acme) == {"1200": 324_392, "2900": -324_392}
