"""What was just done is told on the next page, and taken back by its Undo: once, by whom it was."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from openinsure.audit.models import AuditLog
from openinsure.billing.models import BillingHold
from openinsure.console import undo
from openinsure.orgs.models import Activity
from openinsure.policies.models import Endorsement
from openinsure.submissions import models as submissions
from openinsure.tenancy.scope import Scope, entered
from tests import factories, people
from tests.billing import making
from tests.submissions import world
from tests.submissions.test_writes import form as offered
from tests.submissions.test_writes import send

pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_policies", "oi_submissions", "oi_billing", "oi_claims"]
)
TOKEN = re.compile(r'<input type="hidden" name="token" value="([^"]+)">')


def token(page: str) -> str:
    """What the Undo of a page posts."""
    (found,) = TOKEN.findall(page)
    return str(found)


def actions(scope: Scope) -> list[str]:
    with entered(scope):
        rows = AuditLog.objects.within(scope).order_by("seq")
        return list(rows.values_list("action", flat=True))


def hold(browser: Client, account: Any) -> str:
    """Place a hold in the browser; the page that follows."""
    address = f"/billing/accounts/{account.account_number}/holds"
    form_id = re.findall(r'name="form_id" value="([^"]+)"', browser.get(address).content.decode())
    sent = {"form_id": form_id[0], "scope": "reminders", "reason": "Promised to pay on Friday"}
    answer = browser.post(address, sent)
    assert answer.status_code == 303
    return str(browser.get(answer["Location"]).content.decode())


@pytest.fixture
def account(acme: Scope) -> Any:
    return making.account(acme)


@pytest.fixture
def finance(db: None, acme: Scope) -> Client:
    return people.browser(acme.org_id, "finance_analyst")


def released(scope: Scope) -> list[bool]:
    with entered(scope):
        rows = BillingHold.objects.within(scope).values_list("released_at", flat=True)
        return [at is not None for at in rows]


def test_it_tells_once_and_undoes_a_hold_and_its_undoing_stays(
    acme: Scope, account: Any, finance: Client
) -> None:
    page = hold(finance, account)
    assert "<p>Hold placed.</p>" in page
    said = token(page)
    back = f"/billing/accounts/{account.account_number}?tab=holds"
    assert "Hold placed." not in finance.get(back).content.decode()
    for _ in range(2):
        answer = finance.post("/undos", {"token": said})
        assert (answer.status_code, answer["Location"]) == (303, back)
    assert released(acme) == [True]
    after = finance.get(back).content.decode()
    assert "Hold lifted." in after
    assert not TOKEN.findall(after)
    assert "billing_hold.lifted" in actions(acme)


def test_it_places_again_what_was_lifted(acme: Scope, account: Any, finance: Client) -> None:
    hold(finance, account)
    with entered(acme):
        key = BillingHold.objects.within(acme).get().id
    address = f"/billing/accounts/{account.account_number}/holds/{key}/releases"
    shown = finance.get(address).content.decode()
    form_id = re.findall(r'name="form_id" value="([^"]+)"', shown)[0]
    answer = finance.post(address, {"form_id": form_id})
    assert released(acme) == [True]
    finance.post("/undos", {"token": token(finance.get(answer["Location"]).content.decode())})
    assert released(acme) == [False]
    assert actions(acme)[-1] == "billing_hold.restored"


def work(browser: Client, number: str, form: str, **said: str) -> str:
    """Send a form of a policy's Work tab; the page that follows."""
    page = browser.get(f"/policies/{number}?tab=work").content.decode()
    part = page.split(f'data-action="{form}"')[1].split("</form>")[0]
    names = ("action", 'name="form_id" value', 'name="version" value')
    action, form_id, version = (part.split(f'{name}="')[1].split('"')[0] for name in names)
    found = {"action": action, "form_id": form_id, "version": version}
    answer = send(browser, found, **said)
    assert answer.status_code == 303
    return str(browser.get(answer["Location"]).content.decode())


def diary(browser: Client, number: str) -> str:
    """Set a diary date on a policy; the page that follows."""
    day = (timezone.now().date() + timedelta(days=9)).isoformat()
    return work(browser, number, "policies.diary", diary_date=day, diary_subject="Call back")


def test_it_takes_back_a_diary_date(acme: Scope) -> None:
    policy = factories.policy(acme)
    browser = people.browser(acme.org_id, "support")
    said = token(diary(browser, policy.policy_number))
    assert browser.post("/undos", {"token": said}).status_code == 303
    assert browser.post("/undos", {"token": said}).status_code == 303
    with entered(acme):
        assert not Activity.objects.within(acme).exists()
    assert actions(acme).count("diary.withdrawn") == 1


def test_it_leaves_a_duty_that_is_done(acme: Scope) -> None:
    policy = factories.policy(acme)
    browser = people.browser(acme.org_id, "support")
    said = token(diary(browser, policy.policy_number))
    with entered(acme):
        Activity.objects.within(acme).update(done_at=timezone.now())
    assert browser.post("/undos", {"token": said}).status_code == 409
    with entered(acme):
        assert Activity.objects.within(acme).count() == 1


