"""What the demo shows of jobs: their runs, filings with their stories."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from openinsure.demo import load as loading
from openinsure.demo import run_rows
from openinsure.demo.orgs_data import ACME
from openinsure.policies.models import StateInsuranceReport, StateInsuranceReportRecord
from openinsure.policies.operations import state_reports
from openinsure.settings.cron import JOBS
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import OrgScope, entered
from tests.demo.test_load import TODAY, run, small_tenants

__all__ = ["small_tenants"]
pytestmark = pytest.mark.django_db(databases=["default", "ledger_engine", *KEYSPACES])


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


def test_a_day_other_than_the_load_day_is_whole() -> None:
    found = [
        row for row in run_rows.runs(7, date(2026, 11, 20), datetime(2027, 1, 5, tzinfo=UTC))
        if row["job_key"] == "mailbox_ingest"
    ]  # fmt: skip
    assert len(found) == 14 * 96
