"""What the demo shows of jobs: their runs, mail, filings with their stories, lawful notices."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from openinsure.demo import load as loading
from openinsure.demo import run_rows
from openinsure.demo.orgs_data import ACME, PLATFORM_ID, TENANTS
from openinsure.jobs import mailbox_ingest, reading
from openinsure.policies.models import (
    Cancellation,
    Nonrenewal,
    Policy,
    PolicyNotice,
    StateInsuranceReport,
    StateInsuranceReportRecord,
)
from openinsure.policies.noticing import was_given
from openinsure.policies.operations import state_reports
from openinsure.settings.cron import JOBS
from openinsure.settings.databases import KEYSPACES
from openinsure.submissions.models import InboundMessage, Submission
from openinsure.tenancy.scope import OrgScope, SystemScope, entered
from tests.demo.test_load import TODAY, run, small_tenants

__all__ = ["small_tenants"]
pytestmark = pytest.mark.django_db(databases=["default", "ledger_engine", *KEYSPACES])
EVENING = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)


def test_its_runs_tell_of_a_failed_a_missed_and_a_late_one() -> None:
    run()
    with entered(SystemScope(PLATFORM_ID, "service:test")):
        rows = {row.name: row for row in reading.list_jobs(now=EVENING)}
    assert rows["portfolio-sweep"].strip_words == "13 ok, 1 failed (17 Nov)"
    assert rows["renewal-notices"].strip_words == "13 ok, 1 missed (15 Nov)"
    assert rows["earned-premium"].strip_words == "13 ok, 1 late (12 Nov)"
    assert {row.state for row in rows.values()} == {"succeeded"}
    assert {len(row.strip) for row in rows.values()} == {14}


def test_its_runs_stop_at_the_hour_of_the_load() -> None:
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    found = list(run_rows.runs(7, TODAY, noon))
    assert max(row["scheduled_for"] for row in found) <= noon
    assert {row["job_key"] for row in found} == {job.key for job in JOBS}
    assert len({row["idempotency_key"] for row in found}) == len(found)
    assert list(run_rows.runs(7, TODAY, noon)) == found


def test_its_filings_hold_a_rejection_and_a_breach_and_are_not_reported_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loading, "TENANTS", (replace(ACME, policies=160, claims=10),))
    run()
    scope = OrgScope(ACME.id, "service:test")
    with entered(scope):
        records = StateInsuranceReportRecord.objects.within(scope)
        states = Counter(records.values_list("status", flat=True))
        assert (states["rejected"], states["due"]) == (1, 1)
        assert states["accepted"] > 0
        assert records.get(status="rejected").error_code == "071"
        breach = records.get(status="due")
        assert breach.due_date < TODAY
        for report in StateInsuranceReport.objects.within(scope):
            mine = Counter(records.filter(report_id=report.id).values_list("status", flat=True))
            assert report.record_count == mine.total()
            assert (report.accepted_count, report.rejected_count) == (
                mine["accepted"], mine["rejected"]
            )  # fmt: skip
        past = TODAY + timedelta(days=state_reports.DUE_DAYS - 3)  # a weekend apart from today
        told = {
            (row.policy.id, row.vehicle.id, row.code)
            for row in state_reports.reportable(scope, TODAY, kept_out=())
            if row.due < past
        }
        kept = set(records.values_list("policy_id", "vehicle_id", "transaction_code"))
        new = {row for row in told if row[2] in (state_reports.NEW, state_reports.CANCELLED)}
        assert new <= kept


def test_no_notice_of_it_ends_coverage_too_early() -> None:
    run()
    for spec in TENANTS:
        scope = OrgScope(spec.id, "service:test")
        with entered(scope):
            policies = {row.id: row for row in Policy.objects.within(scope)}
            ends: list[Any] = [*Cancellation.objects.within(scope).filter(initiated_by="company"),
                               *Nonrenewal.objects.within(scope)]  # fmt: skip
            assert ends
            waiting = set(PolicyNotice.objects.within(scope).filter(status="to_mail")
                          .values_list("cause_id", flat=True))  # fmt: skip
            for row in ends:
                given = was_given(policies[row.policy_id], row)
                assert given or (row.status == "pending" and row.id in waiting)
            mailed = PolicyNotice.objects.within(scope).exclude(status="to_mail")
            notices = {row.cause_id: row for row in mailed}
            ended = [row for row in ends if row.id not in waiting]
            assert set(notices) == {row.id for row in ended}
            assert ended
            for row in ended:
                notice = notices[row.id]
                assert notice.effective_date == row.effective_date
                days = (row.effective_date - notice.mailed_at.date()).days
                assert days >= notice.rule_days == row.notice_days


def test_mail_to_its_address_is_filed(settings: Any, tmp_path: Path) -> None:
    run()
    scope = OrgScope(ACME.id, "service:test")
    with entered(scope):
        before = Counter(InboundMessage.objects.within(scope).values_list("status", flat=True))
        number = Submission.objects.within(scope).values_list("submission_number", flat=True)[0]
    assert (before["filed"], before["new"], before["dismissed"]) == (10, 3, 1)
    message = EmailMessage()
    message["From"], message["To"] = "broker@agency.test", "Inbox@acme.test"
    message["Subject"], message["Message-ID"] = f"Re: {number}", "<1@agency.test>"
    message.set_content("Loss runs attached.")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1.mail").write_bytes(bytes(message))
    settings.MAILBOX_URL = f"maildir://{tmp_path}"
    work = mailbox_ingest.prepared((PLATFORM_ID, *(spec.id for spec in TENANTS)))
    with entered(SystemScope(ACME.id, "service:test")) as system:
        assert work(system, EVENING).figures == {"filed": 1}
    with entered(SystemScope(PLATFORM_ID, "service:test")) as platform:
        poison = InboundMessage.objects.within(platform).get(status="set_aside")
        assert "broken" in poison.error_text
        assert InboundMessage.objects.within(platform).filter(status="quarantined").count() == 1


def test_a_day_other_than_the_load_day_is_whole() -> None:
    found = [
        row for row in run_rows.runs(7, date(2026, 11, 20), datetime(2027, 1, 5, tzinfo=UTC))
        if row["job_key"] == "mailbox_ingest"
    ]  # fmt: skip
    assert len(found) == 14 * 96
