"""Relationships follow the tables: outbox, worker killed anywhere, sweeper, sync, revocation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from openinsure.authz import outbox
from openinsure.authz.client import Client
from openinsure.authz.models import AuthzOutbox
from openinsure.authz.permissions import Role
from openinsure.authz.port import AuthorizationAway, Place, Subject, Target
from openinsure.authz.relationships import Tuple, delete, touch, write
from openinsure.authz.spicedb import SpiceAuthorizer
from openinsure.jobs import relating, relations
from openinsure.keyspaces.ids import new_id
from openinsure.orgs.models import Organization, User, UserRole
from openinsure.orgs.relating import role_tuples
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests.authz.conftest import spice

__all__ = ["spice"]
pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_claims", "oi_billing"])


@pytest.fixture
def org(acme: Scope) -> Iterator[Scope]:
    """An organisation with its row, entered as a job."""
    with entered(SystemScope(acme.org_id, "service:authz")) as scope:
        now = timezone.now()
        Organization.objects.create(
            id=scope.org_id, slug=scope.org_id[-12:], legal_name="Test", display_name="Test",
            organization_type="mga", status="active", default_currency="USD", timezone="UTC",
            tb_ledger_id=int(scope.org_id[-8:], 16) % 2**31, created_at=now, updated_at=now,
        )  # fmt: skip
        yield scope


def user(scope: Scope, role: str, **given: Any) -> str:
    now, key = timezone.now(), new_id()
    values = {
        "auth_user_id": key, "email": f"{key}@people.test", "full_name": role, "role": role,
        "status": "active", "created_at": now, "updated_at": now, **given,
    }  # fmt: skip
    User.objects.create(org_id=scope.org_id, id=key, **values)
    return key


def also(scope: Scope, user_id: str, role: str, days: int | None = None) -> UserRole:
    now = timezone.now()
    ends = now + timedelta(days=days) if days is not None else None
    row: UserRole = UserRole.objects.create(
        org_id=scope.org_id, id=new_id(), user_id=user_id, role=role, granted_at=now,
        expires_at=ends, created_at=now, updated_at=now,
    )  # fmt: skip
    return row


def subject(scope: Scope, user_id: str, *roles: str) -> Subject:
    return Subject(user_id, scope.org_id, frozenset(roles))


def differs(spice: Client, scope: Scope) -> list[str]:
    found = relations.difference(spice, scope, now=timezone.now())
    return [str(one) for one in (*found.missing, *found.surplus)]


def rows(scope: Scope, status: str) -> int:
    return AuthzOutbox.objects.within(scope).filter(status=status).count()


def test_it_makes_spicedb_equal_to_the_tables(spice: Client, org: Scope) -> None:
    finance, twice, gone = user(org, "finance_analyst"), user(org, "support"), user(org, "adjuster")
    also(org, twice, "adjuster", days=3)
    also(org, twice, "org_admin", days=-1)
    User.objects.within(org).filter(id=gone).update(disabled_at=timezone.now())
    user(org, "producer")
    user(org, "superadmin")
    stray = Tuple("organization", org.org_id, "admin", "user", gone)
    write(spice, touch(stray))
    found = relations.sync(spice, org, now=timezone.now())
    assert [str(one) for one in found.surplus] == [str(stray)]
    held = {str(one) for one in found.missing}
    assert f"organization:{org.org_id}#finance@user:{finance}" in held
    assert f"organization:{org.org_id}#adjuster@user:{twice}" in held
    assert not any("superadmin" in one or "#admin" in one for one in held), "no way to the platform"
    assert len(held) == 6
    assert differs(spice, org) == []
    assert relations.sync(spice, org, now=timezone.now()).missing == ()


def test_it_answers_rights_from_what_was_synced(spice: Client, org: Scope) -> None:
    who = user(org, "finance_analyst")
    relations.sync(spice, org, now=timezone.now())
    rights = SpiceAuthorizer(spice).rights(
        subject(org, who), Place(org.org_id), asked="journal.post"
    )
    assert "journal.post" in rights
    assert "policy.bind" not in rights


def test_it_suspends_with_the_organization(spice: Client, org: Scope) -> None:
    who = user(org, "finance_analyst")
    Organization.objects.within(org).update(suspended_at=timezone.now())
    relations.sync(spice, org, now=timezone.now())
    rights = SpiceAuthorizer(spice).rights(subject(org, who), Place(org.org_id), latest=True)
    assert "billing.view" in rights
    assert "journal.post" not in rights


STEPS = ["before sending", "after sending", "after marking"]


@pytest.mark.parametrize("step", STEPS)
def test_it_survives_a_kill_at_each_step(
    step: str, spice: Client, org: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    relations.sync(spice, org, now=timezone.now())
    people = [user(org, "support") for _ in range(3)]
    changes = touch(*(Tuple("organization", org.org_id, "support", "user", p) for p in people))
    outbox.put(org, changes, now=timezone.now())
    assert len(differs(spice, org)) == 3

    class Killed(BaseException):
        """As kill -9: nothing of ours runs after it but the database's own rollback."""

    def dying(client: Client, told: Any, **_: float) -> str:
        if step == "before sending":
            raise Killed
        token = write(client, told)
        if step == "after sending":
            raise Killed
        return token

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "write", dying)
        if step == "after marking":
            relating.deliver(org, spice, now=timezone.now())
        else:
            with pytest.raises(Killed):
                relating.deliver(org, spice, now=timezone.now())
    relating.deliver(org, spice, now=timezone.now())  # the restarted worker
    assert differs(spice, org) == []
    assert rows(org, outbox.DONE) == 3
    assert rows(org, outbox.PENDING) == 0


