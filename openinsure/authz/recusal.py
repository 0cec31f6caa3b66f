"""From which claims a person is recused, as the outbox of their organisation says.

The outbox is the record of recusals: a claim is refused from the moment the row stands, whether
the relationship has reached SpiceDB or not.
"""

from __future__ import annotations

from collections.abc import Sequence

from openinsure.authz.port import Subject, Target
from openinsure.authz.queries import recused_claims
from openinsure.tenancy.scope import NoTenantContext, TenantLeak, active_scope


def recused_among(subject: Subject, claims: Sequence[Target]) -> frozenset[str]:
    """The ids among the claims from which the person is recused. One statement on oi_global.

    Raises NoTenantContext without a scope, TenantLeak for a claim of another organisation.
    """
    scope = active_scope()
    if scope is None:
        raise NoTenantContext("authz_outbox")
    if any(claim.place.org_id != scope.org_id for claim in claims):
        raise TenantLeak("a claim of another organisation than the scope's")
    return recused_claims(scope, subject.user_id, [claim.id for claim in claims])
