"""Notices to insureds as pages tell them: what, on what law, when mailed, when coverage ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openinsure.policies.models import PolicyNotice
from openinsure.policies.noticing import earliest_end
from openinsure.problems import NotFound
from openinsure.tenancy.scope import CANONICAL_UUID, Scope

ROWS_MAX = 100
NOTICES = {
    "cancellation_nonpay": "Notice of cancellation for non-payment",
    "cancellation": "Notice of cancellation",
    "nonrenewal": "Notice of non-renewal",
}


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice. ends: when coverage ends (planned until it is mailed). days: the rule's."""

    id: str
    kind: str
    what: str
    status: str
    method: str
    recipient: str
    ends: date | None
    days: int
    citation: str
    proof_required: bool
    proof: str
    asked_at: datetime
    mailed_at: datetime | None
    cause_id: str

    def lawful_from(self, mailed_on: date) -> date:
        """The day on which coverage would end if it were mailed then."""
        first = earliest_end(mailed_on, self.days)
        return max(self.ends, first) if self.ends else first


def list_notices(scope: Scope, policy_id: str) -> list[NoticeRow]:
    """The newest of one policy. One statement on oi_policies."""
    rows = PolicyNotice.objects.within(scope).filter(policy_id=policy_id)
    return [_row(row) for row in rows.order_by("-created_at", "-id")[:ROWS_MAX]]


def get_notice(scope: Scope, policy_id: str, notice_id: str) -> NoticeRow:
    """One notice of a policy. One statement. Raises NotFound."""
    rows = PolicyNotice.objects.within(scope).filter(policy_id=policy_id)
    found = rows.filter(id=notice_id).first() if CANONICAL_UUID.fullmatch(notice_id) else None
    if found is None:
        raise NotFound("notice")
    return _row(found)


def address_of(scope: Scope, notice_id: str) -> tuple[str, ...]:
    """The lines of its address: contact data, so audit first. One statement."""
    rows = PolicyNotice.objects.within(scope).filter(id=notice_id)
    kept = rows.values_list("address_snapshot", flat=True).first() or {}
    place = " ".join(str(kept.get(key) or "") for key in ("state", "postal_code")).strip()
    city = ", ".join(part for part in (str(kept.get("city") or ""), place) if part)
    lines = (kept.get("address_line1"), kept.get("address_line2"), city)
    return tuple(str(line) for line in lines if line)


def _row(row: Any) -> NoticeRow:
    return NoticeRow(
        id=row.id,
        kind=row.notice_kind,
        what=NOTICES.get(row.notice_kind) or row.notice_kind.replace("_", " ").capitalize(),
        status=row.status,
        method=row.method,
        recipient=row.recipient_name,
        ends=row.effective_date,
        days=row.rule_days,
        citation=row.citation or "",
        proof_required=row.proof_required,
        proof=row.tracking_number or "",
        asked_at=row.created_at,
        mailed_at=row.mailed_at,
        cause_id=row.cause_id or "",
    )
