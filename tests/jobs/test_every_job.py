"""All registered jobs: twice, ten times at once, three days late, at the calendar's odd days."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from openinsure.billing.models import FeeCharge, Invoice, NonpayWorkflow, PaymentReminder
from openinsure.jobs import d1_retention, runs, starting
from openinsure.jobs.models import CronRun, HealthDay, JobOrgRun
from openinsure.jobs.runs import Outcome
from openinsure.jobs.schedule import parse
from openinsure.policies.models import (
    Nonrenewal,
    Policy,
    PolicyEvent,
    PolicyNotice,
    Renewal,
    StateInsuranceReport,
    StateInsuranceReportRecord,
)
from openinsure.settings.cron import JOBS, Job
from openinsure.settings.databases import KEYSPACES
from openinsure.submissions.models import InboundAttachment, InboundMessage, Submission
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests.claims.test_at_once import elsewhere
from tests.jobs import world
from tests.letters import Letters

pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES, "ledger_engine"])
REGISTERED = [job for job in JOBS if starting.has_runner(job)]
BY_ORG = [job for job in REGISTERED if job.key not in starting.PLATFORM]
every_job = pytest.mark.parametrize("job", REGISTERED, ids=lambda job: job.key)
DAYS = [
    date(2028, 2, 29),
    date(2027, 3, 14),  # clocks go forward in New York
    date(2026, 11, 1),  # and back
    date(2026, 12, 31),
    date(2027, 1, 1),
]
odd_days = pytest.mark.parametrize("day", DAYS, ids=str)
Make = Callable[[Scope, datetime], dict[str, Any]]


def due_on(job: Job, day: date) -> datetime:
    """The newest due time of the job by the end of a day."""
    return parse(job.cron).previous(datetime.combine(day, time(23, 59), UTC))


@pytest.fixture(autouse=True)
def place(
    acme: Scope, borealis: Scope, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    letters: Letters,
) -> Iterator[Path]:  # fmt: skip
    """Two organisations and the platform, folders of the test's own, D1 left to its own test."""
    ids = (acme.org_id, borealis.org_id, PLATFORM_ORG_ID)
    monkeypatch.setattr(starting, "org_ids", lambda run_id: ids)
    monkeypatch.setattr(d1_retention, "_file", lambda slug: None)
    settings.FILES_DIR = str(tmp_path / "files")
    settings.MAILBOX_URL = f"maildir://{tmp_path}/inbox"
    settings.DHSMV_URL = f"folder://{tmp_path}/dhsmv"
    settings.EMAIL_URL = f"maildir://{tmp_path}/letters"
    with entered(SystemScope(PLATFORM_ORG_ID, runs.SUBJECT)):
        yield tmp_path / "inbox"


def parts(scope: Scope) -> list[str]:
    with entered(scope):
        return list(JobOrgRun.objects.within(scope).values_list("status", flat=True))


def run(job: Job, due: datetime, *, late: timedelta = timedelta()) -> CronRun:
    found = starting.start(job, now=due + late, scheduled_for=due)
    assert found is not None
    assert found.status == "succeeded", found.error_detail
    return found


@every_job
def test_it_does_everything_once_when_run_twice(job: Job, acme: Scope, place: Path) -> None:
    due = due_on(job, date(2026, 11, 20))
    world.shared(due)
    world.build(acme, due, place)
    run(job, due)
    after = world.snapshot(acme)
    assert starting.start(job, now=due, scheduled_for=due) is None
    CronRun.objects.update(status="failed")  # as if the end had not been recorded
    with entered(acme):
        JobOrgRun.objects.within(acme).update(status="failed")
    assert run(job, due).attempt == 2
    assert world.snapshot(acme) == after


@every_job
@odd_days
def test_it_has_the_right_dates(job: Job, day: date, acme: Scope, place: Path) -> None:
    due = due_on(job, day)
    world.shared(due)
    made = world.build(acme, due, place)
    run(job, due)
    with entered(acme):
        CHECKS.get(job.key, nothing)(acme, made, due)
    after = world.snapshot(acme)
    CronRun.objects.all().delete()
    with entered(acme):
        JobOrgRun.objects.within(acme).delete()
    run(job, due)
    assert world.snapshot(acme) == after


@every_job
def test_it_does_the_same_three_days_late(job: Job, acme: Scope, place: Path) -> None:
    due = due_on(job, date(2026, 11, 12))
    world.shared(due)
    made = world.build(acme, due, place)
    run(job, due, late=timedelta(days=3))
    with entered(acme):
        CHECKS.get(job.key, nothing)(acme, made, due)


@every_job
def test_it_has_one_effect_when_started_ten_times_at_once(
    job: Job, acme: Scope, place: Path
) -> None:
    due = due_on(job, date(2025, 6, 11))

    def prepare() -> dict[str, Any]:
        with entered(SystemScope(PLATFORM_ORG_ID, runs.SUBJECT)):
            return world.build(acme, due, place)

    def begin() -> str:
        with entered(SystemScope(PLATFORM_ORG_ID, runs.SUBJECT)):
            found = starting.start(job, now=due, scheduled_for=due)
            return found.status if found else "another is at it"

    def look() -> tuple[dict[str, str], list[str]]:
        return world.snapshot(acme), parts(acme)

    def forget() -> None:
        with entered(SystemScope(PLATFORM_ORG_ID, runs.SUBJECT)), transaction.atomic():
            CronRun.objects.filter(scheduled_for=due).delete()
            HealthDay.objects.filter(day=due.date() - timedelta(days=1)).delete()

    (made,) = elsewhere(prepare)
    try:
        said = elsewhere(begin, 10)
        assert sorted(map(str, said)) == ["another is at it"] * 9 + ["succeeded"]
        ((after, states),) = elsewhere(look)
        assert states == ([] if job.key in starting.PLATFORM else ["succeeded"])
        elsewhere(forget)
        assert elsewhere(begin) == ["succeeded"]
        ((again, _),) = elsewhere(look)
        assert again == after
        assert made
    finally:
        elsewhere(forget)


