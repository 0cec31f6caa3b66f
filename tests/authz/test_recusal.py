"""A person recused from a claim is refused it, whatever the role says, until it is withdrawn."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from openinsure.authz.models import AuthzOutbox
from openinsure.authz.port import Place, Subject, Target
from openinsure.authz.roles import RolesAuthorizer
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import NoTenantContext, Scope, TenantLeak, entered

pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])


def adjuster(scope: Scope) -> Subject:
    return Subject(scope.subject, scope.org_id, frozenset({"adjuster"}))


def claim(scope: Scope, claim_id: str) -> Target:
    return Target("claim", claim_id, Place(scope.org_id))


def outbox(scope: Scope, claim_id: str, operation: str, age_s: int, user_id: str = "") -> None:
    at = timezone.now() - timedelta(seconds=age_s)
    AuthzOutbox.objects.create(
        org_id=scope.org_id, id=new_id(), resource_type="claim", resource_id=claim_id,
        relation="recused", subject_type="user", subject_id=user_id or scope.subject,
        operation=operation, status="pending", created_at=at, updated_at=at,
    )  # fmt: skip


def test_it_refuses_only_the_recused_claim_and_person(acme: Scope) -> None:
    recused, other = new_id(), new_id()
    with entered(acme):
        outbox(acme, recused, "touch", 10)
        outbox(acme, other, "touch", 10, user_id=new_id())
        answers = RolesAuthorizer().check_many(
            adjuster(acme), "claim.edit", [claim(acme, recused), claim(acme, other)]
        )
    assert answers == (False, True)


def test_it_goes_by_the_last_word(acme: Scope) -> None:
    back, again = new_id(), new_id()
    with entered(acme):
        outbox(acme, back, "touch", 20)
        outbox(acme, back, "DELETE", 10)
        outbox(acme, again, "delete", 20)
        outbox(acme, again, "touch", 10)
        answers = RolesAuthorizer().check_many(
            adjuster(acme), "claim.view", [claim(acme, back), claim(acme, again)]
        )
    assert answers == (True, False)


def test_it_asks_only_in_the_scope_of_the_claim(acme: Scope, borealis: Scope) -> None:
    with pytest.raises(NoTenantContext):
        RolesAuthorizer().check(adjuster(acme), "claim.view", claim(acme, new_id()))
    with entered(borealis), pytest.raises(TenantLeak):
        RolesAuthorizer().check(adjuster(acme), "claim.view", claim(acme, new_id()))


def test_it_needs_no_statement_for_who_may_not_anyway(acme: Scope) -> None:
    underwriter = Subject(acme.subject, acme.org_id, frozenset({"underwriter"}))
    assert not RolesAuthorizer().check(underwriter, "claim.edit", claim(acme, new_id()))
