"""Rows of notices that are mailed on paper: asked for, withdrawn. Inside the caller's transaction.

A notice waits as to_mail until a person records its mailing; nothing ends before that.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from openinsure.keyspaces.ids import fixed_id
from openinsure.policies.models import Insured, PolicyNotice
from openinsure.policies.noticing import Asked
from openinsure.tenancy.scope import Scope

CANCELLATION, NONPAY, NONRENEWAL = "cancellation", "cancellation_nonpay", "nonrenewal"
TO_MAIL, MAILED, WITHDRAWN = "to_mail", "mailed", "withdrawn"
ADDRESS = ("address_line1", "address_line2", "city", "state", "postal_code")


def ask_for_notice(
    scope: Scope, policy: Any, kind: str, *, cause_id: str, effective: date, asked: Asked,
    now: datetime,
) -> bool:  # fmt: skip
    """Let a notice wait to be mailed, once a cause; False if it was asked for before.

    effective: the planned end of coverage. The address is the one on file now.
    """
    insured = Insured.objects.within(scope).filter(id=policy.insured_id)
    _, fresh = PolicyNotice.objects.within(scope).get_or_create(
        id=fixed_id(scope.org_id, kind, cause_id),
        defaults={
            "policy_id": policy.id,
            "notice_kind": kind,
            "recipient_kind": "insured",
            "recipient_name": policy.insured_name,
            "address_snapshot": insured.values(*ADDRESS).first() or {},
            "method": "mail",
            "effective_date": effective,
            "status": TO_MAIL,
            "rule_days": asked.days,
            "citation": asked.citation or None,
            "proof_required": asked.proof_required,
            "cause_id": cause_id,
            "created_at": now,
            "updated_at": now,
        },
    )
    return bool(fresh)


def withdraw_notices(scope: Scope, causes: Collection[str], *, now: datetime) -> int:
    """Notices not mailed yet, whose cause is gone; how many."""
    rows = PolicyNotice.objects.within(scope).filter(cause_id__in=list(causes), status=TO_MAIL)
    return int(rows.update(status=WITHDRAWN, updated_at=now))


def withdraw_pointless(scope: Scope, kind: str, causes: Collection[str], *, now: datetime) -> int:
    """Notices of a kind not mailed yet, but for those of the causes that still stand; how many."""
    rows = PolicyNotice.objects.within(scope).filter(notice_kind=kind, status=TO_MAIL)
    over = list(rows.exclude(cause_id__in=list(causes)).values_list("cause_id", flat=True))
    return withdraw_notices(scope, over, now=now)
