"""GET /submissions/<number>: whose, what of it, how old, what is masked, what may be away."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connections
from django.db.utils import OperationalError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openinsure.pages.submission_detail import TABS
from openinsure.policies.models import Insured
from openinsure.submissions import models, safety
from openinsure.tenancy.scope import Scope
from tests import factories, people
from tests.submissions import world

KEYSPACES = ["oi_global", "oi_submissions", "oi_policies"]
pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES])
STATEMENTS_MAX = 6


@pytest.fixture
def script(db: None, acme: Scope) -> Client:
    """A program with an underwriter's token of acme."""
    return people.bearer(acme.org_id, "underwriter")


def told(client: Client, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return response.json()


def html(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.content
    return str(response.content.decode())


def insured(scope: Scope, **given: Any) -> Insured:
    values = {
        "entity_type": "business",
        "legal_name": "Haulier LLC",
        "name_norm": "haulier llc",
        "fein_last4": "4821",
        "fein_hash": "f" * 64,
        "phone": "(305) 555-0142",
        "email": "office@haulier.test",
        "country": "US",
        "status": "active",
    } | given
    row: Insured = world.part(scope, Insured, **values)
    return row


def test_it_answers_a_foreign_number_like_an_unknown_one(
    script: Client, acme: Scope, borealis: Scope
) -> None:
    theirs = world.submission(borealis)
    for number in (theirs.submission_number, "SUB-TST-999999", "' OR 1=1"):
        answer = script.get(f"/submissions/{number}")
        assert answer.status_code == 404
        assert answer.json()["error"] == "not_found"


def test_it_tells_the_head(script: Client, acme: Scope) -> None:
    program, producer = factories.program(acme), factories.producer(acme)
    row = world.submission(acme, program_id=program.id, producer_id=producer.id)
    body = told(script, f"/submissions/{row.submission_number}")
    head = body["row"]
    assert body["page"] == "submissions.detail"
    assert (head["id"], head["stage"], head["status"]) == (row.id, "intake", "received")
    assert head["next"] == ["in_review", "declined", "withdrawn"]
    assert (head["program"], head["producer"]) == (program.code, producer.code)
    assert set(body["panels"]) == {
        "applicant", "answers", "duplicates", "carrier", "snapshot", "basics", "inspections",
        "crashes", "drivers", "loss_years", "loss_runs", "quotes", "checklist", "documents",
        "notes", "timeline", "referrals", "information", "actions",
    }  # fmt: skip


@pytest.mark.parametrize("tab", TABS)
def test_it_opens_each_tab_empty_within_its_statements(
    acme_support: Client, acme: Scope, tab: str
) -> None:
    row = world.submission(acme)
    address = f"/submissions/{row.submission_number}?tab={tab}"
    html(acme_support, address)  # codes and people are held for a minute
    with (
        CaptureQueriesContext(connections["oi_submissions"]) as ours,
        CaptureQueriesContext(connections["oi_policies"]) as theirs,
        CaptureQueriesContext(connections["oi_global"]) as shared,
    ):
        page = html(acme_support, address)
    statements = len(ours) + len(theirs) + len(shared)
    assert statements <= STATEMENTS_MAX, [q["sql"] for q in ours.captured_queries]
    assert f'<a href="/submissions/{row.submission_number}' in page


@pytest.mark.parametrize(("days", "state"), [(29, "ok"), (32, "stale")])
def test_it_marks_an_old_snapshot(acme_support: Client, acme: Scope, days: int, state: str) -> None:
    file = world.carrier(acme)
    world.snapshot(acme, file, timezone.now() - timedelta(days=days))
    row = world.submission(acme, motor_carrier_id=file.id)
    page = html(acme_support, f"/submissions/{row.submission_number}?tab=carrier")
    assert f'data-panel="snapshot" data-panel-state="{state}"' in page
    assert ("Stale: ask FMCSA again" in page) is (state == "stale")
    assert f"{days} days" in page
    assert "410,000" in page


def test_it_warns_of_open_submissions_of_the_same_applicant(
    acme_support: Client, acme: Scope, borealis: Scope
) -> None:
    ours, same = insured(acme), insured(acme, legal_name="Other", name_norm="other")
    row = world.submission(acme, usdot_number="1234567", insured_id=ours.id)
    by_dot = world.submission(acme, usdot_number="1234567", status="quoted")
    by_fein = world.submission(
        acme, usdot_number="7654321", insured_id=same.id, insured_name_norm="other"
    )
    closed = world.submission(acme, usdot_number="1234567", status="declined")
    foreign = world.submission(borealis, usdot_number="1234567")
    page = html(acme_support, f"/submissions/{row.submission_number}")
    assert 'data-banner="duplicate"' in page
    assert f'data-id="{by_dot.id}"' in page
    assert f'data-id="{by_fein.id}"' in page
    assert closed.submission_number not in page
    assert foreign.submission_number not in page
    lonely = world.submission(acme, usdot_number=None)
    assert 'data-banner="duplicate"' not in html(
        acme_support, f"/submissions/{lonely.submission_number}"
    )


def test_it_masks_contact_and_protected_data(acme_support: Client, acme: Scope) -> None:
    row = world.submission(acme, insured_id=insured(acme).id)
    for key, answer in (("contact_phone", "305-555-0142"), ("radius_miles", 250)):
        world.part(
            acme,
            models.SubmissionRiskAnswer,
            submission_id=row.id,
            question_key=key,
            answer=answer,
        )
    page = html(acme_support, f"/submissions/{row.submission_number}")
    assert "250" in page
    assert "•••• 4821" in page
    for secret in ("305", "office@", "f" * 64):
        assert secret not in page


def test_it_adds_loss_runs_up_by_year(script: Client, acme: Scope) -> None:
    row = world.submission(acme)
    for year, total in ((2024, 500_00), (2024, 0), (2025, 70_00)):
        run = world.part(
            acme,
            models.LossRun,
            submission_id=row.id,
            prior_carrier="Prior Mutual",
            policy_period_start=date(year, 3, 1),
            policy_period_end=date(year + 1, 3, 1),
            valued_date=date(2026, 1, 1),
            total_incurred_cents=total,
            claim_count=1 if total else 0,
            currency="USD",
        )
        if total == 500_00:
            world.part(
                acme,
                models.LossRunClaim,
                loss_run_id=run.id,
                date_of_loss=date(year, 5, 1),
                paid_cents=300_00,
                reserved_cents=200_00,
                currency="USD",
                status="open",
            )
    panels = told(script, f"/submissions/{row.submission_number}?tab=losses")["panels"]
    years = [
        (y["year"], y["runs"], y["claim_count"], y["paid_cents"], y["incurred_cents"])
        for y in panels["loss_years"]["rows"]
    ]
    assert years == [(2025, 1, 1, 0, 70_00), (2024, 2, 1, 300_00, 500_00)]
    agrees = {run["total_incurred_cents"]: run["agrees"] for run in panels["loss_runs"]["rows"]}
    assert agrees == {70_00: False, 500_00: True, 0: True}


def test_it_marks_what_changed_between_versions(acme_support: Client, acme: Scope) -> None:
    row = world.submission(acme, status="quoted")
    first = world.quote(acme, row, status="superseded")
    second = world.quote(acme, row, version_no=2, annual_premium_cents=1_300_000)
    for of, deductible in ((first, 100_000), (second, 250_000)):
        world.coverage(acme, of, deductible_cents=deductible)
    page = html(acme_support, f"/submissions/{row.submission_number}?tab=quotes")
    assert page.count(" data-changed>") == 2
    changed = '<td class="num" data-changed><span class="quiet">changed</span> <ins>'
    for cents in (1_300_000, 250_000):
        assert f'{changed}<data class="money" value="{cents}">' in page


def test_it_shows_the_driver_records_with_violations(acme_support: Client, acme: Scope) -> None:
    row = world.submission(acme)
    order = world.part(
        acme,
        models.MvrOrder,
        submission_id=row.id,
        driver_name="Dana Driver",
        license_hash="b" * 64,
        license_state="FL",
        vendor="mvr",
        status="completed",
        ordered_at=world.NOW,
        currency="USD",
    )
    report = world.part(
        acme,
        models.MvrReport,
        mvr_order_id=order.id,
        license_hash="b" * 64,
        license_state="FL",
        report_date=date(2026, 10, 1),
        license_status="valid",
        points=3,
        payload_enc=b"sealed-record",
    )
    world.part(
        acme,
        models.MvrViolation,
        mvr_report_id=report.id,
        violation_date=date(2025, 6, 1),
        code="SPD15",
        description="Speeding",
        points=3,
    )
    page = html(acme_support, f"/submissions/{row.submission_number}?tab=drivers")
    for words in ("Dana Driver", "SPD15", "Speeding", "3 points"):
        assert words in page
    assert "sealed-record" not in page
    assert "b" * 64 not in page


def test_it_shows_the_rest_when_a_panel_is_away(
    script: Client, acme: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise OperationalError(2013, "Lost connection")

    monkeypatch.setattr(safety, "list_crashes", away)
    monkeypatch.setattr("openinsure.policies.applicants.same_fein", away)
    twin = world.submission(acme, usdot_number="1234567")
    row = world.submission(acme, usdot_number="1234567")
    panels = told(script, f"/submissions/{row.submission_number}")["panels"]
    assert panels["crashes"]["state"] == "unavailable"
    assert panels["crashes"]["reason"].startswith("Crashes did not answer")
    assert panels["inspections"]["state"] == "empty"
    assert [row["id"] for row in panels["duplicates"]["rows"]] == [twin.id]
    assert panels["duplicates"]["reason"].startswith("Compared by DOT number only")


def test_it_needs_a_person_who_may(acme: Scope, client: Client) -> None:
    number = world.submission(acme).submission_number
    assert client.get(f"/submissions/{number}").status_code == 302
    for role, status in (("compliance_officer", 200), ("adjuster", 403)):
        answer = people.bearer(acme.org_id, role).get(f"/submissions/{number}")
        assert answer.status_code == status, role
