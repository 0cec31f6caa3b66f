"""Relationships in the long run: comparing while they change, bad lines, old outbox rows."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from openinsure.authz import outbox
from openinsure.authz.client import Client
from openinsure.authz.models import AuthzOutbox
from openinsure.authz.port import AuthorizationAway, Place
from openinsure.authz.relationships import Tuple, delete, touch, write
from openinsure.authz.spicedb import SpiceAuthorizer
from openinsure.jobs import relating, relations
from openinsure.keyspaces.ids import new_id
from openinsure.orgs.models import Organization, User, UserRole
from openinsure.tenancy.scope import Scope
from tests.authz.conftest import spice
from tests.jobs.test_relationships import also, differs, org, subject, user

__all__ = ["org", "spice"]
pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_claims", "oi_billing"])


def test_it_does_not_bring_back_what_was_revoked_meanwhile(
    spice: Client, org: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = user(org, "support")
    sent = write

    def revoked_just_before(client: Client, wanted: Any, **given: float) -> str:
        monkeypatch.setattr(relations.relationships, "write", sent)
        User.objects.within(org).filter(id=who).update(disabled_at=timezone.now())
        return sent(client, wanted, **given)

    monkeypatch.setattr(relations.relationships, "write", revoked_just_before)
    relations.sync(spice, org, now=timezone.now())
    assert differs(spice, org) == []
    rights = SpiceAuthorizer(spice).rights(
        subject(org, who, "support"), Place(org.org_id), latest=True
    )
    assert rights == frozenset()


def test_it_reads_the_objects_of_all_organizations_once(
    spice: Client, org: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    user(org, "support")
    claim = new_id()
    write(spice, touch(Tuple("claim", claim, "org", "organization", org.org_id)))
    kinds: list[str] = []
    read = relations.relationships.read
    monkeypatch.setattr(
        relations.relationships, "read", lambda c, *k: kinds.append(k[0]) or read(c, *k)
    )
    monkeypatch.setattr(relating, "organizations", lambda _: iter([org, org]))
    found = relating.compare_all(spice, relations.difference, now=timezone.now())
    assert [str(one) for one in found[org.org_id].surplus] == [
        f"claim:{claim}#org@organization:{org.org_id}"
    ]
    assert sorted(kinds) == ["claim", "disbursement", *["organization"] * 2, "settlement"]


def test_it_keeps_recusals_and_lets_the_rest_go_after_a_month(spice: Client, org: Scope) -> None:
    claim, who = new_id(), new_id()
    told = [Tuple("claim", claim, name, "user", who) for name in ("assigned", "recused")]
    old = timezone.now() - timedelta(days=40)
    outbox.put(org, touch(*told), now=old)
    relating.deliver(org, spice, now=old)
    outbox.put(org, touch(told[0]), now=old)  # still waits
    fresh = Tuple("claim", claim, "assigned", "user", new_id())
    outbox.put(org, touch(fresh), now=timezone.now())
    assert outbox.purge(org, now=timezone.now()) == 1
    left = AuthzOutbox.objects.within(org).order_by("created_at", "id")
    assert [(row.relation, row.status) for row in left] == [
        ("recused", "done"), ("assigned", "pending"), ("assigned", "pending"),
    ]  # fmt: skip


def test_it_ends_equal_after_many_changes_over_a_bad_line(
    spice: Client, org: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(7)
    people = [user(org, "support") for _ in range(20)]
    relations.sync(spice, org, now=timezone.now())
    sent = write

    def lossy(client: Client, wanted: Any, **given: float) -> str:
        if chance.random() < 0.05:
            raise AuthorizationAway("UNAVAILABLE")
        token = sent(client, wanted, **given)
        if chance.random() < 0.05:
            raise AuthorizationAway("DEADLINE_EXCEEDED")  # it was written, the answer was lost
        return token

    monkeypatch.setattr(outbox, "write", lossy)
    failed = 0
    for turn in range(400):
        who, now = chance.choice(people), timezone.now() + timedelta(milliseconds=turn)
        rows = UserRole.objects.within(org).filter(user_id=who, role="adjuster")
        one = Tuple("organization", org.org_id, "adjuster", "user", who)
        if rows.exists():
            rows.delete()
            outbox.put(org, delete(one), now=now)
        else:
            also(org, who, "adjuster")
            outbox.put(org, touch(one), now=now)
        if turn % 3 == 0:
            try:
                relating.deliver(org, spice, now=now)
            except AuthorizationAway:
                failed += 1
    assert failed > 5, "the line was bad"
    monkeypatch.setattr(outbox, "write", sent)
    relating.deliver(org, spice, now=timezone.now())
    assert differs(spice, org) == []


def rights(spice: Client, scope: Scope, who: str, *roles: str) -> frozenset[str]:
    """As the next page would ask."""
    return SpiceAuthorizer(spice).rights(
        subject(scope, who, *roles), Place(scope.org_id), asked="policy.bind"
    )


def test_it_ends_a_role_on_its_day_and_says_so_once(spice: Client, org: Scope) -> None:
    who = user(org, "support")
    row = also(org, who, "underwriter", days=1)
    relations.sync(spice, org, now=timezone.now())
    assert "policy.bind" in rights(spice, org, who, "support")
    later = row.expires_at + timedelta(seconds=1)
    assert relating.deliver(org, spice, now=later) == 1
    assert "policy.bind" not in rights(spice, org, who, "support")
    assert relating.deliver(org, spice, now=later + timedelta(seconds=10)) == 0
    also_by_main_role = user(org, "underwriter")
    also(org, also_by_main_role, "underwriter", days=-1)
    relations.sync(spice, org, now=timezone.now())
    assert relations.put_expired(org, now=timezone.now()) == 0, "the main role stays"


def test_it_ends_it_again_when_it_was_given_again(spice: Client, org: Scope) -> None:
    who = user(org, "support")
    row = also(org, who, "underwriter", days=1)
    first, again = row.expires_at, row.expires_at + timedelta(hours=5)
    assert relations.put_expired(org, now=first) == 1
    UserRole.objects.within(org).filter(id=row.id).update(expires_at=again)
    assert relations.put_expired(org, now=first) == 0
    assert relations.put_expired(org, now=again) == 1


def test_it_follows_what_other_programs_write_within_a_minute(
    spice: Client, org: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relating, "organizations", lambda _: iter([org]))
    gone, changed = user(org, "underwriter"), user(org, "support")
    relations.sync(spice, org, now=timezone.now())
    User.objects.within(org).filter(id=gone).update(disabled_at=timezone.now())
    User.objects.within(org).filter(id=changed).update(role="underwriter")
    relating.watch(spice, now=timezone.now())
    assert rights(spice, org, gone, "underwriter") == frozenset()
    assert "policy.bind" in rights(spice, org, changed, "underwriter")
    Organization.objects.within(org).update(suspended_at=timezone.now())
    relating.watch(spice, now=timezone.now())
    assert "policy.bind" not in rights(spice, org, changed, "underwriter"), "read only now"
    assert differs(spice, org) == []
