"""Which relationship a role of an organisation's user is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from openinsure.authz.asks import EXPIRING, PLATFORM_OBJECT, RELATIONS
from openinsure.authz.permissions import ROLES, Role
from openinsure.authz.relationships import Tuple
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import Scope

STANDING_LIFE = timedelta(days=90)  # of an auditor's standing role; renewed nightly


def role_tuples(
    scope: Scope, user_id: str, role: str, until: datetime | None, now: datetime
) -> Iterator[Tuple]:
    """The relationship of a role; none for other portals' roles and misplaced platform roles."""
    if role not in ROLES or role == Role.SYSTEM:
        return
    kind, relation = RELATIONS[Role(role)]
    if kind == PLATFORM_OBJECT[0] and scope.org_id != PLATFORM_ORG_ID:
        return
    key = PLATFORM_OBJECT[1] if kind == PLATFORM_OBJECT[0] else scope.org_id
    ends = (until or now + STANDING_LIFE) if (kind, relation) in EXPIRING else None
    yield Tuple(kind, key, relation, "user", user_id, ends)
