"""Who is signed in, as one frozen value. `request.who` holds it or None; nothing else does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from openinsure.authz.permissions import Role
from openinsure.authz.port import Subject

SYSTEM_USER_ID = "service:system"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A verified person, or the machine `service:system`, and how it proved who it is.

    org_id is the own organisation and never changes with ?orgId= or a grant. stepped_up_at is
    when the person last proved it anew (password, exchange, issue of the bearer token), UTC.
    """

    user_id: str
    org_id: str
    role: str
    email: str
    full_name: str
    via: Literal["session", "bearer"]
    session_id: str = ""  # stays while the session key is renewed; a bearer token's jti
    stepped_up_at: datetime | None = None
    extra_roles: frozenset[str] = frozenset()
    org_name: str = ""
    org_active: bool = True

    @property
    def is_service(self) -> bool:
        """True for service:system, which has no account."""
        return self.role == Role.SYSTEM

    @property
    def actor_id(self) -> str | None:
        """The user id for audit rows; None for the machine."""
        return None if self.is_service else self.user_id

    @cached_property
    def roles(self) -> frozenset[str]:
        """users.role and the live user_roles (decision 23)."""
        return self.extra_roles | {self.role}

    @cached_property
    def subject(self) -> Subject:
        """The same person as the authorisation port sees them."""
        return Subject(
            self.user_id, self.org_id, self.roles, self.org_active, service=self.is_service
        )
