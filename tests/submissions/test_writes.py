"""POSTs below a submission: one effect, legal steps only, audited, nothing lost when refused."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from openinsure.audit.models import AuditLog
from openinsure.audit.origin import Origin
from openinsure.console.acting import Actor
from openinsure.console.forms import Once
from openinsure.keyspaces.ids import new_id
from openinsure.problems import NotFound, Unavailable
from openinsure.submissions import models
from openinsure.submissions.operations import work
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.submissions import world

DATABASES = ["default", "oi_global", "oi_submissions", "oi_policies"]
pytestmark = pytest.mark.django_db(databases=DATABASES)
NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
HTML = {"accept": "text/html"}


@pytest.fixture
def script(db: None, acme: Scope) -> Client:
    """A program with an underwriter's token of acme."""
    return people.bearer(acme.org_id, "underwriter")


@pytest.fixture
def desk(db: None, acme: Scope) -> Client:
    """An underwriter's browser of acme."""
    return people.browser(acme.org_id, "underwriter")


def form(client: Client, number: str, name: str) -> dict[str, Any]:
    """An offered form of a submission, as a program reads it."""
    body = client.get(f"/submissions/{number}?tab=work", headers={"accept": "application/json"})
    (found,) = [row for row in body.json()["panels"]["actions"]["rows"] if row["id"] == name]
    return dict(found)


def send(client: Client, offer: dict[str, Any], **values: str) -> Any:
    """Post a form that was offered."""
    hidden = {"form_id": offer["form_id"], "version": str(offer["version"])}
    return client.post(offer["action"], hidden | values)


def events(scope: Scope, of: models.Submission) -> list[tuple[str, str, str]]:
    with entered(scope):
        rows = models.SubmissionEvent.objects.within(scope).filter(submission_id=of.id)
        return list(rows.order_by("seq").values_list("event_type", "from_status", "to_status"))


def audited(scope: Scope, of: models.Submission) -> list[str]:
    with entered(scope):
        rows = AuditLog.objects.within(scope).filter(entity_id=of.id)
        return list(rows.order_by("seq").values_list("action", flat=True))


def again(scope: Scope, of: models.Submission) -> models.Submission:
    with entered(scope):
        row: models.Submission = models.Submission.objects.within(scope).get(id=of.id)
    return row


