"""Binding from the checklist: only when every point holds, once, by whom it may."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from openinsure.orgs.models import ProducerLicense
from openinsure.pages import submission_actions
from openinsure.submissions import models
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.submissions import binding, world
from tests.submissions.test_quotes import fresh
from tests.submissions.test_writes import DATABASES, again, audited, events, send

pytestmark = pytest.mark.django_db(databases=DATABASES)


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The organisations whose worker was asked to come."""
    asked: list[str] = []
    monkeypatch.setattr(submission_actions, "start_policies", lambda one: asked.append(one.org_id))
    return asked


@pytest.fixture
def script(db: None, acme: Scope) -> Client:
    return people.bearer(acme.org_id, "underwriter")


def offers(client: Client, number: str) -> dict[str, Any]:
    """The forms beside the checklist, by name."""
    address = f"/submissions/{number}?tab=checklist"
    body = client.get(address, headers={"accept": "application/json"}).json()
    return {row["id"]: row for row in body["panels"]["actions"]["rows"]}


def test_it_binds_once_and_waits_for_the_policy(
    acme: Scope, script: Client, started: list[str]
) -> None:
    at = binding.ready(acme)
    offer = offers(script, at.row.submission_number)["submissions.bind"]
    answers = [send(script, offer, binding=at.quote.id) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert events(acme, at.row) == [("submission.bound", "quoted", "bound")]
    assert audited(acme, at.row) == ["submission.bound.intent", "submission.bound"]
    after = fresh(acme, at.quote)
    assert (after.status, after.bound_at is not None, after.bound_policy_id) == (
        "bound", True, None,
    )  # fmt: skip
    assert set(started) == {acme.org_id}
    body = script.get(f"/submissions/{at.row.submission_number}").json()
    assert body["panels"]["policy"] == {"state": "loading", "rows": []}
    desk = people.browser(acme.org_id, "underwriter")
    page = desk.get(f"/submissions/{at.row.submission_number}").content.decode()
    assert 'data-panel="policy" data-panel-state="loading"' in page
    assert 'hx-trigger="every 3s"' in page


def test_it_offers_the_act_only_when_every_point_holds(acme: Scope, script: Client) -> None:
    at = binding.ready(acme)
    number = at.row.submission_number
    world.part(
        acme, models.QuoteSubjectivity, quote_id=at.quote.id, description="Signed application",
        due_date=binding.EFFECTIVE, status="open",
    )  # fmt: skip
    offer = offers(script, number)
    assert set(offer) == {"submissions.clear"}
    chosen = offer["submissions.clear"]["inputs"][0]["choices"]
    assert [words for _, words in chosen] == [
        f"{at.quote.quote_number} version 1: Signed application"
    ]
    assert send(script, offer["submissions.clear"], condition=at.quote.id).status_code == 422
    assert send(script, offer["submissions.clear"], condition=chosen[0][0]).status_code == 200
    assert set(offers(script, number)) == {"submissions.bind"}


def without_vin(scope: Scope, at: binding.Ready) -> None:
    binding.unit(scope, at.quote, 2, None)


def unlicensed(scope: Scope, at: binding.Ready) -> None:
    rows = ProducerLicense.objects.within(scope).filter(producer_id=at.producer.id)
    rows.update(expiration_date=date(2026, 11, 30))


def beyond_authority(scope: Scope, at: binding.Ready) -> None:
    detail = [dict(entry) for entry in world.PASSING]
    detail[3]["value"] = 5_000_001
    models.Quote.objects.within(scope).filter(id=at.quote.id).update(da_check_detail=detail)


def run_out(scope: Scope, at: binding.Ready) -> None:
    ended = timezone.now().date() - timedelta(days=1)
    models.Quote.objects.within(scope).filter(id=at.quote.id).update(valid_until=ended)


@pytest.mark.parametrize("spoil", [without_vin, unlicensed, beyond_authority, run_out])
def test_it_answers_the_checklist_anew_when_binding(
    acme: Scope, script: Client, spoil: Any
) -> None:
    at = binding.ready(acme)
    offer = offers(script, at.row.submission_number)["submissions.bind"]
    with entered(acme):
        spoil(acme, at)
    assert "submissions.bind" not in offers(script, at.row.submission_number)
    assert send(script, offer, binding=at.quote.id).status_code == 409
    assert (again(acme, at.row).status, events(acme, at.row)) == ("quoted", [])
    assert fresh(acme, at.quote).status == "accepted"


def test_it_refuses_another_quote_and_a_foreign_one(
    acme: Scope, borealis: Scope, script: Client
) -> None:
    at, theirs = binding.ready(acme), binding.ready(borealis)
    offer = offers(script, at.row.submission_number)["submissions.bind"]
    other = world.quote(acme, at.row, quote_number="QUO-TST-000002", status="released")
    assert send(script, offer, binding=theirs.quote.id).status_code == 422
    assert send(script, offer, binding=other.id).status_code == 409
    assert fresh(borealis, theirs.quote).status == "accepted"


@pytest.mark.parametrize("role", ["org_admin", "mhcis_operator", "support"])
def test_it_lets_only_underwriters_bind(acme: Scope, role: str) -> None:
    at = binding.ready(acme)
    other = people.bearer(acme.org_id, role)
    assert "submissions.bind" not in offers(other, at.row.submission_number)
    answer = other.post(f"/submissions/{at.row.submission_number}/bindings", {})
    assert answer.status_code == 403
