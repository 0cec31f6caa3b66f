"""Renewal work items and their offers: queued under a fixed id, then sent, then marked; and which
decisions not to renew still need their notice.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db import transaction

from openinsure.keyspaces.ids import fixed_id
from openinsure.policies.models import Nonrenewal, Policy, PolicyNotice, Renewal
from openinsure.tenancy.scope import Scope

KEYSPACE = "oi_policies"
RENEWAL = "renewal_offer"
WAITING = ("open", "not_sent")
UNDELIVERED = ("pending", "decided")  # non-renewals whose notice was not mailed


def expiring(scope: Scope, *, after: date, until: date, kept_out: Collection[str]) -> list[Policy]:
    """Active terms that expire in (after, until], the first one first; without those that have
    a successor or will not be renewed.
    """
    rows = Policy.objects.within(scope).filter(
        status="active", expiration_date__gt=after, expiration_date__lte=until
    )
    found = [row for row in rows.order_by("expiration_date", "id") if row.id not in kept_out]
    followed = Policy.objects.within(scope).filter(prior_policy_id__in=[row.id for row in found])
    refused = Nonrenewal.objects.within(scope).filter(
        policy_id__in=[row.id for row in found], status__in=(*UNDELIVERED, "mailed")
    )
    settled = {
        *followed.values_list("prior_policy_id", flat=True),
        *refused.values_list("policy_id", flat=True),
    }
    return [row for row in found if row.id not in settled]


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
    rows = Nonrenewal.objects.within(scope).filter(notice_mailed_at=None, status__in=UNDELIVERED)
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
    scope: Scope, policy: Any, kind: str, *, to: str, effective: date, citation: str = "",
    now: datetime,
) -> str | None:  # fmt: skip
    """The id of a notice that is now to be sent; None when it was tried before.

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


def end_offer(scope: Scope, notice_id: str, status: str, *, owner: Renewal, now: datetime) -> None:
    """Record what became of it, on the notice and on its renewal (owner).

    mailed_at is when it went, never when it should have.
    """
    with transaction.atomic(using=KEYSPACE):
        rows = PolicyNotice.objects.within(scope).filter(id=notice_id)
        rows.update(status=status, mailed_at=now if status == "sent" else None, updated_at=now)
        if status == "sent":
            renewals = Renewal.objects.within(scope).filter(id=owner.id)
            renewals.update(status="offered", offered_at=now, updated_at=now)


def give_up_queued(scope: Scope, *, now: datetime) -> int:
    """Notices that a killed run left: nobody knows whether they went; they are not sent again."""
    rows = PolicyNotice.objects.within(scope).filter(status="queued")
    return int(rows.update(status="unknown", updated_at=now))