def test_it_assigns_once_and_opens_the_review(script: Client, acme: Scope) -> None:
    row, uma = world.submission(acme), world.underwriter(acme)
    offer = form(script, row.submission_number, "submissions.assign")
    answers = [send(script, offer, underwriter=uma) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert len({answer.content for answer in answers}) == 1
    assert events(acme, row) == [("submission.assigned", "received", "in_review")]
    assert audited(acme, row) == ["submission.assigned.intent", "submission.assigned"]
    after = again(acme, row)
    assert (after.status, after.assigned_underwriter_id) == ("in_review", uma)
    assert after.lock_version == 1


def test_it_answers_a_browser_with_303(desk: Client, acme: Scope) -> None:
    row = world.submission(acme)
    offer = form(desk, row.submission_number, "submissions.note")
    answer = send(desk, offer, note="Fleet list\nto follow", visibility="internal")
    assert answer.status_code == 303
    page = desk.get(f"/submissions/{row.submission_number}?tab=notes").content.decode()
    assert "Fleet list\nto follow" in page


def test_it_keeps_what_was_typed_and_names_field_and_rule(desk: Client, acme: Scope) -> None:
    row = world.submission(acme)
    offer = form(desk, row.submission_number, "submissions.withdraw")
    answer = send(desk, offer, withdrawal_reason="Sold <the> fleet", withdrawal_confirm="SUB-1")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="Sold &lt;the&gt; fleet"' in page
    assert 'value="SUB-1"' in page
    assert f"must be {row.submission_number}, exactly" in page
    assert 'id="submissions-withdraw-withdrawal_confirm-error"' in page
    assert again(acme, row).status == "received"


def test_it_refuses_an_illegal_step_naming_the_legal_ones(script: Client, acme: Scope) -> None:
    row = world.submission(acme)
    offer = form(script, row.submission_number, "submissions.note")
    address = f"/submissions/{row.submission_number}/information-requests"
    answer = send(script, offer | {"action": address}, item="Loss runs", due_date="2026-12-01")
    assert (answer.status_code, answer.json()["error"]) == (422, "illegal_transition")
    assert answer.json()["rule"] == "from received only in review, declined or withdrawn"
    assert events(acme, row) == []
    assert audited(acme, row) == []


def test_it_refuses_what_changed_in_the_meantime(desk: Client, acme: Scope) -> None:
    row, uma = world.submission(acme), world.underwriter(acme)
    stale = form(desk, row.submission_number, "submissions.decline")
    fresh = form(desk, row.submission_number, "submissions.assign")
    assert send(desk, fresh, underwriter=uma).status_code == 303
    answer = send(
        desk,
        stale,
        decline_code="STATE",
        decline_text="Kept words",
        decline_confirm=row.submission_number,
    )
    assert answer.status_code == 409
    assert "Kept words" in answer.content.decode()
    assert again(acme, row).status == "in_review"


def test_it_refuses_a_form_for_another_change(script: Client, acme: Scope) -> None:
    row, other = world.submission(acme), world.submission(acme)
    offer = form(script, row.submission_number, "submissions.note")
    assert send(script, offer, note="One", visibility="internal").status_code == 200
    elsewhere = offer | {"action": f"/submissions/{other.submission_number}/notes"}
    answer = send(script, elsewhere, note="Two", visibility="internal")
    assert (answer.status_code, answer.json()["field"]) == (422, "form_id")
    assert events(acme, other) == []


def test_it_asks_and_takes_the_answers_in_turn(script: Client, acme: Scope) -> None:
    row = world.submission(acme, status="in_review")
    number = row.submission_number
    for item in ("Loss runs", "Driver list"):
        offer = form(script, number, "submissions.ask")
        answer = send(script, offer, item=item, due_date="2026-12-01")
        assert answer.json()["row"]["status"] == "info_requested"
    for status in ("info_requested", "in_review"):
        offer = form(script, number, "submissions.answer")
        key = offer["inputs"][0]["choices"][0][0]
        assert send(script, offer, answered=key).json()["row"]["status"] == status


@pytest.mark.parametrize(
    ("decision", "status"), [("approved", "in_review"), ("declined", "declined")]
)
def test_it_decides_a_referral(
    script: Client, acme: Scope, borealis: Scope, decision: str, status: str
) -> None:
    row = world.submission(acme, status="referred")
    mine = world.referral(acme, row)
    theirs = world.referral(borealis, world.submission(borealis, status="referred"))
    offer = form(script, row.submission_number, "submissions.decide")
    said = {"decision": decision, "decision_note": "Three clean years"}
    refused = send(script, offer, referral=theirs.id, **said)
    assert (refused.status_code, refused.json()["field"]) == (422, "referral")
    assert send(script, offer, referral=mine.id, **said).json()["row"]["status"] == status
    with entered(acme):
        after = models.SubmissionReferral.objects.within(acme).get(id=mine.id)
    assert (after.decision, after.decision_note) == (decision, "Three clean years")
    assert (again(acme, row).closed_at is not None) is (status == "declined")


def test_it_changes_nothing_while_the_audit_log_is_away(
    script: Client, acme: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> str:
        raise Unavailable("away", code="audit_unavailable")

    row = world.submission(acme)
    offer = form(script, row.submission_number, "submissions.note")
    monkeypatch.setattr("openinsure.console.acting.append", away)
    answer = send(script, offer, note="Lost?", visibility="internal")
    assert (answer.status_code, answer.json()["error"]) == (503, "audit_unavailable")
    assert events(acme, row) == []


def test_it_records_a_change_that_failed(
    script: Client, acme: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = world.submission(acme)
    offer = form(script, row.submission_number, "submissions.note")

    def broken(*_: Any, **__: Any) -> None:
        raise Unavailable("no disk")

    monkeypatch.setattr("openinsure.submissions.operations.changes._write", broken)
    assert send(script, offer, note="Lost?", visibility="internal").status_code == 503
    assert audited(acme, row) == ["submission.noted.intent", "submission.noted.failed"]


@pytest.mark.parametrize("text", ["\x00", "a\x1b[31m", "x" * 129])
def test_it_refuses_text_that_no_column_takes(script: Client, acme: Scope, text: str) -> None:
    row, uma = world.submission(acme), world.underwriter(acme)
    offer = form(script, row.submission_number, "submissions.assign")
    answer = send(script, offer, underwriter=uma, assignment_reason=text)
    assert (answer.status_code, answer.json()["field"]) == (422, "assignment_reason")


@pytest.mark.parametrize("role", ["support", "compliance_officer"])
def test_it_offers_readers_only_the_note(acme: Scope, role: str) -> None:
    row = world.submission(acme)
    reader = people.bearer(acme.org_id, role)
    body = reader.get(f"/submissions/{row.submission_number}?tab=work").json()
    assert [row["id"] for row in body["panels"]["actions"]["rows"]] == ["submissions.note"]
    answer = reader.post(f"/submissions/{row.submission_number}/withdrawals", {})
    assert answer.status_code == 403


def test_it_has_one_effect_of_ten_at_once(acme: Scope) -> None:
    """Real threads and commits; the organisation is fresh, so its rows disturb nobody."""
    scope, once = acme, Once(new_id())
    done: list[Any] = []

    def one() -> None:
        with entered(scope):
            try:
                actor = Actor(new_id(), "underwriter", Origin(request_id=new_id()))
                done.append(
                    work.add_note(
                        scope, number, body="One", visibility="internal", once=once,
                        actor=actor, now=NOW,
                    )
                )  # fmt: skip
            except NotFound as error:
                done.append(error)
            finally:
                for alias in DATABASES:
                    connections[alias].close()

    made: list[models.Submission] = []
    setting_up = threading.Thread(target=lambda: made.append(committed(scope)))
    setting_up.start()
    setting_up.join()
    number = made[0].submission_number
    threads = [threading.Thread(target=one) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.event_id for answer in done] == [once.id] * 10
    assert sum(not answer.repeated for answer in done) == 1
    with entered(scope):
        assert models.SubmissionNote.objects.within(scope).count() == 1
        assert models.SubmissionEvent.objects.within(scope).count() == 1
        actions = list(AuditLog.objects.within(scope).values_list("action", flat=True))
    assert sorted(actions) == ["submission.noted", "submission.noted.intent"]


def committed(scope: Scope) -> models.Submission:
    """A submission on a connection of its own thread, which commits at once."""
    row = world.submission(scope)
    connections["oi_submissions"].close()
    return row
