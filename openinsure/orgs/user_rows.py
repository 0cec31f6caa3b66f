"""Users of an organisation as frozen rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class UserRow:
    """One user of the list."""

    id: str
    name: str
    email: str
    role: str
    status: str
    last_sign_in: datetime | None
    second_factor: bool
    disabled_at: datetime | None
    disabled_reason: str | None
    updated: datetime


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role beside users.role. expires_at None: until revoked."""

    id: str
    user_id: str
    role: str
    granted_by: str | None
    granted_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def live(self, at: datetime) -> bool:
        """Whether it counts."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > at)