@pytest.mark.parametrize("job", BY_ORG, ids=lambda job: job.key)
def test_it_touches_only_the_organization_asked_for(
    job: Job, acme: Scope, borealis: Scope, place: Path
) -> None:
    due = due_on(job, date(2026, 11, 20))
    world.shared(due)
    for scope in (acme, borealis):
        world.build(scope, due, place)
    before = world.snapshot(borealis)
    found = starting.start(job, now=due, scheduled_for=due, only=acme.org_id)
    assert found is not None
    assert (found.status, found.orgs_failed, found.orgs_total) == ("partial", 2, 3)
    assert world.snapshot(borealis) == before
    assert (parts(acme), parts(borealis)) == (["succeeded"], [])
    assert starting.start(job, now=due, scheduled_for=due) is not None
    assert parts(borealis) == ["succeeded"]


def test_it_stops_a_job_that_reaches_for_another_organization(acme: Scope, borealis: Scope) -> None:
    job = starting.job_named("renewal-notices")
    due = due_on(job, date(2026, 11, 20))

    def reach(scope: Scope, scheduled_for: datetime) -> Outcome:
        other = borealis if scope.org_id == acme.org_id else acme
        if scope.org_id == acme.org_id:
            Policy.objects.within(other).update(status="cancelled")
        return Outcome()

    begun = runs.begin(job, due, now=due)
    assert begun is not None
    runs.run_orgs(begun, reach, (acme.org_id, borealis.org_id), clock=lambda: due)
    assert (begun.status, parts(acme), parts(borealis)) == ("partial", ["failed"], ["succeeded"])
    with entered(acme):
        assert JobOrgRun.objects.within(acme).get().error == "TenantLeak"


def nothing(scope: Scope, made: dict[str, Any], due: datetime) -> None:
    """Of jobs whose dates their own suite checks."""


def reminders(scope: Scope, made: dict[str, Any], due: datetime) -> None:
    day = due.date()
    sent = PaymentReminder.objects.within(scope).get()
    assert (sent.reminder_kind, sent.status, sent.sent_at) == ("due_soon", "sent", due)
    assert sent.invoice_id == made["soon"].id
    fee = FeeCharge.objects.within(scope).get()
    assert (fee.charged_on, fee.amount_cents, fee.fee_code) == (day, 1_000, "LATE")
    flow = NonpayWorkflow.objects.within(scope).get()
    assert (flow.stage, flow.started_on) == ("notice_due", day)
    assert flow.cancel_effective_date == day + timedelta(days=15)
    late = Invoice.objects.within(scope).get(id=made["late"].id)
    assert (late.status, late.total_cents) == ("overdue", 125_257)


def renewals(scope: Scope, made: dict[str, Any], due: datetime) -> None:
    item = Renewal.objects.within(scope).get()
    ends = made["ending"].expiration_date
    assert (item.policy_id, item.status) == (made["ending"].id, "offered")
    assert item.notice_due_date == ends - timedelta(days=60)
    kinds = PolicyNotice.objects.within(scope).order_by("notice_kind")
    told = list(kinds.values_list("notice_kind", "status", "effective_date"))
    gone = made["refused"].expiration_date
    assert told == [("nonrenewal", "to_mail", gone), ("renewal_offer", "sent", ends)]
    refusal = Nonrenewal.objects.within(scope).get()
    assert (refusal.status, refusal.notice_mailed_at) == ("pending", None)  # a person mails it


def swept(scope: Scope, made: dict[str, Any], due: datetime) -> None:
    states = dict(Policy.objects.within(scope).values_list("id", "status"))
    assert states[made["starting"].id] == "active"
    assert states[made["over"].id] == "expired"
    assert states[made["ending"].id] == "active"
    events = PolicyEvent.objects.within(scope).order_by("event_type")
    told = list(events.values_list("event_type", "effective_date", "occurred_at"))
    day = due.date()
    assert told == [("policy.activated", day, due), ("policy.expired", day, due)]
    assert Submission.objects.within(scope).get(id=made["quoted"].id).status == "expired"


def exported(scope: Scope, made: dict[str, Any], due: datetime) -> None:
    day = due.date()
    record = StateInsuranceReportRecord.objects.within(scope).get()
    assert (record.transaction_code, record.status) == ("20", "sent")
    assert record.due_date == day + timedelta(days=10)
    report = StateInsuranceReport.objects.within(scope).get()
    assert (report.record_count, report.sent_at) == (1, due)
    assert f"{day:%Y%m%d}" in report.file_name


def ingested(scope: Scope, made: dict[str, Any], due: datetime) -> None:
    row = InboundMessage.objects.within(scope).get()
    assert (row.status, row.classified_as) == ("filed", "claim")
    assert row.claim_id == made["claim"].id
    assert row.received_at == datetime(2026, 11, 2, 10, tzinfo=UTC)
    assert InboundAttachment.objects.within(scope).get().file_name == "photo.png"


def rolled(scope: Scope, made: dict[str, Any], due: datetime) -> None:
    kept = HealthDay.objects.get()
    assert kept.day == due.date() - timedelta(days=1)


CHECKS: dict[str, Callable[[Scope, dict[str, Any], datetime], None]] = {
    "payment_reminders": reminders,
    "renewal_notices": renewals,
    "portfolio_sweep": swept,
    "fl_dhsmv_export": exported,
    "mailbox_ingest": ingested,
    "health_rollup": rolled,
}
