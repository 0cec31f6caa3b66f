"""How many days of notice the law asks before coverage ends, and where it says so.

Only sourced rules are stored; where none is, the answer is NO_RULE and says no citation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from openinsure.orgs.models import RefNoticeRule

Kind = Literal["cancellation", "nonrenewal"]
NONPAY, OTHER = "NONPAY", "OTHER"
# A non-renewal goes by its own rule, without one by the general rule of cancellations.
NONRENEWAL = (("nonrenewal", "NONRENEWAL"), ("nonrenewal", OTHER), ("cancellation", OTHER))


@dataclass(frozen=True, slots=True)
class NoticeRule:
    """days: from mailing to the end of coverage, days in the mail included."""

    id: str | None
    days: int
    citation: str
    proof_required: bool


NO_RULE = NoticeRule(None, 0, "", False)


class NoticeRules:
    """The rules in force on a day."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self._rows = list(rows)  # the newest first, of one day the one for older policies first

    def of(
        self, kind: Kind, *, state: str, line: str, reason: str = OTHER, age_days: int = 0
    ) -> NoticeRule:
        """The rule for a policy in force for age_days; NO_RULE where none is sourced."""
        for wanted in _read_as(kind, reason):
            for row in self._rows:
                at = (row.notice_kind, row.reason_code, row.state, row.line_of_business.lower())
                if at == (*wanted, state, line.lower()) and row.min_policy_age_days <= age_days:
                    days = row.notice_days + row.mailing_days
                    return NoticeRule(row.id, days, row.citation or "", row.proof_required)
        return NO_RULE


def _read_as(kind: Kind, reason: str) -> tuple[tuple[str, str], ...]:
    """Stored kinds and reasons to look for, the best fit first."""
    if kind == "nonrenewal":
        return NONRENEWAL
    return ((kind, NONPAY),) if reason == NONPAY else ((kind, reason), (kind, OTHER))


def notice_rules(day: date) -> NoticeRules:
    """Rules in force on a day. One statement on oi_global."""
    rows = RefNoticeRule.objects.filter(effective_date__lte=day)
    return NoticeRules(rows.order_by("-effective_date", "-min_policy_age_days", "-id"))
