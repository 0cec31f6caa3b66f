"""The acting person of a command, verified and audited: the Django half of cli.operator."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from openinsure.accounts import bearer, people, sessions
from openinsure.accounts.identity import Identity
from openinsure.audit.grants import Origin
from openinsure.audit.record import AuditEvent, append
from openinsure.authz.port import Place, authorizer
from openinsure.problems import Forbidden


def acting(*, token: str, email: str, permission: str, now: datetime) -> Identity:
    """Who acts. Raises NeedsSignIn, NotFound (no such account), Forbidden."""
    if token:
        origin = Origin(request_id=_request_id(now), user_agent="openinsure")
        who = bearer.believe(token, now=now, origin=origin).identity
    else:
        account = people.account_by_email(email)
        if not sessions.may_sign_in(account):
            raise Forbidden("This account cannot sign in.")
        who = sessions.identity_of(account, via="bearer")
    if permission not in authorizer().rights(who.subject, Place(who.org_id)):
        raise Forbidden(f"This needs the permission {permission}, which {who.role} lacks.")
    return who


def record(who: Identity, action: str, *, now: datetime, after: dict[str, Any], about: str) -> str:
    """The audit row of a command, in the actor's own chain. Raises Unavailable: then stop."""
    return append(
        AuditEvent(
            org_id=who.org_id,
            action=action,
            actor_user_id=who.actor_id,
            actor_role=who.role,
            request_id=_request_id(now),
            occurred_at=now,
            entity_table="database",
            object=about,
            after=after,
        )
    )


def _request_id(now: datetime) -> str:
    return f"cli-{now:%Y%m%dT%H%M%S}"
