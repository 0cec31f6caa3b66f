"""Notices of non-renewal: mailed by a person with proof, on days that the law allows."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from openinsure.console.states import IllegalTransition
from openinsure.jobs import portfolio_sweep, renewal_notices
from openinsure.keyspaces.ids import new_id
from openinsure.orgs.models import Notification, RefNoticeRule
from openinsure.policies.models import Nonrenewal, Policy, PolicyEvent, PolicyNotice
from openinsure.problems import BadForm, Conflict
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests import factories, staff
from tests.factories import made
from tests.letters import Letters
from tests.policies.test_notice_days import DAY, FROM, LAW, TO, mail, noon

pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES])
DECIDED = datetime(2027, 1, 4, 9, tzinfo=UTC)


def morning(scope: Scope, at: datetime) -> dict[str, int]:
    """The job of nine o'clock; its figures."""
    return renewal_notices.run_org(scope, at, clock=lambda: at).figures


def refuse(scope: Scope, *, status: str = "nonrenewal_pending") -> tuple[Policy, Nonrenewal, str]:
    """A decision not to renew, and the notice of it that the morning's job asks for."""
    policy = factories.policy(scope, effective_date=FROM, expiration_date=TO, status=status)
    refusal = made(scope, Nonrenewal, {
        "id": new_id(), "policy_id": policy.id, "reason_code": "LOSS_HISTORY", "notice_days": 45,
        "notice_due_date": TO - 45 * DAY, "effective_date": TO, "status": "pending",
    })  # fmt: skip
    assert morning(scope, DECIDED)["notices_asked"] == 1
    key = PolicyNotice.objects.within(scope).get(cause_id=refusal.id).id
    return policy, refusal, key


@pytest.fixture
def rule(db: None) -> None:
    """45 days, with proof of mailing."""
    with entered(SystemScope(PLATFORM_ORG_ID, "service:test")):
        RefNoticeRule.objects.create(
            id=new_id(), state="FL", line_of_business="commercial_auto", notice_kind="nonrenewal",
            reason_code="NONRENEWAL", notice_days=45, citation=LAW, proof_required=True,
            effective_date=FROM - 900 * DAY,
        )  # fmt: skip


@pytest.mark.usefixtures("rule")
@pytest.mark.parametrize("status", ["nonrenewal_pending", "active"])
@pytest.mark.parametrize(
    ("mailed", "ends"),
    [(date(2027, 1, 10), TO), (date(2027, 2, 10), date(2027, 3, 27))],
)
def test_a_refusal_mailed_late_ends_coverage_later(
    acme: Scope, mailed: date, ends: date, status: str
) -> None:
    with entered(acme):
        policy, refusal, key = refuse(acme, status=status)
        with pytest.raises(BadForm) as refused:
            mail(acme, key, mailed, proof="")
        assert LAW in refused.value.errors["proof"]
        done = mail(acme, key, mailed)
        assert done.status == "nonrenewal_pending"
        refusal.refresh_from_db()
        notice = PolicyNotice.objects.within(acme).get(id=key)
        assert (refusal.status, notice.status) == ("mailed", "mailed")
        assert (refusal.notice_mailed_at, notice.tracking_number) == (notice.mailed_at, "9407 1")
        assert refusal.effective_date == notice.effective_date == ends
        assert notice.effective_date >= mailed + notice.rule_days * DAY
        event = PolicyEvent.objects.within(acme).get(policy_id=policy.id)
        assert (event.event_type, event.effective_date) == ("nonrenewal.notice_mailed", ends)
        portfolio_sweep.run_org(acme, noon(ends - DAY))
        assert Policy.objects.within(acme).get(id=policy.id).status == "nonrenewal_pending"
        portfolio_sweep.run_org(acme, noon(ends))
        assert Policy.objects.within(acme).get(id=policy.id).status == "nonrenewed"


@pytest.mark.usefixtures("rule")
def test_no_letter_stands_for_the_mailing_of_a_refusal(acme: Scope, letters: Letters) -> None:
    with entered(acme):
        policy, refusal, key = refuse(acme)
        assert letters() == []
        refusal.refresh_from_db()
        assert (refusal.status, refusal.notice_mailed_at) == ("pending", None)
        Policy.objects.within(acme).filter(id=policy.id).update(status="cancelled")
        assert morning(acme, DECIDED + DAY)["notices_withdrawn"] == 1
        with pytest.raises((Conflict, IllegalTransition)):
            mail(acme, key, DECIDED.date() + DAY)


@pytest.mark.usefixtures("rule")
def test_a_refusal_not_mailed_by_its_legal_day_alarms_once(acme: Scope) -> None:
    person = staff.user(acme, role="compliance_officer")
    with entered(acme):
        refuse(acme)
        for days in (0, 1, 2):
            assert morning(acme, noon(TO - (44 - days) * DAY))["late"] == 1
        alarms = Notification.objects.within(acme).filter(user_id=person.id, kind="notices.late")
        assert LAW in (alarms.get().body or "")
