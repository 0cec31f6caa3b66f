"""Evidence of a cross-organisation read: who, where, why, until when, and the audit row of it.

A CrossOrgGrant cannot be built without the id of the audit row that recorded it, so holding one
proves that the record was written first. Only `audit.grants` makes them. No HTTP, no table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from openinsure.tenancy.scope import CANONICAL_UUID, GrantScope

# The only roles that may read another organisation (domain.md 1).
CROSS_ORG_ROLES = frozenset({"superadmin", "system", "auditor"})
PLATFORM_ORG_ID = "0190a000-0000-7000-8000-000000000001"

GRANT_LIFE = timedelta(minutes=60)  # absolute; using it does not prolong it
TICKET_LENGTH_MAX = 64  # characters


class NoEvidence(Exception):
    """Somebody tried to build a grant without its audit row or for a role that may not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who crosses: one person in one session. `session_id` is empty for bearer tokens."""

    user_id: str
    role: str
    home_org_id: str
    session_id: str = ""

    @property
    def may_cross(self) -> bool:
        """Whether the role may read other organisations at all."""
        return self.role in CROSS_ORG_ROLES


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossOrgGrant:
    """Permission to read one other organisation until `expires_at`; never to write.

    `audit_row_id` is the id of the chained row `crossorg.enter` (browser) or of the
    audit_access_log row (bearer). Raises NoEvidence when it is not a canonical id.
    """

    id: str
    audit_row_id: str
    visitor: Visitor
    org_id: str
    reason: str
    opened_at: datetime
    expires_at: datetime
    ticket: str = ""
    org_name: str = ""

    def __post_init__(self) -> None:
        if not CANONICAL_UUID.fullmatch(self.audit_row_id):
            raise NoEvidence("a cross-org grant needs the id of its audit row")
        if not self.visitor.may_cross:
            raise NoEvidence(f"the role {self.visitor.role} cannot hold a cross-org grant")
        if self.org_id == self.visitor.home_org_id:
            raise NoEvidence("no grant is needed for the own organisation")
        if not self.opened_at < self.expires_at <= self.opened_at + GRANT_LIFE:
            raise NoEvidence("a cross-org grant lasts at most 60 minutes")

    def live_at(self, moment: datetime) -> bool:
        """Whether the grant still counts at that moment; its last instant is over already."""
        return self.opened_at <= moment < self.expires_at

    def scope(self, request_id: str) -> GrantScope:
        """The read-only scope of this grant for one request."""
        return GrantScope(
            org_id=self.org_id,
            subject=self.visitor.user_id,
            request_id=request_id,
            grant_id=self.id,
            reason=self.reason,
        )
