"""POST below /claims/<number>: who may, what is refused and how, and one effect per form."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from openinsure.audit.models import AuditLog
from openinsure.claims import models
from openinsure.keyspaces.ids import new_id
from openinsure.orgs.models import Activity
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.claims import made

pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES])
WHY = "Estimate of the body shop came in."


def signed_in(scope: Scope, role: str) -> tuple[Client, str]:
    """A script of a new person, and the person's id."""
    who = people.account(scope.org_id, role)
    token = people._signed(who.user_id, scope.org_id, role, who.email)
    client = Client(headers={"authorization": f"Bearer {token}", "accept": "application/json"})
    return client, who.user_id


class Desk:
    """An adjuster with a claim, an exposure and authority for 50,000.00."""

    def __init__(self, scope: Scope, **given: Any) -> None:
        self.scope = scope
        self.client, self.user_id = signed_in(scope, "adjuster")
        self.adjuster = made.adjuster(scope, user_id=self.user_id)
        self.claim = made.claim(scope, adjuster_id=self.adjuster.id, **given)
        self.exposure = made.exposure(scope, self.claim)
        made.authority(scope, self.adjuster)

    @property
    def path(self) -> str:
        return f"/claims/{self.claim.claim_number}"

    def form(self, noun: str, client: Client | None = None) -> dict[str, str]:
        """Form id and version, as the form page gives them."""
        row = (client or self.client).get(f"{self.path}/{noun}").json()["row"]
        lock = {} if row["lock"] is None else {"lock": str(row["lock"])}
        return {"form_id": row["form_id"], **lock}

    def post(self, noun: str, **fields: str) -> Any:
        return self.client.post(f"{self.path}/{noun}", {**self.form(noun), **fields})

    def reserve(self, amount: str, **fields: str) -> Any:
        given = {
            "exposure": self.exposure.id, "cost_type": "indemnity", "amount": amount,
            "reason_code": "initial", "rationale": WHY,
        }  # fmt: skip
        return self.post("reserves", **(given | fields))

    def ask(self, amount: str) -> Any:
        return self.post(
            "disbursements", exposure=self.exposure.id, claimant=self.exposure.claimant_id,
            cost_type="indemnity", amount=amount, method="check",
        )  # fmt: skip

    def fresh(self) -> models.Claim:
        with entered(self.scope):
            row: models.Claim = models.Claim.objects.within(self.scope).get(id=self.claim.id)
        return row

    def events(self) -> list[models.ClaimEvent]:
        with entered(self.scope):
            rows = models.ClaimEvent.objects.within(self.scope).filter(claim_id=self.claim.id)
            return list(rows.order_by("seq"))


@pytest.fixture
def desk(db: None, acme: Scope) -> Desk:
    """A desk in acme."""
    return Desk(acme)


def payload_of(event: models.ClaimEvent) -> dict[str, Any]:
    """What the event tells billing."""
    assert event.payload is not None
    return dict(event.payload)


def actions(scope: Scope) -> list[str]:
    with entered(scope):
        rows = AuditLog.objects.within(scope).exclude(action__contains="permission")
        return list(rows.order_by("seq").values_list("action", flat=True))


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


def test_it_sets_a_reserve_and_the_header_follows(desk: Desk) -> None:
    assert desk.reserve("12,345.67").status_code == 201
    row = desk.fresh()
    assert row.outstanding_indemnity_cents == row.incurred_cents == 1_234_567
    (event,) = desk.events()
    assert payload_of(event)["delta_cents"] == 1_234_567
    assert (payload_of(event)["direction"], payload_of(event)["policy_id"]) == ("up", row.policy_id)
    desk.reserve("10,000.00", reason_code="new_information")
    assert [payload_of(e)["direction"] for e in desk.events()] == ["up", "down"]
    with entered(desk.scope):
        steps = models.ClaimReserveHistory.objects.within(desk.scope).order_by("seq")
        told = list(steps.values_list("seq", "previous_cents", "delta_cents", "new_cents"))
    assert told == [(1, 0, 1_234_567, 1_234_567), (2, 1_234_567, -234_567, 1_000_000)]


def test_it_refuses_a_reserve_above_authority_naming_the_limit(desk: Desk) -> None:
    response = desk.reserve("50,000.01")
    assert response.status_code == 422
    assert "$50,000.00" in response.json()["errors"]["amount"]
    assert desk.reserve("50,000.00").status_code == 201


def test_it_has_no_authority_where_none_is_recorded(acme: Scope) -> None:
    desk = Desk(acme)
    with entered(acme):
        models.AdjusterAuthorityLimit.objects.within(acme).filter(
            adjuster_id=desk.adjuster.id
        ).delete()
    assert "$0.00" in desk.reserve("0.01").json()["errors"]["amount"]


def test_it_lets_only_the_assigned_adjuster_set_a_reserve(desk: Desk) -> None:
    for role in ("adjuster", "org_admin"):
        client, _ = signed_in(desk.scope, role)
        sent = {
            **desk.form("reserves", client), "exposure": desk.exposure.id, "amount": "5",
            "cost_type": "indemnity", "reason_code": "initial", "rationale": WHY,
        }  # fmt: skip
        response = client.post(f"{desk.path}/reserves", sent)
        assert (response.status_code, response.json()["error"]) == (403, "not_assigned")
    assert desk.events() == []


