"""Opening, finding and ending cross-organisation grants; each step leaves its audit row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from openinsure.problems import Unavailable
from openinsure.tenancy.grants import CrossOrgGrant, Visitor

Ending = Literal["left", "expired", "replaced", "logout", "disabled", "role_lost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The request behind an audited step."""

    request_id: str
    ip: str = ""
    user_agent: str = ""


def open_grant(
    visitor: Visitor, *, org_id: str, reason: str, ticket: str, at: datetime, origin: Origin
) -> CrossOrgGrant:
    """Write `crossorg.enter` into the organisation's chain, then store the grant.

    Raises BadForm for a bad reason or ticket, Unavailable when the row cannot be written.
    """
    raise Unavailable("The audit log cannot be written.", code="audit_unavailable")


def live_grant(
    visitor: Visitor, *, org_id: str, at: datetime, origin: Origin
) -> CrossOrgGrant | None:
    """The session's grant for that organisation, or None; an over-age one is ended here."""
    raise Unavailable("The audit log cannot be written.", code="audit_unavailable")


def end_grant(grant: CrossOrgGrant, *, how: Ending, at: datetime, origin: Origin) -> None:
    """End one grant now and write its row."""
    raise Unavailable("The audit log cannot be written.", code="audit_unavailable")


def end_grants(
    *,
    user_id: str,
    home_org_id: str,
    how: Ending,
    at: datetime,
    origin: Origin,
    session_id: str | None = None,
) -> int:
    """End all grants of a user (of one session when given): logout, disabling, role loss."""
    raise Unavailable("The audit log cannot be written.", code="audit_unavailable")
