"""Relationships of rows in other keyspaces: held with the change, sent after it, never without."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import Error as DatabaseError
from django.utils import timezone

from openinsure.authz import changing, outbox
from openinsure.authz.client import Client
from openinsure.authz.duties import changes, settlement_tuples
from openinsure.authz.models import AuthzOutbox
from openinsure.authz.permissions import Role
from openinsure.authz.port import AuthorizationAway, Place, Subject, Target
from openinsure.authz.relationships import Change, Tuple, touch, write
from openinsure.authz.spicedb import SpiceAuthorizer
from openinsure.keyspaces.ids import new_id
from openinsure.problems import Conflict
from openinsure.tenancy.scope import Scope, entered
from tests.authz.conftest import enrol, organization

pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])
AUTHOR, APPROVER, THIRD = range(3)


def statuses(scope: Scope) -> list[str]:
    rows = AuthzOutbox.objects.within(scope).order_by("id")
    return list(rows.values_list("status", flat=True))


def told(scope: Scope, written: list[Change]) -> None:
    """As an operation of another keyspace does."""
    with changing.alongside(scope) as relate:
        relate(written)


def some_settlement(scope: Scope) -> list[Change]:
    return changes((), settlement_tuples(scope, new_id(), author=new_id()))


@pytest.mark.parametrize("role", [Role.FINANCE, Role.ORG_ADMIN])
def test_it_takes_three_people_to_pay_a_settlement(
    role: Role, acme: Scope, on_spicedb: Client
) -> None:
    write(on_spicedb, touch(*organization(acme.org_id)))
    people = [enrol(on_spicedb, role, new_id(), acme.org_id) for _ in range(3)]
    key, author, approver = new_id(), people[AUTHOR].user_id, people[APPROVER].user_id
    target, adapter = Target("settlement", key, Place(acme.org_id)), SpiceAuthorizer(on_spicedb)

    def may(permission: str) -> list[bool]:
        return [adapter.check(who, permission, target) for who in people]

    waiting = list(settlement_tuples(acme, key, author=author))
    approved = list(settlement_tuples(acme, key, author=author, approver=approver))
    with entered(acme):
        told(acme, changes((), waiting))
        assert may("settlement.approve") == may("bordereau.approve") == [False, True, True]
        assert may("settlement.release") == [False, False, False]
        told(acme, changes(waiting, approved))
        assert may("settlement.approve") == [False, False, False]
        assert may("settlement.release") == [False, False, True]
        told(acme, changes(approved, waiting))  # edited: the approval is gone
        assert may("settlement.release") == [False, False, False]
        told(acme, changes(waiting, ()))
        assert may("settlement.approve") == [False, False, False]
        assert set(statuses(acme)) == {"done"}


def test_it_is_not_ready_without_an_author(acme: Scope) -> None:
    relations = [one.relation for one in settlement_tuples(acme, new_id(), author=None)]
    assert relations == ["org"]


def refused(scope: Scope) -> None:
    """A change whose row says no after all."""
    with changing.alongside(scope) as relate:
        relate(some_settlement(scope))
        assert set(statuses(scope)) == {"held"}
        raise Conflict("It changed meanwhile.")


def test_it_voids_what_a_failed_change_meant(acme: Scope) -> None:
    with entered(acme):
        with pytest.raises(Conflict):
            refused(acme)
        assert set(statuses(acme)) == {"void"}


def test_it_leaves_it_to_the_worker_while_spicedb_is_away(
    acme: Scope, on_spicedb: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> str:
        raise AuthorizationAway("UNAVAILABLE")

    monkeypatch.setattr(outbox, "write", away)
    with entered(acme):
        told(acme, some_settlement(acme))
        assert set(statuses(acme)) == {"pending"}


def test_it_leaves_it_to_the_sweeper_when_the_release_fails(
    acme: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> int:
        raise DatabaseError

    monkeypatch.setattr(outbox, "release", broken)
    with entered(acme):
        told(acme, some_settlement(acme))
        assert set(statuses(acme)) == {"held"}


def test_it_never_cuts_an_object_in_two(
    acme: Scope, on_spicedb: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []

    def listening(client: Client, wanted: list[Change], **given: Any) -> str:
        calls.append([change.tuple.relation for change in wanted])
        return write(client, wanted, **given)

    monkeypatch.setattr(outbox, "write", listening)
    monkeypatch.setattr(outbox, "AT_ONCE", 4)
    with entered(acme):
        for _ in range(3):
            outbox.put(acme, some_settlement(acme), now=timezone.now())
        while outbox.deliver(acme, on_spicedb, ends=lambda *_: None, now=timezone.now()):
            pass
    assert calls == [["org", "author", "ready"]] * 3


def test_it_sends_older_rows_of_the_object_first(acme: Scope, on_spicedb: Client) -> None:
    write(on_spicedb, touch(*organization(acme.org_id)))
    first, second = (enrol(on_spicedb, Role.ADJUSTER, new_id(), acme.org_id) for _ in range(2))
    key = new_id()

    def given(who: Subject) -> Tuple:
        return Tuple("claim", key, "assigned", "user", who.user_id)

    with entered(acme):
        outbox.put(acme, touch(given(first)), now=timezone.now())  # the worker has not come yet
        told(acme, changes([given(first)], [given(second)]))
        write(on_spicedb, touch(Tuple("claim", key, "org", "organization", acme.org_id)))
        target = Target("claim", key, Place(acme.org_id))
        adapter = SpiceAuthorizer(on_spicedb)
        assert [adapter.check(w, "reserve.set", target) for w in (first, second)] == [False, True]
        assert set(statuses(acme)) == {"done"}