def test_it_hides_the_forms_from_the_recused(desk: Desk) -> None:
    made.recusal(desk.scope, desk.claim, desk.user_id)
    for noun in ("reserves", "transitions", "notes", "assignments", "disbursements", "diary"):
        assert desk.client.get(f"{desk.path}/{noun}").status_code == 404
        assert desk.client.post(f"{desk.path}/{noun}", {}).status_code == 404


def test_it_raises_the_flags(desk: Desk) -> None:
    desk.reserve("1000")
    desk.reserve("20,000", reason_code="new_information")
    with entered(desk.scope):
        rows = models.ClaimReserveFlag.objects.within(desk.scope)
        codes = set(rows.values_list("flag_code", flat=True))
    assert codes == {"ROUND_NUMBER", "RAPID_INCREASE", "EXCEEDED_ESTIMATE"}
    assert set(payload_of(desk.events()[-1])["flags"]) == codes


@pytest.mark.parametrize(
    "amount", ["", "-5", "1.005", "1e3", "١٢", "NaN", "1,2,3", "9" * 20, "$", "0x10", "1 000"]
)
def test_it_reads_no_other_amount(desk: Desk, amount: str) -> None:
    response = desk.reserve(amount)
    assert response.status_code == 422
    assert "amount" in response.json()["errors"]


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


def test_it_assigns_and_asks_why_beyond_the_limit(desk: Desk) -> None:
    other = made.adjuster(desk.scope, max_open_claims=1)
    made.claim(desk.scope, adjuster_id=other.id)
    refused = desk.post("assignments", adjuster=other.id)
    assert "1 open claims, the limit is 1" in refused.json()["errors"]["reason"]
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


def number_of(desk: Desk) -> str:
    """The number of the claim's newest disbursement."""
    rows = desk.client.get(desk.path).json()["panels"]["disbursements"]["rows"]
    return str(rows[0]["number"])


def decide(client: Client, number: str, decision: str, note: str = "") -> Any:
    path = f"/claims/disbursements/{number}/decisions"
    form_id = client.get(path).json()["row"]["form_id"]
    return client.post(path, {"form_id": form_id, "decision": decision, "note": note})


def test_it_pays_by_three_people_and_books_once(desk: Desk) -> None:
    desk.reserve("30,000")
    assert desk.ask("10,000.01").status_code == 201  # above 10,000.00: two approvals
    number = number_of(desk)
    (first, _), (second, _) = (signed_in(desk.scope, "finance_analyst") for _ in range(2))
    assert decide(first, number, "approved").status_code == 201
    again = decide(first, number, "approved")
    assert (again.status_code, again.json()["error"]) == (403, "same_approver")
    assert decide(second, number, "approved").status_code == 201
    path = f"/claims/disbursements/{number}/issues"
    form = {"form_id": first.get(path).json()["row"]["form_id"], "check_number": "100234"}
    assert [first.post(path, form).status_code for _ in range(2)] == [201, 200]
    row = desk.fresh()
    assert (row.paid_indemnity_cents, row.outstanding_indemnity_cents) == (1_000_001, 1_999_999)
    assert row.incurred_cents == 3_000_000
    issued = desk.events()[-1]
    assert issued.event_type == "disbursement.issued"
    assert payload_of(issued)["takedowns"][0]["takedown_cents"] == 1_000_001
    assert "payee" not in json.dumps(issued.payload)
    assert [e.seq for e in desk.events()] == list(range(1, 6))


def test_it_never_lets_the_requester_decide(acme: Scope) -> None:
    desk = Desk(acme)
    desk.reserve("100")
    desk.ask("50")
    with entered(acme):
        models.Disbursement.objects.within(acme).update(requested_by_user_id=new_id())
    client, user_id = signed_in(acme, "finance_analyst")
    with entered(acme):
        models.Disbursement.objects.within(acme).update(requested_by_user_id=user_id)
    response = decide(client, number_of(desk), "approved")
    assert (response.status_code, response.json()["error"]) == (403, "own_request")


def test_it_rejects_with_a_reason_and_frees_the_reserve(desk: Desk) -> None:
    desk.reserve("100")
    desk.ask("80")
    assert "reserve not yet in flight" in desk.ask("30").json()["errors"]["amount"]
    client, _ = signed_in(desk.scope, "org_admin")
    assert "note" in decide(client, number_of(desk), "rejected").json()["errors"]
    assert decide(client, number_of(desk), "rejected", "Wrong payee").status_code == 201
    illegal = decide(client, number_of(desk), "approved")
    assert (illegal.status_code, illegal.json()["error"]) == (422, "illegal_transition")
    assert desk.ask("30").status_code == 201


def test_it_keeps_the_reserve_above_what_is_in_flight(desk: Desk) -> None:
    desk.reserve("100")
    desk.ask("80")
    refused = desk.reserve("79.99", reason_code="new_information")
    assert "$80.00" in refused.json()["errors"]["amount"]


def test_it_pays_no_more_than_the_exposure_limit(acme: Scope) -> None:
    desk = Desk(acme)
    with entered(acme):
        models.ClaimExposure.objects.within(acme).update(limit_cents=5_000)
    desk.reserve("100")
    assert "limit of $50.00" in desk.ask("50.01").json()["errors"]["amount"]
    assert desk.ask("50").status_code == 201


Opener = Callable[[Scope, models.Claim], str]


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
