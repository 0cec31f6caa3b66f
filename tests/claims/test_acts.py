"""POST below /claims/<number>: who may, what is refused, one effect per form."""

from __future__ import annotations

import pytest

from openinsure.claims import models, queries
from openinsure.keyspaces.ids import new_id
from openinsure.orgs.models import Activity
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.claims import made
from tests.claims.desk import Desk, actions, signed_in
from tests.policies.reads import counted

pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES])


@pytest.fixture
def desk(db: None, acme: Scope) -> Desk:
    """A desk in acme."""
    return Desk(acme)


def test_it_moves_a_claim_and_says_so(desk: Desk) -> None:
    desk.reserve("1000")
    response = desk.post("transitions", to="reserved")
    assert response.status_code == 201, response.content
    assert desk.fresh().status == "reserved"
    event = desk.events()[-1]
    assert (event.event_type, event.from_status, event.to_status) == (
        "claim.transitioned", "investigating", "reserved",
    )  # fmt: skip
    assert event.delivered_at is None
    assert actions(desk.scope)[-2:] == ["claim.transitioned.intent", "claim.transitioned"]


def test_it_refuses_an_illegal_step_and_names_the_legal(desk: Desk) -> None:
    response = desk.post("transitions", to="settled")
    assert response.status_code == 422
    for status in ("reserved", "litigated", "closed", "denied"):
        assert status in response.json()["rule"]
    assert desk.fresh().status == "investigating"
    assert actions(desk.scope)[-1] == "claim.transitioned.refused"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"to": "denied"}, "opinion"),
        ({"to": "denied", "opinion": "too short"}, "opinion"),
        ({"to": "closed"}, "close_reason"),
        ({"to": "reserved"}, "to"),
    ],
)
def test_it_asks_for_what_a_step_needs(desk: Desk, fields: dict[str, str], field: str) -> None:
    response = desk.post("transitions", **fields)
    assert response.status_code == 422
    assert field in response.json()["errors"]
    assert desk.events() == []


def test_it_closes_only_without_reserve_and_closes_exposures(desk: Desk) -> None:
    desk.reserve("1000")
    refused = desk.post("transitions", to="closed", close_reason="no_payment")
    assert "$1,000.00" in refused.json()["errors"]["to"]
    desk.reserve("0", reason_code="closing")
    assert desk.post("transitions", to="closed", close_reason="no_payment").status_code == 201
    with entered(desk.scope):
        exposure = models.ClaimExposure.objects.within(desk.scope).get(id=desk.exposure.id)
    assert (exposure.status, desk.fresh().close_reason) == ("closed", "no_payment")


