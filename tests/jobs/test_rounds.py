"""Rounds over all organisations: one that cannot be told stops its own part only."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from openinsure.authz.port import AuthorizationAway
from openinsure.jobs import binding, claim_money, policy_money, relating, tasks
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests.audit import visitors

NOBODY: Any = None  # no client is asked
pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])


@pytest.mark.parametrize(
    ("task", "module"),
    [(tasks.book_policy_events, policy_money), (tasks.book_claim_events, claim_money)],
)
def test_it_goes_on_after_an_organization_that_fails(
    task: Any, module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [visitors.make_org(), visitors.make_org()]
    told: set[str] = set()

    def deliver(scope: Scope, **kwargs: Any) -> int:
        told.add(scope.org_id)
        if scope.org_id == min(both):
            raise ValueError("a figure that is no date")
        return 1

    monkeypatch.setattr(module, "deliver", deliver)
    monkeypatch.setattr(binding, "deliver", lambda scope, **kwargs: 0)
    with entered(SystemScope(PLATFORM_ORG_ID, "service:test")) as scope:
        done = task.run(scope)
    assert set(both) <= told
    assert done == len(told) - 1


def test_it_sends_the_relations_of_the_others_when_one_organization_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = [visitors.make_org(), visitors.make_org()]

    def deliver(scope: Scope, client: Any, **kwargs: Any) -> int:
        if scope.org_id == min(both):
            raise ValueError("a relation that cannot be read")
        return 1 if scope.org_id in both else 0

    monkeypatch.setattr(relating, "deliver", deliver)
    with entered(SystemScope(PLATFORM_ORG_ID, "service:test")):
        assert relating.deliver_all(NOBODY, now=timezone.now()) == 1


def test_it_ends_the_round_when_spicedb_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    visitors.make_org()

    def deliver(scope: Scope, client: Any, **kwargs: Any) -> int:
        raise AuthorizationAway

    monkeypatch.setattr(relating, "deliver", deliver)
    with (
        entered(SystemScope(PLATFORM_ORG_ID, "service:test")),
        pytest.raises(AuthorizationAway),
    ):
        relating.deliver_all(NOBODY, now=timezone.now())
