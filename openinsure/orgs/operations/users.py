"""Changing what people may do: granting and revoking a role, off-boarding. All on oi_global.

Row, outbox and audit row stand in one transaction. Nobody changes what they may do themselves,
and an organisation gives only roles of organisations: the platform's come from the platform.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from openinsure.audit import reasons
from openinsure.audit.grants import Origin
from openinsure.audit.record import AuditEvent, append
from openinsure.authz import changing
from openinsure.authz.asks import RELATIONS
from openinsure.authz.permissions import Role
from openinsure.console.forms import Once
from openinsure.orgs.models import User, UserRole
from openinsure.orgs.relating import role_tuples
from openinsure.problems import BadForm, Conflict, Forbidden, NotFound
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import Scope

DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who does it, from where."""

    user_id: str | None
    role: str
    origin: Origin


def grantable(scope: Scope) -> tuple[str, ...]:
    """The roles that may be given to people of this organisation."""
    wanted = "platform" if scope.org_id == PLATFORM_ORG_ID else "organization"
    return tuple(
        role.value for role in Role if RELATIONS[role][0] == wanted and role is not Role.SYSTEM
    )


def grant_role(
    scope: Scope,
    user_id: str,
    *,
    once: Once,
    role: str,
    expires_at: datetime | None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Give a role until it is revoked or ends. Repeating the form changes nothing.

    Raises BadForm naming the field, Conflict for a role that is held, NotFound, Forbidden.
    """
    _refuse_bad_grant(scope, role, expires_at, reason, now)
    with transaction.atomic(using="oi_global"):
        user = _locked(scope, user_id, actor)
        if user.disabled_at is not None:
            raise Conflict("This person is disabled.", code="user_disabled")
        row = UserRole.objects.within(scope).filter(user_id=user_id, role=role).first()
        if row is not None and row.id == once.id:
            return
        if user.role == role or (row is not None and _is_live(row, now)):
            raise Conflict(f"This person holds {role} already.", code="role_held")
        if row is None:
            row = UserRole(
                org_id=scope.org_id, id=once.id, user_id=user_id, role=role, created_at=now
            )
        row.granted_by_user_id, row.granted_at = actor.user_id, now
        row.expires_at, row.revoked_at, row.updated_at = expires_at, None, now
        row.save()
        changing.grant(scope, list(role_tuples(scope, user_id, role, expires_at, now)), now=now)
        after = {"role": role, "expires_at": expires_at.isoformat() if expires_at else None}
        _audit(scope, "user.role_granted", user_id, actor, now, after=after, reason=reason)


def revoke_role(
    scope: Scope, user_id: str, *, role: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Take an additional role away: the relationship first, then the row. Safe to repeat.

    Raises BadForm, NotFound, Forbidden, and Unavailable while SpiceDB is away.
    """
    reason = reasons.stated(reason)
    with transaction.atomic(using="oi_global"):
        user = _locked(scope, user_id, actor)
        row = UserRole.objects.within(scope).filter(user_id=user_id, role=role).first()
        if row is None:
            raise NotFound("role", role)
        if row.revoked_at is not None:
            return
        if user.role != role:
            changing.revoke(scope, list(role_tuples(scope, user_id, role, None, now)), now=now)
        row.revoked_at = row.updated_at = now
        row.save(update_fields=["revoked_at", "updated_at"])
        _audit(
            scope, "user.role_revoked", user_id, actor, now, before={"role": role}, reason=reason
        )


def offboard(
    scope: Scope, user_id: str, *, reason: str, actor: Actor, now: datetime
) -> tuple[str, ...]:
    """Disable the person and take every role away; the roles that were held. Safe to repeat.

    Raises BadForm, NotFound, Forbidden, and Unavailable while SpiceDB is away.
    """
    reason = reasons.stated(reason)
    with transaction.atomic(using="oi_global"):
        user = _locked(scope, user_id, actor)
        extra = UserRole.objects.within(scope).filter(user_id=user_id, revoked_at=None)
        held = tuple(sorted({user.role, *extra.values_list("role", flat=True)}))
        if user.disabled_at is not None:
            return held
        tuples = [one for role in held for one in role_tuples(scope, user_id, role, None, now)]
        changing.revoke(scope, tuples, now=now)
        extra.update(revoked_at=now, updated_at=now)
        user.status, user.disabled_at = DISABLED, now
        user.disabled_reason, user.updated_at = reason, now
        user.save(update_fields=["status", "disabled_at", "disabled_reason", "updated_at"])
        _audit(
            scope,
            "user.offboarded",
            user_id,
            actor,
            now,
            before={"roles": list(held)},
            after={"roles": [], "relationships_removed": [str(one) for one in tuples]},
            reason=reason,
        )
    return held


def _locked(scope: Scope, user_id: str, actor: Actor) -> User:
    if user_id == actor.user_id:
        raise Forbidden("Nobody changes their own roles. Ask a colleague.", code="own_roles")
    user: User | None = User.objects.within(scope).select_for_update().filter(id=user_id).first()
    if user is None:
        raise NotFound("user", user_id)
    return user


def _is_live(row: UserRole, now: datetime) -> bool:
    return row.revoked_at is None and (row.expires_at is None or row.expires_at > now)


def _refuse_bad_grant(
    scope: Scope, role: str, expires_at: datetime | None, reason: str, now: datetime
) -> None:
    errors = reasons.broken(reason)
    if role not in grantable(scope):
        errors["role"] = f"must be one of {', '.join(grantable(scope))}"
    if expires_at is not None and expires_at <= now:
        errors["expires_on"] = "must be today or later"
    if expires_at is None and role == Role.AUDITOR:
        errors["expires_on"] = "must be given for an auditor"
    if errors:
        raise BadForm(errors)


def _audit(
    scope: Scope,
    action: str,
    user_id: str,
    actor: Actor,
    now: datetime,
    *,
    reason: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    append(
        AuditEvent(
            org_id=scope.org_id,
            action=action,
            actor_user_id=actor.user_id,
            actor_role=actor.role,
            request_id=actor.origin.request_id,
            occurred_at=now,
            entity_keyspace="oi_global",
            entity_table="users",
            entity_id=user_id,
            ip=actor.origin.ip,
            user_agent=actor.origin.user_agent,
            before=before,
            after=after,
            reason=reason,
        )
    )
