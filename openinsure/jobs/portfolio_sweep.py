"""06:00: what the calendar changes: terms, cancellations, quotes, authority used, licences.

By date, oldest first; each transition leaves from its own status and is one transaction, so a
late run does what the missed ones would have done, once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from openinsure.audit.origin import Origin
from openinsure.billing.models import BillingAccount
from openinsure.billing.operations.earning import golden
from openinsure.claims.filters import OPEN
from openinsure.claims.models import Claim, ClaimReserveFlag
from openinsure.console.acting import Actor
from openinsure.console.forms import Once
from openinsure.console.states import IllegalTransition
from openinsure.jobs.cancel_terms import cancel_terms
from openinsure.jobs.runs import Outcome
from openinsure.keyspaces.ids import fixed_id
from openinsure.orgs.models import Activity, DaAgreement, DaUtilizationSnapshot, ProducerLicense
from openinsure.policies.models import Policy
from openinsure.policies.noticing import was_given
from openinsure.policies.operations import sweeping
from openinsure.policies.operations.cancellations import rescind_cancellation
from openinsure.submissions.operations import expiring
from openinsure.tenancy.scope import Scope

LICENCE_DAYS = 60
WARN_PERCENT, CRITICAL_PERCENT, LIMIT_PERCENT = 65, 85, 80
NONPAY = "NONPAY"
STAYED = ("moved_meanwhile", "notice_missing")
MILLIONTH = Decimal("0.000001")


def run_org(scope: Scope, scheduled_for: datetime) -> Outcome:
    """Every due change of one organisation; figures by kind, loss ratios above the thresholds."""
    at = scheduled_for.astimezone(UTC)
    actor = Actor(None, "system", Origin(request_id=scope.request_id))
    figures: Counter[str] = Counter()
    for policy, to in sweeping.due_terms(scope, at, kept_out=golden(scope)):
        kind = "notice_missing" if to == sweeping.HELD else _move(scope, policy, to, actor, at)
        figures[kind] += 1
    figures["quotes_expired"] = expiring.expire_quotes(scope, day=at.date(), now=at)
    figures["binders_expired"] = expiring.expire_binders(scope, at=at)
    figures["submissions_expired"] = expiring.expire_submissions(scope, actor=actor, now=at)
    figures["authority"] = _measure_authority(scope, at)
    figures["licences"] = _warn_of_licences(scope, at)
    figures["reserve_flags"] = _flag_reserves(scope, at)
    changed = sum(count for kind, count in figures.items() if kind not in STAYED)
    told = {kind: count for kind, count in figures.items() if kind and count}
    return Outcome(done=changed, figures=told | _loss_ratios(scope))


def _move(scope: Scope, policy: Any, to: str, actor: Actor, at: datetime) -> str:
    """Make one transition; its name for the figures."""
    try:
        if to != "cancelled":
            sweeping.age_policy(scope, policy, to, actor=actor, now=at)
            return f"policies_{to}"
        row = sweeping.waiting_cancellation(scope, policy.id, at.date())
        if row is None or sweeping.instant(policy, row.effective_date) > at:
            return ""
        if row.reason_code == NONPAY and _paid(scope, policy.id):
            rescind_cancellation(
                scope, policy.id, reason="Paid before the day", actor=actor, now=at,
                once=Once(fixed_id(scope.org_id, "cured", row.id)), version=policy.lock_version,
            )  # fmt: skip
            return "cancellations_rescinded"
        if not was_given(policy, row):
            return "notice_missing"
        terms = cancel_terms(
            scope, policy.program_id, state=policy.state, effective=policy.effective_date,
            charged=bool(policy.fees_cents or policy.taxes_cents),
        )  # fmt: skip
        sweeping.effect_cancellation(scope, row, terms.rules, actor=actor, now=at)
        return "policies_cancelled"
    except IllegalTransition:
        return "moved_meanwhile"


def _paid(scope: Scope, policy_id: str) -> bool:
    """Whether nothing of the policy's account is past due any more."""
    rows = BillingAccount.objects.within(scope).filter(policy_id=policy_id)
    owed = rows.aggregate(count=Count("id"), cents=Sum("past_due_cents"))
    return bool(owed["count"]) and not owed["cents"]


