"""09:00: renewal work items, renewal offers and notices of non-renewal, all that is due at once.

The legal date comes from ref_notice_rules (only sourced rules are there); an offer goes by e-mail
sixty days before the end where no rule asks for more. A notice of non-renewal is asked for and
waits: a person mails it and records the proof. What is late is never backdated, and raises an
alarm with the citation.
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
from openinsure.jobs import letters, nonrenewal_notices
from openinsure.jobs.recipients import tell
from openinsure.jobs.runs import Outcome
from openinsure.orgs.notice_rules import NoticeRules, notice_rules
from openinsure.orgs.operations.notices import Notice
from openinsure.plurals import many
from openinsure.policies.models import Insured
from openinsure.policies.operations import notices
from openinsure.policies.renewing import RENEWABLE_DAYS
from openinsure.tenancy.scope import Scope

OFFER_DAYS = 60
TOLD_ROLES = ("compliance_officer", "org_admin")


@dataclass(frozen=True, slots=True)
class Due:
    """One offer that is due. legal: the last lawful day, None where no rule says one."""

    policy: Any
    owner: Any
    legal: date | None
    citation: str


def run_org(
    scope: Scope, scheduled_for: datetime, *, clock: Callable[[], datetime] = timezone.now
) -> Outcome:
    """Open work items, send offers, ask for notices; figures: what went, was late, did not go."""
    day = scheduled_for.astimezone(UTC).date()
    today = max(clock().date(), day)
    post, rules, kept_out = mailer(), notice_rules(day), golden(scope)
    figures: Counter[str] = Counter(unknown=notices.give_up_queued(scope, now=scheduled_for))
    figures.update(nonrenewal_notices.follow_up(
        scope, rules, day, today=today, kept_out=kept_out, now=scheduled_for
    ))  # fmt: skip
    offers = _offers(scope, rules, day, kept_out, scheduled_for)
    late = _late(scope, offers, today)
    if late:  # before the first goes: a run killed later still has told
        _alarm(scope, late, now=scheduled_for)
    figures["late"] += len(late)
    for due in offers:
        figures[_send(scope, post, due, max(clock(), scheduled_for))] += 1
    told = {key: count for key, count in figures.items() if key and count}
    failed = figures["bounced"] + figures["not_sent"] + figures["no_address"]
    return Outcome(done=figures["sent"] + figures["notices_asked"], failed=failed, figures=told)


def _offers(
    scope: Scope, rules: NoticeRules, day: date, kept_out: Collection[str], now: datetime
) -> list[Due]:  # fmt: skip
    """A work item for each term that ends within the horizon; those whose offer is due."""
    found = []
    until = day + timedelta(days=RENEWABLE_DAYS)
    for policy in notices.expiring(scope, after=day, until=until, kept_out=kept_out):
        rule = nonrenewal_notices.rule_of(rules, policy, day)
        legal = policy.expiration_date - timedelta(days=rule.days) if rule.days else None
        planned = policy.expiration_date - timedelta(days=OFFER_DAYS)
        due = min(planned, legal) if legal else planned
        item = notices.open_renewal(scope, policy, due=due, now=now)
        if item.status in notices.WAITING and item.notice_due_date <= day:
            found.append(Due(policy, item, legal, rule.citation))
    return found


def _late(scope: Scope, dues: list[Due], day: date) -> list[Due]:
    """Those never tried whose last lawful day is over."""
    found = {
        notices.notice_id(scope, due.policy, notices.RENEWAL, due.policy.expiration_date): due
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
    key = notices.queue_notice(
        scope, due.policy, notices.RENEWAL, to=to, effective=due.policy.expiration_date,
        citation=due.citation, now=now,
    )  # fmt: skip
    if key is None:
        return ""
    status = letters.deliver(post, _letter(key, to, due))
    notices.end_offer(scope, key, status, owner=due.owner, now=now)
    return status


def _letter(key: str, to: str, due: Due) -> Letter:
    number, ends = due.policy.policy_number, due.policy.expiration_date.isoformat()
    said = f"Your policy {number} ends on {ends}. We will offer you its renewal."
    return Letter(key, to, f"Renewal of policy {number}", said + "\n")


def _alarm(scope: Scope, late: list[Due], *, now: datetime) -> None:
    """Tell compliance, once a run and person, how many legal dates were missed."""
    laws = ", ".join(sorted({due.citation for due in late if due.citation})) or "no citation"
    first = late[0].policy.policy_number
    tell(scope, TOLD_ROLES, lambda user_id: Notice(
        user_id=user_id, kind="notices.late", severity="critical",
        title=f"{many(len(late), 'offer')} after the legal date",
        body=f"First: {first}. Rule: {laws}.", link="/compliance/filings?view=notices",
    ), now=now)  # fmt: skip
