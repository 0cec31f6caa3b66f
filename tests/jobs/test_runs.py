"""The nine jobs: their times, one effect per due time, one organisation's failure its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dbops.models import StoredReading
from openinsure.jobs import cli, reading, runs, starting
from openinsure.jobs.models import CronRun, HealthDay, JobOrgRun
from openinsure.jobs.runs import Outcome
from openinsure.jobs.schedule import parse
from openinsure.problems import BadForm, Conflict
from openinsure.settings.cron import JOBS
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests import people

databases = pytest.mark.django_db(databases=["default", "oi_global"])
FIVE = datetime(2026, 11, 20, 5, tzinfo=UTC)
ROLLUP = starting.job_named("health-rollup")
DUE: list[Any] = [
    ("0 3 * * *", datetime(2024, 2, 29, 2, 59, tzinfo=UTC), "2024-02-28T03:00", "2024-02-29T03:00"),
    ("0 4 * * 0", datetime(2026, 11, 22, 4, tzinfo=UTC), "2026-11-22T04:00", "2026-11-29T04:00"),
    ("0 18 * * 1-5", datetime(2026, 11, 22, tzinfo=UTC), "2026-11-20T18:00", "2026-11-23T18:00"),
    (
        "*/15 * * * *",
        datetime(2026, 12, 31, 23, 59, tzinfo=UTC),
        "2026-12-31T23:45",
        "2027-01-01T00:00",
    ),
]


@pytest.mark.parametrize(("cron", "at", "before", "after"), DUE)
def test_it_knows_due_times(cron: str, at: datetime, before: str, after: str) -> None:
    assert f"{parse(cron).previous(at):%Y-%m-%dT%H:%M}" == before
    assert f"{parse(cron).following(at):%Y-%m-%dT%H:%M}" == after


def test_it_has_the_nine_triggers_of_the_requirement() -> None:
    assert [job.cron for job in JOBS] == [
        *("0 3 * * *", "0 4 * * 0", "0 5 * * *", "0 6 * * *", "0 7 * * *"),
        *("0 8 * * *", "0 9 * * *", "0 18 * * 1-5", "*/15 * * * *"),
    ]


@pytest.fixture(autouse=True)
def platform() -> Iterator[None]:
    """As a job of the platform's own."""
    with entered(SystemScope(PLATFORM_ORG_ID, runs.SUBJECT)):
        yield


def seen(slug: str, state: str, first: datetime, last: datetime) -> None:
    StoredReading.objects.create(
        slug=slug, state=state, first_at=first, read_at=last, taken_by="beat", latency_ms=7, said={}
    )


@databases
def test_it_rolls_health_up_once() -> None:
    day = FIVE - timedelta(days=1, hours=5)
    seen("ai", "in_sync", day - timedelta(hours=3), day + timedelta(hours=6))
    seen("ai", "unreachable", day + timedelta(hours=6), day + timedelta(hours=8))
    run = starting.start(ROLLUP, now=FIVE + timedelta(hours=3))
    assert run is not None
    assert (run.status, run.rows_processed, run.scheduled_for) == ("succeeded", 1, FIVE)
    kept = HealthDay.objects.get()
    assert (kept.day, kept.up_s, kept.watched_s) == (date(2026, 11, 19), 6 * 3600, 8 * 3600)
    assert (kept.worst_state, kept.changes) == ("unreachable", 1)
    assert starting.start(ROLLUP, now=FIVE + timedelta(hours=4)) is None
    assert CronRun.objects.count() == 1


@databases
def test_it_takes_a_killed_run_over() -> None:
    assert runs.begin(ROLLUP, FIVE, now=FIVE)
    assert starting.start(ROLLUP, now=FIVE + timedelta(minutes=10)) is None  # somebody is at it
    run = starting.start(ROLLUP, now=FIVE + timedelta(minutes=16))
    assert run is not None
    assert (run.status, run.attempt) == ("succeeded", 2)


@databases
def test_it_leaves_a_run_to_whoever_took_it_over() -> None:
    def slow(scheduled_for: datetime) -> Outcome:
        assert runs.begin(ROLLUP, FIVE, now=FIVE + timedelta(minutes=16))  # another took it over
        raise ValueError("too late to say")

    first = runs.begin(ROLLUP, FIVE, now=FIVE)
    assert first is not None
    runs.run_platform(first, slow, clock=lambda: FIVE + timedelta(minutes=17))
    kept = CronRun.objects.get()
    assert (kept.status, kept.attempt, kept.finished_at) == ("running", 2, None)


