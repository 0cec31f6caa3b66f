"""One user of an organisation as sign-in needs them: role, live extra roles, state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from openinsure.orgs.models import Organization, User, UserRole
from openinsure.tenancy.scope import Scope


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A row of users, its live user_roles, and its organisation's name and state."""

    user_id: str
    email: str
    full_name: str
    role: str
    status: str
    extra_roles: frozenset[str]
    org_name: str
    org_active: bool


def get_person(scope: Scope, user_id: str, *, at: datetime) -> PersonRow | None:
    """The user; None when the organisation has no such user. Three statements on oi_global."""
    user = User.objects.within(scope).filter(id=user_id).first()
    if user is None:
        return None
    roles = UserRole.objects.within(scope).filter(user_id=user_id, revoked_at=None)
    live = roles.filter(Q(expires_at=None) | Q(expires_at__gt=at)).values_list("role", flat=True)
    organization = Organization.objects.within(scope).first()
    return PersonRow(
        user_id=user.id,
        email=user.email,
        full_name=user.full_name,
        role=user.role,
        status="disabled" if user.disabled_at else user.status,
        extra_roles=frozenset(live),
        org_name=organization.display_name if organization else "",
        org_active=organization is not None and organization.suspended_at is None,
    )
