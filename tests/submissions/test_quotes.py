"""Releasing a quote and recording its acceptance: legal steps only, each once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from openinsure.submissions import models
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.submissions import world
from tests.submissions.test_writes import DATABASES, events, form, send

pytestmark = pytest.mark.django_db(databases=DATABASES)


@pytest.fixture
def script(db: None, acme: Scope) -> Client:
    return people.bearer(acme.org_id, "underwriter")


def fresh(scope: Scope, quote: Any) -> Any:
    with entered(scope):
        return models.Quote.objects.within(scope).get(id=quote.id)


def test_it_releases_a_rated_quote_for_thirty_days_once(acme: Scope, script: Client) -> None:
    row = world.submission(acme, status="in_review")
    first = world.quote(acme, row, status="released", version_no=1)
    second = world.quote(acme, row, status="rated", version_no=2, valid_until=None)
    offer = form(script, row.submission_number, "submissions.release")
    assert [value for value, _ in offer["inputs"][0]["choices"]] == [second.id]
    answers = [send(script, offer, releasing=second.id) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    assert events(acme, row) == [("quote.released", "in_review", "quoted")]
    released = fresh(acme, second)
    assert released.valid_until == (timezone.now() + timedelta(days=30)).date()
    assert (fresh(acme, first).status, fresh(acme, first).superseded_by_id) == (
        "superseded", second.id,
    )  # fmt: skip


def test_it_records_one_acceptance_of_a_valid_quote(acme: Scope, script: Client) -> None:
    row = world.submission(acme, status="quoted")
    later = timezone.now().date() + timedelta(days=5)
    late = world.quote(acme, row, quote_number="QUO-TST-000009", valid_until=later)
    gone = world.quote(acme, row, valid_until=timezone.now().date() - timedelta(days=1))
    offer = form(script, row.submission_number, "submissions.accept")
    assert send(script, offer, accepting=gone.id).status_code == 409
    offer = form(script, row.submission_number, "submissions.accept")
    assert send(script, offer, accepting=late.id).status_code == 200
    assert (fresh(acme, late).status, fresh(acme, gone).status) == ("accepted", "released")
    offer = form(script, row.submission_number, "submissions.accept")
    assert send(script, offer, accepting=gone.id).status_code == 409


def test_it_refuses_foreign_and_finished_quotes(
    acme: Scope, borealis: Scope, script: Client
) -> None:
    row = world.submission(acme, status="in_review")
    world.quote(acme, row, status="rated")
    other = world.quote(acme, row, status="bound", quote_number="QUO-TST-000003")
    theirs = world.quote(borealis, world.submission(borealis), status="rated")
    for chosen in (theirs.id, other.id, "x", ""):
        offer = form(script, row.submission_number, "submissions.release")
        answer = send(script, offer, releasing=chosen)
        assert answer.status_code == 422, chosen
    assert events(acme, row) == []
    assert fresh(borealis, theirs).status == "rated"