@databases
def test_it_records_what_was_missed_and_catches_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "JOBS", (ROLLUP,))
    now = FIVE + timedelta(minutes=16)
    assert starting.watch(now=FIVE + timedelta(minutes=14)) == 0
    assert starting.watch(now=now) == 1
    assert starting.watch(now=now) == 0
    row = next(row for row in reading.list_jobs(now=now) if row.name == "health-rollup")
    assert (row.state, row.overdue) == ("missed", False)
    run = starting.start(ROLLUP, now=now)
    assert run is not None
    assert (run.status, run.attempt) == ("succeeded", 1)


@databases
def test_it_records_every_time_that_an_absence_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    mail = starting.job_named("mailbox-ingest")
    monkeypatch.setattr(starting, "JOBS", (ROLLUP, mail))
    back = FIVE + timedelta(days=20, minutes=16)
    for job in (ROLLUP, mail):
        assert runs.begin(job, FIVE, now=FIVE)
    begun = back.replace(hour=5, minute=0)  # beat came before the watch
    assert runs.begin(ROLLUP, begun, now=back)
    quarters = 20 * 96 + 1  # to 05:15; FIVE has its row
    assert starting.watch(now=back) == 19 + quarters - 1  # 05:15 is not late yet
    assert starting.watch(now=back + timedelta(minutes=5)) == 1
    assert starting.watch(now=back + timedelta(minutes=5)) == 0
    missed = CronRun.objects.filter(status="missed", started_at=None, attempt=0)
    assert missed.filter(job_key=mail.key).count() == quarters
    days = set(missed.filter(job_key=ROLLUP.key).values_list("scheduled_for", flat=True))
    assert days == {FIVE + timedelta(days=day) for day in range(1, 20)}
    row = next(row for row in reading.list_jobs(now=back) if row.name == "health-rollup")
    assert row.strip_words == "13 missed, 1 running (10 Dec)"


@databases
def test_it_stops_only_the_part_that_fails(acme: Scope, borealis: Scope) -> None:
    tried: list[str] = []

    def work(scope: Scope, scheduled_for: datetime) -> Outcome:
        tried.append(scope.org_id)
        if scope.org_id == acme.org_id and len(tried) < 3:
            raise ValueError("one bad row")
        return Outcome(done=4)

    both = (acme.org_id, borealis.org_id)
    run = runs.begin(ROLLUP, FIVE, now=FIVE)
    assert run is not None
    runs.run_orgs(run, work, both, clock=lambda: FIVE)
    assert (run.status, run.orgs_failed, run.rows_processed) == ("partial", 1, 4)
    with entered(acme):
        part = JobOrgRun.objects.within(acme).get()
    assert (part.status, part.error) == ("failed", "ValueError")
    again = runs.begin(ROLLUP, FIVE, now=FIVE)
    assert again is not None
    runs.run_orgs(again, work, both, clock=lambda: FIVE)
    assert (again.status, again.attempt, again.rows_processed) == ("succeeded", 2, 8)
    assert tried == [acme.org_id, borealis.org_id, acme.org_id]  # the other one not again


@databases
def test_it_refuses_what_it_must_not_run(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without:
        without.delitem(starting.PLATFORM, ROLLUP.key)
        with pytest.raises(Conflict):
            starting.start(ROLLUP, now=FIVE)
    with pytest.raises(BadForm):
        starting.start(ROLLUP, now=FIVE, scheduled_for=FIVE - timedelta(hours=1))
    with pytest.raises(BadForm):
        starting.start(ROLLUP, now=FIVE, scheduled_for=FIVE + timedelta(days=1))
    settings.JOBS_MODE = "observe"
    with pytest.raises(Conflict):
        starting.start(ROLLUP, now=FIVE)
    assert starting.watch(now=FIVE + timedelta(hours=1)) == 0
    assert not CronRun.objects.exists()


@databases
def test_it_lists_and_runs_from_the_command_line(
    acme: Scope, capsys: pytest.CaptureFixture[str]
) -> None:
    who = people.account(acme.org_id, "db_operator").email
    assert cli.main(["jobs", "run", "health-rollup", "--as", who]) == 0
    assert "health-rollup: succeeded" in capsys.readouterr().out
    assert cli.main(["jobs", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 9
    states = {line.split()[0]: line.split()[1] for line in lines}
    assert states.pop("health-rollup") == "succeeded"
    assert set(states.values()) <= {"unknown", "missed"}  # nothing is recorded of the others
