"""Reinstated from any day; claims of the days without cover are told of and confirmed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.utils import OperationalError
from django.test import Client
from django.utils import timezone

from openinsure.pages import policy_lapse
from openinsure.policies.models import Policy, PolicyEvent, Reinstatement
from openinsure.tenancy.scope import Scope, entered
from tests import factories, people
from tests.claims import made
from tests.pages.test_find import ALL
from tests.pages.test_policy_actions import hidden, work
from tests.policies.test_operations import cancel

pytestmark = pytest.mark.django_db(databases=ALL)
ZONE = ZoneInfo("America/New_York")


@pytest.fixture
def today(db: None) -> date:
    return timezone.now().astimezone(ZONE).date()


@pytest.fixture
def policy(acme: Scope, today: date) -> Policy:
    """Half a year old; cancelled twenty days ago."""
    row = factories.policy(
        acme, program_id=factories.program(acme).id, insured_id=factories.insured(acme).id,
        effective_date=today - timedelta(days=180), expiration_date=today + timedelta(days=185),
    )  # fmt: skip
    factories.transaction(acme, row, transaction_no=1)
    with entered(acme):
        cancel(acme, row, on=today - timedelta(days=20), now=timezone.now())
    return row


@pytest.fixture
def writer(db: None, acme: Scope) -> Client:
    return people.browser(acme.org_id, "underwriter")


def loss(scope: Scope, policy: Policy, day: date, clock: time = time(12)) -> None:
    at = datetime.combine(day, clock, ZONE).astimezone(UTC)
    made.claim(scope, policy_id=policy.id, policy_number=policy.policy_number, date_of_loss=at)


def reinstate(client: Client, policy: Policy, on: date, typed: str = "") -> Any:
    """The answer to the form of the page."""
    sent = hidden(work(client, policy), "reinstatements") | {
        "reinstate_from": str(on), "gap_claims": typed, "reinstate_reason": "Paid late",
        "reinstate_confirm": policy.policy_number,
    }  # fmt: skip
    return client.post(f"/policies/{policy.policy_number}/reinstatements", sent)


def test_it_comes_back_on_any_day_since_coverage_ended(
    writer: Client, policy: Policy, acme: Scope, today: date
) -> None:
    page = work(writer, policy)
    assert "without lapse" in page
    assert "after 20 days without cover" in page
    assert 'name="gap_claims"' not in page
    day = today - timedelta(days=7)
    for wrong in (today - timedelta(days=21), today + timedelta(days=1)):
        assert reinstate(writer, policy, wrong).status_code == 422
    assert reinstate(writer, policy, day).status_code == 303
    with entered(acme):
        row = Reinstatement.objects.within(acme).get(policy_id=policy.id)
    assert (row.effective_date, row.lapse_days) == (day, 13)


def test_claims_of_the_days_without_cover_are_confirmed(
    writer: Client, policy: Policy, acme: Scope, today: date
) -> None:
    """Days of New York: the last minute before coverage is back is in the gap, the next is not."""
    back = today - timedelta(days=7)
    loss(acme, policy, today - timedelta(days=21))
    loss(acme, policy, today - timedelta(days=20), time(0, 2))
    loss(acme, policy, back - timedelta(days=1), time(23, 59))
    loss(acme, policy, back, time(0, 1))
    assert "3 claims, losses on" in work(writer, policy)
    for typed in ("", "1", "3", "two"):
        refused = reinstate(writer, policy, back, typed)
        assert refused.status_code == 422, typed
        body = refused.content.decode()
        assert "must be 2: 2 claims, losses on" in body
        assert f'value="{back}"' in body
    with entered(acme):
        assert Policy.objects.within(acme).get(id=policy.id).status == "cancelled"
    assert reinstate(writer, policy, back, "2").status_code == 303
    with entered(acme):
        told = PolicyEvent.objects.within(acme).get(event_type="policy.reinstated").payload
    assert (told["gap_claims"], told["lapse_days"]) == (2, 13)


def test_without_lapse_nothing_is_asked(
    writer: Client, policy: Policy, acme: Scope, today: date
) -> None:
    loss(acme, policy, today - timedelta(days=3))
    assert reinstate(writer, policy, today - timedelta(days=20)).status_code == 303


def test_a_claim_of_another_policy_is_not_counted(
    writer: Client, policy: Policy, acme: Scope, borealis: Scope, today: date
) -> None:
    loss(acme, factories.policy(acme), today - timedelta(days=10))
    loss(borealis, policy, today - timedelta(days=10))
    assert reinstate(writer, policy, today).status_code == 303


def test_while_claims_do_not_answer_only_no_lapse_is_taken(
    writer: Client, policy: Policy, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError(2003, "Can't connect to MySQL server")

    monkeypatch.setattr(policy_lapse, "losses_of", away)
    assert "Claims did not answer" in work(writer, policy)
    assert reinstate(writer, policy, today).status_code == 503
    assert reinstate(writer, policy, today - timedelta(days=20)).status_code == 303
