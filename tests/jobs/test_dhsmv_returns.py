"""The state's answers: accepted and rejected with a code, once; unreadable ones are set aside."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from openinsure.audit.models import AuditLog
from openinsure.jobs import fl_dhsmv_export
from openinsure.jobs.dhsmv_returns import Unreadable, parse
from openinsure.jobs.runs import Outcome
from openinsure.keyspaces.ids import new_id
from openinsure.policies.models import (
    Policy,
    PolicyVehicle,
    StateInsuranceReport,
    StateInsuranceReportRecord,
)
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests import factories
from tests.policies.noticed import rejected

pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES])
DUE = datetime(2026, 11, 20, 18, tzinfo=UTC)


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.DHSMV_URL = f"folder://{tmp_path}"
    (tmp_path / "returns").mkdir()
    return tmp_path


def filed(scope: Scope, count: int = 3) -> tuple[Policy, StateInsuranceReport]:
    """A new policy of some units, exported."""
    policy = factories.policy(
        scope, state="FL", effective_date=DUE.date(), bound_at=DUE, status="issued"
    )
    for unit in range(1, count + 1):
        factories.vehicle(scope, policy, unit_no=unit, effective_date=DUE.date())
    export(scope)
    with entered(scope):
        return policy, StateInsuranceReport.objects.within(scope).get()


def export(scope: Scope) -> Outcome:
    with entered(SystemScope(scope.org_id, "service:system")) as system:
        return fl_dhsmv_export.run_org(system, DUE)


def records(scope: Scope) -> list[StateInsuranceReportRecord]:
    with entered(scope):
        return list(StateInsuranceReportRecord.objects.within(scope).order_by("id"))


def answer(folder: Path, of: str, *lines: str, name: str = "r1.xml") -> None:
    body = "".join(lines)
    (folder / "returns" / name).write_text(f'<InsuranceReturn file="{of}">{body}</InsuranceReturn>')


def test_it_takes_an_answer_once_and_only_of_its_own_file(
    folder: Path, acme: Scope, borealis: Scope
) -> None:
    _, report = filed(acme)
    first, second, third = records(acme)
    answer(
        folder, report.file_name,
        f'<Record id="{first.id}" result="accepted"/>',
        f'<Record id="{second.id}" result="rejected" code="071" text="Vehicle not matched"/>',
        f'<Record id="{new_id()}" result="rejected" code="035"/>',
    )  # fmt: skip
    assert export(borealis).figures == {}  # not theirs: it stays for its owner
    told = export(acme)
    assert (told.figures["returns"], told.figures["rejected"]) == (1, 1)
    states = [(row.status, row.error_code) for row in records(acme)]
    assert states == [("accepted", None), ("rejected", "071"), ("sent", None)]
    with entered(acme):
        report.refresh_from_db()
    assert (report.status, report.accepted_count, report.rejected_count) == ("sent", 1, 1)
    assert (folder / "returns" / "taken" / "r1.xml").exists()
    answer(folder, report.file_name, f'<Record id="{third.id}" result="accepted"/>', name="r2.xml")
    answer(folder, report.file_name, f'<Record id="{first.id}" result="rejected" code="072"/>',
           name="r3.xml")  # fmt: skip
    export(acme)
    assert [row.status for row in records(acme)] == ["accepted", "rejected", "accepted"]
    with entered(acme):
        report.refresh_from_db()
    assert (report.status, report.accepted_count) == ("returned", 2)


def test_what_cannot_be_read_is_set_aside_and_the_rest_is_taken(folder: Path, acme: Scope) -> None:
    _, report = filed(acme, 1)
    (row,) = records(acme)
    (folder / "returns" / "a-bad.xml").write_bytes(b"<InsuranceReturn")
    answer(folder, report.file_name, f'<Record id="{row.id}" result="accepted"/>')
    assert export(acme).failed == 0
    assert records(acme)[0].status == "accepted"
    with entered(SystemScope(PLATFORM_ORG_ID, "service:system")) as platform:
        told = fl_dhsmv_export.run_org(platform, DUE)
    assert (told.failed, told.figures["returns_unreadable"]) == (1, 1)
    assert (folder / "returns" / "unreadable" / "a-bad.xml").exists()


def test_an_answer_to_no_file_of_ours_is_set_aside_once(
    folder: Path, acme: Scope, borealis: Scope
) -> None:
    _, report = filed(acme, 1)
    (row,) = records(acme)
    answer(folder, "FL-of-somebody-else.xml", f'<Record id="{row.id}" result="accepted"/>')
    answer(folder, report.file_name, f'<Record id="{row.id}" result="accepted"/>', name="r2.xml")
    with entered(SystemScope(PLATFORM_ORG_ID, "service:system")) as platform:
        work = fl_dhsmv_export.prepared((PLATFORM_ORG_ID, borealis.org_id, acme.org_id))
        told = work(platform, DUE)
    assert (told.failed, told.figures) == (1, {"returns_unknown": 1})
    assert (folder / "returns" / "unknown" / "r1.xml").exists()
    assert (folder / "returns" / "r2.xml").exists()  # for its owner, who comes later
    with entered(SystemScope(acme.org_id, "service:system")) as system:
        assert work(system, DUE).figures == {"returns": 1}
    assert [one.status for one in records(acme)] == ["accepted"]


def test_files_go_out_while_the_place_of_answers_is_away(folder: Path, acme: Scope) -> None:
    (folder / "returns").rmdir()
    (folder / "returns").write_text("no folder")
    _, report = filed(acme, 1)
    assert report.status == "sent"
    with entered(SystemScope(acme.org_id, "service:system")) as system:
        work = fl_dhsmv_export.prepared((acme.org_id,))
        assert work(system, DUE).failed == 0


@pytest.mark.parametrize(
    "content",
    [
        b"", b"<x/>", b"<InsuranceReturn/>",
        b'<!DOCTYPE x [<!ENTITY y "z">]><InsuranceReturn file="f"/>',
        b'<InsuranceReturn file="f"><Record id="1" result="maybe"/></InsuranceReturn>',
        b'<InsuranceReturn file="f"><Record id="1" result="rejected"/></InsuranceReturn>',
    ],
)  # fmt: skip
def test_it_says_what_is_no_return(content: bytes) -> None:
    with pytest.raises(Unreadable):
        parse(content)


def test_a_rejected_record_goes_again_with_what_was_corrected(
    folder: Path, acme_admin: Client, acme: Scope
) -> None:
    policy = factories.policy(acme, state="FL")
    unit = factories.vehicle(acme, policy)
    old = rejected(acme, policy, vehicle_id=unit.id)
    with entered(acme):
        PolicyVehicle.objects.within(acme).filter(id=unit.id).update(vin="1XKYD49X0CJ000002")
    page = acme_admin.get(f"/compliance/filings/{old.id}").content.decode()
    assert "071" in page
    assert "1XKYD49X0CJ000002" in page
    sent = {"form_id": page.split('name="form_id" value="')[1].split('"')[0]}
    address = f"/compliance/filings/{old.id}/resends"
    answers = [acme_admin.post(address, sent) for _ in range(3)]
    assert {one.status_code for one in answers} == {303}
    (again,) = [row for row in records(acme) if row.resubmitted_from_id == old.id]
    assert {one["Location"] for one in answers} == {f"/compliance/filings/{again.id}"}
    assert (again.status, again.vin, again.due_date) == ("due", "1XKYD49X0CJ000002", old.due_date)
    export(acme)
    states = {row.id: row.status for row in records(acme)}
    assert (states[old.id], states[again.id]) == ("resubmitted", "sent")
    assert len(list(folder.glob("FL-*.xml"))) == 1
    assert "1XKYD49X0CJ000002" in next(folder.glob("FL-*.xml")).read_text()
    with entered(acme):
        assert AuditLog.objects.within(acme).filter(action="filing.resent").count() == 1
    page = acme_admin.get(f"/compliance/filings/{old.id}").content.decode()
    assert "Send again" not in page
    assert f"/compliance/filings/{again.id}" in page


def test_only_a_rejected_record_goes_again_and_only_by_an_editor(
    acme_admin: Client, acme_support: Client, acme: Scope
) -> None:
    row = rejected(acme, factories.policy(acme), status="accepted", error_code=None)
    page = acme_admin.get(f"/compliance/filings/{row.id}").content.decode()
    assert "Send again" not in page
    other = rejected(acme, factories.policy(acme))
    form = acme_admin.get(f"/compliance/filings/{other.id}").content.decode()
    sent = {"form_id": form.split('name="form_id" value="')[1].split('"')[0]}
    assert acme_admin.post(f"/compliance/filings/{row.id}/resends", sent).status_code == 409
    assert acme_admin.get(f"/compliance/filings/{new_id()}").status_code == 404
    assert acme_admin.get("/compliance/filings/x").status_code == 404
    assert acme_support.post(f"/compliance/filings/{other.id}/resends", sent).status_code == 403
