"""A notice page: the letter is recorded and shows the address, a mailing starts the end."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from openinsure.audit.models import AuditLog
from openinsure.billing.models import BillingHold, NonpayWorkflow
from openinsure.jobs import nonpay_notices
from openinsure.keyspaces.ids import new_id
from openinsure.policies.models import Cancellation, Policy, PolicyNotice
from openinsure.tenancy.scope import Scope, entered
from tests import factories
from tests.billing import making
from tests.factories import made

pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_policies", "oi_submissions", "oi_claims", "oi_billing"]
)
DAY = timedelta(days=1)


def owing(scope: Scope, now: datetime) -> tuple[Policy, Any, str]:
    """A policy whose account waits for its notice; the notice as the job asks for it."""
    today = now.date()
    policy = factories.policy(
        scope, effective_date=today - 60 * DAY, expiration_date=today + 305 * DAY,
        program_id=factories.program(scope).id,
        insured_id=factories.insured(scope, address_line1="77 Orange Ave").id,
    )  # fmt: skip
    factories.transaction(scope, policy)
    account = making.account(scope, policy_id=policy.id)
    flow = made(scope, NonpayWorkflow, {
        "id": new_id(), "billing_account_id": account.id, "policy_id": policy.id,
        "stage": "notice_due", "past_due_cents": 124_257, "currency": "USD", "started_on": today,
        "cancel_effective_date": today + 15 * DAY,
    })  # fmt: skip
    with entered(scope):
        told = nonpay_notices.follow_up(scope, today, kept_out=(), now=now)
        assert told["notices_asked"] == 1
        key = PolicyNotice.objects.within(scope).values_list("id", flat=True).get()
    return policy, flow, f"/policies/{policy.policy_number}/notices/{key}"


def form_of(client: Client, address: str, **given: Any) -> dict[str, Any]:
    page = client.get(address).content.decode()
    found = re.search(r'name="form_id" value="([^"]*)"', page)
    assert found is not None
    today = timezone.now().date().isoformat()
    common = {"form_id": found[1], "version": "0", "mailed_on": today, "proof": "9407 2"}
    return common | given


def test_it_shows_the_address_only_in_the_recorded_letter(acme_admin: Client, acme: Scope) -> None:
    _, _, address = owing(acme, timezone.now())
    page = acme_admin.get(address)
    assert page.status_code == 200
    assert "77 Orange Ave" not in page.content.decode()
    letter = acme_admin.post(f"{address}/letters").content.decode()
    assert "77 Orange Ave" in letter
    assert 'value="124257"' in letter
    with entered(acme):
        assert AuditLog.objects.within(acme).filter(action="notice.printed").count() == 1


def test_a_recorded_mailing_starts_the_cancellation(acme_admin: Client, acme: Scope) -> None:
    policy, flow, address = owing(acme, timezone.now())
    sent = form_of(acme_admin, address)
    assert {acme_admin.post(f"{address}/mailings", sent).status_code for _ in range(3)} == {303}
    with entered(acme):
        assert Policy.objects.within(acme).get(id=policy.id).status == "pending_cancellation"
        row = Cancellation.objects.within(acme).get(policy_id=policy.id)
        flow.refresh_from_db()
        assert (flow.stage, flow.cancel_effective_date) == ("notice_mailed", row.effective_date)
    page = acme_admin.get(address).content.decode()
    assert 'data-state="mailed"' in page
    assert "9407 2" in page
    assert "Record mailing" not in page
    assert acme_admin.post(f"{address}/letters").status_code == 409


def test_it_says_what_is_wrong_and_keeps_what_was_typed(acme_admin: Client, acme: Scope) -> None:
    _, _, address = owing(acme, timezone.now())
    early = (timezone.now() - 9 * DAY).date().isoformat()
    refused = acme_admin.post(f"{address}/mailings", form_of(acme_admin, address, mailed_on=early))
    assert refused.status_code == 422
    assert f'value="{early}"' in refused.content.decode()
    assert "when it was asked for" in refused.content.decode()


def test_a_hold_or_a_payment_stops_it(acme_admin: Client, acme: Scope) -> None:
    _, flow, address = owing(acme, timezone.now())
    hold = made(acme, BillingHold, {
        "id": new_id(), "billing_account_id": flow.billing_account_id, "scope": "cancellation",
        "reason": "Moratorium", "starts_on": date(2026, 1, 1), "placed_by_user_id": new_id(),
    })  # fmt: skip
    held = acme_admin.post(f"{address}/mailings", form_of(acme_admin, address))
    assert (held.status_code, b"hold stands" in held.content) == (409, True)
    with entered(acme):
        BillingHold.objects.within(acme).filter(id=hold.id).delete()
        NonpayWorkflow.objects.within(acme).filter(id=flow.id).update(stage="cured")
        now = timezone.now()
        told = nonpay_notices.follow_up(acme, now.date(), kept_out=(), now=now)
        assert told == {"notices_mailed": 0, "notices_withdrawn": 1, "notices_asked": 0}
    page = acme_admin.get(address).content.decode()
    assert 'data-state="withdrawn"' in page
    assert "Record mailing" not in page


def test_the_job_finishes_what_the_page_left(acme: Scope) -> None:
    now = timezone.now()
    _, flow, address = owing(acme, now)
    with entered(acme):
        PolicyNotice.objects.within(acme).filter(id=address.rpartition("/")[2]).update(
            status="mailed", mailed_at=now
        )
        for expected in (1, 0):
            told = nonpay_notices.follow_up(acme, now.date(), kept_out=(), now=now)
            assert (told["notices_mailed"], told["notices_asked"]) == (expected, 0)
        flow.refresh_from_db()
        assert flow.stage == "notice_mailed"


def test_it_stands_in_the_documents_of_its_policy(acme_support: Client, acme: Scope) -> None:
    policy, _, address = owing(acme, timezone.now())
    page = acme_support.get(f"/policies/{policy.policy_number}?tab=documents").content.decode()
    assert f'href="{address}"' in page
    assert acme_support.get(address).status_code == 200
    assert acme_support.post(f"{address}/letters").status_code == 403
    assert acme_support.get(f"{address.rpartition('/')[0]}/{new_id()}").status_code == 404
    assert acme_support.get(f"{address.rpartition('/')[0]}/x").status_code == 404
