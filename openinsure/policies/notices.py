"""Notices to insureds as pages tell them: what, on what law, when mailed, when coverage ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openinsure.policies.models import PolicyNotice
from openinsure.policies.noticing import earliest_end
from openinsure.problems import NotFound
from openinsure.tenancy.scope import CANONICAL_UUID, Scope
from openinsure.tenancy.together import Reading, reading

ROWS_MAX = 100
COLUMNS = (
    "id", "notice_kind", "tracking_number", "citation", "status", "method", "recipient_name",
    "effective_date", "rule_days", "proof_required", "created_at", "mailed_at", "cause_id",
)  # fmt: skip
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


def list_notices(scope: Scope, policy_id: str) -> Reading[NoticeRow]:
    """The newest of one policy. One query of oi_policies."""
    rows = PolicyNotice.objects.within(scope).filter(policy_id=policy_id)
    return reading(rows.order_by("-created_at", "-id").values_list(*COLUMNS)[:ROWS_MAX], _row)


def get_notice(scope: Scope, policy_id: str, notice_id: str) -> NoticeRow:
    """One notice of a policy. One statement. Raises NotFound."""
    rows = PolicyNotice.objects.within(scope).filter(policy_id=policy_id)
    named = rows.filter(id=notice_id) if CANONICAL_UUID.fullmatch(notice_id) else rows.none()
    values = named.values_list(*COLUMNS).first()
    if values is None:
        raise NotFound("notice")
    return _row(*values)


def address_of(scope: Scope, notice_id: str) -> tuple[str, ...]:
    """The lines of its address: contact data, so audit first. One statement."""
    rows = PolicyNotice.objects.within(scope).filter(id=notice_id)
    kept = rows.values_list("address_snapshot", flat=True).first() or {}
    place = " ".join(str(kept.get(key) or "") for key in ("state", "postal_code")).strip()
    city = ", ".join(part for part in (str(kept.get("city") or ""), place) if part)
    lines = (kept.get("address_line1"), kept.get("address_line2"), city)
    return tuple(str(line) for line in lines if line)


def _row(key: str, kind: str, proof: str | None, citation: str | None, *rest: Any) -> NoticeRow:
    status, method, recipient, ends, days, required, asked, mailed, cause = rest
    return NoticeRow(
        id=key,
        kind=kind,
        what=NOTICES.get(kind) or kind.replace("_", " ").capitalize(),
        status=status,
        method=method,
        recipient=recipient,
        ends=ends,
        days=days,
        citation=citation or "",
        proof_required=required,
        proof=proof or "",
        asked_at=asked,
        mailed_at=mailed,
        cause_id=cause or "",
    )
