"""Reads of users and their roles, for people who manage them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from openinsure.orgs.models import User, UserRole
from openinsure.orgs.user_rows import RoleRow, UserRow
from openinsure.problems import NotFound
from openinsure.tenancy.listing import (
    Condition,
    ListSpec,
    Page,
    Position,
    Sort,
    list_page,
    rows_by_key,
)
from openinsure.tenancy.scope import Scope

USERS = ListSpec(
    model=User,
    row=UserRow,
    columns={
        "name": "full_name",
        "last_sign_in": "last_login_at",
        "second_factor": "mfa_enrolled",
        "updated": "updated_at",
    },
    sorts={
        "name": Sort("full_name", "users_org_full_name_id"),
        "email": Sort("email", "users_org_email_id"),
        "updated": Sort(
            "updated_at",
            "users_org_updated_id",
            within={
                "role": "users_org_role_updated_id",
                "status": "users_org_status_updated_id",
            },
        ),
    },
)
ROLES_MAX = 20  # of one person


def list_users(
    scope: Scope,
    where: Mapping[str, Condition],
    *,
    sort: str,
    descending: bool,
    at: Position | None,
    size: int,
) -> Page[UserRow]:
    """One page of the organisation's users. One statement on oi_global."""
    return list_page(
        scope, USERS, where=dict(where), sort=sort, descending=descending, at=at, size=size
    )


def get_user(scope: Scope, user_id: str) -> UserRow:
    """One user. Raises NotFound, also for another organisation's."""
    found = rows_by_key(scope, USERS, [user_id])
    if not found:
        raise NotFound("user", user_id)
    return found[user_id]


def roles_of(scope: Scope, user_ids: Collection[str]) -> dict[str, tuple[RoleRow, ...]]:
    """Additional roles by user, ended ones too, newest first. One statement on oi_global."""
    rows = UserRole.objects.within(scope).filter(user_id__in=sorted(set(user_ids)))
    columns = (
        "id", "user_id", "role", "granted_by_user_id", "granted_at", "expires_at", "revoked_at",
    )  # fmt: skip
    found: dict[str, list[RoleRow]] = {}
    for values in rows.order_by("-granted_at", "-id").values_list(*columns):
        found.setdefault(values[1], []).append(RoleRow(*values))
    return {user_id: tuple(own[:ROLES_MAX]) for user_id, own in found.items()}
