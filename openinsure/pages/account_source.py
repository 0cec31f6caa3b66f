"""Where accounts learn about changes made outside the console: oi_global, through a port."""

from __future__ import annotations

from django.utils import timezone

from openinsure.accounts.snapshot import Snapshot
from openinsure.orgs import people
from openinsure.tenancy.scope import OrgScope, entered


def read(org_id: str, user_id: str) -> Snapshot | None:
    """The person as oi_global knows them now; None when it has no such user."""
    with entered(OrgScope(org_id=org_id, subject=user_id)) as scope:
        found = people.get_person(scope, user_id, at=timezone.now())
    if found is None:
        return None
    return Snapshot(
        user_id=found.user_id,
        org_id=org_id,
        email=found.email,
        full_name=found.full_name,
        role=found.role,
        status=found.status,
        extra_roles=found.extra_roles,
        org_name=found.org_name,
        org_active=found.org_active,
    )
