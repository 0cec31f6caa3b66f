"""Who is kept from what on a claim and its money: the same on `roles` and on a real SpiceDB."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser

from openinsure.authz.models import AuthzOutbox
from openinsure.authz.permissions import Role
from openinsure.claims import models
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import entered
from tests import factories, staff
from tests.authz.conftest import enrol
from tests.authz.hall import Hall, act, hall, on_spicedb, spice
from tests.claims import made
from tests.claims.desk import Desk, actions

__all__ = ["hall", "on_spicedb", "spice"]
pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES])
WHY = "The insured is a cousin of mine."


def seen(client: Browser, desk: Desk) -> dict[str, bool]:
    """Where the claim can be found."""
    number = desk.claim.claim_number
    listed = client.get("/claims").json()["rows"]
    file: Any = client.get("/claims?format=csv")
    body = b"".join(file.streaming_content) if file.streaming else file.content
    found = client.get(f"/find?q={number}", headers={"accept": "text/html"}).content.decode()
    return {
        "list": number in [row["number"] for row in listed],
        "detail": client.get(desk.path).status_code == 200,
        "peek": client.get(f"/claims?peek={desk.claim.id}").status_code == 200,
        "look-up": f"/claims/{number}" in found,
        "recent": number in client.get("/find/recents").content.decode(),
        "policy": number in client.get(f"/policies/{desk.claim.policy_number}").content.decode(),
        "insured": number in client.get(f"/insureds/{desk.claim.insured_id}").content.decode(),
        "export": number.encode() in body,
    }


def on_a_policy(hall: Hall) -> Desk:
    """A desk whose claim hangs on a policy that has a page."""
    with entered(hall.scope):
        who = factories.insured(hall.scope)
        policy = factories.policy(hall.scope, insured_id=who.id)
    return hall.desk(
        policy_id=policy.id, policy_number=policy.policy_number, insured_id=who.id,
        date_of_loss=made.REPORTED,
    )  # fmt: skip


def test_it_takes_a_claim_away_from_the_recused_everywhere(hall: Hall) -> None:
    desk = on_a_policy(hall)
    colleague, user_id = hall.person("adjuster")
    colleague.get(f"/find?q={desk.claim.claim_number}&go=1", headers={"accept": "text/html"})
    assert set(seen(colleague, desk).values()) == {True}, seen(colleague, desk)
    answer = act(colleague, f"{desk.path}/recusals", person=user_id, reason=WHY)
    assert answer.status_code == 201
    assert set(seen(colleague, desk).values()) == {False}, seen(colleague, desk)
    others = seen(desk.client, desk)
    assert others.pop("recent") is False, "the adjuster never looked it up"
    assert set(others.values()) == {True}, "nobody else loses it"
    for noun in ("reserves", "notes", "transitions", "assignments", "recusals"):
        assert colleague.post(f"{desk.path}/{noun}", {}).status_code == 404
    assert actions(hall.scope).count("claim.recused") == 1
    assert hall.differs() == []


def test_it_gives_the_claim_back_by_an_administrator(hall: Hall) -> None:
    desk = on_a_policy(hall)
    colleague, user_id = hall.person("adjuster")
    admin, admin_id = hall.person("org_admin")
    act(colleague, f"{desk.path}/recusals", person=user_id, reason=WHY)
    short = act(admin, f"{desk.path}/recusal-withdrawals", person=user_id, reason="short")
    assert "reason" in short.json()["errors"]
    again = act(admin, f"{desk.path}/recusal-withdrawals", person=user_id, reason=WHY)
    assert again.status_code == 201
    assert seen(colleague, desk) == dict.fromkeys(seen(colleague, desk), True) | {"recent": False}
    own = act(admin, f"{desk.path}/recusal-withdrawals", person=admin_id, reason=WHY)
    assert (own.status_code, own.json()["error"]) == (403, "own_recusal")
    assert hall.differs() == []


def test_it_lets_an_adjuster_recuse_nobody_else(hall: Hall) -> None:
    desk = hall.desk()
    colleague, _ = hall.person("adjuster")
    refused = act(colleague, f"{desk.path}/recusals", person=desk.user_id, reason=WHY)
    assert "person" in refused.json()["errors"]
    assert colleague.post(f"{desk.path}/recusal-withdrawals", {}).status_code == 403


def test_it_recuses_once_for_a_form_sent_twice(hall: Hall) -> None:
    desk = hall.desk()
    admin, _ = hall.person("org_admin")
    recused = staff.user(hall.scope, role="adjuster").id
    for status in (201, 200):
        path = f"{desk.path}/recusals"
        assert act(admin, path, person=recused, reason=WHY).status_code == status
    with entered(hall.scope):
        rows = AuthzOutbox.objects.within(hall.scope).filter(relation="recused")
        assert rows.count() == 1


def test_it_lets_only_the_assigned_adjuster_set_a_reserve(hall: Hall) -> None:
    desk = hall.desk()
    assert desk.reserve("100").status_code == 201
    for role in ("adjuster", "org_admin"):
        other, _ = hall.person(role)
        answer = act(
            other, f"{desk.path}/reserves", amount="5", exposure=desk.exposure.id,
            cost_type="indemnity", reason_code="initial", rationale=WHY,
        )  # fmt: skip
        assert (answer.status_code, answer.json()["error"]) == (403, "not_assigned")


def test_it_follows_the_claim_to_another_adjuster_and_out(hall: Hall) -> None:
    desk = hall.desk()
    taking, user_id = hall.person("adjuster")
    adjuster = made.adjuster(hall.scope, user_id=user_id)
    made.authority(hall.scope, adjuster)
    admin, _ = hall.person("org_admin")
    assert act(admin, f"{desk.path}/assignments", adjuster=adjuster.id).status_code == 201
    assert hall.differs() == []
    fields = {
        "exposure": desk.exposure.id, "cost_type": "indemnity", "amount": "7",
        "reason_code": "initial", "rationale": WHY,
    }  # fmt: skip
    assert desk.client.get(f"{desk.path}/reserves").status_code in (200, 403)
    assert act(taking, f"{desk.path}/reserves", **fields).status_code == 201
    fields["amount"] = "0"
    fields["reason_code"] = "closing"
    assert act(taking, f"{desk.path}/reserves", **fields).status_code == 201
    closed = act(admin, f"{desk.path}/transitions", to="closed", close_reason="no_payment")
    assert closed.status_code == 201, closed.json()
    assert hall.differs() == []
    assert act(admin, f"{desk.path}/transitions", to="reopened").status_code == 201
    assert hall.differs() == []


def test_it_never_assigns_a_recused_adjuster(hall: Hall) -> None:
    desk = hall.desk()
    colleague, user_id = hall.person("adjuster")
    adjuster = made.adjuster(hall.scope, user_id=user_id)
    act(colleague, f"{desk.path}/recusals", person=user_id, reason=WHY)
    admin, _ = hall.person("org_admin")
    refused = act(admin, f"{desk.path}/assignments", adjuster=adjuster.id)
    assert "recused" in refused.json()["errors"]["adjuster"]


def asked_for(hall: Hall) -> tuple[Desk, str]:
    """A disbursement that waits, and its path."""
    desk = hall.desk()
    desk.reserve("100")
    assert desk.ask("50").status_code == 201
    rows = desk.client.get(desk.path).json()["panels"]["disbursements"]["rows"]
    return desk, f"/claims/disbursements/{rows[0]['number']}"


def test_it_pays_through_people_who_did_not_ask(hall: Hall) -> None:
    desk, path = asked_for(hall)
    assert hall.differs() == []
    if hall.client is not None:  # the adjuster is given the money role as well
        enrol(hall.client, Role.FINANCE, desk.user_id, hall.scope.org_id)
    finance, _ = hall.person("finance_analyst")
    assert act(finance, f"{path}/decisions", decision="approved").status_code == 201
    assert hall.differs() == [], "who asked is excluded until it is issued"
    assert act(finance, f"{path}/issues", check_number="100200").status_code == 201
    assert hall.differs() == [], "nothing stands for money that left"
    with entered(hall.scope):
        row = models.Disbursement.objects.within(hall.scope).get()
    assert (row.status, row.requested_by_user_id) == ("issued", desk.user_id)


@pytest.mark.parametrize("noun", ["decisions", "issues"])
def test_it_never_lets_the_requester_decide_or_issue(noun: str, hall: Hall) -> None:
    _, path = asked_for(hall)
    requester, user_id = hall.person("finance_analyst")
    with entered(hall.scope):
        rows = models.Disbursement.objects.within(hall.scope)
        rows.update(requested_by_user_id=user_id)
        if noun == "issues":
            rows.update(status="approved")
    if hall.client is not None:
        hall.desk()
    values = {"decision": "approved", "check_number": "1"}
    answer = act(requester, f"{path}/{noun}", **values)
    assert (answer.status_code, answer.json()["error"]) == (403, "own_request")
