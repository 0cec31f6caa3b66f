"""Notices of non-renewal: asked for when decided, withdrawn when pointless, followed up.

As with those of cancellation a person mails the paper and records the proof of mailing
(pages.policy_notices); coverage ends by no other way.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from openinsure.jobs import to_mail
from openinsure.jobs.recipients import tell
from openinsure.orgs.notice_rules import NoticeRule, NoticeRules
from openinsure.orgs.operations.notices import Notice
from openinsure.policies.models import Policy
from openinsure.policies.noticing import Asked
from openinsure.policies.operations import notice_rows, notices
from openinsure.tenancy.scope import Scope

REFUSABLE = ("active", "nonrenewal_pending")
TOLD_ROLES = ("compliance_officer", "org_admin")


def rule_of(rules: NoticeRules, policy: Any, day: date) -> NoticeRule:
    """What the law asks before a policy may end without renewal."""
    return rules.of(
        "nonrenewal", state=policy.state, line=policy.line_of_business,
        age_days=(day - policy.effective_date).days,
    )  # fmt: skip


def follow_up(
    scope: Scope, rules: NoticeRules, day: date, *, today: date, kept_out: Collection[str],
    now: datetime,
) -> dict[str, int]:  # fmt: skip
    """Ask for the notices of all decisions, withdraw the others; figures by what was done.

    day: the scheduled one; today: the later of it and the calendar's, which decides what is late.
    """
    rows = notices.undelivered_nonrenewals(scope, kept_out)
    found = Policy.objects.within(scope).filter(
        id__in=[row.policy_id for row in rows], status__in=REFUSABLE
    )
    policies = {policy.id: policy for policy in found}
    standing = [row for row in rows if row.policy_id in policies]
    asked = late = 0
    for row in standing:
        policy = policies[row.policy_id]
        rule = rule_of(rules, policy, day)
        if today > row.notice_due_date:
            _alarm(scope, policy, row, rule.citation, now)
            late += 1
        asked += notice_rows.ask_for_notice(
            scope, policy, notice_rows.NONRENEWAL, cause_id=row.id, effective=row.effective_date,
            asked=Asked(rule.id, max(row.notice_days, rule.days), rule.citation,
                        rule.proof_required),
            now=now,
        )  # fmt: skip
    over = notice_rows.withdraw_pointless(
        scope, notice_rows.NONRENEWAL, [row.id for row in standing], now=now
    )
    to_mail.tell_operators(scope, notice_rows.NONRENEWAL, now=now)
    return {"notices_asked": asked, "notices_withdrawn": over, "late": late}


def _alarm(scope: Scope, policy: Any, row: Any, citation: str, now: datetime) -> None:
    """Tell compliance of a legal date that went by without a mailing, once a decision."""
    number = policy.policy_number
    tell(scope, TOLD_ROLES, lambda user_id: Notice(
        user_id=user_id, kind="notices.late", severity="critical",
        title=f"Notice of non-renewal of {number} was not mailed by {row.notice_due_date}",
        body=f"Rule: {citation or 'no citation'}. Mailed later, it ends coverage later.",
        link="/compliance/filings?view=notices",
    ), now=now, about=row.id, once=True)  # fmt: skip