def test_it_keeps_what_was_typed_in_a_refused_form(acme: Scope) -> None:
    browser = people.browser(acme.org_id, "adjuster")
    claim = made.claim(acme)
    page = browser.get(f"/claims/{claim.claim_number}/notes").content.decode()
    form_id = page.split('name="form_id" value="')[1].split('"')[0]
    typed = "<script>alert(1)</script> called the shop"
    sent = {"form_id": form_id, "category": "unheard", "body": typed}
    response = browser.post(f"/claims/{claim.claim_number}/notes", sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert "&lt;script&gt;alert(1)&lt;/script&gt; called the shop" in page
    assert 'id="category-error"' in page
    assert form_id in page
    sent["category"] = "contact"
    done = browser.post(f"/claims/{claim.claim_number}/notes", sent)
    assert (done.status_code, done["Location"]) == (
        303, f"/claims/{claim.claim_number}?tab=diary",
    )  # fmt: skip


def test_it_notes_once_for_one_form(desk: Desk) -> None:
    sent = {**desk.form("notes"), "category": "general", "body": "Called."}
    first = desk.client.post(f"{desk.path}/notes", sent)
    again = desk.client.post(f"{desk.path}/notes", sent)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["row"]["id"] == again.json()["row"]["id"]
    assert again.json()["row"]["repeated"] is True
    assert len(desk.events()) == 1


def test_it_needs_sight_of_claims_to_add_a_note(desk: Desk) -> None:
    client, _ = signed_in(desk.scope, "underwriter")
    assert client.get(f"{desk.path}/notes").status_code == 403
    support, _ = signed_in(desk.scope, "support")
    sent = {"category": "legal", "body": "x", "privileged": "on"}
    sent |= desk.form("notes", support)
    assert "privileged" in support.post(f"{desk.path}/notes", sent).json()["errors"]


@pytest.mark.parametrize("form_id", ["", "x", "0190a000-0000-7000-8000-00000000000a:sig"])
def test_it_takes_only_its_own_form_id(desk: Desk, form_id: str) -> None:
    sent = {"form_id": form_id, "category": "general", "body": "Called."}
    response = desk.client.post(f"{desk.path}/notes", sent)
    assert response.status_code == 422
    assert "form_id" in response.json()["errors"]


def test_it_refuses_a_form_older_than_the_claim(desk: Desk) -> None:
    sent = desk.form("transitions")
    desk.reserve("1000")
    response = desk.client.post(f"{desk.path}/transitions", {**sent, "to": "reserved"})
    assert response.status_code == 409
    assert desk.fresh().status == "investigating"


def test_it_enters_a_diary_date_once(desk: Desk) -> None:
    sent = {**desk.form("diary"), "due": "2037-01-31", "subject": "Call counsel"}
    codes = [desk.client.post(f"{desk.path}/diary", sent).status_code for _ in range(2)]
    assert codes == [201, 200]
    with entered(desk.scope):
        (row,) = Activity.objects.within(desk.scope).filter(entity_id=desk.claim.id)
    assert (row.subject, row.user_id, row.due_at.hour) == ("Call counsel", desk.user_id, 17)
    assert actions(desk.scope).count("diary.added") == 1
    told = desk.client.get(desk.path).json()["panels"]["diary"]["rows"]
    assert [duty["subject"] for duty in told] == ["Call counsel"]


@pytest.mark.parametrize("due", ["", "2020-01-01", "tomorrow", "2026-02-30", "2199-01-31"])
def test_it_enters_no_other_date(desk: Desk, due: str) -> None:
    response = desk.post("diary", due=due, subject="Call counsel")
    assert response.status_code == 422
    assert "due" in response.json()["errors"]


def test_it_counts_open_claims_to_the_limit(desk: Desk) -> None:
    full = made.adjuster(desk.scope, full_name="Full Desk", max_open_claims=2)
    some = made.adjuster(desk.scope, full_name="Some Desk", max_open_claims=35)
    for adjuster, status in ((full, "open"), (some, "open"), (some, "closed")):
        for _ in range(30 if adjuster is full else 3):
            made.claim(desk.scope, adjuster_id=adjuster.id, status=status)
    page = desk.client.get(f"{desk.path}/assignments", headers={"accept": "text/html"})
    assert "Full Desk, staff: more than the limit of 2" in page.content.decode()
    assert "Some Desk, staff: 3 of 35" in page.content.decode()
    with entered(desk.scope):
        adjusters = queries.list_adjusters(desk.scope)
        with counted("oi_claims") as reads:
            held = queries.open_counts(desk.scope, adjusters)
    assert held == {full.id: 3, some.id: 3, desk.adjuster.id: 1}
    assert reads.rows <= 20


def test_it_assigns_and_asks_why_beyond_the_limit(desk: Desk) -> None:
    other = made.adjuster(desk.scope, max_open_claims=1)
    made.claim(desk.scope, adjuster_id=other.id)
    refused = desk.post("assignments", adjuster=other.id)
    assert "1 open claim, the limit is 1" in refused.json()["errors"]["reason"]
    assert desk.post("assignments", adjuster=other.id, reason="Knows it").status_code == 201
    assert desk.fresh().adjuster_id == other.id
    with entered(desk.scope):
        (row,) = models.ClaimAssignment.objects.within(desk.scope).filter(ended_at=None)
    assert (row.adjuster_id, row.assigned_by_user_id) == (other.id, desk.user_id)


def test_it_gives_large_claims_to_seniors(acme: Scope, borealis: Scope) -> None:
    desk = Desk(acme, incurred_cents=10_000_001)
    staff, senior = made.adjuster(acme), made.adjuster(acme, level="senior")
    foreign = made.adjuster(borealis, level="senior")
    assert "senior" in desk.post("assignments", adjuster=staff.id).json()["errors"]["adjuster"]
    unknown = desk.post("assignments", adjuster=new_id()).json()["errors"]
    assert desk.post("assignments", adjuster=foreign.id).json()["errors"] == unknown
    assert desk.post("assignments", adjuster=senior.id).status_code == 201


def test_it_treats_foreign_objects_as_unknown(desk: Desk, borealis: Scope) -> None:
    foreign = made.claim(borealis)
    exposure = made.exposure(borealis, foreign)
    for noun in ("reserves", "transitions", "notes", "assignments", "disbursements", "diary"):
        response = desk.client.post(f"/claims/{foreign.claim_number}/{noun}", {})
        assert response.status_code == 404, noun
    assert "exposure" in desk.reserve("5", exposure=exposure.id).json()["errors"]
    check = made.disbursement(borealis, foreign)
    client, _ = signed_in(desk.scope, "finance_analyst")
    path = f"/claims/disbursements/{check.disbursement_number}/decisions"
    assert client.post(path, {}).status_code == 404
