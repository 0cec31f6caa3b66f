"""Notices of cancellation for non-payment: asked for when due, withdrawn when paid, followed up.

The paper is mailed by a person, who records it (pages.policy_notices); nothing ends before that.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from openinsure.billing.operations import dunning
from openinsure.jobs import to_mail
from openinsure.orgs.notice_rules import NONPAY, NoticeRule, NoticeRules, notice_rules
from openinsure.policies.models import Policy, PolicyNotice
from openinsure.policies.noticing import Asked
from openinsure.policies.operations import notice_rows
from openinsure.tenancy.scope import Scope

RULED_BY = ("state", "line_of_business", "effective_date")


def rule_of(rules: NoticeRules, policy: Any, day: date) -> NoticeRule:
    """What the law asks before a policy may be cancelled for non-payment."""
    return rules.of(
        "cancellation", state=policy.state, line=policy.line_of_business, reason=NONPAY,
        age_days=(day - policy.effective_date).days,
    )  # fmt: skip


def follow_up(
    scope: Scope, day: date, *, kept_out: Collection[str], now: datetime
) -> dict[str, int]:
    """Ask for the notices that are due, withdraw those paid for; figures by what was done."""
    flows = [row for row in dunning.waiting_for_notice(scope) if row.policy_id not in kept_out]
    figures = {
        "notices_mailed": _learn_of_mailings(scope, flows, now),
        "notices_withdrawn": notice_rows.withdraw_pointless(
            scope, notice_rows.NONPAY, [row.id for row in flows], now=now
        ),
        "notices_asked": _ask(scope, flows, day, now),
    }
    to_mail.tell_operators(scope, notice_rows.NONPAY, now=now)
    return figures


def _ask(scope: Scope, flows: list[Any], day: date, now: datetime) -> int:
    rows = Policy.objects.within(scope).filter(
        id__in={row.policy_id for row in flows}, status="active"
    )
    policies = {row.id: row for row in rows}
    held = dunning.holds_by_account(scope, {row.billing_account_id for row in flows}, day)
    rules, asked = notice_rules(day), 0
    for flow in flows:
        policy = policies.get(flow.policy_id)
        frozen = held.get(flow.billing_account_id, frozenset()) & dunning.FREEZES
        if policy is None or frozen or flow.cancel_effective_date is None:
            continue
        rule = rule_of(rules, policy, day)
        asked += notice_rows.ask_for_notice(
            scope, policy, notice_rows.NONPAY, cause_id=flow.id,
            effective=flow.cancel_effective_date, now=now,
            asked=Asked(rule.id, rule.days, rule.citation, rule.proof_required),
        )  # fmt: skip
    return asked


def _learn_of_mailings(scope: Scope, flows: list[Any], now: datetime) -> int:
    """A mailing whose timeline was not moved: the web process died between the two."""
    rows = PolicyNotice.objects.within(scope).filter(
        notice_kind=notice_rows.NONPAY, status=notice_rows.MAILED,
        cause_id__in=[row.id for row in flows],
    )  # fmt: skip
    return sum(
        dunning.note_mailed(
            scope, row.cause_id, mailed_on=row.mailed_at.date(), effective=row.effective_date,
            now=now,
        )
        for row in rows
    )  # fmt: skip
