"""No notice ends coverage before the rule's days after it was mailed (invariant 30)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from openinsure.console.forms import Once
from openinsure.console.states import IllegalTransition
from openinsure.jobs import portfolio_sweep
from openinsure.keyspaces.ids import new_id
from openinsure.policies.models import Cancellation, Policy, PolicyEvent, PolicyNotice
from openinsure.policies.noticing import Asked, earliest_end, lawful_end
from openinsure.policies.operations import notice_rows
from openinsure.policies.operations.cancellations import cancel_policy, rescind_cancellation
from openinsure.policies.operations.mailings import record_mailing
from openinsure.problems import BadForm, Conflict
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import Scope, entered
from tests import factories
from tests.policies.test_operations import RULES, actor

pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES])
DAY = timedelta(days=1)
FROM, TO = date(2026, 3, 1), date(2027, 3, 1)
DECIDED = datetime(2027, 1, 4, 9, tzinfo=UTC)
LAW = "Fla. Stat. 627.7281"


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 17, tzinfo=UTC)


def asked(days: int, *, proof: bool = True) -> Asked:
    return Asked(new_id(), days, LAW, proof)


def wait(scope: Scope, policy: Policy, on: date, *, plan: date, days: int) -> str:
    """A notice for non-payment asked for on a day; its id."""
    cause = new_id()
    assert notice_rows.ask_for_notice(
        scope, policy, notice_rows.NONPAY, cause_id=cause, effective=plan, asked=asked(days),
        now=noon(on),
    )  # fmt: skip
    return str(PolicyNotice.objects.within(scope).get(cause_id=cause).id)


def mail(scope: Scope, notice_id: str, on: date, **given: Any) -> Any:
    values: dict[str, Any] = {
        "mailed_on": on, "proof": "9407 1", "rules": RULES, "once": Once(new_id()),
        "actor": actor(), "version": 0, "now": noon(on),
    } | given  # fmt: skip
    return record_mailing(scope, notice_id, **values)


def cancel(scope: Scope, policy: Policy, on: date, **given: Any) -> Any:
    values: dict[str, Any] = {
        "on": on, "method": "pro_rata", "reason_code": "UNDERWRITING", "initiated_by": "company",
        "rules": RULES, "once": Once(new_id()), "actor": actor(), "version": 0,
        "now": noon(date(2026, 6, 1)), "notice": asked(45),
    } | given  # fmt: skip
    return cancel_policy(scope, policy.id, **values)


@given(some.dates(), some.integers(0, 120), some.dates())
def test_an_end_is_as_planned_or_the_first_lawful_day(
    mailed_on: date, days: int, plan: date
) -> None:
    if mailed_on > date(9999, 1, 1):
        return
    ends = lawful_end(plan, mailed_on=mailed_on, days=days)
    assert ends >= mailed_on + days * DAY
    assert ends in (plan, earliest_end(mailed_on, days))
    assert ends >= plan


@given(
    days=some.integers(1, 60), asked_after=some.integers(0, 300), plan_after=some.integers(0, 60),
    mailed_after=some.integers(0, 60), recorded_after=some.integers(0, 9),
    swept_after=some.integers(-3, 90),
)  # fmt: skip
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_notice_ends_coverage_before_the_rules_days(
    acme: Scope, days: int, asked_after: int, plan_after: int, mailed_after: int,
    recorded_after: int, swept_after: int,
) -> None:  # fmt: skip
    with entered(acme), transaction.atomic(using="oi_policies"):
        policy = factories.policy(
            acme, effective_date=FROM, expiration_date=TO, program_id=factories.program(acme).id
        )
        factories.transaction(acme, policy)
        start = FROM + asked_after * DAY
        key = wait(acme, policy, start, plan=start + plan_after * DAY, days=days)
        sent = start + mailed_after * DAY
        told = noon(sent + recorded_after * DAY)
        if max(start + plan_after * DAY, sent + days * DAY) >= TO:
            with pytest.raises(BadForm, match="term ends on"):
                mail(acme, key, sent, now=told)
            return
        mail(acme, key, sent, now=told)
        given_up = sent + swept_after * DAY
        portfolio_sweep.run_org(acme, noon(given_up))
        notice = PolicyNotice.objects.within(acme).get(id=key)
        row = Cancellation.objects.within(acme).get(policy_id=policy.id)
        lawful = sent + days * DAY
        assert notice.effective_date == row.effective_date >= lawful
        assert notice.mailed_at == row.notice_mailed_at
        status = Policy.objects.within(acme).get(id=policy.id).status
        assert status == "pending_cancellation" or given_up >= row.effective_date >= lawful
        transaction.set_rollback(True, using="oi_policies")


def test_it_starts_a_cancellation_when_the_mailing_is_recorded(acme: Scope) -> None:
    policy, once = factories.policy(acme), Once(new_id())
    factories.transaction(acme, policy)
    asked_on, plan = date(2026, 5, 11), date(2026, 5, 26)
    with entered(acme):
        key = wait(acme, policy, asked_on, plan=plan, days=10)
        assert Policy.objects.within(acme).get(id=policy.id).status == "active"
        told = [mail(acme, key, asked_on + 2 * DAY, once=once) for _ in range(3)]
        assert [one.repeated for one in told] == [False, True, True]
        row = Cancellation.objects.within(acme).get(policy_id=policy.id)
        assert (row.status, row.reason_code, row.notice_days) == ("notice_sent", "NONPAY", 10)
        assert (row.effective_date, row.notice_tracking) == (plan, "9407 1")
        notice = PolicyNotice.objects.within(acme).get(id=key)
        assert (notice.status, notice.tracking_number) == ("mailed", "9407 1")
        event = PolicyEvent.objects.within(acme).get(policy_id=policy.id)
        assert (event.event_type, event.effective_date) == ("cancellation.notice_mailed", plan)
        with pytest.raises(Conflict, match="does not wait"):
            mail(acme, key, asked_on + 2 * DAY, version=1)


def test_it_moves_the_end_when_the_notice_went_late(acme: Scope) -> None:
    policy = factories.policy(acme)
    factories.transaction(acme, policy)
    with entered(acme):
        key = wait(acme, policy, date(2026, 5, 11), plan=date(2026, 5, 26), days=10)
        mail(acme, key, date(2026, 5, 20))
        row = Cancellation.objects.within(acme).get(policy_id=policy.id)
        assert row.effective_date == date(2026, 5, 30)
        assert PolicyNotice.objects.within(acme).get(id=key).effective_date == date(2026, 5, 30)


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"mailed_on": date(2026, 5, 10)}, "mailed_on", "when it was asked for"),
        ({"mailed_on": date(2026, 5, 14)}, "mailed_on", "to 13 May 2026"),
        ({"proof": ""}, "proof", LAW),
    ],
)
def test_it_takes_no_mailing_that_cannot_be(
    acme: Scope, given: dict[str, Any], field: str, words: str
) -> None:
    policy = factories.policy(acme)
    factories.transaction(acme, policy)
    with entered(acme):
        key = wait(acme, policy, date(2026, 5, 11), plan=date(2026, 5, 26), days=10)
        with pytest.raises(BadForm) as refused:
            mail(acme, key, date(2026, 5, 13), **given)
        assert words in refused.value.errors[field]
        assert not Cancellation.objects.within(acme).exists()


def test_the_company_cancels_only_with_the_days_of_the_law(acme: Scope) -> None:
    policy = factories.policy(acme)
    factories.transaction(acme, policy)
    with entered(acme):
        with pytest.raises(BadForm) as refused:
            cancel(acme, policy, date(2026, 7, 15))
        assert "2026-07-16 or later: 45 days" in refused.value.errors["effective"]
        assert LAW in refused.value.errors["effective"]
        assert cancel(acme, policy, date(2026, 7, 16)).status == "pending_cancellation"
        row = Cancellation.objects.within(acme).get(policy_id=policy.id)
        assert (row.status, row.notice_days, row.notice_mailed_at) == ("pending", 45, None)
        notice = PolicyNotice.objects.within(acme).get(cause_id=row.id)
        assert (notice.status, notice.rule_days, notice.citation) == ("to_mail", 45, LAW)
        mail(acme, notice.id, date(2026, 6, 11), version=1, now=noon(date(2026, 6, 12)))
        row.refresh_from_db()
        assert (row.status, row.effective_date) == ("notice_sent", date(2026, 7, 26))


def test_a_reason_of_ours_cannot_be_the_insureds(acme: Scope) -> None:
    policy = factories.policy(acme)
    with entered(acme), pytest.raises(BadForm, match="Non-payment") as refused:
        cancel(acme, policy, date(2026, 7, 20), reason_code="NONPAY", initiated_by="insured")
    assert list(refused.value.errors) == ["initiated_by"]


def test_a_rescinded_cancellation_withdraws_its_notice(acme: Scope) -> None:
    policy = factories.policy(acme)
    factories.transaction(acme, policy)
    with entered(acme):
        cancel(acme, policy, date(2026, 8, 1))
        rescind_cancellation(
            acme, policy.id, reason="Kept", once=Once(new_id()), actor=actor(), version=1,
            now=noon(date(2026, 6, 2)),
        )  # fmt: skip
        notice = PolicyNotice.objects.within(acme).get(policy_id=policy.id)
        assert notice.status == "withdrawn"
        with pytest.raises((Conflict, IllegalTransition)):
            mail(acme, notice.id, date(2026, 6, 3), version=2)


def test_the_sweep_ends_nothing_without_its_notice(acme: Scope) -> None:
    unmailed = factories.policy(acme, status="pending_cancellation")
    factories.transaction(acme, unmailed)
    factories.cancellation(acme, unmailed, status="pending", effective_date=date(2026, 6, 1))
    refused = factories.policy(
        acme, effective_date=FROM, expiration_date=TO, status="nonrenewal_pending"
    )
    with entered(acme):
        told = portfolio_sweep.run_org(acme, noon(TO))
        assert told.figures["notice_missing"] == 2
        assert "policies_cancelled" not in told.figures
        states = dict(Policy.objects.within(acme).values_list("id", "status"))
    assert states == {unmailed.id: "pending_cancellation", refused.id: "nonrenewal_pending"}