def test_it_takes_back_a_logged_call(acme: Scope) -> None:
    policy = factories.policy(acme)
    browser, colleague = (people.browser(acme.org_id, "support") for _ in range(2))
    page = work(browser, policy.policy_number, "policies.call", call_reason="billing",
                call_outcome="Will pay on Friday")  # fmt: skip
    assert "<p>Call logged.</p>" in page
    assert colleague.post("/undos", {"token": token(page)}).status_code == 422
    for _ in range(2):
        assert browser.post("/undos", {"token": token(page)}).status_code == 303
    with entered(acme):
        assert not Activity.objects.within(acme).exists()
    assert actions(acme).count("call.withdrawn") == 1
    timeline = browser.get(f"/policies/{policy.policy_number}?tab=timeline").content.decode()
    assert "Will pay on Friday" not in timeline


def requested(browser: Client, policy: Any) -> str:
    """Ask for an endorsement; the page that follows."""
    asked = {"endorsement": "LIMIT_CHANGE", "endorse_text": "Two million"}
    day = policy.effective_date.isoformat()
    return work(browser, policy.policy_number, "policies.endorse", endorse_from=day, **asked)


def states(scope: Scope) -> list[str]:
    with entered(scope):
        return list(Endorsement.objects.within(scope).values_list("status", flat=True))


def test_it_withdraws_a_requested_endorsement(acme: Scope) -> None:
    policy = factories.policy(acme)
    browser = people.browser(acme.org_id, "underwriter")
    said = token(requested(browser, policy))
    assert states(acme) == ["draft"]
    for _ in range(2):
        assert browser.post("/undos", {"token": said}).status_code == 303
    assert states(acme) == ["withdrawn"]
    timeline = f"/policies/{policy.policy_number}?tab=timeline"
    assert "<p>Endorsement request withdrawn.</p>" in browser.get(timeline).content.decode()
    assert browser.get(timeline).content.decode().count("Endorsement request withdrawn") == 1


def test_it_leaves_a_request_that_was_taken_up(acme: Scope) -> None:
    policy = factories.policy(acme)
    browser = people.browser(acme.org_id, "underwriter")
    said = token(requested(browser, policy))
    with entered(acme):
        Endorsement.objects.within(acme).update(status="quoted")
    assert browser.post("/undos", {"token": said}).status_code == 409
    assert states(acme) == ["quoted"]


def test_it_assigns_back_unless_more_happened(acme: Scope) -> None:
    uma, ulf = world.underwriter(acme, "Uma"), world.underwriter(acme, "Ulf")
    row = world.submission(acme, status="in_review", assigned_underwriter_id=uma)
    browser = people.browser(acme.org_id, "underwriter")
    offer = offered(browser, row.submission_number, "submissions.assign")
    answer = send(browser, offer, underwriter=ulf)
    said = token(browser.get(answer["Location"]).content.decode())
    assert browser.post("/undos", {"token": said}).status_code == 303

    def holder() -> Any:
        with entered(acme):
            found = submissions.Submission.objects.within(acme).get(id=row.id)
        return found.assigned_underwriter_id

    assert holder() == uma
    offer = offered(browser, row.submission_number, "submissions.assign")
    answer = send(browser, offer, underwriter=ulf)
    said = token(browser.get(answer["Location"]).content.decode())
    with entered(acme):
        submissions.Submission.objects.within(acme).update(lock_version=99)
    assert browser.post("/undos", {"token": said}).status_code == 409
    assert holder() == ulf


def test_it_offers_no_undo_for_a_note(acme: Scope) -> None:
    row = world.submission(acme)
    browser = people.browser(acme.org_id, "underwriter")
    offer = offered(browser, row.submission_number, "submissions.note")
    answer = send(browser, offer, note="Spoke with them", visibility="internal")
    page = browser.get(answer["Location"]).content.decode()
    assert "<p>Note added.</p>" in page
    assert not TOKEN.findall(page)


def test_it_refuses_others_old_and_made_up_tokens(
    acme: Scope, borealis: Scope, account: Any, finance: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = token(hold(finance, account))
    colleague = people.browser(acme.org_id, "finance_analyst")
    stranger = people.browser(borealis.org_id, "finance_analyst")
    for browser in (colleague, stranger):
        assert browser.post("/undos", {"token": said}).status_code == 422
    for made_up in ("", "x", said[:-1], signing.dumps({"undo": "diary"}, salt="other")):
        assert finance.post("/undos", {"token": made_up}).status_code == 422
    monkeypatch.setattr(undo, "LIFE", timedelta(seconds=-1))
    assert finance.post("/undos", {"token": said}).status_code == 422
    assert released(acme) == [False]


def test_it_shows_no_message_of_another_person(acme: Scope, account: Any, finance: Client) -> None:
    address = f"/billing/accounts/{account.account_number}/holds"
    shown = finance.get(address).content.decode()
    sent = {
        "form_id": re.findall(r'name="form_id" value="([^"]+)"', shown)[0],
        "scope": "reminders", "reason": "Promised to pay on Friday",
        "ends_on": date(2100, 1, 1).isoformat(),
    }  # fmt: skip
    finance.post(address, sent)
    colleague = people.browser(acme.org_id, "finance_analyst")
    colleague.cookies[undo.COOKIE] = finance.cookies[undo.COOKIE].value
    assert "Hold placed." not in colleague.get("/").content.decode()