def _measure_authority(scope: Scope, at: datetime) -> int:
    """Premium bound under each agreement in force, against its yearly limit, once a day."""
    made = 0
    day = at.date()
    for row in DaAgreement.objects.within(scope).filter(status="active", effective_date__lte=day):
        bound = Policy.objects.within(scope).filter(
            program_id=row.program_id, effective_date__gte=row.effective_date,
            effective_date__lte=day,
        )  # fmt: skip
        sums = bound.aggregate(cents=Sum("written_premium_cents"), count=Count("id"))
        cents, limit = int(sums["cents"] or 0), row.annual_gwp_limit_cents
        _, fresh = DaUtilizationSnapshot.objects.within(scope).get_or_create(
            da_agreement_id=row.id,
            as_of_date=day,
            defaults={
                "id": fixed_id(scope.org_id, "authority", row.id, day),
                "bound_gwp_cents": cents,
                "limit_cents": limit,
                "utilization_rate": (Decimal(cents) / limit if limit else Decimal(0)).quantize(
                    MILLIONTH
                ),
                "policy_count": sums["count"],
                "currency": row.currency,
                "created_at": at,
                "updated_at": at,
            },
        )
        made += fresh
    return made


def _share(cents: int, limit: int) -> Decimal:
    return (Decimal(cents) / limit).quantize(MILLIONTH) if limit else Decimal(0)


def _warn_of_licences(scope: Scope, at: datetime) -> int:
    """A diary entry at the producer of each licence that ends within sixty days, once."""
    ends = at.date() + timedelta(days=LICENCE_DAYS)
    rows = ProducerLicense.objects.within(scope).filter(
        status="active", expiration_date__gte=at.date(), expiration_date__lte=ends
    )
    made = 0
    for row in rows.order_by("expiration_date", "id"):
        _, fresh = Activity.objects.within(scope).get_or_create(
            id=fixed_id(scope.org_id, "licence", row.id, row.expiration_date),
            defaults={
                "entity_table": "producers",
                "entity_id": row.producer_id,
                "activity_type": "diary",
                "subject": f"{row.state} licence ends on {row.expiration_date}",
                "due_at": at + timedelta(days=(row.expiration_date - at.date()).days),
                "occurred_at": at,
                "created_at": at,
                "updated_at": at,
            },
        )
        made += fresh
    return made


def _flag_reserves(scope: Scope, at: datetime) -> int:
    """APPROACHING_POLICY_LIMIT on open claims that crossed it without a new reserve."""
    rows = Claim.objects.within(scope).filter(status__in=OPEN, policy_limit_cents__gt=0)
    facts = rows.values_list("id", "incurred_cents", "policy_limit_cents")
    near = [key for key, cents, limit in facts if cents * 100 > limit * LIMIT_PERCENT]
    code = "APPROACHING_POLICY_LIMIT"
    flags = ClaimReserveFlag.objects.within(scope).filter(claim_id__in=near, flag_code=code)
    fresh = sorted(set(near) - set(flags.values_list("claim_id", flat=True)))
    ClaimReserveFlag.objects.within(scope).bulk_create(
        ClaimReserveFlag(
            org_id=scope.org_id, id=fixed_id(scope.org_id, code, key), claim_id=key, flag_code=code,
            raised_at=at, detail={"text": f"Above {LIMIT_PERCENT} % of the policy limit"},
            created_at=at, updated_at=at,
        )
        for key in fresh
    )  # fmt: skip
    return len(fresh)


def _loss_ratios(scope: Scope) -> dict[str, int]:
    """How many programs are above each threshold: incurred by written premium."""
    written = _by_program(Policy.objects.within(scope), "written_premium_cents")
    incurred = _by_program(Claim.objects.within(scope), "incurred_cents")
    percents = [incurred.get(key, 0) * 100 // cents for key, cents in written.items() if cents > 0]
    critical = sum(one > CRITICAL_PERCENT for one in percents)
    warned = sum(one > WARN_PERCENT for one in percents) - critical
    counted: Collection[tuple[str, int]] = (("ratio_warn", warned), ("ratio_critical", critical))
    return {name: count for name, count in counted if count}


def _by_program(rows: Any, column: str) -> dict[str, int]:
    found = rows.values_list("program_id").annotate(cents=Sum(column)).order_by("program_id")
    return {key: int(cents or 0) for key, cents in found}
