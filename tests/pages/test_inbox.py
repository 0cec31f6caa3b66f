"""/inbox: what came in, filing by hand, refusals, other organisations."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from openinsure.keyspaces.ids import new_id
from openinsure.submissions.models import InboundAttachment, InboundMessage
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.claims.made import claim, recusal
from tests.factories import made
from tests.submissions import world

pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_submissions", "oi_claims"]
)
JSON: Any = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def underwriter(db: None, acme: Scope) -> Client:
    return people.browser(acme.org_id, "underwriter")


def form_of(client: Client, path: str) -> str:
    return str(client.get(path).content.decode().split('name="form_id" value="')[1].split('"')[0])


def test_it_lists_its_own_messages(acme_support: Client, acme: Scope, borealis: Scope) -> None:
    found = claim(acme)
    ours = world.message(acme, status="filed", claim_id=found.id, subject="Loss photo")
    theirs = world.message(borealis)
    told = acme_support.get("/inbox", **JSON).json()
    (row,) = told["rows"]
    assert (row["id"], row["filed_to"]) == (ours.id, found.claim_number)
    assert "driver@" not in str(told)
    assert acme_support.get(f"/inbox/{theirs.id}").status_code == 404
    html = acme_support.get("/inbox?view=to_file").content.decode()
    assert ours.id not in html


def test_it_shows_files_and_no_form_to_readers(acme_support: Client, acme: Scope) -> None:
    row = world.message(acme)
    made(acme, InboundAttachment, {
        "id": new_id(), "message_id": row.id, "file_name": "photo.png", "size_bytes": 4,
        "content_type": "image/png", "sha256": "a" * 64, "storage_key": "x",
        "extraction_status": "pending",
    })  # fmt: skip
    html = acme_support.get(f"/inbox/{row.id}").content.decode()
    assert "photo.png" in html
    assert 'name="form_id"' not in html
    assert acme_support.post(f"/inbox/{row.id}/filings").status_code == 403


def test_it_files_by_hand_once(underwriter: Client, acme: Scope) -> None:
    row, target = world.message(acme), world.submission(acme)
    page = f"/inbox/{row.id}"
    sent = {"form_id": form_of(underwriter, page), "number": target.submission_number.lower()}
    for _ in range(2):
        assert underwriter.post(f"{page}/filings", sent).status_code == 303
    with entered(acme):
        kept = InboundMessage.objects.within(acme).get(id=row.id)
    assert (kept.status, kept.submission_id) == ("filed", target.id)
    assert target.submission_number in underwriter.get(page).content.decode()
    other = {**sent, "number": world.submission(acme).submission_number}
    assert underwriter.post(f"{page}/filings", other).status_code == 409


def test_it_names_field_and_rule(underwriter: Client, acme: Scope, borealis: Scope) -> None:
    row, theirs = world.message(acme), world.submission(borealis)
    page = f"/inbox/{row.id}"
    sent = {"form_id": form_of(underwriter, page), "number": theirs.submission_number}
    refused = underwriter.post(f"{page}/filings", sent)
    assert refused.status_code == 422
    assert theirs.submission_number in refused.content.decode()
    assert "must be the number of a submission or claim" in refused.content.decode()


def test_it_dismisses(underwriter: Client, acme: Scope) -> None:
    row = world.message(acme)
    sent = {"form_id": form_of(underwriter, f"/inbox/{row.id}"), "dismiss": "yes"}
    assert underwriter.post(f"/inbox/{row.id}/filings", sent).status_code == 303
    with entered(acme):
        assert InboundMessage.objects.within(acme).get(id=row.id).status == "dismissed"


def filed_to(client: Client, path: str, number: str) -> Any:
    sent = {"form_id": form_of(client, path), "number": number}
    return client.post(f"{path}/filings", sent, **JSON)


def test_it_files_to_no_claim_that_the_viewer_does_not_see(
    underwriter: Client, acme: Scope
) -> None:
    row, ours = world.message(acme), claim(acme)
    known = filed_to(underwriter, f"/inbox/{row.id}", ours.claim_number)
    unknown = filed_to(underwriter, f"/inbox/{row.id}", "CLM-ZZZ-999999")
    assert (known.status_code, known.json()["errors"]) == (422, unknown.json()["errors"])
    operator = people.browser(acme.org_id, "mhcis_operator")
    assert filed_to(operator, f"/inbox/{row.id}", ours.claim_number).status_code == 200


def test_it_names_no_claim_to_who_is_recused_from_it(acme: Scope) -> None:
    who, found = people.account(acme.org_id, "mhcis_operator"), claim(acme)
    filed, waits = world.message(acme, status="filed", claim_id=found.id), world.message(acme)
    recusal(acme, found, who.user_id)
    client = people.browser_of(who)
    for path in ("/inbox", f"/inbox/{filed.id}"):
        assert found.claim_number not in client.get(path).content.decode()
        assert found.claim_number not in client.get(path, **JSON).content.decode()
    assert filed_to(client, f"/inbox/{waits.id}", found.claim_number).status_code == 422