def test_it_counts_attempts_while_spicedb_is_away(
    spice: Client, org: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox.put(
        org, touch(Tuple("organization", org.org_id, "support", "user", new_id())),
        now=timezone.now(),
    )  # fmt: skip

    def away(*_: object, **__: object) -> str:
        raise AuthorizationAway("UNAVAILABLE")

    monkeypatch.setattr(outbox, "write", away)
    with pytest.raises(AuthorizationAway):
        relating.deliver(org, spice, now=timezone.now())
    row = AuthzOutbox.objects.within(org).get()
    assert (row.status, row.attempts, row.last_error) == ("pending", 1, "UNAVAILABLE")


def test_it_goes_by_the_last_word(spice: Client, org: Scope) -> None:
    who = user(org, "adjuster")
    one = Tuple("organization", org.org_id, "support", "user", who)
    relations.sync(spice, org, now=timezone.now())
    outbox.put(org, touch(one), now=timezone.now() - timedelta(seconds=2))
    outbox.put(org, delete(one), now=timezone.now() - timedelta(seconds=1))
    relating.deliver(org, spice, now=timezone.now())
    assert differs(spice, org) == []


def test_it_settles_what_was_held_too_long(spice: Client, org: Scope) -> None:
    relations.sync(spice, org, now=timezone.now())
    came, never = user(org, "support"), new_id()
    old = timezone.now() - timedelta(minutes=2)
    told = [Tuple("organization", org.org_id, "support", "user", who) for who in (came, never)]
    outbox.put(org, touch(*told), now=old, held=True)
    fresh = Tuple("organization", org.org_id, "support", "user", new_id())
    (kept,) = outbox.put(org, touch(fresh), now=timezone.now(), held=True)
    relating.deliver(org, spice, now=timezone.now())
    assert differs(spice, org) == []
    assert (rows(org, "done"), rows(org, "void"), rows(org, "held")) == (1, 1, 1)
    assert outbox.release(org, [kept], now=timezone.now()) == 1


def test_it_never_grants_after_a_revocation(spice: Client, org: Scope) -> None:
    one = Tuple("organization", org.org_id, "admin", "user", new_id())
    outbox.put(org, touch(one), now=timezone.now())
    assert outbox.supersede(org, [one], now=timezone.now()) == 1
    assert relating.deliver(org, spice, now=timezone.now()) == 0
    relations.sync(spice, org, now=timezone.now())
    assert differs(spice, org) == []


@pytest.mark.parametrize("order", ["recused first", "assigned first"])
def test_it_keeps_a_recused_person_from_the_claim(order: str, spice: Client, org: Scope) -> None:
    who, claim = user(org, "adjuster"), new_id()
    relations.sync(spice, org, now=timezone.now())
    recused = Tuple("claim", claim, "recused", "user", who)
    others = (
        Tuple("claim", claim, "org", "organization", org.org_id),
        Tuple("claim", claim, "assigned", "user", who),
    )
    told = [touch(recused), touch(*others)]
    for changes in told if order == "recused first" else reversed(told):
        outbox.put(org, changes, now=timezone.now())
    adapter, target = SpiceAuthorizer(spice), Target("claim", claim, Place(org.org_id))
    asked = ["claim.view", "claim.edit", "reserve.set"]
    person = subject(org, who, "adjuster")
    assert [adapter.check(person, one, target) for one in asked] == [False] * 3, "not delivered yet"
    relating.deliver(org, spice, now=timezone.now())
    assert [adapter.check(person, one, target) for one in asked] == [False] * 3
    outbox.put(org, delete(recused), now=timezone.now() + timedelta(seconds=1))
    relating.deliver(org, spice, now=timezone.now())
    assert [adapter.check(person, one, target) for one in asked[1:]] == [True, True]


def test_it_lets_only_the_assigned_adjuster_set_a_reserve(spice: Client, org: Scope) -> None:
    assigned, other, admin = (user(org, r) for r in ("adjuster", "adjuster", "org_admin"))
    claim = new_id()
    relations.sync(spice, org, now=timezone.now())
    write(
        spice,
        touch(
            Tuple("claim", claim, "org", "organization", org.org_id),
            Tuple("claim", claim, "assigned", "user", assigned),
        ),
    )
    target = Target("claim", claim, Place(org.org_id))
    adapter: Callable[[str], bool] = lambda who: SpiceAuthorizer(spice).check(  # noqa: E731
        subject(org, who), "reserve.set", target
    )
    assert [adapter(who) for who in (assigned, other, admin)] == [True, False, False]


def test_it_gives_an_auditor_an_end(spice: Client, org: Scope) -> None:
    now = timezone.now()
    ends = partial(role_tuples, org, new_id(), Role.AUDITOR, None, now)
    assert list(ends()) == [], "a platform role outside the platform counts for nothing"
