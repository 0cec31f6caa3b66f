"""Three people pay a settlement: the same on `roles` and on a real SpiceDB, on every way in."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from openinsure.billing.models import CarrierSettlement
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import entered
from tests.authz.hall import Hall, act, hall, on_spicedb, spice
from tests.billing import settlements

__all__ = ["hall", "on_spicedb", "spice"]
pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES, "ledger_engine"])
AUTHORED = 5  # steps from the bordereau to the settlement that waits
OWN = (403, "own_request")


class Desk:
    """A settlement that waits for its approval, and three people of finance."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        people = [hall.person("finance_analyst") for _ in range(3)]
        self.author, self.approver, self.releaser = (client for client, _ in people)
        ids = [user_id for _, user_id in people]
        one = settlements.world(hall.scope, author=ids[0], approver=ids[1], releaser=ids[2])
        with entered(hall.scope):
            for step in settlements.steps(one)[:AUTHORED]:
                step()
            row = CarrierSettlement.objects.within(hall.scope).get()
        self.number = row.settlement_number

    def does(self, client: Browser, step: str, **fields: str) -> tuple[int, str]:
        """By the form of the settlement; the status and the code of the refusal."""
        sent: Any = act(client, reverse(f"billing.settlement_{step}", args=[self.number]), **fields)
        return sent.status_code, sent.json().get("error", "")

    def decides(self, client: Browser, what: str) -> int:
        """By the list of approvals."""
        rows = client.get("/approvals").json()["rows"]
        mine = [row for row in rows if row["number"] == self.number and row["mine"]]
        form = {"form_id": mine[0]["form_id"]} if mine else {}
        told = {"kind": "settlement", "number": self.number, "act": what, **form}
        return int(client.post("/approvals/decisions", told).status_code)

    def status(self) -> str:
        with entered(self.hall.scope):
            return str(CarrierSettlement.objects.within(self.hall.scope).get().status)


def test_it_takes_three_people_by_the_forms(hall: Hall) -> None:
    desk = Desk(hall)
    assert hall.differs() == []
    assert desk.does(desk.author, "approve") == OWN
    assert desk.does(desk.approver, "approve")[0] in (200, 201)
    assert hall.differs() == []
    assert desk.does(desk.author, "release")[0] == 403
    assert desk.does(desk.approver, "release")[0] == 403
    assert desk.status() == "approved"
    assert desk.does(desk.releaser, "release")[0] in (200, 201)
    assert hall.differs() == [], "nothing stands for one that was released"


def test_it_takes_three_people_by_the_list(hall: Hall) -> None:
    desk = Desk(hall)
    assert desk.decides(desk.author, "approve") in (403, 422)
    assert desk.status() == "ready"
    assert desk.decides(desk.approver, "approve") == 200
    assert [desk.decides(who, "release") for who in (desk.author, desk.approver)] != [200, 200]
    assert desk.status() == "approved"
    assert desk.decides(desk.releaser, "release") == 200
    assert hall.differs() == []


def test_it_stands_for_nothing_once_rejected(hall: Hall) -> None:
    desk = Desk(hall)
    why = "The offset was agreed otherwise."
    assert desk.does(desk.approver, "reject", reason=why)[0] in (200, 201)
    assert hall.differs() == []
    assert desk.does(desk.releaser, "approve")[0] in (403, 422)
