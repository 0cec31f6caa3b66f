"""What the relationship outbox of an organisation already says, for the `roles` backend."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from openinsure.authz.models import AuthzOutbox
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading

WITHDRAWN = "delete"


def recused_claims(scope: Scope, user_id: str, claim_ids: Collection[str]) -> frozenset[str]:
    """The claims from which the person is recused: the last `recused` row is no withdrawal.

    One statement on oi_global.
    """
    rows = AuthzOutbox.objects.within(scope).filter(
        resource_type="claim",
        resource_id__in=list(claim_ids),
        relation="recused",
        subject_id=user_id,
    )
    last = dict(rows.order_by("created_at", "id").values_list("resource_id", "operation"))
    return frozenset(claim for claim, operation in last.items() if operation.lower() != WITHDRAWN)


def recused_people(scope: Scope, claim_id: str) -> tuple[str, ...]:
    """The ids of the users who are recused from the claim. One statement on oi_global."""
    rows = AuthzOutbox.objects.within(scope).filter(
        resource_type="claim", resource_id=claim_id, relation="recused"
    )
    last = dict(rows.order_by("created_at", "id").values_list("subject_id", "operation"))
    return tuple(sorted(who for who, operation in last.items() if operation.lower() != WITHDRAWN))


def recusals(scope: Scope, user_id: str) -> tuple[str, ...]:
    """Every claim the person is recused from: what lists leave out. One statement on oi_global."""
    return tuple(list_recusals(scope, user_id))


def list_recusals(scope: Scope, user_id: str) -> Reading[str]:
    """As `recusals`, to be read together with others. One query."""
    rows = AuthzOutbox.objects.within(scope).filter(
        resource_type="claim", relation="recused", subject_id=user_id
    )
    columns = ("created_at", "id", "resource_id", "operation")
    return Reading((rows.values_list(*columns),), _standing)


def _standing(found: Iterable[tuple[Any, ...]]) -> list[str]:
    last = {claim: operation for _, _, claim, operation in sorted(found)}
    return sorted(claim for claim, operation in last.items() if operation.lower() != WITHDRAWN)
