"""One thing that was done, and the only way to write it down.

`append` joins the caller's transaction on oi_global when one is open, so that a change and its
row live or die together; otherwise it commits by itself before it returns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openinsure.audit import writing
from openinsure.tenancy.scope import CANONICAL_UUID

ACTION = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
ACTION_LENGTH_MAX = 64  # characters, the column's
REASON_LENGTH_MAX = 255  # characters, the column's

# Rows that belong to no organisation (failed sign-ins, platform work) go into this chain.
PLATFORM_ORG_ID = "0190a000-0000-7000-8000-000000000001"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """What was done, by whom, to what, in whose organisation.

    action: dotted words, `policy.cancelled`; a suffix .intent, .failed or .refused is the result.
    object: the text a person reads ("ACM-2026-000123"); without `entity_id` it is also the key.
    before, after: plain values; personal data is masked on the way into the row.
    """

    org_id: str
    action: str
    actor_user_id: str | None
    actor_role: str
    request_id: str
    occurred_at: datetime
    entity_keyspace: str = ""
    entity_table: str = ""
    entity_id: str = ""
    object: str = ""
    parent_entity_id: str | None = None
    ip: str = ""
    user_agent: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    reason: str = ""
    cross_org: bool = False

    def __post_init__(self) -> None:
        if not CANONICAL_UUID.fullmatch(self.org_id):
            raise ValueError("org_id must be a canonical organisation id")
        if len(self.action) > ACTION_LENGTH_MAX or not ACTION.fullmatch(self.action):
            raise ValueError(
                f"action {self.action!r} must be dotted words of at most 64 characters"
            )
        if self.occurred_at.tzinfo is None:
            raise ValueError("occurred_at must carry a time zone")
        if len(self.reason) > REASON_LENGTH_MAX:
            raise ValueError("reason must be at most 255 characters")


def append(event: AuditEvent) -> str:
    """Write the row at the end of its organisation's chain; the id of the row.

    Raises problems.Unavailable(code="audit_unavailable") when the store does not take it: the
    caller then must not go on.
    """
    return writing.append_row(event)
