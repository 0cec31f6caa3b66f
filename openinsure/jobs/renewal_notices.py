"""09:00: renewal work items, renewal offers and notices of non-renewal, all that is due at once.

The legal date comes from ref_notice_rules (only sourced rules are there); an offer goes sixty
days before the end where no rule asks for more. A notice that goes after its legal date is sent
at once, never backdated, and raises an alarm with the citation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone

from openinsure.billing.operations.earning import golden
from openinsure.console.mail import Letter, Mailer, mailer
from openinsure.jobs import letters
from openinsure.jobs.recipients import tell
from openinsure.jobs.runs import Outcome
from openinsure.orgs.notice_rules import NoticeRule, NoticeRules, notice_rules
from openinsure.orgs.operations.notices import Notice
from openinsure.policies.models import Insured, Policy
from openinsure.policies.operations import notices
from openinsure.tenancy.scope import Scope

HORIZON_DAYS, OFFER_DAYS = 120, 60
TOLD_ROLES = ("compliance_officer", "org_admin")


@dataclass(frozen=True, slots=True)
class Due:
    """One notice that is due. legal: the last lawful day, None where no rule says one.

    days: of notice before coverage may end; 0 for an offer, which ends nothing.
    """

    policy: Any
    owner: Any
    kind: str
    legal: date | None
    citation: str
    days: int = 0


def run_org(
    scope: Scope, scheduled_for: datetime, *, clock: Callable[[], datetime] = timezone.now
) -> Outcome:
    """Open work items, send what is due; figures: due, sent, late and what did not go."""
    day = scheduled_for.astimezone(UTC).date()
    post, rules, kept_out = mailer(), notice_rules(day), golden(scope)
    figures: Counter[str] = Counter(unknown=notices.give_up_queued(scope, now=scheduled_for))
    all_due = [*_offers(scope, rules, day, kept_out, scheduled_for),
               *_refusals(scope, rules, day, kept_out)]  # fmt: skip
    late = _late(scope, all_due, max(clock().date(), day))
    if late:  # before the first goes: a run killed later still has told
        _alarm(scope, late, now=scheduled_for)
    for due in all_due:
        figures[_send(scope, post, due, max(clock(), scheduled_for))] += 1
    told = {key: count for key, count in figures.items() if key and count}
    failed = figures["bounced"] + figures["not_sent"] + figures["no_address"]
    return Outcome(
        done=figures["sent"], failed=failed, figures=told | ({"late": len(late)} if late else {})
    )


def _rule(rules: NoticeRules, policy: Any, day: date) -> NoticeRule:
    return rules.of(
        "nonrenewal", state=policy.state, line=policy.line_of_business,
        age_days=(day - policy.effective_date).days,
    )  # fmt: skip


def _offers(
    scope: Scope, rules: NoticeRules, day: date, kept_out: Collection[str], now: datetime
) -> list[Due]:  # fmt: skip
    """A work item for each term that ends within the horizon; those whose offer is due."""
    found = []
    until = day + timedelta(days=HORIZON_DAYS)
    for policy in notices.expiring(scope, after=day, until=until, kept_out=kept_out):
        rule = _rule(rules, policy, day)
        legal = policy.expiration_date - timedelta(days=rule.days) if rule.days else None
        planned = policy.expiration_date - timedelta(days=OFFER_DAYS)
        due = min(planned, legal) if legal else planned
        item = notices.open_renewal(scope, policy, due=due, now=now)
        if item.status in notices.WAITING and item.notice_due_date <= day:
            found.append(Due(policy, item, notices.RENEWAL, legal, rule.citation))
    return found


def _refusals(scope: Scope, rules: NoticeRules, day: date, kept_out: Collection[str]) -> list[Due]:
    rows = notices.undelivered_nonrenewals(scope, kept_out)
    policies = {
        row.id: row
        for row in Policy.objects.within(scope).filter(id__in=[one.policy_id for one in rows])
    }
    found = []
    for row in rows:
        policy = policies[row.policy_id]
        rule = _rule(rules, policy, day)
        found.append(Due(
            policy, row, notices.NONRENEWAL, row.notice_due_date, rule.citation,
            max(row.notice_days, rule.days),
        ))  # fmt: skip
    return found


def _late(scope: Scope, dues: list[Due], day: date) -> list[Due]:
    """Those never tried whose last lawful day is over."""
    found = {
        notices.notice_id(scope, due.policy, due.kind, due.policy.expiration_date): due
        for due in dues
        if due.legal is not None and day > due.legal
    }
    for key in notices.tried(scope, found):
        del found[key]
    return list(found.values())


def _send(scope: Scope, post: Mailer, due: Due, now: datetime) -> str:
    """Queue, send, mark; what became of it, "" when it was tried before."""
    insured = Insured.objects.within(scope).filter(id=due.policy.insured_id)
    to = insured.values_list("email", flat=True).first() or ""
    ends = due.policy.expiration_date
    key = notices.queue_notice(
        scope, due.policy, due.kind, to=to, effective=ends, days=due.days, citation=due.citation,
        now=now,
    )  # fmt: skip
    if key is None:
        return ""
    status = letters.deliver(post, _letter(key, to, due))
    notices.end_notice(scope, key, status, policy=due.policy, owner=due.owner, now=now)
    return status


def _letter(key: str, to: str, due: Due) -> Letter:
    number, ends = due.policy.policy_number, due.policy.expiration_date.isoformat()
    if due.kind == notices.RENEWAL:
        said = f"Your policy {number} ends on {ends}. We will offer you its renewal."
        return Letter(key, to, f"Renewal of policy {number}", said + "\n")
    said = f"Your policy {number} ends on {ends} and will not be renewed."
    return Letter(key, to, f"Notice of non-renewal of policy {number}", said + "\n")


def _alarm(scope: Scope, late: list[Due], *, now: datetime) -> None:
    """Tell compliance, once a run and person, how many legal dates were missed."""
    laws = ", ".join(sorted({due.citation for due in late if due.citation})) or "no citation"
    first = late[0].policy.policy_number
    tell(scope, TOLD_ROLES, lambda user_id: Notice(
        user_id=user_id, kind="notices.late", severity="critical",
        title=f"{len(late)} notices go after their legal date",
        body=f"First: {first}. Rule: {laws}.", link="/compliance/filings?view=notices",
    ), now=now)  # fmt: skip
