"""A role taken away on a real SpiceDB: refused at the next request, in every process."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from openinsure.authz.client import Client
from openinsure.authz.port import Place, Subject
from openinsure.authz.spicedb import SpiceAuthorizer
from openinsure.jobs import relations
from openinsure.orgs.models import User
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests import people, staff
from tests.authz.conftest import on_spicedb, spice
from tests.claims import made
from tests.claims.desk import Desk
from tests.orgs.test_user_pages import REASON, colleague, grant, signed_in

__all__ = ["on_spicedb", "spice"]
pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES])


class Office:
    """An administrator, a colleague who was given a money role, and money that waits."""

    def __init__(self, scope: Scope, client: Client) -> None:
        staff.organization(scope)
        self.scope, self.client = scope, client
        self.desk = Desk(scope)
        admin, self.who = colleague(scope, "org_admin"), colleague(scope)
        self.sync()
        self.manager = signed_in(admin)
        assert grant(self.manager, self.who, role="finance_analyst").status_code == 303
        self.theirs = script(scope, self.who)

    def sync(self) -> None:
        with entered(SystemScope(self.scope.org_id, "service:authz")) as scope:
            relations.sync(self.client, scope, now=timezone.now())

    def revoke(self) -> Any:
        values = {"role": "finance_analyst", "reason": REASON}
        return self.manager.post(f"/users/{self.who.id}/role-revocations", values)

    def left(self) -> list[str]:
        """What differs between SpiceDB and the tables."""
        with entered(SystemScope(self.scope.org_id, "service:authz")) as scope:
            found = relations.difference(self.client, scope, now=timezone.now())
        return [str(one) for one in (*found.missing, *found.surplus)]


def script(scope: Scope, user: User) -> Browser:
    """A bearer of the person: what ends its rights is not the end of a session."""
    token = people._signed(user.id, scope.org_id, user.role, user.email)
    return Browser(headers={"authorization": f"Bearer {token}", "accept": "application/json"})


@pytest.fixture
def office(acme: Scope, on_spicedb: Client) -> Office:
    """The office of acme."""
    return Office(acme, on_spicedb)


def test_it_hands_out_no_file_at_the_next_request(office: Office) -> None:
    path = "/billing/invoices?format=csv"  # support sees the rows, only the money role takes them
    assert office.theirs.get(path).status_code == 200
    assert office.revoke().status_code == 303
    assert office.theirs.get(path).status_code == 403
    assert office.left() == []


@pytest.mark.parametrize("noun", ["decisions", "issues"])
def test_it_approves_nothing_at_the_next_request(noun: str, office: Office) -> None:
    waiting = made.disbursement(office.scope, office.desk.claim)
    office.sync()
    path = f"/claims/disbursements/{waiting.disbursement_number}/{noun}"
    form = office.theirs.get(path)
    assert form.status_code == 200, form.content
    assert office.revoke().status_code == 303
    sent = {"form_id": form.json()["row"]["form_id"], "decision": "approved", "check_number": "1"}
    assert [office.theirs.post(path, sent).status_code for _ in range(2)] == [403, 403]
    assert office.theirs.get(path).status_code == 403


def test_it_counts_in_every_process_at_once(office: Office) -> None:
    other = SpiceAuthorizer(office.client)  # as a second process, with answers of its own
    who = Subject(office.who.id, office.scope.org_id, frozenset({"support"}))
    place = Place(office.scope.org_id)
    assert "ledger.view" in other.rights(who, place, asked="ledger.view")
    before = office.client.calls
    assert "ledger.view" in other.rights(who, place, asked="ledger.view")
    assert office.client.calls == before, "kept"
    assert office.revoke().status_code == 303
    assert "ledger.view" not in other.rights(who, place, asked="ledger.view")
    assert "journal.post" not in other.rights(who, place, asked="journal.post")


def test_it_forgets_in_five_seconds_what_nobody_told_it(office: Office) -> None:
    now = [0.0]
    other = SpiceAuthorizer(office.client, clock=lambda: now[0])
    who = Subject(office.who.id, office.scope.org_id, frozenset({"support"}))
    place = Place(office.scope.org_id)
    other.rights(who, place, asked="ledger.view")
    before = office.client.calls
    now[0] = 4.9
    other.rights(who, place, asked="ledger.view")
    assert office.client.calls == before + 1, "asked again within five seconds"
