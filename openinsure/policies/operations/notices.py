"""Renewal work items and notices to insureds: queued under a fixed id, then sent, then marked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db import transaction

from openinsure.keyspaces.ids import fixed_id
from openinsure.policies.models import Nonrenewal, Policy, PolicyNotice, Renewal
from openinsure.policies.noticing import day_of, lawful_end
from openinsure.tenancy.scope import Scope

KEYSPACE = "oi_policies"
RENEWAL, NONRENEWAL = "renewal_offer", "nonrenewal"
WAITING = ("open", "not_sent")


def expiring(scope: Scope, *, after: date, until: date, kept_out: Collection[str]) -> list[Policy]:
    """Active terms that expire in (after, until] and have no successor, the first one first."""
    rows = Policy.objects.within(scope).filter(
        status="active", expiration_date__gt=after, expiration_date__lte=until
    )
    found = [row for row in rows.order_by("expiration_date", "id") if row.id not in kept_out]
    followed = Policy.objects.within(scope).filter(prior_policy_id__in=[row.id for row in found])
    successors = set(followed.values_list("prior_policy_id", flat=True))
    return [row for row in found if row.id not in successors]


def open_renewal(scope: Scope, policy: Any, *, due: date, now: datetime) -> Renewal:
    """The work item of an expiring term; the one that stands, if there is one."""
    row, _ = Renewal.objects.within(scope).get_or_create(
        policy_id=policy.id,
        defaults={
            "id": fixed_id(scope.org_id, "renewal", policy.id),
            "expiration_date": policy.expiration_date,
            "status": "open",
            "currency": policy.currency,
            "notice_due_date": due,
            "created_at": now,
            "updated_at": now,
        },
    )
    found: Renewal = row
    return found


def undelivered_nonrenewals(scope: Scope, kept_out: Collection[str]) -> list[Nonrenewal]:
    """Decisions whose notice was not mailed yet, the earliest legal date first."""
    rows = Nonrenewal.objects.within(scope).filter(
        notice_mailed_at=None, status__in=("pending", "decided")
    )
    found = rows.order_by("notice_due_date", "id")
    return [row for row in found if row.policy_id not in kept_out]


def notice_id(scope: Scope, policy: Any, kind: str, ends: date) -> str:
    """The id of the one notice of its kind to a policy about an end of coverage."""
    return fixed_id(scope.org_id, kind, policy.id, ends)


def tried(scope: Scope, notice_ids: Collection[str]) -> set[str]:
    """Which of these notices were queued before and not held back by a server that was away."""
    rows = PolicyNotice.objects.within(scope).filter(id__in=list(notice_ids))
    return set(rows.exclude(status="not_sent").values_list("id", flat=True))


def queue_notice(
    scope: Scope, policy: Any, kind: str, *, to: str, effective: date, days: int = 0,
    citation: str = "", now: datetime,
) -> str | None:  # fmt: skip
    """The id of a notice that is now to be sent; None when it was tried before.

    days: that must lie between sending it and the end of coverage.
    One that did not go because the mail server was away is queued again.
    """
    with transaction.atomic(using=KEYSPACE):
        row, fresh = (
            PolicyNotice.objects.within(scope)
            .select_for_update()
            .get_or_create(
                id=notice_id(scope, policy, kind, effective),
                defaults={
                    "policy_id": policy.id,
                    "notice_kind": kind,
                    "recipient_kind": "insured",
                    "recipient_name": policy.insured_name,
                    "address_snapshot": {"email": to},
                    "method": "email",
                    "effective_date": effective,
                    "rule_days": days,
                    "citation": citation or None,
                    "status": "queued",
                    "created_at": now,
                    "updated_at": now,
                },
            )
        )
        if not fresh and row.status != "not_sent":
            return None
        row.status, row.updated_at = "queued", now
        row.save(update_fields=["status", "updated_at"])
        return str(row.id)


def end_notice(
    scope: Scope, notice_id: str, status: str, *, policy: Any, owner: Any, now: datetime
) -> None:
    """Record what became of it, on the notice and on its renewal or non-renewal (owner).

    mailed_at is when it went, never when it should have. A refusal that went too late for the
    planned end takes effect its days after that.
    """
    with transaction.atomic(using=KEYSPACE):
        rows = PolicyNotice.objects.within(scope).filter(id=notice_id)
        rows.update(status=status, mailed_at=now if status == "sent" else None, updated_at=now)
        if status != "sent":
            return
        if isinstance(owner, Renewal):
            renewals = Renewal.objects.within(scope).filter(id=owner.id)
            renewals.update(status="offered", offered_at=now, updated_at=now)
        else:
            days = max(rows.values_list("rule_days", flat=True).get(), owner.notice_days)
            ends = lawful_end(owner.effective_date, mailed_on=day_of(policy, now), days=days)
            rows.update(effective_date=ends, rule_days=days)
            decisions = Nonrenewal.objects.within(scope).filter(id=owner.id)
            decisions.update(
                status="mailed", notice_mailed_at=now, notice_days=days, effective_date=ends,
                updated_at=now,
            )  # fmt: skip


def give_up_queued(scope: Scope, *, now: datetime) -> int:
    """Notices that a killed run left: nobody knows whether they went; they are not sent again."""
    rows = PolicyNotice.objects.within(scope).filter(status="queued")
    return int(rows.update(status="unknown", updated_at=now))
