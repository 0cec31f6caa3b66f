"""A policy that is not to be renewed says so on its page, and from which day coverage may end."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from openinsure.keyspaces.ids import new_id
from openinsure.policies.models import Nonrenewal, Policy
from openinsure.tenancy.scope import Scope
from tests import factories
from tests.factories import made
from tests.pages.test_find import ALL

pytestmark = pytest.mark.django_db(databases=ALL)
ENDS = date(2027, 3, 1)


def refused(scope: Scope, **given: Any) -> Policy:
    policy = factories.policy(scope)
    made(scope, Nonrenewal, {
        "id": new_id(), "policy_id": policy.id, "reason_code": "LOSS_HISTORY", "notice_days": 45,
        "notice_due_date": date(2027, 1, 15), "effective_date": ENDS, "status": "pending",
    } | given)  # fmt: skip
    return policy


def mailed(day: int, month: int) -> dict[str, Any]:
    return {"status": "mailed", "notice_mailed_at": datetime(2027, month, day, 17, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "The notice waits to be mailed, by"),
        (mailed(4, 1), "in time: coverage ends"),
        (mailed(10, 2) | {"effective_date": date(2027, 3, 27)}, "the law asks 45 days"),
    ],
)
def test_it_says_how_the_notice_stands(
    acme_support: Client, acme: Scope, given: dict[str, Any], words: str
) -> None:
    policy = refused(acme, **given)
    page = acme_support.get(f"/policies/{policy.policy_number}").content.decode()
    assert words in page
    late = "too late for the end of the term" in page
    assert late is (given.get("effective_date") == date(2027, 3, 27))
    assert not late or 'datetime="2027-03-27"' in page
    told = acme_support.get(
        f"/policies/{policy.policy_number}", headers={"accept": "application/json"}
    ).json()["row"]["nonrenewal"]
    assert told["status"] == given.get("status", "pending")
    assert told["effective"] == str(given.get("effective_date", ENDS))


@pytest.mark.parametrize("status", ["withdrawn", "rescinded"])
def test_a_decision_taken_back_is_not_told(acme_support: Client, acme: Scope, status: str) -> None:
    policy = refused(acme, status=status)
    page = acme_support.get(f"/policies/{policy.policy_number}").content.decode()
    assert "Not to be renewed" not in page
