"""Revealing contact data of submissions and claims: a reason, its audit row first, shown once."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from openinsure.audit.models import AuditLog
from openinsure.keyspaces.sealing import seal
from openinsure.problems import Unavailable
from openinsure.tenancy.scope import Scope, entered
from tests import factories, people
from tests.claims import made
from tests.pages.test_find import ALL
from tests.submissions import world as filed

pytestmark = pytest.mark.django_db(databases=ALL)
PHONE, TIN = "(813) 555-0142", "59-1234567"


@pytest.fixture
def claim(db: None, acme: Scope) -> str:
    row = made.claim(acme)
    made.claimant(acme, row, phone=PHONE, tin_enc=seal(acme.org_id, "claimants.tin", TIN))
    return f"/claims/{row.claim_number}/reveals"


@pytest.fixture
def submission(db: None, acme: Scope) -> str:
    who = factories.insured(acme, phone=PHONE)
    row = filed.submission(acme, insured_id=who.id)
    return f"/submissions/{row.submission_number}/reveals"


def form_id(client: Client, address: str) -> str:
    found = re.search(r'name="form_id" value="([^"]*)"', client.get(address).content.decode())
    assert found
    return found[1]


def reasons(scope: Scope) -> list[str]:
    with entered(scope):
        rows = AuditLog.objects.within(scope).filter(action__endswith=".pii_revealed")
        return list(rows.values_list("reason", flat=True))


@pytest.mark.parametrize("subject", ["claim", "submission"])
def test_it_shows_the_data_once_a_reason_is_on_record(
    acme: Scope, subject: str, request: pytest.FixtureRequest
) -> None:
    address, client = request.getfixturevalue(subject), people.browser(acme.org_id, "underwriter")
    if subject == "claim":
        client = people.browser(acme.org_id, "adjuster")
    form = {"form_id": form_id(client, address)}
    shown = client.post(address, form | {"reveal_reason": "Caller asked to be called back"})
    assert PHONE in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    assert reasons(acme) == ["Caller asked to be called back"]
    assert (TIN in shown.content.decode()) is (subject == "claim")
    assert PHONE not in client.get(address).content.decode()


@pytest.mark.parametrize("said", ["", "x", "  why not ", "y" * 256])
@pytest.mark.parametrize("subject", ["claim", "submission"])
def test_it_wants_a_reason_that_says_something(
    acme: Scope, subject: str, said: str, request: pytest.FixtureRequest
) -> None:
    address, client = request.getfixturevalue(subject), people.browser(acme.org_id, "org_admin")
    form = {"form_id": form_id(client, address), "reveal_reason": said}
    refused = client.post(address, form)
    body = refused.content.decode()
    assert refused.status_code == 422
    assert "must have 10 to 255 characters" in body
    assert f'value="{said}"' in body
    assert 'id="reveal_reason-hint">10 to 255 characters' in body
    assert PHONE not in body
    assert reasons(acme) == []
    script = client.post(address, form, headers={"accept": "application/json"})
    assert (script.status_code, script.json()["field"]) == (422, "reveal_reason")


@pytest.mark.parametrize("subject", ["claim", "submission"])
def test_it_shows_nothing_while_the_audit_log_is_away(
    acme: Scope, subject: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> str:
        raise Unavailable("Not now.", code="audit_unavailable")

    address, client = request.getfixturevalue(subject), people.browser(acme.org_id, "org_admin")
    form = {"form_id": form_id(client, address), "reveal_reason": "Caller lost our letter"}
    monkeypatch.setattr("openinsure.pages.reveals.append", away)
    answer = client.post(address, form)
    assert answer.status_code == 503
    assert PHONE not in answer.content.decode()


def test_it_is_for_those_who_may_see_personal_data(
    acme: Scope, borealis: Scope, claim: str, submission: str
) -> None:
    support = people.browser(acme.org_id, "support")
    assert {support.get(claim).status_code, support.get(submission).status_code} == {403}
    stranger = people.browser(borealis.org_id, "org_admin")
    assert {stranger.get(claim).status_code, stranger.get(submission).status_code} == {404}
